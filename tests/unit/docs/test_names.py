"""ADR 0001: test names are short, and each class name is unique."""

import ast
import subprocess
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.unit.docs.pages import ROOT

MAX_TEST_NAME_LENGTH = 72


def list_python_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607 - git from the path
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).exists()]


@cache
def list_definitions() -> tuple[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef], ...]:
    return tuple(
        (path.relative_to(ROOT), node)
        for path in list_python_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )


def test_test_names_have_at_most_72_characters() -> None:
    names = [(path, node.name) for path, node in list_definitions() if node.name.startswith("test_")]
    assert [f"{path}: {name}" for path, name in names if len(name) > MAX_TEST_NAME_LENGTH] == []


def test_each_class_name_occurs_once() -> None:
    places = defaultdict(list)
    for path, node in list_definitions():
        if isinstance(node, ast.ClassDef):
            places[node.name].append(str(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}
