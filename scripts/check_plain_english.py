"""Count words of a private dialect in prose, and fail if a part has too many.

Prose is Markdown without code, and Python's docstrings, comments and string literals, and the descriptions of
templates. The limit is 2 markers per 1,000 words in each part of the repository.

Run ``scripts/check_plain_english.py --list`` to see each marker with its place.
"""

import argparse
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LIMIT_PER_THOUSAND_WORDS = 2.0

MARKERS = re.compile(
    r"\b(?:whoever|whatever|nobody|somebody|anybody|what (?:is|are|was|were)|told|tells? (?:of|whether|what)"
    r"|by (?:itself|themselves)|of its own|mend(?:s|ed|ing)?|beside|reckon\w*|anew|amiss|in vain|nought"
    r"|taken for|(?:is|are) to be|let \w+ be|all the same|for want of|of late|be it|so that .{0,80} and so)\b",
    re.IGNORECASE,
)
"""Each marker has a plain replacement in docs/contributing.md."""

_PART_OF_FOLDER = {"layers": "package", "functions": "package", "scripts": "tools", "clients": "tools", "demo": "tools"}
_IGNORED = ("LICENSE", "requirements/", "docs/comparison/", "scripts/check_plain_english.py", "docs/adr/")
_CODE_BLOCK = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_INDENTED_CODE = re.compile(r"^(?: {4}|\t).*$", re.MULTILINE)
_INLINE_CODE = re.compile(r"`[^`\n]*`|https?://\S+|\]\([^)]*\)")
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of prose: the file, the line it starts on, and the text."""

    path: str
    line: int
    text: str


def read_markdown(path: str, source: str) -> Iterator[Passage]:
    """Yield the lines of a page without its code."""
    blank = lambda match: "\n" * match[0].count("\n")  # noqa: E731 - keeps line numbers
    text = _INDENTED_CODE.sub("", _CODE_BLOCK.sub(blank, source))
    for number, line in enumerate(text.split("\n"), start=1):
        yield Passage(path, number, _INLINE_CODE.sub(" ", line))


def read_python(path: str, source: str) -> Iterator[Passage]:
    """Yield comments and string literals, docstrings among them, and the words of test names."""
    kinds = {tokenize.COMMENT, tokenize.STRING, tokenize.FSTRING_MIDDLE}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in kinds and " " in token.string.strip():
            yield Passage(path, token.start[0], _INLINE_CODE.sub(" ", token.string))
        elif token.type == tokenize.NAME and token.string.startswith("test_"):
            yield Passage(path, token.start[0], token.string.replace("_", " "))


def read_yaml(path: str, source: str) -> Iterator[Passage]:
    """Yield comments and descriptive lines of a template or workflow."""
    for number, line in enumerate(source.split("\n"), start=1):
        if "#" in line or " " in line.strip():
            yield Passage(path, number, line)


READERS = {".md": read_markdown, ".py": read_python, ".yaml": read_yaml, ".yml": read_yaml}


def find_part(path: str) -> str:
    """Return the part of the repository that a path belongs to."""
    folder = path.split("/", maxsplit=1)[0] if "/" in path else ""
    if path.endswith(".md"):
        return "docs"
    if path.endswith((".yaml", ".yml")):
        return "templates"
    return _PART_OF_FOLDER.get(folder, folder or "docs")


def read_passages() -> Iterator[Passage]:
    """Yield the prose of every tracked file."""
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    for path in listed.splitlines():
        reader = READERS.get(Path(path).suffix)
        if reader and not path.startswith(_IGNORED) and Path(path).exists():
            yield from reader(path, Path(path).read_text(encoding="utf-8"))


def write_line(text: str) -> None:
    """Write one line to standard output."""
    sys.stdout.write(f"{text}\n")


def main() -> int:
    """Print markers per 1,000 words for each part. Return 1 if a part is over the limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="print each marker with its place")
    parser.add_argument("paths", nargs="*", help="with --list: only files that start with one of these paths")
    arguments = parser.parse_args()
    words: dict[str, int] = {}
    markers: dict[str, int] = {}
    for passage in read_passages():
        part = find_part(passage.path)
        words[part] = words.get(part, 0) + len(_WORD.findall(passage.text))
        for match in MARKERS.finditer(passage.text):
            markers[part] = markers.get(part, 0) + 1
            if arguments.list and passage.path.startswith(tuple(arguments.paths) or ""):
                write_line(f"{passage.path}:{passage.line}: {match[0]!r} in {passage.text.strip()[:100]}")
    too_many = False
    for part in sorted(words):
        rate = 1000 * markers.get(part, 0) / max(1, words[part])
        too_many |= rate > LIMIT_PER_THOUSAND_WORDS
        write_line(f"{part:12} {words[part]:7,} words  {markers.get(part, 0):5} markers  {rate:5.1f} per 1,000")
    if too_many:
        write_line(f"Limit: {LIMIT_PER_THOUSAND_WORDS:g} per 1,000. Run scripts/check_plain_english.py --list PATH.")
    return int(too_many)


if __name__ == "__main__":
    sys.exit(main())
