# SPDX-License-Identifier: Apache-2.0
"""The house rules that a tool can check. Every finding names the way out.

A rule yields (line number, rule name, message). One that must be broken is switched off where it is
broken, with the reason: `style: allow(rule-name) reason`, on the line or on the one above.
"""

import ast
import os
import re

from qctools import cpp

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
LINE_COLUMNS_MAX = 100
ADR_LINES_MAX = 40
ARCHITECTURE_LINES_MAX = 400

PURE_FOLDERS = (
    "common/base", "common/model", "common/hash", "common/topology",
    "coordinator/ring", "coordinator/quorum", "coordinator/rebalance",
    "storage_node/engine", "storage_node/replica",
)
SPDX = "SPDX-License-Identifier: Apache-2.0"
SPDX_EXTENSIONS = (".h", ".cc", ".proto", ".py", ".sh", ".cmake", ".js", ".mjs", ".css")
LINE_LENGTH_EXTENSIONS = (".h", ".cc", ".proto", ".py", ".sh", ".js", ".mjs", ".cmake")
MACROS = {"QC_CHECK", "QC_RETURN_IF_ERROR", "QC_ASSIGN_OR_RETURN", "QC_PROBE"}
# Parts of the four, next to them.
MACRO_HELPERS = {"common/base/status_macros.h":
                 {"QC_MACRO_JOIN", "QC_MACRO_JOIN_INNER", "QC_ASSIGN_OR_RETURN_INNER"}}

# Written in halves, or this file would be its own first finding.
_UNFINISHED = re.compile(r"\b(" + "|".join(["TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK"]) + r")\b")
_MACHINE_PATH = re.compile(r"(?<![\w.}])/(work|root|home/\w+|tmp|builds)(/|\b(?=[\s\"'`:;,)]|$))")
_REGISTRY = re.compile(
    r"https?://[^/\s\"']*(registry|mirror|artifactory|nexus|verdaccio|proxy)[^/\s\"']*|\"resolved\":")

# (rule, pattern, way out): code of the pure folders, comments and strings left out.
_PURE = [
    ("pure-clock", r"absl::Now\b|GetCurrentTimeNanos|std::chrono|\b(gettimeofday|clock_gettime)\b",
     "take a base::Now or base::MonotonicTime as an argument"),
    ("pure-sleep", r"\b(sleep|usleep|nanosleep|SleepFor|sleep_for|sleep_until)\s*\(",
     "say in wake_at() when to be called again"),
    ("pure-thread", r"std::(jthread|thread|async|mutex|condition_variable|future)\b|absl::Mutex\b",
     "the caller serialises; threads belong to a shell"),
    ("pure-random", r"random_device|std::mt19937|absl::(BitGen|InsecureBitGen)|\bs?rand\s*\(",
     "take a base::Random, which replays from its seed"),
    ("pure-log", r"\bV?LOG(_\w+)?\s*\(", "return a Status, or count it with QC_PROBE"),
    ("pure-hash-container", r"\bunordered_(multi)?(map|set)\b|\b(flat|node)_hash_(map|set)\b",
     "their order differs from run to run: std::map, absl::btree_map or a sorted vector"),
    ("pure-hash", r"absl::Hash\b|std::hash\b",
     "differs from process to process: common/hash"),
]
# The same for #include lines, whose paths are strings.
_PURE_INCLUDES = [
    ("pure-protobuf", r"\.pb\.h$|^google/protobuf/", "conversion belongs to common/wire"),
    ("pure-thread", r"^common/base/mutex\.h$|^(thread|mutex|future|shared_mutex)$",
     "the caller serialises; threads belong to a shell"),
    ("pure-clock", r"^(chrono|ctime|time\.h)$", "take a base::Now as an argument"),
    ("pure-random", r"^random$", "take a base::Random, which replays from its seed"),
    ("pure-log", r"^glog/", "return a Status"),
]
_EVERYWHERE = [
    ("mutex", r"std::(recursive_|shared_|timed_)?mutex\b|std::(lock_guard|unique_lock|scoped_lock)"
              r"\b|absl::(Reader|Writer)?Mutex(Lock)?\b", "base::Mutex (common/base/mutex.h)"),
    ("exception", r"\bthrow\b", "return an absl::Status"),
    ("rtti", r"\bdynamic_cast\b|\btypeid\b", "a virtual function or std::variant"),
    ("using-namespace", r"\busing\s+namespace\b", "name what is used"),
    ("assert", r"(?<!_)\bassert\s*\(", "QC_CHECK is always on"),
    ("exposer", r"prometheus::Exposer", "its web server has an open hole: serve by common/http"),
]
_TEST_SLEEP = re.compile(r"\b(usleep|nanosleep|SleepFor|sleep_for|sleep_until|sleep)\s*\(")
_STRING_VIEW = re.compile(r"std::string_view\b")
_DEFINE = re.compile(r"^\s*#\s*define\s+(\w+)", re.MULTILINE)
_ALLOW = re.compile(r"style: allow\(([\w, -]+)\)\s+\S")


def check(file, siblings):
    """Findings in one file. `siblings`: {name: SourceFile} of the same folder."""
    rules = [text_rules]
    if _wants_spdx(file):
        rules.append(header_rules)
    if file.is_cpp:
        rules += [cpp_rules, include_rules, macro_rules, build_list_rules]
        if file.folder in PURE_FOLDERS:
            rules.append(pure_rules)
    rules.append(length_rules)
    findings = [found for rule in rules for found in rule(file, siblings)]
    return sorted(found for found in findings if not _allowed(file, found))


def _allowed(file, finding):
    line, rule, _ = finding
    for number in (line, line - 1):
        if 1 <= number <= len(file.lines):
            allowed = _ALLOW.search(file.lines[number - 1])
            if allowed and rule in re.split(r"[,\s]+", allowed.group(1)):
                return True
    return False


def _wants_spdx(file):
    return (file.extension in SPDX_EXTENSIONS or file.name == "CMakeLists.txt"
            or file.text.startswith("#!"))


def text_rules(file, _):
    for number, line in enumerate(file.lines, 1):
        if _UNFINISHED.search(line):
            yield number, "unfinished", "finish it, or leave it out and file an issue"
        if _MACHINE_PATH.search(line):
            yield number, "machine-path", "a path of one machine: make it relative or a variable"
        if _REGISTRY.search(line):
            yield number, "registry", "names a package registry's host: let the client choose it"
        if line != line.rstrip() and file.extension != ".md":
            yield number, "trailing-space", "tools/format or the editor removes it"
        if "\t" in line and _wants_spdx(file):
            yield number, "tab", "indent with spaces"
        if len(line) > LINE_COLUMNS_MAX and _has_line_limit(file) and "://" not in line:
            yield number, "line-length", f"{len(line)} columns; the most is {LINE_COLUMNS_MAX}"
    if file.text and not file.text.endswith("\n"):
        yield len(file.lines), "final-newline", "end the file with a newline"


def _has_line_limit(file):
    return file.extension in LINE_LENGTH_EXTENSIONS or file.name == "dev"


def header_rules(file, _):
    first = 1 if file.lines and file.lines[0].startswith("#!") else 0
    if len(file.lines) <= first or SPDX not in file.lines[first]:
        yield first + 1, "spdx", f"the file must begin with a comment: {SPDX}"
    elif file.extension in (".h", ".proto"):
        second = file.lines[1] if len(file.lines) > 1 else ""
        if not re.match(r"// \S", second):
            yield 2, "file-comment", "say in a sentence what the file is for, after the SPDX line"
    if file.extension == ".h" and "#pragma once" not in file.lines:
        yield 1, "pragma-once", "headers have #pragma once"
    if file.extension == ".cmake" or file.name == "CMakeLists.txt":
        for number, line in enumerate(file.lines, 1):
            if re.search(r"^\s*file\s*\(\s*GLOB", line):
                yield number, "glob", "list the sources"


def _search_code(code, rules):
    for rule, pattern, way_out in rules:
        for match in re.finditer(pattern, code):
            line = code.count("\n", 0, match.start()) + 1
            yield line, rule, f"`{match.group().strip(' (')}` is not used here: {way_out}"


def cpp_rules(file, _):
    code = cpp.strip(file.text)
    rules = _EVERYWHERE
    if file.path == "common/base/mutex.h":
        rules = [rule for rule in rules if rule[0] != "mutex"]
    yield from _search_code(code, rules)
    if file.extension == ".h":
        for match in _STRING_VIEW.finditer(code):
            yield (code.count("\n", 0, match.start()) + 1, "string-view",
                   "absl::string_view: this Abseil does not take the std one")
    if file.is_test:
        for match in _TEST_SLEEP.finditer(code):
            yield (code.count("\n", 0, match.start()) + 1, "test-sleep",
                   "wait for the event itself: a condition variable, a reply, a poll with a limit")


def pure_rules(file, _):
    rules = _PURE
    include_rules_here = _PURE_INCLUDES
    if file.folder == "common/base":
        rules = [rule for rule in rules if rule[0] != "pure-thread"]
        include_rules_here = [rule for rule in _PURE_INCLUDES if rule[0] != "pure-thread"]
    yield from _search_code(cpp.strip(file.text), rules)
    for line, path, _quotes in cpp.includes(file.text):
        for rule, pattern, way_out in include_rules_here:
            if re.search(pattern, path):
                yield line, rule, f"{path} is not included here: {way_out}"


def include_rules(file, siblings):
    for line, path, in_quotes in cpp.includes(file.text):
        if path.startswith("."):
            yield line, "include-path", "include from the repository root, without dots"
        elif in_quotes and "/" not in path:
            yield line, "include-path", f"include \"{file.folder}/{path}\" from the repository root"
    own = file.name[:-3] + ".h"
    if file.extension == ".cc" and own in siblings:
        first = cpp.includes(file.text)[:1]
        if not first or first[0][1] != f"{file.folder}/{own}":
            yield 1, "own-header-first", f"include \"{file.folder}/{own}\" first"


def macro_rules(file, _):
    allowed = MACROS | MACRO_HELPERS.get(file.path, set())
    code = cpp.strip(file.text)
    for match in _DEFINE.finditer(code):
        if match.group(1) not in allowed:
            yield (code.count("\n", 0, match.start(1)) + 1, "macro",
                   "our only macros are " + ", ".join(sorted(MACROS)))


def build_list_rules(file, siblings):
    if file.is_test and file.extension == ".h":
        return  # a helper between tests; who includes it, builds it
    build_file = siblings.get("CMakeLists.txt")
    names = [file.name]
    if file.name.endswith("_test.cc"):
        names.append(file.name[:-len("_test.cc")])  # in a loop, or as a function's argument
    pattern = r"(?<![\w./-])(" + "|".join(map(re.escape, names)) + r")(?![\w.-])"
    if build_file is None:
        yield 1, "build-list", "its folder has no CMakeLists.txt"
    elif not re.search(pattern, build_file.text):
        yield 1, "build-list", f"not listed in {build_file.path}: nothing builds it"


def length_rules(file, _):
    count = len(file.lines)
    limit = _file_limit(file)
    if limit and count > limit:
        yield limit + 1, "file-length", f"{count} lines; the most is {limit}: split it by concern"
    for function in functions_of(file):
        if function.length > FUNCTION_LINES_MAX:
            yield (function.first_line, "function-length",
                   f"{function.name} has {function.length} lines; the most is "
                   f"{FUNCTION_LINES_MAX}")


def _file_limit(file):
    if file.folder == "docs/adr":
        return ADR_LINES_MAX
    if file.path == "docs/ARCHITECTURE.md":
        return ARCHITECTURE_LINES_MAX
    return FILE_LINES_MAX if _wants_spdx(file) else None


def functions_of(file):
    """The functions of a source file in any of our languages; none for other files."""
    if file.is_cpp:
        return cpp.functions(file.text)
    if file.extension in (".js", ".mjs"):
        return cpp.functions(re.sub(r"`(?:[^`\\]|\\.)*`", lambda m: re.sub(r"\S", "x", m.group()),
                                    file.text))
    if file.extension == ".py" or file.text.startswith("#!/usr/bin/env python3"):
        return _python_functions(file)
    if file.extension == ".sh" or re.match(r"#!.*\bsh\b|#!.*bash", file.text):
        return _shell_functions(file)
    return []


def _python_functions(file):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(file.text)) if isinstance(node, kinds)]
    return [cpp.Function(node.name, node.lineno, node.end_lineno) for node in nodes]


def _shell_functions(file):
    found, name, start = [], None, 0
    for number, line in enumerate(file.lines, 1):
        opening = re.match(r"(\w+)\(\) [{(]$", line)
        if opening:
            name, start = opening.group(1), number
        elif name and line in ("}", ")"):
            found.append(cpp.Function(name, start, number))
            name = None
    return found


def siblings_by_folder(files):
    """{folder: {name: SourceFile}}"""
    folders = {}
    for file in files:
        folders.setdefault(os.path.dirname(file.path), {})[file.name] = file
    return folders
