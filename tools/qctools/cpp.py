# SPDX-License-Identifier: Apache-2.0
"""Just enough C++: text without comments and strings, includes, and where functions begin and end.

Not a parser. It reads code that clang-format has laid out; what it cannot tell it leaves alone.
"""

import re

_TOKEN = re.compile(
    r"""
      (?P<line_comment>//[^\n]*)
    | (?P<block_comment>/\*.*?\*/)
    | (?P<raw>R"(?P<delimiter>[^()\\\s]{0,16})\(.*?\)(?P=delimiter)")
    | (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<number>\b\d[\w']*)                 # 10'000 is not the start of a character
    | (?P<character>'(?:[^'\\\n]|\\.)+')
    """,
    re.VERBOSE | re.DOTALL,
)
_INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
_LABEL = re.compile(r"\b(public|private|protected)\s*:(?!:)")
_PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", re.MULTILINE)
_CONTAINER = re.compile(
    r"^(template\s*<.*>\s*)?(inline\s+)?(namespace|class|struct|union|extern)\b", re.DOTALL)
_MEMBER_LIST = re.compile(r"\)\s*(noexcept\s*(\([^)]*\))?\s*)?:(?!:)")
_NAME = re.compile(r"([\w:~]+|operator\s*\S+?)\s*\(")


def _blank(text):
    """Spaces of the same shape, so that positions and line numbers stay."""
    return re.sub(r"[^\n]", " ", text)


def strip(text, keep_strings=False):
    """`text` with comments, strings and characters blanked out."""

    def replace(match):
        kind = match.lastgroup
        if kind == "number":
            return match.group()
        if kind in ("line_comment", "block_comment") or not keep_strings:
            return _blank(match.group())
        return match.group()

    return _TOKEN.sub(replace, text)


def includes(text):
    """(line number, path, in quotes) of every #include."""
    code = strip(text, keep_strings=True)
    return [
        (code.count("\n", 0, match.start(2)) + 1, match.group(2), match.group(1) == '"')
        for match in _INCLUDE.finditer(code)
    ]


class Function:
    """A function with a body: the name as written, its first and its last line."""

    def __init__(self, name, first_line, last_line):
        self.name = name
        self.first_line = first_line
        self.last_line = last_line

    @property
    def length(self):
        return self.last_line - self.first_line + 1


def functions(text):
    """Every function outside of other functions, in order; lambdas belong to their function."""
    code = _PREPROCESSOR.sub(lambda match: _blank(match.group()), strip(text))
    found = []
    head_start = 0  # where the statement at hand began
    parentheses = 0
    position = 0
    while position < len(code):
        character = code[position]
        if character in "()":
            parentheses += 1 if character == "(" else -1
        elif character == ";" and parentheses == 0 or character == "}":
            head_start = position + 1
        elif character == "{":
            head = code[head_start:position]
            kind = "braces" if parentheses > 0 else _kind_of_block(head)
            if kind == "container":
                head_start = position + 1
            else:
                end = _matching_brace(code, position)
                if kind == "function":
                    found.append(_make_function(code, head, head_start, end))
                    head_start = end + 1
                position = end
        position += 1
    return found


def _kind_of_block(head):
    """What the block after `head` is: container (look inside), function, or braces (a value)."""
    head = _LABEL.sub(lambda match: _blank(match.group()), head)
    head = re.sub(r"\[\[.*?\]\]", "", head).strip()
    if _CONTAINER.match(head) and not re.search(r"\)\s*(const|noexcept|override)?\s*$", head):
        return "container"
    if "(" not in head or head.endswith(("=", ",", "return")):
        return "braces"
    if _MEMBER_LIST.search(head) and re.search(r"[\w>]$", head):
        return "braces"  # Foo() : member_{...}
    return "function"


def _matching_brace(code, position):
    depth = 0
    for match in re.compile(r"[{}]").finditer(code, position):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.start()
    return len(code) - 1


def _make_function(code, head, head_start, end):
    unlabelled = _LABEL.sub(lambda match: _blank(match.group()), head)
    first = head_start + len(unlabelled) - len(unlabelled.lstrip())
    name = _NAME.search(unlabelled)
    return Function(name.group(1) if name else "?", code.count("\n", 0, first) + 1,
                    code.count("\n", 0, end) + 1)
