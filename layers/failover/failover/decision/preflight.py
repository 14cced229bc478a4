"""What the last preflight found: whether a failover would work now, as far as reading can tell. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from failover.decision.announcement import Announcement, Kind
from failover.decision.rules import PREFLIGHT_FRESH_SECONDS
from failover.decision.state import Preflighted, State
from failover.region import Instant
from failover.settings import Settings
from failover.timetext import span


class Outcome(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It could not be made: nothing is known, neither good nor bad."""

    NOT_APPLICABLE = "not-applicable"


class Severity(StrEnum):
    """What a failed check would do to a failover."""

    HIGH = "high"
    """It would not work, or would break sign-in for many: an alarm."""

    MEDIUM = "medium"
    """Something would stop working for some."""

    LOW = "low"
    """Worth knowing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
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
    severity: Severity
    outcome: Outcome
    sentence: str
    remedy: str = ""
    bars: bool = False
    table: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """All findings of one look.

    Attributes
    ----------
    at
        When it began.
    findings
        One for every check, in the registry's order.

    """

    at: Instant
    findings: tuple[Finding, ...]

    def failed(self, severity: Severity | None = None) -> tuple[Finding, ...]:
        """Return what failed, of all severities or of one."""
        return tuple(
            finding
            for finding in self.findings
            if finding.outcome is Outcome.FAILED and severity in {None, finding.severity}
        )

    @property
    def unknown(self) -> tuple[Finding, ...]:
        """The checks that could not be made."""
        return tuple(finding for finding in self.findings if finding.outcome is Outcome.UNKNOWN)


def is_fresh(at: Instant, now: Instant) -> bool:
    """Tell whether a look of that moment still says something."""
    return now - at <= PREFLIGHT_FRESH_SECONDS


def why_not_clean(preflight: Preflight | None, now: Instant) -> str | None:
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
        return f"The last preflight was {span(now - preflight.at)} ago; run failoverctl preflight."
    high = [
        f"{finding.check} ({finding.outcome}): {finding.sentence}"
        for finding in preflight.findings
        if finding.severity is Severity.HIGH and finding.outcome in {Outcome.FAILED, Outcome.UNKNOWN}
    ]
    return f"The last preflight is not clean. {' '.join(high)}" if high else None


type Told = tuple[State, tuple[Announcement, ...]]
"""What to remember, and what to tell."""


def with_preflight(state: State, preflight: Preflight | None, settings: Settings, now: Instant) -> Told:
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
    known = state.preflight
    if preflight is None or not is_fresh(preflight.at, now) or (known and preflight.at <= known.at):
        return state, ()
    told = known.failing if known else ()
    failing = _failing(preflight, told)
    bars = tuple(f"{finding.check}: {finding.sentence}" for finding in preflight.failed() if finding.bars)
    noted = replace(state, preflight=Preflighted(at=preflight.at, failing=failing, bars=bars))
    return noted, tuple(_news(preflight, told, failing, settings, now))


def _failing(preflight: Preflight, told: tuple[str, ...]) -> tuple[str, ...]:
    fails = {finding.check for finding in preflight.failed(Severity.HIGH)}
    unknown = {finding.check for finding in preflight.unknown}
    return tuple(
        finding.check
        for finding in preflight.findings
        if finding.check in fails or (finding.check in unknown and finding.check in told)
    )


def _news(
    preflight: Preflight, told: tuple[str, ...], failing: tuple[str, ...], settings: Settings, now: Instant
) -> Iterator[Announcement]:
    if fresh := [finding for finding in preflight.failed(Severity.HIGH) if finding.check not in told]:
        checks = "; ".join(f"{finding.check}: {finding.sentence}" for finding in fresh)
        sentence = f"A failover to {settings.standby_region} would not go well now. {checks}"
        yield Announcement(kind=Kind.PREFLIGHT_FAILED, at=now, sentence=sentence)
    elif told and not failing:
        sentence = f"Preflight finds {settings.standby_region} ready again: {', '.join(told)} passed."
        yield Announcement(kind=Kind.PREFLIGHT_MENDED, at=now, sentence=sentence)
