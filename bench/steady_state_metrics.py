"""The number of metrics of a healthy round of the controller, a healthy observation, and a preflight."""

import io
from dataclasses import replace

from bench.benchmark.invocation_profile import parse_metrics
from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.core.consensus import Consensus, RegionConsensus
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation, Reading
from cognito_failover.core.preflight_result import PreflightResult
from cognito_failover.core.replication_lag import LagState
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.verdict import Verdict
from cognito_failover.observer.observer import ObservationResult
from cognito_failover.observer.telemetry import EmfObserverTelemetry
from cognito_failover.preflight.function import build_metrics
from cognito_failover.settings.controller import Settings
from cognito_failover.settings.observer import ObserverSettings
from cognito_failover.telemetry.metrics import build_round_metrics

_START_TIME = 1_800_000_000.0
_PRIMARY, _STANDBY, _THIRD = "ap-northeast-1", "us-east-1", "eu-west-1"
_POOL = {"USER_POOL_ID": f"{_PRIMARY}_AbCdEfGhI", "CLIENT_ID": "client", "TABLE_NAME": "ledger"}
_DOMAIN = {
    "PRIMARY_REGION": _PRIMARY,
    "STANDBY_REGION": _STANDBY,
    "DOMAIN_NAME": "auth.example.com",
    "PRIMARY_TARGET": "primary.target.example.com",
    "STANDBY_TARGET": "standby.target.example.com",
    "WITNESS_REGIONS": f"{_THIRD},us-west-2",
}
_READING = Reading(
    verdict=Verdict.HEALTHY,
    detail="",
    login_verdict=Verdict.HEALTHY,
    login_latency_seconds=0.2,
    target_latency_seconds=0.1,
)


def _make_secret_setting(region: str) -> dict[str, str]:
    return {"CANARY_SECRET_ARN": f"arn:aws:secretsmanager:{region}:123456789012:secret:canary-AbCdEf"}


def _make_observation(observer: str) -> Observation:
    readings = PerRole(primary=_READING, standby=_READING)
    return Observation(observer=observer, observed_at=_START_TIME, readings=readings, witness_answered=True)


def count_controller_metrics() -> int:
    """Return the number of metrics of a healthy round, with a domain and a measured replication lag."""
    settings = Settings.from_env(
        {
            **_POOL,
            **_DOMAIN,
            **_make_secret_setting(_STANDBY),
            "HOSTED_ZONE_ID": "Z0123456789ABCDEFGHIJ",
            "TOPIC_ARN": f"arn:aws:sns:{_STANDBY}:123456789012:notifications",
        }
    )
    consensus = RegionConsensus(verdict=Verdict.HEALTHY, observed_at=_START_TIME, detail="")
    state = ControllerState(
        created_at=0.0, active_role=RegionRole.PRIMARY, active_since=0.0, weights=route_all_to(RegionRole.PRIMARY)
    )
    result = RoundResult(
        observation=_make_observation(_STANDBY),
        consensus=Consensus(roles=PerRole(primary=consensus, standby=consensus), is_isolated=False),
        state=replace(state, lag_state=LagState(lag_seconds=1.0, measured_at=_START_TIME)),
        reason="",
        silence_seconds=10.0,
    )
    return sum(len(batch.metrics) for batch in build_round_metrics(result, settings, took_seconds=1.0))


def count_observer_metrics() -> int:
    """Return the number of metrics of a healthy observation."""
    settings = ObserverSettings.from_env(
        {**_POOL, **_DOMAIN, **_make_secret_setting(_THIRD), "OBSERVER_REGION": _THIRD}
    )
    stream = io.StringIO()
    EmfObserverTelemetry(settings, service="observer", stream=stream).record_observation(
        ObservationResult(observation=_make_observation(_THIRD), heartbeat_age_seconds=5.0), took_seconds=1.0
    )
    return len(set(parse_metrics(stream.getvalue().splitlines())))


def count_preflight_metrics() -> int:
    """Return the number of metrics of the hourly preflight."""
    return len(build_metrics(PreflightResult(at=0.0, findings=())).metrics)
