"""The agreement of several observers: a majority of those configured, or nothing is known. Pure."""

from collections.abc import Iterable, Sequence

from failover.decision.knowledge import GOOD, Knowledge, Known
from failover.probe.observation import Observation, Reading
from failover.probe.verdict import Verdict
from failover.region import Instant, PerSide, Side

MAX_AHEAD_SECONDS = 2.0
"""How far an observer's clock may be ahead of the controller's; so far can a stale observation pass for a fresh one."""


def agree(
    observations: Iterable[Observation], *, configured: Sequence[str], now: Instant, fresh_seconds: float
) -> Knowledge:
    """Return what a majority of the configured observers agrees on.

    Silence is no vote, and makes no majority smaller: an observer that is cut off, lies or is blind can keep traffic
    where it is, never move it. Of several observers a single voice shows that the controller may be cut off from the
    others, and so from the world.

    Parameters
    ----------
    observations
        The latest of each observer, the controller's own first; those of observers not configured don't count.
    configured
        The observers whose majority decides, by Region: present or silent, each counts in the whole.
    now
        The controller's clock.
    fresh_seconds
        An observation older than this doesn't count, nor one from further in the future than clocks may differ.

    """
    heard: dict[str, Observation] = {}
    for each in observations:
        if each.observer in configured and -MAX_AHEAD_SECONDS <= now - each.observed_at <= fresh_seconds:
            heard.setdefault(each.observer, each)
    alone = len(heard) == 1 and len(configured) > 1
    return Knowledge(
        sides=PerSide(
            primary=_agree_on(Side.PRIMARY, heard, configured), standby=_agree_on(Side.STANDBY, heard, configured)
        ),
        cut_off=bool(heard) and (alone or not any(each.witness_answered for each in heard.values())),
    )


def _agree_on(side: Side, heard: dict[str, Observation], configured: Sequence[str]) -> Known:
    readings = {observer: each.readings[side] for observer, each in heard.items()}
    for verdict in Verdict:
        if known := _majority(verdict, frozenset({verdict}), readings, heard, configured):
            return known
    # A Region that some see healthy, and others without keys to verify its tokens, serves.
    if known := _majority(Verdict.UNVERIFIED, GOOD, readings, heard, configured):
        return known
    return Known(verdict=Verdict.UNKNOWN, observed_at=None, detail=_disagreement(readings, configured))


def _majority(
    verdict: Verdict,
    votes: frozenset[Verdict],
    readings: dict[str, Reading],
    heard: dict[str, Observation],
    configured: Sequence[str],
) -> Known | None:
    agreeing = [observer for observer, reading in readings.items() if reading.verdict in votes]
    if 2 * len(agreeing) <= len(configured):
        return None
    # Of a mixed majority one has that verdict: else the others would have been one by themselves.
    telling = next(each for each in agreeing if readings[each].verdict is verdict)
    return Known(
        verdict=verdict,
        observed_at=min(heard[observer].observed_at for observer in agreeing),
        detail=readings[telling].detail,
    )


def _disagreement(readings: dict[str, Reading], configured: Sequence[str]) -> str:
    if not readings:
        return f"None of the {len(configured)} configured observers has reported lately."
    said = ", ".join(
        f"{observer} says {readings[observer].verdict}" if observer in readings else f"{observer} is silent"
        for observer in configured
    )
    if len(readings) > 1:
        return f"No majority of the {len(configured)} configured observers agrees: {said}."
    return (
        f"Only one of the {len(configured)} configured observers reports ({said}): the controller may be cut off from "
        f"the world, so nothing moves by itself. If users can't sign in, move them by hand and override target-serves; "
        f"if the observers are gone for good, deploy the controller with Observers naming only those that report."
    )
