"""A pytest plugin that runs the tests against each mutant of the given modules.

mutmut writes all mutants of a module into one file, behind a switch. Each mutant runs in a fork of this process, where
everything is already imported and collected. A fork takes milliseconds, a new process seconds.
"""

import gc
import json
import os
import resource
import signal
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import ndiff
from pathlib import Path
from time import process_time

import hypothesis
import libcst
import pytest
from _pytest.runner import runtestprotocol
from mutmut.mutation.file_mutation import MutatedFile, mutate_file_contents
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.format_utils import mangled_name_from_mutant_name, orig_function_and_class_names_from_key

CPU_LIMIT_SECONDS = 60
"""A test that uses more processor time with a mutant counts as an endless loop. The mutant is then killed."""

WAIT_LIMIT_SECONDS = 300
"""A test that takes longer with a mutant waits for what never comes. The mutant is then killed."""

MAX_TEST_CPU_SECONDS = 10
"""Limit of a test without a mutant, far below `CPU_LIMIT_SECONDS`, so that a slow test does not count as endless."""

MAX_EXAMPLES = 30

SURVIVED = "survived"
"""Message of a mutant's process if no test failed. Otherwise the message is the number of the failed test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One small change of the code.

    Attributes
    ----------
    switch
        mutmut's name of the mutant. Its number changes with every change of the function.
    function
        The function, such as ``core/rules.compute_startup_grace_seconds``.
    diff
        The lines that differ, without indentation.

    """

    switch: str
    function: str
    diff: str


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options for the files to mutate and for the output file."""
    parser.addoption("--mutate", nargs="+", type=Path, required=True, help="files of the package, from its root")
    parser.addoption("--survivors", type=Path, required=True, help="output file of the mutants that no test kills")


def pytest_configure(config: pytest.Config) -> None:
    """Mutate the files before their first import, and configure Hypothesis to generate examples without shrinking."""
    config.stash[MUTANTS_KEY] = [mutant for path in config.getoption("mutate") for mutant in _write_mutants(path)]
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile(
        "mutants",
        phases=phases,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        # A busy machine must not make a test fail.
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("mutants")


MUTANTS_KEY = pytest.StashKey[list[Mutant]]()


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Limit the number of examples of each property. Most mutants fail one of the first."""
    for function in {getattr(item, "function", None) for item in items}:
        original = getattr(function, _HYPOTHESIS_SETTINGS_ATTRIBUTE, None)
        if original is not None and original.max_examples > MAX_EXAMPLES:
            setattr(function, _HYPOTHESIS_SETTINGS_ATTRIBUTE, hypothesis.settings(original, max_examples=MAX_EXAMPLES))


_HYPOTHESIS_SETTINGS_ATTRIBUTE = "_hypothesis_internal_use_settings"
"""Attribute in which Hypothesis keeps the settings of a property."""


def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run the tests that reach a mutant's function: first those that killed a mutant, then the fastest."""
    if session.testsfailed:
        raise session.Failed("some tests cannot be collected")
    reporter = session.config.get_terminal_writer()
    mutants = session.config.stash[MUTANTS_KEY]
    reaching = _map_functions_to_tests(session.items)
    survivors: list[Mutant] = []
    kills: Counter[pytest.Item] = Counter()
    items: list[pytest.Item] = []
    function = ""
    gc.freeze()  # children do not collect existing objects
    for number, mutant in enumerate(mutants, start=1):
        if mutant.function != function:
            function = mutant.function
            items = reaching.get(mangled_name_from_mutant_name(mutant.switch), [])
            items.sort(key=kills.__getitem__, reverse=True)
        if _is_killed(mutant, items):
            kills.update(items[:1])
        else:
            survivors.append(mutant)
        reporter.write(f"\r{number} of {len(mutants)} mutants tested, {len(survivors)} survived", flush=True)
        result = json.dumps({"tested": number, "survivors": [asdict(mutant) for mutant in survivors]})
        session.config.getoption("survivors").write_text(result, encoding="utf-8")
    reporter.line()
    return True


def _write_mutants(path: Path) -> Iterator[Mutant]:
    """Replace a module with its mutated version, and yield the mutants."""
    undecorated = libcst.parse_module(path.read_text(encoding="utf-8")).visit(_PropertyRewriter())
    mutated = mutate_file_contents(str(path), undecorated.code)
    if not mutated.mutant_names:
        raise pytest.UsageError(f"mutmut finds nothing to mutate in {path}")
    path.write_text(mutated.code, encoding="utf-8")
    module = ".".join(path.with_suffix("").parts)
    for name in mutated.mutant_names:
        function, class_name = orig_function_and_class_names_from_key(f"{module}.{name}")
        name_in_package = path.with_suffix("").as_posix().partition("/")[2]
        qualified_name = ".".join(part for part in (name_in_package, class_name, function) if part)
        yield Mutant(switch=f"{module}.{name}", function=qualified_name, diff=_compute_diff(mutated, name))


class _PropertyRewriter(libcst.CSTTransformer):
    """Replaces the decorator of each property with an assignment below it: mutmut skips decorated functions."""

    def leave_FunctionDef(  # noqa: N802 - libcst's name
        self, original_node: libcst.FunctionDef, updated_node: libcst.FunctionDef
    ) -> libcst.FunctionDef | libcst.FlattenSentinel[libcst.BaseStatement]:
        if [libcst.Module([]).code_for_node(item.decorator) for item in original_node.decorators] != ["property"]:
            return updated_node
        name = original_node.name.value
        assignment = libcst.parse_statement(f"{name} = property({name})")
        return libcst.FlattenSentinel([updated_node.with_changes(decorators=[]), assignment])


def _compute_diff(mutated: MutatedFile, name: str) -> str:
    lines = mutated.code.splitlines()

    def read_source(function: str) -> list[str]:
        span = mutated.line_span_by_function_name[function]
        return [line.strip().replace(function, "") for line in lines[span.start - 1 : span.end]]

    changed = ndiff(read_source(f"{mangled_name_from_mutant_name(name)}__mutmut_orig"), read_source(name))
    return "".join(f"{line}\n" for line in changed if line[:2] in {"- ", "+ "})


def _map_functions_to_tests(items: Sequence[pytest.Item]) -> Mapping[str, list[pytest.Item]]:
    """Run every test without a mutant. Return the tests that reach each function, the fastest first."""
    seconds: dict[str, float] = {}
    reaching: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    set_mutant_under_test("stats")
    for item in items:
        state()._stats.clear()  # noqa: SLF001 - mutmut records reached functions here
        began_at = process_time()
        if failed := _run_test(item):
            raise pytest.UsageError(f"{item.nodeid} fails without a mutant:\n{failed}")
        seconds[item.nodeid] = process_time() - began_at
        if seconds[item.nodeid] > MAX_TEST_CPU_SECONDS:
            raise pytest.UsageError(f"{item.nodeid} takes {seconds[item.nodeid]:.1f} s, too long to be run on mutants")
        for function in state()._stats:  # noqa: SLF001 - the same
            reaching[function].append(item)
    return {name: sorted(tests, key=lambda item: seconds[item.nodeid]) for name, tests in reaching.items()}


def _run_test(item: pytest.Item) -> str:
    """Run a test and return its failure. Empty if it passed."""
    reports = runtestprotocol(item, log=False, nextitem=None)
    return "\n".join(report.longreprtext or report.outcome for report in reports if report.failed)


def _run_test_with_limits(item: pytest.Item) -> str:
    """Run a test and return its failure. The system kills this process if the test exceeds a limit."""
    _, hard_limit = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(process_time()) + CPU_LIMIT_SECONDS, hard_limit))
    signal.alarm(WAIT_LIMIT_SECONDS)
    return _run_test(item)


def _is_killed(mutant: Mutant, items: list[pytest.Item]) -> bool:
    """Return whether a test fails with a mutant. Move that test to the front for further mutants of the function."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _run_mutant(mutant, items, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        message = pipe.read()
    _, status = os.waitpid(child, 0)
    if message.isdigit():
        items.insert(0, items.pop(int(message)))
        return True
    if message == SURVIVED:
        return False
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGXCPU, signal.SIGALRM}:
        return True
    raise pytest.UsageError(f"{mutant.switch}: its process ended without a message, with status {status}")


def _run_mutant(mutant: Mutant, items: Sequence[pytest.Item], pipe: int) -> None:
    """Run tests until one fails, write its number to the pipe, and end this process."""
    try:
        set_mutant_under_test(mutant.switch)
        failing = (str(number) for number, item in enumerate(items) if _run_test_with_limits(item))
        os.write(pipe, next(failing, SURVIVED).encode())
    finally:
        os._exit(0)
