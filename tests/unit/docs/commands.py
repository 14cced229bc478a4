"""The commands in the documentation, split into words as a shell does."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from tests.unit.docs.pages import read_text

_INDENTED = re.compile(r"^(?: {4}|\t| {6,8})(?P<line>\S.*)$")
_INLINE = re.compile(r"`(?P<command>[^`\n]+)`")
_FENCED = re.compile(r"^```(?:text|json|toml|python|typescript|html|yaml|\w*)\n.*?^```$", re.MULTILINE | re.DOTALL)
_SUBSTITUTED = re.compile(r"\$\((?:[^()]|\([^()]*\))*\)")


def list_commands(page: Path, program: str) -> Iterator[list[str]]:
    """Yield the words of each command of a program on a page, in a block or in a sentence."""
    for command in _find_commands(page):
        if command.startswith(f"{program} "):
            yield shlex.split(_SUBSTITUTED.sub("SUBSTITUTED", command), comments=True)


def _find_commands(page: Path) -> Iterator[str]:
    text = _FENCED.sub("", read_text(page)).replace("\\\n", " ")
    for line in text.splitlines():
        if match := _INDENTED.match(line):
            yield re.sub(r"\s+", " ", match["line"])
        else:
            yield from (inline["command"] for inline in _INLINE.finditer(line))
