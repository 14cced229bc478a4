"""Stub facts, on which tests run checks without AWS."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from cognito_failover.core.preflight_result import CheckOutcome
from cognito_failover.preflight.check import CheckResult
from cognito_failover.preflight.facts import CheckContext, FactUnavailableError
from cognito_failover.preflight.registry import ALL_CHECKS
from tests.support.settings import make_settings

if TYPE_CHECKING:
    from cognito_failover.settings.controller import Settings

NOW = 1_800_000_000.0


class StubFacts:
    """Returns the given facts. Keys are a reader, or a reader and its arguments. See `Snapshot`."""

    def __init__(self, facts: Mapping[Any, Any], **changes: Any) -> None:
        self._facts = facts
        self.settings: Settings = make_settings(**changes)
        self.now = NOW

    @property
    def context(self) -> CheckContext:
        raise AssertionError("a check must read facts through readers only")

    def read(self, reader: Callable[..., Any], /, *args: Any, **_: Any) -> Any:
        """Return the given fact, or raise it if it is an exception."""
        key = (reader, *args) if args else reader
        if key not in self._facts:
            raise FactUnavailableError(f"{reader.__name__} was not read.")
        value = self._facts[key]
        if isinstance(value, Exception):
            raise value
        return value


def run_check(check_id: str, facts: Mapping[Any, Any], **changes: Any) -> CheckResult:
    """Return the result of a check on these facts, with changed settings."""
    [check] = [check for check in ALL_CHECKS if check.id == check_id]
    return check.evaluate(cast("Any", StubFacts(facts, **changes)))


def get_outcome(check_id: str, facts: Mapping[Any, Any], **changes: Any) -> CheckOutcome:
    """Return the outcome of a check. A missing fact makes it unknown, as in a preflight run."""
    try:
        return run_check(check_id, facts, **changes).outcome
    except FactUnavailableError:
        return CheckOutcome.UNKNOWN
