"""The metrics of a round."""

from dataclasses import replace

import pytest

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.state import Hold
from cognito_failover.core.observation import Observation
from cognito_failover.core.replication_lag import LagMarker, LagState
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.verdict import Verdict
from cognito_failover.telemetry.metrics import LAG_FRESH_SECONDS, STAGE_METRICS, MetricSet, build_round_metrics, to_emf
from tests.unit.notifications.examples import (
    NOW,
    TOKYO,
    VIRGINIA,
    make_event,
    make_move,
    make_reading,
    make_round_result,
    make_settings,
    make_state,
)


def get_values(metric_set: MetricSet) -> dict[str, float]:
    return {metric.name: metric.value for metric in metric_set.metrics}


def collect_metrics(result: RoundResult) -> list[MetricSet]:
    return list(build_round_metrics(result, make_settings(), took_seconds=1.5))


def get_service_metrics(result: RoundResult) -> dict[str, float]:
    return get_values(collect_metrics(result)[0])


def test_normal_round_emits_alarm_metrics() -> None:
    assert get_service_metrics(make_round_result()) == {
        "RoundDuration": 1.5,
        "RoundErrors": 0,
        "CanaryBroken": 0,
        "RegionThrottled": 0,
        "PrimarySick": 0,
        "StandbyNotReady": 0,
        "RegionsUnknown": 0,
        "RoundDelay": 10.0,
        "State": 1,
        "ActiveRegion": 0,
        "FailedOver": 0,
        "MoveAge": 0,
        "LeversDisagree": 0,
        "LeversUnavailable": 0,
        "Drift": 0,
        "Paused": 0,
    }


def test_each_region_has_metrics_by_region_and_observer() -> None:
    _, primary, standby = collect_metrics(make_round_result())
    assert primary.dimensions == {"region": TOKYO, "observer": VIRGINIA}
    assert standby.dimensions == {"region": VIRGINIA, "observer": VIRGINIA}


@pytest.mark.parametrize("verdict", Verdict)
def test_only_the_metric_of_the_verdict_is_one(verdict: Verdict) -> None:
    region = get_values(collect_metrics(make_round_result(primary=make_reading(verdict)))[1])
    names = {name: region[name] for name in region if not name.endswith("Latency")}
    assert {"Healthy", "Trigger"} <= names.keys()
    assert len(names) <= 3
    assert [name.lower() for name, value in names.items() if value] == [verdict.replace("-", "")]


def test_latencies_are_milliseconds_and_omitted_without_response() -> None:
    silent = make_reading(Verdict.SICK, login_latency_seconds=None)
    _, primary, standby = collect_metrics(
        make_round_result(primary=silent, standby=make_reading(target_latency_seconds=0.1))
    )
    assert not {"LoginLatency", "TargetLatency"} & get_values(primary).keys()
    assert (get_values(standby)["LoginLatency"], get_values(standby)["TargetLatency"]) == (250, 100)


def test_canary_broken_in_both_regions_counts_twice() -> None:
    broken = make_reading(Verdict.CANARY_BROKEN)
    assert get_service_metrics(make_round_result(primary=broken, standby=broken))["CanaryBroken"] == 2


def test_one_throttled_region_sets_throttled_metric() -> None:
    assert get_service_metrics(make_round_result(standby=make_reading(Verdict.THROTTLED)))["RegionThrottled"] == 1


def test_round_without_state_counts_as_error() -> None:
    failed = get_service_metrics(
        make_round_result(state=None, silence_seconds=None, failure="The ledger can't be read.")
    )
    assert failed["RoundErrors"] == 1
    assert not {"State", "ActiveRegion", "Drift"} & failed.keys()


def test_unsaved_rounds_are_errors_without_gap() -> None:
    failed = get_service_metrics(make_round_result(silence_seconds=300.0, failure="The ledger can't be written."))
    assert failed["RoundErrors"] == 1
    assert "RoundDelay" not in failed


def test_remote_observer_emits_health_and_latency_only() -> None:
    remote = Observation(
        observer="eu-west-1",
        observed_at=NOW - 5,
        readings=PerRole(primary=make_reading(Verdict.SICK), standby=make_reading()),
        witness_answered=True,
    )
    primary, standby = collect_metrics(make_round_result(remote_observations=(remote,)))[3:]
    assert primary.dimensions == {"region": TOKYO, "observer": "eu-west-1"}
    assert (get_values(primary), get_values(standby)) == (
        {"Healthy": 0, "LoginLatency": 250},
        {"Healthy": 1, "LoginLatency": 250},
    )


def test_old_remote_observation_is_not_emitted() -> None:
    old = replace(
        make_round_result().observation,
        observer="eu-west-1",
        observed_at=NOW - make_settings().observation_ttl_seconds - 1,
    )
    assert len(collect_metrics(make_round_result(remote_observations=(old,)))) == 3


def test_state_and_active_region_are_numbers() -> None:
    held = make_state(active_role=RegionRole.STANDBY, hold=Hold(since=NOW, reason="an external change"))
    metrics = get_service_metrics(make_round_result(state=held))
    assert (metrics["State"], metrics["ActiveRegion"]) == (4, 1)


def test_lag_is_emitted_while_current() -> None:
    def get_lag_metric(measured_at: float) -> float | None:
        lag_state = LagState(lag_seconds=1.5, measured_at=measured_at)
        return get_service_metrics(make_round_result(state=make_state(lag_state=lag_state))).get("ReplicationLag")

    assert get_lag_metric(NOW) == get_lag_metric(NOW - LAG_FRESH_SECONDS) == 1.5
    assert get_lag_metric(NOW - LAG_FRESH_SECONDS - 1) is None


def test_missing_marker_emits_its_age_as_lag() -> None:
    lag_state = LagState(marker=LagMarker(value=1, written_at=NOW - 90, subject="canary"), last_missing_at=NOW - 10)
    assert get_service_metrics(make_round_result(state=make_state(lag_state=lag_state)))["ReplicationLag"] == 80


def test_confirming_round_emits_move_stages() -> None:
    metrics = get_service_metrics(make_round_result(state=make_state(undelivered_events=(make_event(),))))
    stages = {name: value for name, value in metrics.items() if name in STAGE_METRICS.values()}
    assert stages == {"MoveDecided": 20, "MoveSubmitted": 21, "MoveInSync": 57, "MoveConfirmed": 62}


def test_confirmation_of_an_earlier_round_is_not_emitted_again() -> None:
    state = make_state(undelivered_events=(make_event(at=NOW - 10),))
    assert not [name for name in get_service_metrics(make_round_result(state=state)) if name in STAGE_METRICS.values()]


@pytest.mark.parametrize("kind", [EventKind.MOVE_DECIDED, EventKind.MOVE_CANCELLED, EventKind.MOVE_ROLLING_BACK])
def test_only_confirmation_emits_move_metrics(kind: EventKind) -> None:
    state = make_state(undelivered_events=(make_event(kind),))
    assert not [name for name in get_service_metrics(make_round_result(state=state)) if name in STAGE_METRICS.values()]


def test_rolled_back_move_is_not_emitted_as_failover() -> None:
    state = make_state(undelivered_events=(replace(make_event(), move=make_move().with_rollback(NOW)),))
    assert not [name for name in get_service_metrics(make_round_result(state=state)) if name in STAGE_METRICS.values()]


def test_metric_set_is_one_emf_blob() -> None:
    blob = to_emf(collect_metrics(make_round_result())[1], service="controller")
    [directive] = blob["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "CognitoFailover"
    assert [sorted(dimensions) for dimensions in directive["Dimensions"]] == [["observer", "region", "service"]]
    assert {"Name": "LoginLatency", "Unit": "Milliseconds"} in directive["Metrics"]
    assert (blob["service"], blob["region"], blob["LoginLatency"]) == ("controller", TOKYO, [250.0])
