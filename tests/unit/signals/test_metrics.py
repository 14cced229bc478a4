"""What is measured of a round."""

from dataclasses import replace

import pytest

from failover.decision.announcement import Kind
from failover.decision.freshness import Freshness, Marker
from failover.decision.state import Hold
from failover.probe.observation import Observation
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side
from failover.rounds.round import Report
from failover.signals.metrics import LAG_CURRENT_SECONDS, STAGE_METRICS, MetricSet, emf, measure
from tests.unit.signals.examples import NOW, TOKYO, VIRGINIA, announcement, move, reading, report, settings, state


def numbers(of: MetricSet) -> dict[str, float]:
    return {metric.name: metric.value for metric in of.metrics}


def measured(of: Report) -> list[MetricSet]:
    return list(measure(of, settings(), took_seconds=1.5))


def under_service_alone(of: Report) -> dict[str, float]:
    return numbers(measured(of)[0])


def test_a_calm_round_gives_what_the_alarms_watch() -> None:
    assert under_service_alone(report()) == {
        "RoundDuration": 1.5,
        "RoundErrors": 0,
        "CanaryBroken": 0,
        "RegionThrottled": 0,
        "PrimarySick": 0,
        "StandbyNotReady": 0,
        "RegionsUnjudged": 0,
        "RoundGap": 10.0,
        "State": 1,
        "ActiveRegion": 0,
        "Moved": 0,
        "MoveAge": 0,
        "LeversDisagree": 0,
        "LeversOutOfReach": 0,
        "Drift": 0,
        "Paused": 0,
    }


def test_each_region_has_numbers_of_its_own_by_region_and_observer() -> None:
    _, primary, standby = measured(report())
    assert primary.dimensions == {"region": TOKYO, "observer": VIRGINIA}
    assert standby.dimensions == {"region": VIRGINIA, "observer": VIRGINIA}


@pytest.mark.parametrize("verdict", Verdict)
def test_exactly_one_verdict_of_a_region_is_one(verdict: Verdict) -> None:
    region = numbers(measured(report(primary=reading(verdict)))[1])
    names = {name: region[name] for name in region if not name.endswith("Latency")}
    assert {"Healthy", "Trigger"} <= names.keys()
    assert len(names) <= 3
    assert [name.lower() for name, value in names.items() if value] == [verdict.replace("-", "")]


def test_latencies_are_in_milliseconds_and_left_out_where_nothing_answered() -> None:
    silent = reading(Verdict.SICK, login_latency_seconds=None)
    _, primary, standby = measured(report(primary=silent, standby=reading(target_latency_seconds=0.1)))
    assert not {"LoginLatency", "TargetLatency"} & numbers(primary).keys()
    assert (numbers(standby)["LoginLatency"], numbers(standby)["TargetLatency"]) == (250, 100)


def test_a_canary_broken_in_both_regions_counts_twice() -> None:
    broken = reading(Verdict.CANARY_BROKEN)
    assert under_service_alone(report(primary=broken, standby=broken))["CanaryBroken"] == 2


def test_one_throttled_region_is_enough_for_its_alarm() -> None:
    assert under_service_alone(report(standby=reading(Verdict.THROTTLED)))["RegionThrottled"] == 1


def test_a_round_without_state_still_counts_as_an_error() -> None:
    failed = under_service_alone(report(state=None, silence_seconds=None, failure="The ledger can't be read."))
    assert failed["RoundErrors"] == 1
    assert not {"State", "ActiveRegion", "Drift"} & failed.keys()


def test_rounds_that_are_not_recorded_are_errors_and_no_gap() -> None:
    failed = under_service_alone(report(silence_seconds=300.0, failure="The ledger can't be written."))
    assert failed["RoundErrors"] == 1
    assert "RoundGap" not in failed


def test_of_a_further_observer_only_whether_it_sees_health_and_how_fast_is_measured() -> None:
    seen = Observation(
        observer="eu-west-1",
        observed_at=NOW - 5,
        readings=PerSide(primary=reading(Verdict.SICK), standby=reading()),
        witness_answered=True,
    )
    primary, standby = measured(report(others=(seen,)))[3:]
    assert primary.dimensions == {"region": TOKYO, "observer": "eu-west-1"}
    assert (numbers(primary), numbers(standby)) == (
        {"Healthy": 0, "LoginLatency": 250},
        {"Healthy": 1, "LoginLatency": 250},
    )


def test_what_a_further_observer_saw_long_ago_is_not_measured_as_if_it_were_now() -> None:
    old = replace(report().observation, observer="eu-west-1", observed_at=NOW - settings().fresh_seconds - 1)
    assert len(measured(report(others=(old,)))) == 3


def test_the_state_is_a_number_and_the_standby_serving_is_one() -> None:
    held = state(active=Side.STANDBY, hold=Hold(since=NOW, reason="somebody else changed the records"))
    found = under_service_alone(report(state=held))
    assert (found["State"], found["ActiveRegion"]) == (4, 1)


def test_the_lag_is_measured_while_it_is_current() -> None:
    def lag(measured_at: float) -> float | None:
        freshness = Freshness(lag_seconds=1.5, measured_at=measured_at)
        return under_service_alone(report(state=state(freshness=freshness))).get("ReplicationLag")

    assert lag(NOW) == lag(NOW - LAG_CURRENT_SECONDS) == 1.5
    assert lag(NOW - LAG_CURRENT_SECONDS - 1) is None


def test_a_marker_that_has_not_arrived_is_measured_as_the_lag_it_proves() -> None:
    on_its_way = Freshness(marker=Marker(value=1, written_at=NOW - 90, subject="canary"), unseen_at=NOW - 10)
    assert under_service_alone(report(state=state(freshness=on_its_way)))["ReplicationLag"] == 80


def test_the_round_in_which_a_move_is_confirmed_measures_its_stages() -> None:
    found = under_service_alone(report(state=state(untold=(announcement(),))))
    stages = {name: value for name, value in found.items() if name in STAGE_METRICS.values()}
    assert stages == {"MoveDecided": 20, "MoveSubmitted": 21, "MoveInSync": 57, "MoveConfirmed": 62}


def test_a_confirmation_that_waits_to_be_told_is_not_measured_again() -> None:
    untold = state(untold=(announcement(at=NOW - 10),))
    assert not [name for name in under_service_alone(report(state=untold)) if name in STAGE_METRICS.values()]


@pytest.mark.parametrize("kind", [Kind.MOVE_DECIDED, Kind.MOVE_WITHDRAWN, Kind.MOVE_REVERTING])
def test_only_a_confirmation_measures_a_move(kind: Kind) -> None:
    untold = state(untold=(announcement(kind),))
    assert not [name for name in under_service_alone(report(state=untold)) if name in STAGE_METRICS.values()]


def test_a_move_that_was_taken_back_is_not_measured_as_a_failover() -> None:
    taken_back = state(untold=(replace(announcement(), move=move().reverted(NOW)),))
    assert not [name for name in under_service_alone(report(state=taken_back)) if name in STAGE_METRICS.values()]


def test_a_set_becomes_one_blob_that_cloudwatch_reads() -> None:
    blob = emf(measured(report())[1], service="controller")
    [directive] = blob["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "CognitoFailover"
    assert [sorted(dimensions) for dimensions in directive["Dimensions"]] == [["observer", "region", "service"]]
    assert {"Name": "LoginLatency", "Unit": "Milliseconds"} in directive["Metrics"]
    assert (blob["service"], blob["region"], blob["LoginLatency"]) == ("controller", TOKYO, [250.0])
