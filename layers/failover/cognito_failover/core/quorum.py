"""The agreement of several observers: the verdict of a majority, or unknown. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.core.consensus import Consensus, RegionConsensus
from cognito_failover.core.moments import is_in_future
from cognito_failover.core.observation import Observation, Reading
from cognito_failover.core.verdict import OUTAGE_VERDICTS, SERVING_VERDICTS, Verdict


def form_consensus(
    observations: Iterable[Observation], *, configured: Sequence[str], now: Instant, observation_ttl_seconds: float
) -> Consensus:
    """Return the verdicts that a majority of the configured observers agrees on.

    An observer that does not report has no vote, but still counts for the majority. So an isolated or broken observer
    can prevent a move, but cannot cause one. If only one of several observers reports, the controller may be isolated.

    Parameters
    ----------
    observations
        The latest of each observer, the controller's own first. Observers that are not configured do not count.
    configured
        The observers that count for the majority, by Region, whether they report or not.
    now
        The controller's clock.
    observation_ttl_seconds
        Maximum age of an observation.

    """
    recent: dict[str, Observation] = {}
    for observation in observations:
        if observation.observer in configured and is_recent(observation, now, observation_ttl_seconds):
            recent.setdefault(observation.observer, observation)
    is_single_observer = len(recent) == 1 and len(configured) > 1
    return Consensus(
        roles=PerRole(
            primary=_form_region_consensus(RegionRole.PRIMARY, recent, configured),
            standby=_form_region_consensus(RegionRole.STANDBY, recent, configured),
        ),
        is_isolated=bool(recent) and (is_single_observer or not any(each.witness_answered for each in recent.values())),
    )


def is_recent(observation: Observation, now: Instant, observation_ttl_seconds: float) -> bool:
    """Return whether an observation counts by its age. One from the future does not."""
    is_old = now - observation.observed_at > observation_ttl_seconds
    return not is_old and not is_in_future(observation.observed_at, now)


def _form_region_consensus(
    role: RegionRole, recent: dict[str, Observation], configured: Sequence[str]
) -> RegionConsensus:
    readings = {observer: each.readings[role] for observer, each in recent.items()}
    for verdict in Verdict:
        if consensus := _find_majority(verdict, frozenset({verdict}), readings, recent, configured):
            return consensus
    # A Region serves if some observers see it healthy, and others cannot verify its tokens. So for two proofs that
    # no user can sign in.
    for verdict, votes in ((Verdict.UNVERIFIED, SERVING_VERDICTS), (Verdict.SICK, OUTAGE_VERDICTS)):
        if consensus := _find_majority(verdict, votes, readings, recent, configured):
            return consensus
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
    # One reading of a mixed majority has this verdict. Otherwise the others alone would be a majority.
    representative = next(each for each in agreeing if readings[each].verdict is verdict)
    looks = {observer: recent[observer].observed_at for observer in agreeing}
    return RegionConsensus(
        verdict=verdict, observed_at=min(looks.values()), detail=readings[representative].detail, looks=looks
    )


def mark_counted_looks(consensus: Consensus, counted: PerRole[Mapping[str, Instant]], observer_count: int) -> Consensus:
    """Return the consensus, with whether it rests on looks that no earlier round has counted.

    Parameters
    ----------
    consensus
        What the observers agree on now.
    counted
        For each Region: the last look of each observer that was counted.
    observer_count
        The number of configured observers. A majority of them must have looked again.

    """

    def mark(role: RegionRole) -> RegionConsensus:
        looks = consensus.roles[role].looks
        new_count = sum(counted[role].get(observer) != at for observer, at in looks.items())
        return replace(consensus.roles[role], is_new=not looks or 2 * new_count > observer_count)

    return replace(consensus, roles=PerRole(primary=mark(RegionRole.PRIMARY), standby=mark(RegionRole.STANDBY)))


def _describe_disagreement(readings: dict[str, Reading], configured: Sequence[str]) -> str:
    if not readings:
        return f"None of the {len(configured)} configured observers has reported recently."
    verdicts_text = ", ".join(
        f"{observer} says {readings[observer].verdict}" if observer in readings else f"{observer} is silent"
        for observer in configured
    )
    if len(readings) > 1:
        return f"No majority of the {len(configured)} configured observers agrees: {verdicts_text}."
    return (
        f"Only one of the {len(configured)} configured observers reports ({verdicts_text}). "
        "The controller may be isolated, so it does not move users. If users can't sign in, move them manually and "
        "override target-healthy. If the other observers no longer exist, deploy the controller with Observers listing "
        "only those that report."
    )
