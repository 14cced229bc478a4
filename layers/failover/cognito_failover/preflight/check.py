"""One check: what it looks at, how bad a failure is, what to do then, and its judgement."""

from collections.abc import Callable
from dataclasses import dataclass

from cognito_failover.core.preflight_result import CheckOutcome, CheckSeverity
from cognito_failover.preflight.facts import Snapshot

type Table = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What a check concludes: an outcome and a sentence; perhaps what was compared, a heading first."""

    outcome: CheckOutcome
    message: str
    table: Table = ()


def passed(message: str, table: Table = ()) -> CheckResult:
    """Conclude that all is well."""
    return CheckResult(outcome=CheckOutcome.PASSED, message=message, table=table)


def failed(message: str, table: Table = ()) -> CheckResult:
    """Conclude that something is wrong; the sentence says what."""
    return CheckResult(outcome=CheckOutcome.FAILED, message=message, table=table)


def not_applicable(message: str) -> CheckResult:
    """Conclude that there is nothing to check here; the sentence says why."""
    return CheckResult(outcome=CheckOutcome.NOT_APPLICABLE, message=message)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightCheck:
    """A check.

    Attributes
    ----------
    id
        Its name, in results and for ever.
    severity
        Of a failure.
    passes
        When it passes, as the end of the sentence "It passes if …".
    remedy
        What to do about a failure, a sentence.
    judge
        Concludes from facts. Facts that can't be read raise `FactUnavailableError`, which makes the check unknown.
    bars
        Whether a failure bars moves to the standby: only if users would surely be worse off there, and no probe can see
        it.
    active
        Whether it does more than read, and so is made only when asked for.

    """

    id: str
    severity: CheckSeverity
    criterion: str
    remedy: str
    evaluate: Callable[[Snapshot], CheckResult]
    blocks_failover: bool = False
    active: bool = False
