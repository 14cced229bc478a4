"""A pytest plugin: it breaks the code in every small way there is, and asks of each whether a test fails.

mutmut writes the mutants of a module side by side, behind a switch. Each is tried in a process that is forked from this
one, where everything is imported and collected already: that takes milliseconds, a process of its own seconds.
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
"""A test that takes so much of a processor with a mutant is taken to go on without end, which is noticed."""

MAX_TEST_CPU_SECONDS = 10
"""No test may take more with nothing broken, so that a slow one is never taken for an endless one."""

MAX_EXAMPLES = 30

SURVIVED = "unnoticed"
"""What a mutant's process tells if no test has failed; otherwise the number of the one that did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One small change.

    Attributes
    ----------
    switch
        What mutmut calls it: its numbers change with every change of the function.
    function
        The function, such as ``rules.compute_startup_grace_seconds``.
    diff
        What it changes: the lines that differ, indented alike.

    """

    switch: str
    function: str
    diff: str


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the files to break, and where to write what nobody noticed."""
    parser.addoption("--broken", nargs="+", type=Path, required=True, help="files of the package, from its root")
    parser.addoption("--unnoticed", type=Path, required=True, help="where to write the mutants that no test notices")


def pytest_configure(config: pytest.Config) -> None:
    """Break the files before anybody imports them, and let no example of a property be searched for twice."""
    config.stash[MUTANTS_KEY] = [mutant for path in config.getoption("broken") for mutant in _write_mutants(path)]
    generating = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile(
        "mutants",
        phases=generating,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        # A busy machine is no test that notices.
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("mutants")


MUTANTS_KEY = pytest.StashKey[list[Mutant]]()


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Let properties be tried with fewer examples than when nothing is known to be broken: most break at once."""
    for function in {getattr(item, "function", None) for item in items}:
        usual = getattr(function, _HYPOTHESIS_SETTINGS_ATTRIBUTE, None)
        if usual is not None and usual.max_examples > MAX_EXAMPLES:
            setattr(function, _HYPOTHESIS_SETTINGS_ATTRIBUTE, hypothesis.settings(usual, max_examples=MAX_EXAMPLES))


_HYPOTHESIS_SETTINGS_ATTRIBUTE = "_hypothesis_internal_use_settings"
"""Where hypothesis keeps the settings of a property."""


def pytest_runtestloop(session: pytest.Session) -> bool:
    """Try every mutant with the tests that reach its function: first those that have noticed one, then the quickest."""
    if session.testsfailed:
        raise session.Failed("some tests can't be collected")
    reporter = session.config.get_terminal_writer()
    mutants = session.config.stash[MUTANTS_KEY]
    reaching = _map_functions_to_tests(session.items)
    unnoticed: list[Mutant] = []
    noticing: Counter[pytest.Item] = Counter()
    items: list[pytest.Item] = []
    function = ""
    gc.freeze()  # what is there by now is swept by no child
    for number, mutant in enumerate(mutants, start=1):
        if mutant.function != function:
            function = mutant.function
            items = reaching.get(mangled_name_from_mutant_name(mutant.switch), [])
            items.sort(key=noticing.__getitem__, reverse=True)
        if _is_killed(mutant, items):
            noticing.update(items[:1])
        else:
            unnoticed.append(mutant)
        reporter.write(f"\r{number} of {len(mutants)} mutants tried, {len(unnoticed)} unnoticed", flush=True)
        written = json.dumps({"tried": number, "unnoticed": [asdict(mutant) for mutant in unnoticed]})
        session.config.getoption("unnoticed").write_text(written, encoding="utf-8")
    reporter.line()
    return True


def _write_mutants(path: Path) -> Iterator[Mutant]:
    """Write a module's mutants in the place of the module, and give them."""
    undecorated = libcst.parse_module(path.read_text(encoding="utf-8")).visit(_PropertyRewriter())
    mutated = mutate_file_contents(str(path), undecorated.code)
    if not mutated.mutant_names:
        raise pytest.UsageError(f"there is nothing to break in {path}")
    path.write_text(mutated.code, encoding="utf-8")
    module = ".".join(path.with_suffix("").parts)
    for name in mutated.mutant_names:
        function, class_name = orig_function_and_class_names_from_key(f"{module}.{name}")
        name_in_core = path.with_suffix("").as_posix().partition("/core/")[2]
        where = ".".join(part for part in (name_in_core, class_name, function) if part)
        yield Mutant(switch=f"{module}.{name}", function=where, diff=_compute_diff(mutated, name))


class _PropertyRewriter(libcst.CSTTransformer):
    """Writes each property as a plain method, made a property below: mutmut leaves decorated functions alone."""

    def leave_FunctionDef(  # noqa: N802 - as libcst wants it
        self, original_node: libcst.FunctionDef, updated_node: libcst.FunctionDef
    ) -> libcst.FunctionDef | libcst.FlattenSentinel[libcst.BaseStatement]:
        if [libcst.Module([]).code_for_node(each.decorator) for each in original_node.decorators] != ["property"]:
            return updated_node
        name = original_node.name.value
        made = libcst.parse_statement(f"{name} = property({name})")
        return libcst.FlattenSentinel([updated_node.with_changes(decorators=[]), made])


def _compute_diff(mutated: MutatedFile, name: str) -> str:
    lines = mutated.code.splitlines()

    def read_source(function: str) -> list[str]:
        span = mutated.line_span_by_function_name[function]
        return [line.strip().replace(function, "") for line in lines[span.start - 1 : span.end]]

    changed = ndiff(read_source(f"{mangled_name_from_mutant_name(name)}__mutmut_orig"), read_source(name))
    return "".join(f"{line}\n" for line in changed if line[:2] in {"- ", "+ "})


def _map_functions_to_tests(items: Sequence[pytest.Item]) -> Mapping[str, list[pytest.Item]]:
    """Run every test with nothing broken, and return which of them reach each function, the quickest first."""
    seconds: dict[str, float] = {}
    reaching: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    set_mutant_under_test("stats")
    for item in items:
        state()._stats.clear()  # noqa: SLF001 - where mutmut notes what is reached
        began_at = process_time()
        if failed := _run_test(item):
            raise pytest.UsageError(f"{item.nodeid} fails with nothing broken:\n{failed}")
        seconds[item.nodeid] = process_time() - began_at
        if seconds[item.nodeid] > MAX_TEST_CPU_SECONDS:
            raise pytest.UsageError(f"{item.nodeid} takes {seconds[item.nodeid]:.1f} s, too long to be run on mutants")
        for function in state()._stats:  # noqa: SLF001 - the same
            reaching[function].append(item)
    return {name: sorted(tests, key=lambda item: seconds[item.nodeid]) for name, tests in reaching.items()}


def _run_test(item: pytest.Item) -> str:
    """Run a test, and return how it failed; empty if it didn't."""
    reports = runtestprotocol(item, log=False, nextitem=None)
    return "\n".join(report.longreprtext or report.outcome for report in reports if report.failed)


def _run_test_with_cpu_limit(item: pytest.Item) -> str:
    """Run a test, and return how it failed; the system ends this process if it goes on without end."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(process_time()) + CPU_LIMIT_SECONDS, most))
    return _run_test(item)


def _is_killed(mutant: Mutant, items: list[pytest.Item]) -> bool:
    """Tell whether a test fails with a mutant; it then comes first when the function is broken otherwise."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _run_mutant(mutant, items, writing)
    os.close(writing)
    with os.fdopen(reading) as told:
        fate = told.read()
    _, status = os.waitpid(child, 0)
    if fate.isdigit():
        items.insert(0, items.pop(int(fate)))
        return True
    if fate == SURVIVED:
        return False
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        return True
    raise pytest.UsageError(f"{mutant.switch}: its process ended without a word, with the status {status}")


def _run_mutant(mutant: Mutant, items: Sequence[pytest.Item], pipe: int) -> None:
    """Run tests until one fails, tell which, and end this process."""
    try:
        set_mutant_under_test(mutant.switch)
        failing = (str(number) for number, item in enumerate(items) if _run_test_with_cpu_limit(item))
        os.write(pipe, next(failing, SURVIVED).encode())
    finally:
        os._exit(0)
