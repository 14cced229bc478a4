"""Mutation tests (``make mutants``): changes the code in small ways and runs the fast tests on each mutant.

mutmut needs the package at the top of a folder, so it works on a copy in ``build/mutants``. Each mutant that survives
must be explained in ``docs/mutants.md`` with its change, and each explained mutant must survive.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WORK_FOLDER = ROOT / "build" / "mutants"
EXPLANATIONS_PAGE = ROOT / "docs" / "mutants.md"
PACKAGE = ROOT / "layers" / "failover" / "cognito_failover"
TESTS_BY_PACKAGE = {
    "core": (
        "unit/core",
        "unit/probe/test_canary_backoff_sharing.py",
        "unit/probe/test_canary_credentials.py",
        "unit/probe/test_verdict.py",
        "property/core",
    ),
    "controller": ("unit/controller", "interleavings", "unit/core", "property/core"),
    "storage": ("unit/storage", "unit/controller", "interleavings", "unit/core", "property/core/test_state_json.py"),
    "routing": ("unit/routing", "unit/controller", "property/routing"),
    "notifications": ("unit/notifications", "unit/controller", "property/notifications"),
}
"""The packages whose modules can be mutated, and the tests that run on their mutants."""

DEFAULT_PACKAGE = "core"
EXCLUDED_MODULES = ("core/observation", "core/ports/latch", "core/ports/lever", "core/round_result")
"""Modules of the default package without a statement to change."""

MUTATED_MODULES = {
    name: path.relative_to(PACKAGE.parent)
    for package in TESTS_BY_PACKAGE
    for path in sorted((PACKAGE / package).rglob("*.py"))
    if (name := path.relative_to(PACKAGE).with_suffix("").as_posix()) not in EXCLUDED_MODULES
    and path.stem != "__init__"
}
"""The mutated modules by name, such as ``core/move/lifecycle``, with their paths."""

SHARED_TEST_PATHS = (
    "support",
    "exhaustive",
    "unit/docs/pages.py",
    "unit/notifications/examples.py",
    "unit/sandbox_route53/harness.py",
    "unit/template/rendering.py",
    "unit/timeline/examples.py",
)
"""Modules that tests of several packages import."""

EXCLUDED_TESTS = (
    "test_interrupted_moves",
    "test_interrupted_drills",
    "test_time_limits",
    "test_three_observers",
    "test_purity",
    "test_every_state",
    "test_partitions",
    "test_random_weeks",
)
"""Tests that repeat a scenario at every call, run for minutes, wait for real time, or start a process."""

DESELECTED_TESTS = ("tests/property/core/test_invariants.py::test_controller_keeps_its_invariants",)
CONFIGURATION = r"""
[tool.mutmut]
source_paths = ["cognito_failover"]
do_not_mutate_patterns = ['^\s*assert_never\(']

[tool.pytest.ini_options]
pythonpath = ["."]
addopts = "--strict-markers --strict-config --import-mode=importlib -p no:cacheprovider"
"""

type ExplainedMutant = tuple[str, str]
"""The function, such as ``core/rules.compute_startup_grace_seconds``, and the changed lines as a diff."""


def main() -> int:
    """Run the mutation tests. Return 0 if the surviving mutants are exactly the explained ones."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument(
        "modules",
        nargs="*",
        choices=[*MUTATED_MODULES, []],
        metavar="MODULE",
        help=f"modules to mutate, such as controller/round (default: all of {DEFAULT_PACKAGE})",
    )
    default_modules = tuple(name for name in MUTATED_MODULES if _get_package(name) == DEFAULT_PACKAGE)
    modules = tuple(parser.parse_args().modules) or default_modules
    _prepare_work_folder({_get_package(name) for name in modules})
    result = _run_mutants(modules)
    survivors = Counter((mutant["function"], mutant["diff"]) for mutant in result["survivors"])
    explained = Counter(mutant for mutant in read_explanations() if mutant[0].partition(".")[0] in modules)
    sys.stdout.write(f"{result['tested']} mutants, {survivors.total()} survived, {explained.total()} explained\n")
    for mutant in sorted((survivors - explained).elements()):
        sys.stdout.write(f"\nsurvived, not explained:\n{_format_mutant(mutant)}")
    for mutant in sorted((explained - survivors).elements()):
        sys.stdout.write(f"\nexplained, but killed or gone:\n{_format_mutant(mutant)}")
    return 0 if result["tested"] and survivors == explained else 1


def _get_package(module: str) -> str:
    return module.partition("/")[0]


def _prepare_work_folder(packages: Collection[str]) -> None:
    shutil.rmtree(WORK_FOLDER, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", *(f"{name}.py" for name in EXCLUDED_TESTS))
    shutil.copytree(PACKAGE, WORK_FOLDER / "cognito_failover", ignore=ignored)
    shutil.copytree(ROOT / "cognito_failover_testing", WORK_FOLDER / "cognito_failover_testing", ignore=ignored)
    test_paths = {name for package in packages for name in TESTS_BY_PACKAGE[package]}
    for name in sorted({*SHARED_TEST_PATHS, *test_paths}):
        copy = WORK_FOLDER / "tests" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if copy.suffix:
            shutil.copy(ROOT / "tests" / name, copy)
        else:
            shutil.copytree(ROOT / "tests" / name, copy, ignore=ignored)
    for name in ("docs", "events", "failoverctl", "functions", "infra", "sandbox", "template.yaml", "README.md"):
        (WORK_FOLDER / name).symlink_to(ROOT / name)
    shutil.copy(Path(__file__).with_name("mutation_plugin.py"), WORK_FOLDER)
    (WORK_FOLDER / "pyproject.toml").write_text(CONFIGURATION, encoding="utf-8")


def _run_mutants(modules: Sequence[str]) -> dict[str, Any]:
    """Return the number of tested mutants, and the survivors."""
    result_file = WORK_FOLDER / "survivors.json"
    command = (
        # Full failure reports take longer than the tests.
        *(sys.executable, "-m", "pytest", "-q", "-p", "mutation_plugin", "--assert=plain", "--tb=native", "tests"),
        *(f"--deselect={test}" for test in DESELECTED_TESTS),
        *("--survivors", str(result_file)),
        *("--mutate", *(str(MUTATED_MODULES[module]) for module in modules)),
    )
    subprocess.run(command, cwd=WORK_FOLDER, check=True)  # noqa: S603 - this interpreter
    result: dict[str, Any] = json.loads(result_file.read_text(encoding="utf-8"))
    return result


def read_explanations() -> list[ExplainedMutant]:
    """Return the explained mutants of ``docs/mutants.md``: a function's name as a heading, and diffs below it."""
    text = EXPLANATIONS_PAGE.read_text(encoding="utf-8")
    return [
        (function, diff)
        for function, section in re.findall(r"^### `(.+?)`$(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
        for diff in re.findall(r"^```diff\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    ]


def _format_mutant(mutant: ExplainedMutant) -> str:
    return f"### `{mutant[0]}`\n\n```diff\n{mutant[1]}```\n"


if __name__ == "__main__":
    sys.exit(main())
