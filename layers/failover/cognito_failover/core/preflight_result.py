"""The result of a preflight: whether a failover would work now. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from cognito_failover.common.region import Instant
from cognito_failover.common.text import format_duration
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState, PreflightSummary
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.rules import PREFLIGHT_MAX_AGE_SECONDS
from cognito_failover.core.transition import Transition


class CheckOutcome(StrEnum):
    """The outcome of a check."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The check could not run."""

    NOT_APPLICABLE = "not-applicable"


class CheckSeverity(StrEnum):
    """The effect of a failed check on a failover."""

    HIGH = "high"
    """The failover would not work, or would break sign-in for many users. It raises an alarm."""

    MEDIUM = "medium"
    """Something would stop working for some users."""

    LOW = "low"
    """For information."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightFinding:
    """The result of one check.

    Attributes
    ----------
    check
        The id of the check.
    severity
        The severity of a failure.
    outcome
        The outcome.
    message
        The finding, the problem, or why the result is unknown.
    remedy
        How to fix a failure; empty otherwise.
    blocks_failover
        Whether it failed, and moving users to the standby would be worse than not moving them.
    table
        The compared values, the heading first; empty for most checks.

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
    """All findings of one preflight.

    Attributes
    ----------
    at
        When it started.
    findings
        One for each check, in the order of the registry.

    """

    at: Instant
    findings: tuple[PreflightFinding, ...]

    def list_failed(self, severity: CheckSeverity | None = None) -> tuple[PreflightFinding, ...]:
        """Return the failed checks, of all severities or of one."""
        return tuple(
            finding
            for finding in self.findings
            if finding.outcome is CheckOutcome.FAILED and severity in {None, finding.severity}
        )

    @property
    def unknown(self) -> tuple[PreflightFinding, ...]:
        """The checks that could not run."""
        return tuple(finding for finding in self.findings if finding.outcome is CheckOutcome.UNKNOWN)


def is_fresh(at: Instant, now: Instant) -> bool:
    """Return whether a preflight of that time still counts."""
    return now - at <= PREFLIGHT_MAX_AGE_SECONDS


def find_preflight_problem(preflight: PreflightResult | None, now: Instant) -> str | None:
    """Return why a failover may not work now, by the last preflight; None if the preflight is clean.

    A clean preflight is fresh, and no check of high severity failed or could not run.

    Parameters
    ----------
    preflight
        The last result; None if there is none.
    now
        The current time.

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


def update_preflight(state: ControllerState, preflight: PreflightResult | None, context: RoundContext) -> Transition:
    """Return the state with the last preflight, and the events of failed and recovered checks; the message is empty.

    Only checks of high severity have events, one when they fail and one when all have recovered. A check with an
    unknown result changes neither. A result that is not fresh, or not newer than the saved one, changes nothing.

    Parameters
    ----------
    state
        The saved state.
    preflight
        The last result that was read; None if there is none.
    context
        The settings and the time.

    """
    previous = state.preflight
    if preflight is None or not is_fresh(preflight.at, context.now) or (previous and preflight.at <= previous.at):
        return Transition(state=state)
    reported = previous.failing_checks if previous else ()
    failing = _list_failing_checks(preflight, reported)
    failover_blockers = tuple(
        f"{finding.check}: {finding.message}" for finding in preflight.list_failed() if finding.blocks_failover
    )
    updated_state = replace(
        state, preflight=PreflightSummary(at=preflight.at, failing_checks=failing, failover_blockers=failover_blockers)
    )
    events = tuple(_create_events(preflight, reported, failing, context))
    return Transition(state=updated_state, events=events)


def _list_failing_checks(preflight: PreflightResult, reported: tuple[str, ...]) -> tuple[str, ...]:
    failed = {finding.check for finding in preflight.list_failed(CheckSeverity.HIGH)}
    unknown = {finding.check for finding in preflight.unknown}
    return tuple(
        finding.check
        for finding in preflight.findings
        if finding.check in failed or (finding.check in unknown and finding.check in reported)
    )


def _create_events(
    preflight: PreflightResult, reported: tuple[str, ...], failing: tuple[str, ...], context: RoundContext
) -> Iterator[Event]:
    standby = context.settings.standby_region
    if new := [finding for finding in preflight.list_failed(CheckSeverity.HIGH) if finding.check not in reported]:
        checks_text = "; ".join(f"{finding.check}: {finding.message}" for finding in new)
        message = f"A failover to {standby} may not work now. {checks_text}"
        yield Event(kind=EventKind.PREFLIGHT_FAILED, at=context.now, message=message)
    elif reported and not failing:
        message = f"Preflight finds {standby} ready again: {', '.join(reported)} passed."
        yield Event(kind=EventKind.PREFLIGHT_RECOVERED, at=context.now, message=message)
