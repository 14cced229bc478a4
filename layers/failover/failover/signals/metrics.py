"""What is measured of a round, for dashboards and alarms.

All metrics are in the namespace ``CognitoFailover``. Under the dimension ``service`` alone, such as
``cognito-failover-controller``, are those of the whole; a Region's own carry ``service``, ``region`` and ``observer``
(the Region that it was seen from). Alarms go by the first, and by the verdicts of the controller's own Region.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from failover.decision.announcement import Kind
from failover.decision.freshness import lag_of
from failover.decision.phase import Phase, phase_of
from failover.decision.state import State
from failover.decision.status import stages
from failover.probe.observation import Observation, Reading
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.rounds.round import Report
from failover.settings import Settings
from failover.signals.conditions import (
    drifted,
    levers_disagree,
    levers_out_of_reach,
    move_age_seconds,
    moved,
    paused,
    primary_is_sick,
    standby_is_not_ready,
    unjudged_regions,
)
from failover.signals.transitions import transitions

NAMESPACE = "CognitoFailover"

PHASE_NUMBERS: Mapping[Phase, int] = {
    Phase.STARTING: 0,
    Phase.STEADY: 1,
    Phase.SUSPECT: 2,
    Phase.MOVING: 3,
    Phase.HELD: 4,
}
"""The metric ``State``: above 1, somebody should look."""

SIDE_NUMBERS: Mapping[Side, int] = {Side.PRIMARY: 0, Side.STANDBY: 1}
"""The metric ``ActiveRegion``."""

STAGE_METRICS: Mapping[str, str] = {
    "decided": "MoveDecided",
    "submitted": "MoveSubmitted",
    "in_sync": "MoveInSync",
    "confirmed": "MoveConfirmed",
}
"""How long after its cause each stage of a move was reached."""

LAG_CURRENT_SECONDS = 120.0
"""How old a lag may be and still be given: so no quiet minute is without one, and an outage soon is."""

_ALWAYS_GIVEN = frozenset({Verdict.HEALTHY, Verdict.TRIGGER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number."""

    name: str
    unit: MetricUnit
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSet:
    """Numbers under the same dimensions, besides ``service``, which all have."""

    metrics: tuple[Metric, ...]
    dimensions: Mapping[str, str] = field(default_factory=dict)


def measure(report: Report, settings: Settings, *, took_seconds: float) -> Iterator[MetricSet]:
    """Give all that is measured of a round."""
    observation = report.observation
    yield MetricSet(metrics=tuple(_of_service(report, settings, took_seconds)))
    for side, reading in observation.readings:
        yield MetricSet(
            metrics=tuple(_of_region(reading)),
            dimensions={"region": settings.regions[side], "observer": observation.observer},
        )
    for other in report.others:
        if observation.observed_at - other.observed_at <= settings.fresh_seconds:
            yield from _of_other(other, settings)


def emf(metric_set: MetricSet, *, service: str) -> dict[str, Any]:
    """Return the numbers as one blob of CloudWatch's embedded metric format."""
    blob = EphemeralMetrics(namespace=NAMESPACE, service=service)
    for name, value in metric_set.dimensions.items():
        blob.add_dimension(name, value)
    for metric in metric_set.metrics:
        blob.add_metric(metric.name, metric.unit, metric.value)
    return dict(blob.serialize_metric_set())


def _of_service(report: Report, settings: Settings, took_seconds: float) -> Iterator[Metric]:
    yield _seconds("RoundDuration", took_seconds)
    yield _count("RoundErrors", bool(report.failure))
    yield _count("CanaryBroken", _regions_that_are(Verdict.CANARY_BROKEN, report.observation))
    yield _count("RegionThrottled", _regions_that_are(Verdict.THROTTLED, report.observation))
    yield _count("PrimarySick", primary_is_sick(report.knowledge, settings))
    yield _count("StandbyNotReady", standby_is_not_ready(report.knowledge, settings))
    yield _count("RegionsUnjudged", unjudged_regions(report.knowledge))
    # Rounds that can't be recorded leave no trace from which a gap could be told; they are errors.
    if report.silence_seconds is not None and not report.failure:
        yield _seconds("RoundGap", report.silence_seconds)
    if report.state is not None:
        yield from _of_state(report.state, report, settings)


def _of_state(state: State, report: Report, settings: Settings) -> Iterator[Metric]:
    now = report.observation.observed_at
    yield _count("State", PHASE_NUMBERS[phase_of(state, settings, now)])
    yield _count("ActiveRegion", SIDE_NUMBERS[state.active])
    if (lag := lag_of(state.freshness)) and now - lag.at <= LAG_CURRENT_SECONDS:
        yield _seconds("ReplicationLag", lag.seconds)
    yield _count("Moved", moved(state))
    yield _seconds("MoveAge", move_age_seconds(state, now))
    yield _count("LeversDisagree", levers_disagree(state))
    yield _count("LeversOutOfReach", levers_out_of_reach(state))
    yield _count("Drift", drifted(state))
    yield _count("Paused", paused(state, now))
    for announcement in transitions(report):
        move = announcement.move
        # How long it took to take a move back, or to rehearse one, says nothing about how long a failover takes.
        if announcement.kind is Kind.MOVE_CONFIRMED and move and not move.reverting and not move.drill:
            for stage, seconds in stages(move, announcement.at).items():
                yield _seconds(STAGE_METRICS[stage], seconds)


def _of_region(reading: Reading) -> Iterator[Metric]:
    """Give what a Region is, and whether it is what alarms and averages go by.

    Other verdicts are left out rather than given as nought: a name is billed for every hour in which it is given.
    """
    for verdict in Verdict:
        if verdict in _ALWAYS_GIVEN or verdict is reading.verdict:
            yield _count(_metric_name(verdict), verdict is reading.verdict)
    yield from _latencies(reading)


def _of_other(observation: Observation, settings: Settings) -> Iterator[MetricSet]:
    """Give what a further observer saw, in few numbers: the rest is in its own log, and in the status."""
    for side, reading in observation.readings:
        yield MetricSet(
            metrics=(_count(_metric_name(Verdict.HEALTHY), reading.verdict is Verdict.HEALTHY), *_latencies(reading)),
            dimensions={"region": settings.regions[side], "observer": observation.observer},
        )


def _latencies(reading: Reading) -> Iterator[Metric]:
    if reading.login_latency_seconds is not None:
        yield _milliseconds("LoginLatency", reading.login_latency_seconds)
    if reading.target_latency_seconds is not None:
        yield _milliseconds("TargetLatency", reading.target_latency_seconds)


def _metric_name(verdict: Verdict) -> str:
    return "".join(word.capitalize() for word in verdict.split("-"))


def _regions_that_are(verdict: Verdict, observation: Observation) -> int:
    return sum(reading.verdict is verdict for _, reading in observation.readings)


def _count(name: str, value: float) -> Metric:
    return Metric(name=name, unit=MetricUnit.Count, value=value)


def _seconds(name: str, value: float) -> Metric:
    return Metric(name=name, unit=MetricUnit.Seconds, value=value)


def _milliseconds(name: str, seconds: float) -> Metric:
    return Metric(name=name, unit=MetricUnit.Milliseconds, value=1000 * seconds)
