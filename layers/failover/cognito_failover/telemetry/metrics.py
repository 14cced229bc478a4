"""The metrics of a round, for dashboards and alarms.

All metrics are in the namespace ``CognitoFailover``. Metrics of the controller have only the dimension ``service``,
such as ``cognito-failover-controller``. Metrics of a Region have ``service``, ``region`` and ``observer`` (the Region
of the observer). Alarms use the former, and the verdicts of the controller's own Region.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation, Reading
from cognito_failover.core.phase import Phase, get_phase
from cognito_failover.core.replication_lag import get_current_lag
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.status import compute_stage_seconds
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings
from cognito_failover.telemetry.alarm_conditions import (
    compute_move_age_seconds,
    count_unknown_regions,
    has_drift,
    has_lever_disagreement,
    has_unavailable_lever,
    is_failed_over,
    is_paused,
    is_primary_sick,
    is_standby_not_ready,
)
from cognito_failover.telemetry.round_log import list_round_events

NAMESPACE = "CognitoFailover"
_SERVICE_NAME_VARIABLE = "POWERTOOLS_SERVICE_NAME"

PHASE_NUMBERS: Mapping[Phase, int] = {
    Phase.STARTING: 0,
    Phase.STEADY: 1,
    Phase.SUSPECT: 2,
    Phase.MOVING: 3,
    Phase.HELD: 4,
}
"""Values of the metric ``State``. Above 1, a person should look."""

ROLE_NUMBERS: Mapping[RegionRole, int] = {RegionRole.PRIMARY: 0, RegionRole.STANDBY: 1}
"""Values of the metric ``ActiveRegion``."""

STAGE_METRICS: Mapping[str, str] = {
    "decided": "MoveDecided",
    "submitted": "MoveSubmitted",
    "in_sync": "MoveInSync",
    "confirmed": "MoveConfirmed",
}
"""Metrics of the time from a move's cause to each of its stages."""

LAG_FRESH_SECONDS = 120.0
"""Maximum age of a published lag: every normal minute has a value, and soon after an outage none has."""

_ALWAYS_PUBLISHED = frozenset({Verdict.HEALTHY, Verdict.TRIGGER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number."""

    name: str
    unit: MetricUnit
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSet:
    """Metrics with the same dimensions. All have ``service`` in addition."""

    metrics: tuple[Metric, ...]
    dimensions: Mapping[str, str] = field(default_factory=dict)


def get_service_name(env: Mapping[str, str], component: str) -> str:
    """Return the value of the dimension ``service``, such as ``cognito-failover-controller``.

    It contains the stack's name, so stacks in one Region have separate metrics. Without the variable it is the
    component.
    """
    return env.get(_SERVICE_NAME_VARIABLE) or component


def build_round_metrics(result: RoundResult, settings: Settings, *, took_seconds: float) -> Iterator[MetricSet]:
    """Yield the metrics of a round."""
    observation = result.observation
    yield MetricSet(metrics=tuple(_build_service_metrics(result, settings, took_seconds)))
    for role, reading in observation.readings:
        yield MetricSet(
            metrics=tuple(_build_region_metrics(reading)),
            dimensions={"region": settings.regions[role], "observer": observation.observer},
        )
    for remote in result.remote_observations:
        if observation.observed_at - remote.observed_at <= settings.observation_ttl_seconds:
            yield from _build_remote_observer_metrics(remote, settings)


def to_emf(metric_set: MetricSet, *, service: str) -> dict[str, Any]:
    """Return the metrics as one object in CloudWatch's embedded metric format."""
    blob = EphemeralMetrics(namespace=NAMESPACE, service=service)
    for name, value in metric_set.dimensions.items():
        blob.add_dimension(name, value)
    for metric in metric_set.metrics:
        blob.add_metric(metric.name, metric.unit, metric.value)
    return dict(blob.serialize_metric_set())


def _build_service_metrics(result: RoundResult, settings: Settings, took_seconds: float) -> Iterator[Metric]:
    yield _make_seconds("RoundDuration", took_seconds)
    yield _make_count("RoundErrors", bool(result.failure))
    yield _make_count("CanaryBroken", _count_regions(Verdict.CANARY_BROKEN, result.observation))
    # Published only when they apply, as the verdicts below.
    if not settings.count_target_refusal_as_sick:
        yield from _build_rare_count("TargetRefused", Verdict.TARGET_REFUSES, result.observation)
    yield from _build_rare_count("IntermediaryAnswered", Verdict.INTERMEDIARY, result.observation)
    yield _make_count("RegionThrottled", _count_regions(Verdict.THROTTLED, result.observation))
    yield _make_count("PrimarySick", is_primary_sick(result.consensus, result.state, settings))
    yield _make_count("StandbyNotReady", is_standby_not_ready(result.consensus, settings))
    yield _make_count("RegionsUnknown", count_unknown_regions(result.consensus))
    # A round that can't be saved leaves no time to measure the delay from; it counts as an error.
    if result.silence_seconds is not None and not result.failure:
        yield _make_seconds("RoundDelay", result.silence_seconds)
    if result.state is not None:
        yield from _build_state_metrics(result.state, result, settings)


def _build_state_metrics(state: ControllerState, result: RoundResult, settings: Settings) -> Iterator[Metric]:
    now = result.observation.observed_at
    yield _make_count("State", PHASE_NUMBERS[get_phase(state, settings, now)])
    yield _make_count("ActiveRegion", ROLE_NUMBERS[state.active_role])
    if (lag := get_current_lag(state.lag_state)) and now - lag.at <= LAG_FRESH_SECONDS:
        yield _make_seconds("ReplicationLag", lag.seconds)
    yield _make_count("FailedOver", is_failed_over(state))
    yield _make_seconds("MoveAge", compute_move_age_seconds(state, settings, now))
    yield _make_count("LeversDisagree", has_lever_disagreement(state))
    yield _make_count("LeversUnavailable", has_unavailable_lever(state))
    yield _make_count("Drift", has_drift(state))
    yield _make_count("Paused", is_paused(state, now))
    for event in list_round_events(result):
        move = event.move
        # Rollbacks and drills do not show how long a failover takes.
        if event.kind is EventKind.MOVE_CONFIRMED and move and not move.is_rolling_back and not move.drill_id:
            for stage, seconds in compute_stage_seconds(move, event.at).items():
                yield _make_seconds(STAGE_METRICS[stage], seconds)


def _build_region_metrics(reading: Reading) -> Iterator[Metric]:
    """Yield the verdicts and latencies of a Region.

    Alarms and averages need `_ALWAYS_PUBLISHED` in every round. Any other verdict is published only when it applies:
    CloudWatch bills a metric for every hour in which it has a value.
    """
    for verdict in Verdict:
        if verdict in _ALWAYS_PUBLISHED or verdict is reading.verdict:
            yield _make_count(_format_metric_name(verdict), verdict is reading.verdict)
    yield from _build_latency_metrics(reading)


def _build_remote_observer_metrics(observation: Observation, settings: Settings) -> Iterator[MetricSet]:
    """Yield the main metrics of a remote observer. The rest is in its own log, and in the status."""
    for role, reading in observation.readings:
        yield MetricSet(
            metrics=(
                _make_count(_format_metric_name(Verdict.HEALTHY), reading.verdict is Verdict.HEALTHY),
                *_build_latency_metrics(reading),
            ),
            dimensions={"region": settings.regions[role], "observer": observation.observer},
        )


def _build_latency_metrics(reading: Reading) -> Iterator[Metric]:
    if reading.login_latency_seconds is not None:
        yield _make_milliseconds("LoginLatency", reading.login_latency_seconds)
    if reading.target_latency_seconds is not None:
        yield _make_milliseconds("TargetLatency", reading.target_latency_seconds)


def _format_metric_name(verdict: Verdict) -> str:
    return "".join(word.capitalize() for word in verdict.split("-"))


def _count_regions(verdict: Verdict, observation: Observation) -> int:
    return sum(reading.verdict is verdict for _, reading in observation.readings)


def _build_rare_count(name: str, verdict: Verdict, observation: Observation) -> Iterator[Metric]:
    if count := _count_regions(verdict, observation):
        yield _make_count(name, count)


def _make_count(name: str, value: float) -> Metric:
    return Metric(name=name, unit=MetricUnit.Count, value=value)


def _make_seconds(name: str, value: float) -> Metric:
    return Metric(name=name, unit=MetricUnit.Seconds, value=value)


def _make_milliseconds(name: str, seconds: float) -> Metric:
    return Metric(name=name, unit=MetricUnit.Milliseconds, value=1000 * seconds)
