"""A calm round of the controller and a calm look of an observer: how many metrics they write."""

import io
from dataclasses import replace

from bench.running_minute import metrics_in
from failover.decision.freshness import Freshness
from failover.decision.knowledge import Knowledge, Known
from failover.decision.preflight import Preflight
from failover.decision.state import State
from failover.preflight.function import measured
from failover.probe.observation import Observation, Reading
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side, all_to
from failover.rounds.observing import Look
from failover.rounds.round import Report
from failover.settings import Settings
from failover.settings_observer import ObserverSettings
from failover.signals.looks import LookSignals
from failover.signals.metrics import measure

_NOW = 1_800_000_000.0
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


def _secret_in(region: str) -> dict[str, str]:
    return {"CANARY_SECRET_ARN": f"arn:aws:secretsmanager:{region}:123456789012:secret:canary-AbCdEf"}


def _observation(observer: str) -> Observation:
    readings = PerSide(primary=_READING, standby=_READING)
    return Observation(observer=observer, observed_at=_NOW, readings=readings, witness_answered=True)


def controller_metrics() -> int:
    """Return how many metrics a calm round writes, where a domain's records are moved and the lag is measured."""
    settings = Settings.from_env(
        {
            **_POOL,
            **_DOMAIN,
            **_secret_in(_STANDBY),
            "HOSTED_ZONE_ID": "Z0123456789ABCDEFGHIJ",
            "TOPIC_ARN": f"arn:aws:sns:{_STANDBY}:123456789012:notifications",
        }
    )
    known = Known(verdict=Verdict.HEALTHY, observed_at=_NOW, detail="")
    calm = State(born_at=0.0, active=Side.PRIMARY, active_since=0.0, weights=all_to(Side.PRIMARY))
    report = Report(
        observation=_observation(_STANDBY),
        knowledge=Knowledge(sides=PerSide(primary=known, standby=known), cut_off=False),
        state=replace(calm, freshness=Freshness(lag_seconds=1.0, measured_at=_NOW)),
        reason="",
        silence_seconds=10.0,
    )
    return sum(len(each.metrics) for each in measure(report, settings, took_seconds=1.0))


def observer_metrics() -> int:
    """Return how many metrics a calm look writes."""
    settings = ObserverSettings.from_env({**_POOL, **_DOMAIN, **_secret_in(_THIRD), "OBSERVER_REGION": _THIRD})
    stream = io.StringIO()
    LookSignals(settings, service="observer", stream=stream).look(
        Look(observation=_observation(_THIRD), heartbeat_age_seconds=5.0), took_seconds=1.0
    )
    return len(set(metrics_in(stream.getvalue().splitlines())))


def preflight_metrics() -> int:
    """Return how many metrics the hourly preflight writes."""
    return len(measured(Preflight(at=0.0, findings=())).metrics)
