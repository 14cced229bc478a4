"""What is measured of a round."""

from dataclasses import replace

import pytest

from failover.decision.announcement import Kind
from failover.decision.freshness import Freshness, Marker
from failover.decision.state import Hold
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.rounds.round import Report
from failover.signals.metrics import LAG_CURRENT_SECONDS, MetricSet, emf, measure
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
        "RoundGap": 10.0,
        "State": 1,
        "ActiveRegion": 0,
    }


def test_each_region_has_numbers_of_its_own_by_region_and_observer() -> None:
    _, primary, standby = measured(report())
    assert primary.dimensions == {"region": TOKYO, "observer": VIRGINIA}
    assert standby.dimensions == {"region": VIRGINIA, "observer": VIRGINIA}


@pytest.mark.parametrize("verdict", Verdict)
def test_exactly_one_verdict_of_a_region_is_one(verdict: Verdict) -> None:
    region = numbers(measured(report(primary=reading(verdict)))[1])
    names = {name: region[name] for name in region if not name.endswith("Latency")}
    assert len(names) == len(Verdict)
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
    assert failed == {"RoundDuration": 1.5, "RoundErrors": 1, "CanaryBroken": 0, "RegionThrottled": 0}


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
    stages = {name: value for name, value in found.items() if name.startswith("Move")}
    assert stages == {"MoveDecided": 20, "MoveSubmitted": 21, "MoveInSync": 57, "MoveConfirmed": 62}


def test_a_confirmation_that_waits_to_be_told_is_not_measured_again() -> None:
    untold = state(untold=(announcement(at=NOW - 10),))
    assert not [name for name in under_service_alone(report(state=untold)) if name.startswith("Move")]


@pytest.mark.parametrize("kind", [Kind.MOVE_DECIDED, Kind.MOVE_WITHDRAWN, Kind.MOVE_REVERTING])
def test_only_a_confirmation_measures_a_move(kind: Kind) -> None:
    untold = state(untold=(announcement(kind),))
    assert not [name for name in under_service_alone(report(state=untold)) if name.startswith("Move")]


def test_a_move_that_was_taken_back_is_not_measured_as_a_failover() -> None:
    taken_back = state(untold=(replace(announcement(), move=move().reverted(NOW)),))
    assert not [name for name in under_service_alone(report(state=taken_back)) if name.startswith("Move")]


def test_a_set_becomes_one_blob_that_cloudwatch_reads() -> None:
    blob = emf(measured(report())[1], service="controller")
    [directive] = blob["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "CognitoFailover"
    assert [sorted(dimensions) for dimensions in directive["Dimensions"]] == [["observer", "region", "service"]]
    assert {"Name": "LoginLatency", "Unit": "Milliseconds"} in directive["Metrics"]
    assert (blob["service"], blob["region"], blob["LoginLatency"]) == ("controller", TOKYO, [250.0])
