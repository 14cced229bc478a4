"""How far the replica is behind the primary: what a marker that was written and looked for says of it. Pure.

AWS gives no metric of the lag. So the canary's marker is written on the primary about once a minute, and looked for on
the replica until it has arrived; both only while all is well. So what a dying primary no longer sends never looks like
lag, and the last value from before stays.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from failover.region import Instant, Side
from failover.timetext import clock_time, span

EVERY_SECONDS = 55.0
"""How often a marker is written; and how long is waited after a measuring that failed."""

LONGEST_SECONDS = 15.0
"""A measuring that took longer says nothing: its process was frozen or starved in between."""

FORGOTTEN_SECONDS = 600.0
"""How long what was measured last still counts while measuring fails, though all is well otherwise."""


class Step(StrEnum):
    """What is to be done next."""

    WRITE = "write"
    LOOK = "look"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A marker on its way to the replica.

    Attributes
    ----------
    value
        What was written: seconds since the epoch, so that a later one shows that all before have arrived, too.
    written_at
        When writing it began.
    subject
        The ``sub`` of the canary that it was written to.

    """

    value: int
    written_at: Instant
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauged:
    """What came of one measuring.

    Attributes
    ----------
    began_at, ended_at
        From when to when it lasted.
    marker
        The one that was looked for; None if none could be written.
    seen_at
        When the replica had shown it; None if it didn't.
    unseen_at
        When the replica was last asked and didn't show it; None if it wasn't asked in vain.
    trouble
        What kept the lag from being measured, and the way out; empty if nothing did.

    """

    began_at: Instant
    ended_at: Instant
    marker: Marker | None = None
    seen_at: Instant | None = None
    unseen_at: Instant | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """What is remembered of the lag.

    Attributes
    ----------
    tried_at
        When measuring it was last begun.
    marker
        The one that has not been seen on the replica yet; None if none is on its way.
    unseen_at
        When the replica was last asked for it in vain; None if it wasn't.
    lag_seconds
        At most so long took the last marker that arrived; None if none has.
    measured_at
        When that was seen.
    trouble
        Why the last measuring failed; empty if it didn't.

    """

    tried_at: Instant = 0.0
    marker: Marker | None = None
    unseen_at: Instant | None = None
    lag_seconds: float | None = None
    measured_at: Instant | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far the replica was behind when that was last known.

    Attributes
    ----------
    seconds
        How far.
    at_least
        Whether the marker had still not arrived then: it is further behind.
    at
        When that was.

    """

    seconds: float
    at_least: bool
    at: Instant

    def __str__(self) -> str:
        """Return it as people read it."""
        return f"{'more than ' if self.at_least else ''}{span(self.seconds)}"

    @property
    def sentence(self) -> str:
        """How far the replica was behind, and when."""
        return f"The replica was {self} behind when that was last measured, at {clock_time(self.at)}."


def lag_of(freshness: Freshness) -> Lag | None:
    """Return the lag as last measured; None if it was not.

    A marker that has not arrived yet counts once it has been on its way for longer than the last one was.
    """
    measured = None
    if freshness.lag_seconds is not None and freshness.measured_at is not None:
        measured = Lag(seconds=freshness.lag_seconds, at_least=False, at=freshness.measured_at)
    if freshness.marker is None or freshness.unseen_at is None:
        return measured
    missing_seconds = freshness.unseen_at - freshness.marker.written_at
    if measured and missing_seconds <= measured.seconds:
        return measured
    return Lag(seconds=missing_seconds, at_least=True, at=freshness.unseen_at)


def next_step(freshness: Freshness, subject: str, now: Instant) -> Step | None:
    """Return what is to be done for a canary of this ``sub``; None if it isn't time.

    No marker is written while one is on its way: it is looked for until it has arrived.
    """
    rested = now - freshness.tried_at >= EVERY_SECONDS
    if freshness.marker is not None and freshness.marker.subject == subject:
        return Step.LOOK if rested or not freshness.trouble else None
    return Step.WRITE if rested else None


def after(freshness: Freshness, gauged: Gauged) -> Freshness:
    """Return what is to be remembered after a measuring; what is older than that changes nothing.

    Told of the same measuring again, it says the same.
    """
    if gauged.began_at < freshness.tried_at:
        return freshness
    tried = replace(freshness, tried_at=gauged.began_at, trouble=gauged.trouble)
    marker = gauged.marker
    if gauged.ended_at - gauged.began_at > LONGEST_SECONDS:
        return replace(tried, trouble="The last measuring was held up, and says nothing.")
    if marker and gauged.seen_at is not None:
        lag_seconds = gauged.seen_at - marker.written_at
        return replace(tried, marker=None, unseen_at=None, lag_seconds=lag_seconds, measured_at=gauged.seen_at)
    if marker and not gauged.trouble:
        return replace(tried, marker=marker, unseen_at=gauged.unseen_at)
    return _troubled(tried, marker)


def _troubled(tried: Freshness, marker: Marker | None) -> Freshness:
    """Return what remains after a measuring that failed: all for a while, then nothing."""
    lag = lag_of(tried)
    if lag and tried.tried_at - lag.at > FORGOTTEN_SECONDS:
        return Freshness(tried_at=tried.tried_at, marker=marker, trouble=tried.trouble)
    return tried if marker in {None, tried.marker} else replace(tried, marker=marker, unseen_at=None)


def warning(freshness: Freshness, *, target: Side, bearable_seconds: float) -> str:
    """Return what is to be known of the replica's lag before a move; empty where it doesn't matter or wasn't measured.

    Parameters
    ----------
    freshness
        What is remembered of the lag.
    target
        Where users move to.
    bearable_seconds
        From there on it is a warning.

    """
    lag = lag_of(freshness) if target is Side.STANDBY else None
    if lag is None:
        return ""
    if lag.seconds < bearable_seconds:
        return lag.sentence
    return f"{lag.sentence} WARNING: new users and passwords changed shortly before may be missing there."
