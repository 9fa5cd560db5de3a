# SPDX-License-Identifier: Apache-2.0
"""How the tree stands to the size budget: CONTRIBUTING.md says what it is for."""

import re
import statistics

from qctools import cpp, style_rules

_THREADING = re.compile(r"immutable|thread-compatible|thread-safe|\bvalues?\b|\bpure\b",
                        re.IGNORECASE)
_CLASS = re.compile(r"^class\s+(?:ABSL_\w+\s+)?(\w+)[^;{]*\{", re.MULTILINE)


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0


def code_lines(files):
    """Lines that are not blank."""
    return sum(1 for file in files for line in file.lines if line.strip())


def comment_share(headers):
    lines = [line.strip() for file in headers for line in file.lines if line.strip()]
    return 100 * sum(line.startswith("//") for line in lines) / max(1, len(lines))


def unsaid_threading(headers):
    """Classes at namespace level without a word on threads in the 12 lines above."""
    missing = []
    for file in headers:
        for match in _CLASS.finditer(cpp.strip(file.text)):
            line = file.text.count("\n", 0, match.start())
            if not _THREADING.search("\n".join(file.lines[max(0, line - 12):line])):
                missing.append(f"{file.path}:{line + 1} {match.group(1)}")
    return missing


def row(name, value, budget, within):
    mark = "" if within is None else ("ok" if within else "OVER")
    return f"{name:34} {value:>10}  {budget:16} {mark}".rstrip()


def make(files):
    sources = [file for file in files if file.is_cpp and not file.is_test]
    tests = [file for file in files if file.is_cpp and file.is_test]
    headers = [file for file in sources if file.extension == ".h"]
    core = [file for file in sources if file.folder in style_rules.PURE_FOLDERS]
    core_tests = [file for file in tests
                  if file.folder[len("tests/"):] in style_rules.PURE_FOLDERS
                  or file.folder in ("tests/sim", "tests/scenarios")]
    file_sizes = [len(file.lines) for file in sources]
    functions = [(f.length, f"{file.path} {f.name}") for file in sources
                 for f in style_rules.functions_of(file)]
    function_sizes = [length for length, _ in functions]
    core_functions = sum(len(style_rules.functions_of(file)) for file in core)
    checks = sum(len(re.findall(r"\bQC_CHECK\(", cpp.strip(file.text))) for file in core)
    share = comment_share(headers)
    test_ratio = code_lines(tests) / max(1, code_lines(sources))
    core_ratio = code_lines(core_tests) / max(1, code_lines(core))
    file_median = statistics.median(file_sizes or [0])
    function_median = statistics.median(function_sizes or [0])
    lines = [
        row("source files / test files", f"{len(sources)} / {len(tests)}", "", None),
        row("source lines / test lines", f"{code_lines(sources)} / {code_lines(tests)}", "", None),
        row("file lines, median", f"{file_median:.0f}", "<= 150", file_median <= 150),
        row("file lines, p90", percentile(file_sizes, 90), "<= 350",
            percentile(file_sizes, 90) <= 350),
        row("file lines, max", max(file_sizes, default=0), "<= 600",
            max(file_sizes, default=0) <= 600),
        row("function lines, median", f"{function_median:.0f}", "<= 10", function_median <= 10),
        row("function lines, p90", percentile(function_sizes, 90), "", None),
        row("function lines, max", max(function_sizes, default=0), "<= 70",
            max(function_sizes, default=0) <= 70),
        row("comment share of headers, %", f"{share:.0f}", "35 to 55", 35 <= share <= 55),
        row("test : source", f"{test_ratio:.2f}", ">= 1.0", test_ratio >= 1),
        row("test : source, pure core", f"{core_ratio:.2f}", ">= 2.0", core_ratio >= 2),
        row("QC_CHECK per function, pure core", f"{checks / max(1, core_functions):.2f}", "about 1",
            None),
        "", "longest functions:",
    ]
    lines += [f"  {length:4} {name}" for length, name in sorted(functions, reverse=True)[:8]]
    lines += ["longest files:"]
    lines += [f"  {len(file.lines):4} {file.path}" for file in
              sorted(sources, key=lambda file: -len(file.lines))[:5]]
    missing = unsaid_threading(headers)
    lines += [f"classes that do not say how threads may use them: {len(missing)}"]
    return "\n".join(lines + [f"  {name}" for name in missing[:20]])
