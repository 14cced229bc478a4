"""What the last preflight found: whether a failover would work now, as far as reading can tell. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from cognito_failover.common.region import Instant
from cognito_failover.common.text import format_duration
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState, PreflightSummary
from cognito_failover.core.rules import PREFLIGHT_MAX_AGE_SECONDS
from cognito_failover.settings.controller import Settings


class CheckOutcome(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It could not be made: nothing is known, neither good nor bad."""

    NOT_APPLICABLE = "not-applicable"


class CheckSeverity(StrEnum):
    """What a failed check would do to a failover."""

    HIGH = "high"
    """It would not work, or would break sign-in for many: an alarm."""

    MEDIUM = "medium"
    """Something would stop working for some."""

    LOW = "low"
    """Worth knowing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightFinding:
    """What came of one check.

    Attributes
    ----------
    check
        Its id.
    severity
        Of a failure.
    outcome
        What came of it.
    sentence
        What was found; what is wrong; or why it is not known.
    remedy
        What to do about a failure; empty otherwise.
    bars
        Whether it failed and moving users to the standby would surely be worse than leaving them.
    table
        What was compared, a heading first; empty for most.

    """

    check: str
    severity: CheckSeverity
    outcome: CheckOutcome
    message: str
    remedy: str = ""
    blocks_failover: bool = False
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightResult:
    """All findings of one look.

    Attributes
    ----------
    at
        When it began.
    findings
        One for every check, in the registry's order.

    """

    at: Instant
    findings: tuple[PreflightFinding, ...]

    def list_failed(self, severity: CheckSeverity | None = None) -> tuple[PreflightFinding, ...]:
        """Return what failed, of all severities or of one."""
        return tuple(
            finding
            for finding in self.findings
            if finding.outcome is CheckOutcome.FAILED and severity in {None, finding.severity}
        )

    @property
    def unknown(self) -> tuple[PreflightFinding, ...]:
        """The checks that could not be made."""
        return tuple(finding for finding in self.findings if finding.outcome is CheckOutcome.UNKNOWN)


def is_fresh(at: Instant, now: Instant) -> bool:
    """Tell whether a look of that moment still says something."""
    return now - at <= PREFLIGHT_MAX_AGE_SECONDS


def find_preflight_problem(preflight: PreflightResult | None, now: Instant) -> str | None:
    """Say why nobody should count on a failover now, as far as the last preflight tells; None if it is clean.

    Clean is a fresh result in which no check of high severity failed or could not be made.

    Parameters
    ----------
    preflight
        The last result; None if there has been none.
    now
        The moment that is asked about.

    """
    if preflight is None:
        return "There has been no preflight yet; run failoverctl preflight."
    if not is_fresh(preflight.at, now):
        return f"The last preflight was {format_duration(now - preflight.at)} ago; run failoverctl preflight."
    problems = [
        f"{finding.check} ({finding.outcome}): {finding.message}"
        for finding in preflight.findings
        if finding.severity is CheckSeverity.HIGH and finding.outcome in {CheckOutcome.FAILED, CheckOutcome.UNKNOWN}
    ]
    return f"The last preflight is not clean. {' '.join(problems)}" if problems else None


type PreflightUpdate = tuple[ControllerState, tuple[Event, ...]]
"""What to remember, and what to tell."""


def update_preflight(
    state: ControllerState, preflight: PreflightResult | None, settings: Settings, now: Instant
) -> PreflightUpdate:
    """Return the state that knows of a preflight, and tell, once, of failures of high severity and of their end.

    A check that could not be made neither fails nor mends: what was told of it stands. One that is older than what is
    remembered, or no longer fresh, says nothing.

    Parameters
    ----------
    state
        As remembered.
    preflight
        The last result that was read; None if none was.
    settings
        The Regions' names.
    now
        When this is noted.

    """
    previous = state.preflight
    if preflight is None or not is_fresh(preflight.at, now) or (previous and preflight.at <= previous.at):
        return state, ()
    reported = previous.failing_checks if previous else ()
    failing = _list_failing_checks(preflight, reported)
    failover_blockers = tuple(
        f"{finding.check}: {finding.message}" for finding in preflight.list_failed() if finding.blocks_failover
    )
    updated_state = replace(
        state, preflight=PreflightSummary(at=preflight.at, failing_checks=failing, failover_blockers=failover_blockers)
    )
    return updated_state, tuple(_create_events(preflight, reported, failing, settings, now))


def _list_failing_checks(preflight: PreflightResult, reported: tuple[str, ...]) -> tuple[str, ...]:
    fails = {finding.check for finding in preflight.list_failed(CheckSeverity.HIGH)}
    unknown = {finding.check for finding in preflight.unknown}
    return tuple(
        finding.check
        for finding in preflight.findings
        if finding.check in fails or (finding.check in unknown and finding.check in reported)
    )


def _create_events(
    preflight: PreflightResult, reported: tuple[str, ...], failing: tuple[str, ...], settings: Settings, now: Instant
) -> Iterator[Event]:
    if fresh := [finding for finding in preflight.list_failed(CheckSeverity.HIGH) if finding.check not in reported]:
        checks = "; ".join(f"{finding.check}: {finding.message}" for finding in fresh)
        message = f"A failover to {settings.standby_region} would not go well now. {checks}"
        yield Event(kind=EventKind.PREFLIGHT_FAILED, at=now, message=message)
    elif reported and not failing:
        message = f"Preflight finds {settings.standby_region} ready again: {', '.join(reported)} passed."
        yield Event(kind=EventKind.PREFLIGHT_RECOVERED, at=now, message=message)
