"""The agreement of several observers: a majority of those configured, or nothing is known."""

from collections import Counter
from collections.abc import Collection, Iterable

from failover.decision.knowledge import Knowledge, Known
from failover.probe.observation import Observation
from failover.probe.verdict import Verdict
from failover.region import Instant, PerSide, Side


def agree(
    observations: Iterable[Observation], *, configured: Collection[str], now: Instant, fresh_seconds: float
) -> Knowledge:
    """Return what a majority of the configured observers agrees on.

    Parameters
    ----------
    observations
        The latest of each observer; those of observers not configured don't count.
    configured
        The observers whose majority decides, by Region: present or silent, each counts in the whole.
    now, fresh_seconds
        An observation older than this, or from the future by as much, doesn't count.

    """
    fresh = [
        observation
        for observation in observations
        if observation.observer in configured and abs(now - observation.observed_at) <= fresh_seconds
    ]
    return Knowledge(
        sides=PerSide(
            primary=_agree_on(Side.PRIMARY, fresh, len(configured)),
            standby=_agree_on(Side.STANDBY, fresh, len(configured)),
        ),
        cut_off=bool(fresh) and not any(observation.witness_answered for observation in fresh),
    )


def _agree_on(side: Side, fresh: list[Observation], configured: int) -> Known:
    votes = Counter(observation.readings[side].verdict for observation in fresh)
    for verdict, count in votes.items():
        if 2 * count > configured:
            agreeing = [observation for observation in fresh if observation.readings[side].verdict is verdict]
            return Known(
                verdict=verdict,
                observed_at=min(observation.observed_at for observation in agreeing),
                detail=agreeing[0].readings[side].detail,
            )
    return Known(verdict=Verdict.UNKNOWN, observed_at=None, detail=_disagreement(votes, configured))


def _disagreement(votes: Counter[Verdict], configured: int) -> str:
    if not votes:
        return f"None of the {configured} configured observers has reported lately."
    seen = ", ".join(f"{count} say {verdict}" for verdict, count in sorted(votes.items()))
    return f"No majority of the {configured} configured observers agrees: {seen}."
