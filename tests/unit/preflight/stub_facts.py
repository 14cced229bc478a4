"""Facts as a test says they are: judgements are tried on these, without AWS."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from cognito_failover.core.preflight_result import CheckOutcome
from cognito_failover.preflight.check import CheckResult
from cognito_failover.preflight.facts import CheckContext, FactUnavailableError
from cognito_failover.preflight.registry import load_checks
from tests.support.settings import make_settings as usual_settings

if TYPE_CHECKING:
    from cognito_failover.settings.controller import Settings

NOW = 1_800_000_000.0


class StubFacts:
    """Answers what it was given for a reading and its arguments; all else can't be read. See `Snapshot`."""

    def __init__(self, known: Mapping[Any, Any], **changes: Any) -> None:
        self._facts = known
        self.settings: Settings = usual_settings(**changes)
        self.now = NOW

    @property
    def context(self) -> CheckContext:
        raise AssertionError("a judgement reads nothing itself")

    def __call__(self, reader: Callable[..., Any], /, *args: Any, **_: Any) -> Any:
        """Return what is known; an exception is raised."""
        key = (reader, *args) if args else reader
        if key not in self._facts:
            raise FactUnavailableError(f"{reader.__name__} was not read.")
        value = self._facts[key]
        if isinstance(value, Exception):
            raise value
        return value


def run_check(check_id: str, known: Mapping[Any, Any], **changes: Any) -> CheckResult:
    """Return what a check concludes from facts; settings may be changed."""
    [check] = [each for each in load_checks() if each.id == check_id]
    return check.evaluate(cast("Any", StubFacts(known, **changes)))


def get_outcome(check_id: str, known: Mapping[Any, Any], **changes: Any) -> CheckOutcome:
    """Return the outcome alone; a fact that isn't known makes it unknown, as a look does."""
    try:
        return run_check(check_id, known, **changes).outcome
    except FactUnavailableError:
        return CheckOutcome.UNKNOWN
