"""Breaks the decision in every small way there is, and asks the fast tests whether they notice (``make mutants``).

mutmut wants the package at the top of a folder of its own, so it works on a copy in ``build/mutants``. What survives
has to be explained in ``docs/mutants.md``, beside the very change that it makes; and what is explained has to survive.
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKSHOP = ROOT / "build" / "mutants"
EXPLAINED = ROOT / "docs" / "mutants.md"
MUTATED = (
    "adoption",
    "advance",
    "attaching",
    "carry",
    "concerns",
    "decide",
    "latch_advance",
    "latching",
    "manual",
    "pace",
    "quorum",
    "rules",
    "suspicion",
)
TESTS = ("support", "exhaustive", "unit/core", "unit/latch", "property/core")
TOO_SLOW = (
    "test_interrupted",
    "test_two_at_once",
    "test_invocation",
    "test_punctual",
    "test_further_observer",
    "test_purity",
    "test_every_state",
    "test_partitions",
)
"""Tests that repeat the same at every call, wait for real time, start a process of their own, or read documentation."""

SLOW_TESTS = ("tests/property/core/test_invariants.py::test_the_controller_keeps_its_promises",)
CONFIGURATION = f"""
[tool.mutmut]
source_paths = ["failover"]
only_mutate = [MUTATED]
pytest_add_cli_args = [{", ".join(f'"--deselect", "{test}"' for test in SLOW_TESTS)}]
pytest_add_cli_args_test_selection = ["tests"]
use_git_change_detection = false
track_dependencies = false

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
addopts = "--strict-markers --strict-config --import-mode=importlib -p no:cacheprovider"
timeout = 120
"""


type Mutant = tuple[str, str]
"""The function, such as ``rules.obstacles``, and the lines that differ, as in a diff."""


def main() -> int:
    """Run, and return 0 if what survives is what is explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", choices=[*MUTATED, []], metavar="MODULE", help="all unless named")
    modules = tuple(parser.parse_args().modules) or MUTATED
    _prepare(modules)
    _mutmut("run", "--max-children", "1")
    found = dict(re.findall(r"^\s*(failover\.decision\.\S+): (.+)$", _mutmut("results", "--all", "true"), re.MULTILINE))
    left = {_mutant(name): result for name, result in found.items() if result != "killed"}
    explained = {each for each in _explained() if each[0].partition(".")[0] in modules}
    sys.stdout.write(f"{len(found)} mutants, {len(found) - len(left)} killed, {len(left)} left\n")
    for each in sorted(left.keys() - explained):
        sys.stdout.write(f"\nneither noticed nor explained ({left[each]}):\n{_shown(each)}")
    for each in sorted(explained - left.keys()):
        sys.stdout.write(f"\nexplained, but noticed or gone:\n{_shown(each)}")
    return 0 if found and explained == left.keys() else 1


def _prepare(modules: Sequence[str]) -> None:
    shutil.rmtree(WORKSHOP, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", *(f"{name}.py" for name in TOO_SLOW))
    shutil.copytree(ROOT / "layers" / "failover" / "failover", WORKSHOP / "failover", ignore=ignored)
    for folder in TESTS:
        shutil.copytree(ROOT / "tests" / folder, WORKSHOP / "tests" / folder, ignore=ignored)
    mutated = ", ".join(f'"failover/decision/{name}.py"' for name in modules)
    (WORKSHOP / "pyproject.toml").write_text(CONFIGURATION.replace("MUTATED", mutated), encoding="utf-8")


def _mutmut(*arguments: str) -> str:
    """Return what mutmut prints; a run's progress goes to the screen instead."""
    command = [str(Path(sys.executable).with_name("mutmut")), *arguments]
    shown = arguments[0] == "run"
    done = subprocess.run(  # noqa: S603 - as installed
        command, cwd=WORKSHOP, check=True, stdout=None if shown else subprocess.PIPE, text=True
    )
    return done.stdout or ""


def _mutant(name: str) -> Mutant:
    """Return the mutant that mutmut calls so: its numbers change with every change of the function."""
    lines = _mutmut("show", name).splitlines()
    diff = [line for line in lines if line[:1] in {"-", "+"} and line[:3] not in {"---", "+++"}]
    module, _, function = name.removeprefix("failover.decision.").partition(".")
    function = re.sub(r"^x_|__mutmut_\d+$", "", function)
    return f"{module}.{function}", _diff(diff)


def _explained() -> set[Mutant]:
    """Return what ``docs/mutants.md`` explains: a function's name as a heading, and diffs below it."""
    text = EXPLAINED.read_text(encoding="utf-8")
    return {
        (function, _diff(diff.splitlines()))
        for function, section in re.findall(r"^### `(.+?)`$(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
        for diff in re.findall(r"^```diff\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    }


def _diff(lines: Iterable[str]) -> str:
    return "".join(f"{line[0]} {line[1:].strip()}\n" for line in lines)


def _shown(mutant: Mutant) -> str:
    return f"### `{mutant[0]}`\n\n```diff\n{mutant[1]}```\n"


if __name__ == "__main__":
    sys.exit(main())
