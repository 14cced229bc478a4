"""Breaks the decision in every small way there is, and asks the fast tests whether they notice (``make mutants``).

mutmut wants the package at the top of a folder of its own, so it works on a copy in ``build/mutants``. What survives
has to be explained, by its name, in ``docs/mutants.md``.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKSHOP = ROOT / "build" / "mutants"
EXPLAINED = ROOT / "docs" / "mutants.md"
MUTATED = (
    "adoption",
    "advance",
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
TESTS = ("support", "exhaustive", "unit/core", "property/core")
TOO_SLOW = (
    "test_interrupted",
    "test_two_at_once",
    "test_invocation",
    "test_punctual",
    "test_purity",
    "test_every_state",
    "test_partitions",
)
"""Tests that repeat the same at every call, wait for real time, start a process of their own, or read documentation."""

SLOW_TESTS = ("tests/property/core/test_invariants.py::test_the_controller_keeps_its_promises",)
CONFIGURATION = f"""
[tool.mutmut]
source_paths = ["failover"]
only_mutate = [{", ".join(f'"failover/decision/{name}.py"' for name in MUTATED)}]
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


def main() -> int:
    """Run, and return 0 if whatever survived is explained."""
    _prepare()
    mutmut = str(Path(sys.executable).with_name("mutmut"))
    subprocess.run([mutmut, "run", "--max-children", "1"], cwd=WORKSHOP, check=False)  # noqa: S603 - as installed
    listed = subprocess.run(  # noqa: S603 - as installed
        [mutmut, "results", "--all", "true"], cwd=WORKSHOP, check=True, capture_output=True, text=True
    ).stdout
    found = dict(re.findall(r"^\s*failover\.decision\.(\S+): (.+)$", listed, re.MULTILINE))
    left = sorted(name for name, result in found.items() if result != "killed")
    unexplained = [name for name in left if f"`{name}`" not in EXPLAINED.read_text(encoding="utf-8")]
    sys.stdout.write(f"{len(found)} mutants, {len(found) - len(left)} killed, {len(left)} left\n")
    sys.stdout.writelines(f"not explained: {name} ({found[name]})\n" for name in unexplained)
    return 1 if unexplained or not found else 0


def _prepare() -> None:
    shutil.rmtree(WORKSHOP, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", *(f"{name}.py" for name in TOO_SLOW))
    shutil.copytree(ROOT / "layers" / "failover" / "failover", WORKSHOP / "failover", ignore=ignored)
    for folder in TESTS:
        shutil.copytree(ROOT / "tests" / folder, WORKSHOP / "tests" / folder, ignore=ignored)
    (WORKSHOP / "pyproject.toml").write_text(CONFIGURATION, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
