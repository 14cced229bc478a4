"""The agreement of several observers: a majority of those configured, or nothing is known. Pure."""

from collections.abc import Iterable, Sequence

from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.core.consensus import Consensus, RegionConsensus
from cognito_failover.core.observation import Observation, Reading
from cognito_failover.core.verdict import SERVING_VERDICTS, Verdict

MAX_CLOCK_SKEW_SECONDS = 2.0
"""How far an observer's clock may be ahead of the controller's; so far can a stale observation pass for a fresh one."""


def form_consensus(
    observations: Iterable[Observation], *, configured: Sequence[str], now: Instant, observation_ttl_seconds: float
) -> Consensus:
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
    recent: dict[str, Observation] = {}
    for each in observations:
        if each.observer in configured and -MAX_CLOCK_SKEW_SECONDS <= now - each.observed_at <= observation_ttl_seconds:
            recent.setdefault(each.observer, each)
    is_single_observer = len(recent) == 1 and len(configured) > 1
    return Consensus(
        roles=PerRole(
            primary=_form_region_consensus(RegionRole.PRIMARY, recent, configured),
            standby=_form_region_consensus(RegionRole.STANDBY, recent, configured),
        ),
        is_isolated=bool(recent) and (is_single_observer or not any(each.witness_answered for each in recent.values())),
    )


def _form_region_consensus(
    role: RegionRole, recent: dict[str, Observation], configured: Sequence[str]
) -> RegionConsensus:
    readings = {observer: each.readings[role] for observer, each in recent.items()}
    for verdict in Verdict:
        if known := _find_majority(verdict, frozenset({verdict}), readings, recent, configured):
            return known
    # A Region that some see healthy, and others without keys to verify its tokens, serves.
    if known := _find_majority(Verdict.UNVERIFIED, SERVING_VERDICTS, readings, recent, configured):
        return known
    return RegionConsensus(
        verdict=Verdict.UNKNOWN, observed_at=None, detail=_describe_disagreement(readings, configured)
    )


def _find_majority(
    verdict: Verdict,
    votes: frozenset[Verdict],
    readings: dict[str, Reading],
    recent: dict[str, Observation],
    configured: Sequence[str],
) -> RegionConsensus | None:
    agreeing = [observer for observer, reading in readings.items() if reading.verdict in votes]
    if 2 * len(agreeing) <= len(configured):
        return None
    # Of a mixed majority one has that verdict: else the others would have been one by themselves.
    representative = next(each for each in agreeing if readings[each].verdict is verdict)
    return RegionConsensus(
        verdict=verdict,
        observed_at=min(recent[observer].observed_at for observer in agreeing),
        detail=readings[representative].detail,
    )


def _describe_disagreement(readings: dict[str, Reading], configured: Sequence[str]) -> str:
    if not readings:
        return f"None of the {len(configured)} configured observers has reported lately."
    verdicts_text = ", ".join(
        f"{observer} says {readings[observer].verdict}" if observer in readings else f"{observer} is silent"
        for observer in configured
    )
    if len(readings) > 1:
        return f"No majority of the {len(configured)} configured observers agrees: {verdicts_text}."
    return (
        f"Only one of the {len(configured)} configured observers reports ({verdicts_text}): the controller may be cut off from "
        f"the world, so nothing moves by itself. If users can't sign in, move them by hand and override target-healthy; "
        f"if the observers are gone for good, deploy the controller with Observers naming only those that report."
    )
