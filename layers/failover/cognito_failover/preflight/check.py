"""One check: its severity, criterion, remedy and evaluation."""

from collections.abc import Callable
from dataclasses import dataclass

from cognito_failover.core.preflight_result import CheckOutcome, CheckSeverity
from cognito_failover.preflight.facts import Snapshot

type Table = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """The result of a check: an outcome, a message, and optionally a table whose first row is the heading."""

    outcome: CheckOutcome
    message: str
    table: Table = ()


def passed(message: str, table: Table = ()) -> CheckResult:
    """Return the result of a check that passed."""
    return CheckResult(outcome=CheckOutcome.PASSED, message=message, table=table)


def failed(message: str, table: Table = ()) -> CheckResult:
    """Return the result of a check that failed. The message says why."""
    return CheckResult(outcome=CheckOutcome.FAILED, message=message, table=table)


def not_applicable(message: str) -> CheckResult:
    """Return the result of a check that does not apply. The message says why."""
    return CheckResult(outcome=CheckOutcome.NOT_APPLICABLE, message=message)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightCheck:
    """A check.

    Attributes
    ----------
    id
        The name in results. It never changes.
    severity
        The severity of a failure.
    criterion
        The condition to pass, as the end of the sentence "It passes if …".
    remedy
        The action after a failure, as a sentence.
    evaluate
        Returns the result. A fact that can't be read raises `FactUnavailableError`, which makes the check unknown.
    blocks_failover
        Whether a failure blocks moves to the standby. True only if users would certainly be worse off there, and no
        probe can detect it.
    active
        Whether the check does more than read. It then runs only on request.

    """

    id: str
    severity: CheckSeverity
    criterion: str
    remedy: str
    evaluate: Callable[[Snapshot], CheckResult]
    blocks_failover: bool = False
    active: bool = False
