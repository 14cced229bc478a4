"""Each alarm rings for its cause, and for nothing else: causes of a night, and exactly which alarms they ring."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.preflight_result import CheckOutcome, CheckSeverity, PreflightFinding, PreflightResult
from cognito_failover.core.replication_lag import LagState
from cognito_failover.core.verdict import Verdict
from tests.support.alarm_causes import AlarmCauses
from tests.support.alarm_simulation import MINUTE_SECONDS, AlarmSimulation, start_alarm_simulation
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness
from tests.unit.template.rendering import ALARMS, Rendering, list_alarms

SICK, HEALTHY, UNKNOWN = Verdict.SICK, Verdict.HEALTHY, Verdict.UNKNOWN

CAUSES = AlarmCauses[AlarmSimulation]()
EXPECTED_ALARMS, triggers = CAUSES.by_name, CAUSES.register


def make_latch_simulation() -> ControllerHarness:
    return ControllerHarness(latches=tuple(SteeredName))


def make_preflight(outcome: CheckOutcome) -> PreflightResult:
    finding = PreflightFinding(check="tokens-alike", severity=CheckSeverity.HIGH, outcome=outcome, message="As seen.")
    return PreflightResult(at=0.0, findings=(finding,))


@triggers()
def normal_operation() -> AlarmSimulation:
    return start_alarm_simulation().run(24 * 60)


@triggers()
def primary_fails_two_rounds() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_primary(SICK).run(2)
    begun.world.set_primary(HEALTHY).run(4)
    return begun.run(20)


@triggers("failed-over")
def primary_down_with_failover() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_primary(SICK)
    return begun.run(30)


@triggers("failed-over")
def counted_trigger_fails_with_failover() -> AlarmSimulation:
    begun = start_alarm_simulation(ControllerHarness(count_trigger_as_sick=True), CountTriggerAsSick="true")
    begun.world.set_primary(Verdict.TRIGGER)
    return begun.run(30)


@triggers("primary-sick")
def primary_down_while_paused() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.request("pause", reason="maintenance", minutes=120)
    begun.world.set_primary(SICK)
    return begun.run(30)


@triggers("primary-sick")
def primary_down_while_observe_only() -> AlarmSimulation:
    begun = start_alarm_simulation(ControllerHarness(observe_only=True), ObserveOnly="true")
    begun.world.set_primary(SICK)
    return begun.run(30)


@triggers("primary-sick", "standby-not-ready")
def both_regions_down() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_primary(SICK).set_standby(SICK)
    return begun.run(30)


@triggers("standby-not-ready")
def standby_down() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_standby(SICK)
    return begun.run(30)


@triggers("standby-not-ready")
def replica_inactive() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_standby(Verdict.INACTIVE)
    return begun.run(30)


@triggers("standby-not-ready")
def canary_not_replicated() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_standby(Verdict.NOT_READY)
    return begun.run(30)


@triggers()
def standby_down_for_two_minutes() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_standby(SICK)
    begun.run(2)
    begun.world.set_standby(HEALTHY)
    return begun.run(20)


@triggers("failed-over")
def manual_failover_and_stepped_failback() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.request("failover", reason="maintenance", token="there")
    begun.run(30)
    begun.world.request("failback", reason="over", token="back")
    begun.run(30)
    assert begun.world.user_location is RegionRole.PRIMARY
    assert not begun.alarms.active
    return begun


def set_ttl(world: ControllerHarness, seconds: int) -> None:
    pair = world.zone.list_record_sets((DOMAIN_RECORD_NAME,))
    world.zone.set_by_hand(*({**record_set, "TTL": seconds} for record_set in pair))


def run_rounds_before_route53_is_in_sync(world: ControllerHarness) -> None:
    """Run a minute of rounds. Changes in it are on all name servers only at its end."""
    world.propagates_changes = False
    world.run(MINUTE_SECONDS // world.settings.round_interval_seconds)
    world.zone.propagate()


def start_stepped_failback_with_long_ttl() -> AlarmSimulation:
    begun = start_alarm_simulation()
    set_ttl(begun.world, 300)
    begun.world.request("failover", reason="maintenance", token="there")
    begun.run(30)
    begun.world.request("failback", reason="over", token="back")
    return begun


@triggers("failed-over")
def stepped_failback_with_long_ttl() -> AlarmSimulation:
    begun = start_stepped_failback_with_long_ttl().run(30, rounds=run_rounds_before_route53_is_in_sync)
    assert begun.world.user_location is RegionRole.PRIMARY
    return begun


@triggers("move-stuck", "failed-over", "region-throttled")
def target_fails_in_stepped_failback_with_long_ttl() -> AlarmSimulation:
    begun = start_stepped_failback_with_long_ttl().run(2)
    begun.world.set_primary(Verdict.THROTTLED)
    return begun.run(20)


@triggers("move-stuck", "failed-over")
def stale_name_server_delays_move() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.name_servers.freeze("ns-1.example.net")
    begun.world.request("failover", reason="maintenance", token="there")
    begun.run(10)
    begun.world.name_servers.stale_records.clear()
    return begun.run(10)


@triggers("primary-sick", "move-stuck")
def primary_down_and_all_levers_unavailable() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.fail_route_53()
    begun.world.set_primary(SICK)
    return begun.run(30)


@triggers("failed-over", "levers-disagree", "levers-unavailable")
def latch_moves_users_and_weight_sync_fails() -> AlarmSimulation:
    begun = start_alarm_simulation(make_latch_simulation())
    begun.world.fail_route_53()
    begun.world.set_primary(SICK)
    return begun.run(30)


@triggers("failed-over")
def latch_moves_users_and_weights_sync_in_time() -> AlarmSimulation:
    begun = start_alarm_simulation(make_latch_simulation())
    begun.world.fail_route_53()
    begun.world.set_primary(SICK)
    begun.run(3)
    begun.world.restore_all()
    return begun.run(30)


@triggers("levers-unavailable")
def records_unreadable() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.fail_route_53()
    return begun.run(30)


@triggers("levers-unavailable")
def latch_unreadable() -> AlarmSimulation:
    begun = start_alarm_simulation(make_latch_simulation())
    begun.world.latches[SteeredName.DOMAIN].is_available = False
    return begun.run(30)


@triggers("drift")
def external_traffic_split() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.edit_weights(200, 55)
    return begun.run(30)


@triggers("drift")
def external_record_deletion() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.zone.remove_by_hand(*begun.world.zone.list_record_sets((DOMAIN_RECORD_NAME,)))
    return begun.run(30)


@triggers("drift", "failed-over")
def external_full_move() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.edit_weights(0, 255)
    return begun.run(30)


@triggers("paused-too-long")
def paused_for_six_hours() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.request("pause", reason="maintenance", minutes=360)
    return begun.run(8 * 60)


@triggers("paused-too-long")
def pause_forgotten() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.request("observe-only", reason="trial")
    return begun.run(8 * 60)


@triggers()
def paused_for_one_hour() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.request("pause", reason="maintenance", minutes=60)
    return begun.run(8 * 60)


@triggers()
def deployed_observe_only() -> AlarmSimulation:
    return start_alarm_simulation(ControllerHarness(observe_only=True), ObserveOnly="true").run(8 * 60)


@triggers("canary-broken")
def wrong_canary_password() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_primary(Verdict.CANARY_BROKEN).set_standby(Verdict.CANARY_BROKEN)
    return begun.run(30)


@triggers("target-refuses")
def target_refusing() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_primary(Verdict.TARGET_REFUSES)
    return begun.run(30)


@triggers("failed-over")
def counted_target_refusal_with_failover() -> AlarmSimulation:
    begun = start_alarm_simulation(ControllerHarness(count_target_refusal_as_sick=True))
    begun.world.set_primary(Verdict.TARGET_REFUSES)
    return begun.run(30)


@triggers("intermediary")
def web_acl_challenging() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_primary(Verdict.INTERMEDIARY)
    return begun.run(30)


@triggers("region-throttled")
def primary_throttled() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_primary(Verdict.THROTTLED)
    return begun.run(30)


@triggers("region-throttled")
def standby_throttled() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_standby(Verdict.THROTTLED)
    return begun.run(30)


@triggers("trigger-failing")
def trigger_failing() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_primary(Verdict.TRIGGER)
    return begun.run(30)


@triggers()
def tokens_unverifiable() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.set_primary(Verdict.UNVERIFIED).set_standby(Verdict.UNVERIFIED)
    return begun.run(30)


@triggers("region-status-unknown")
def controller_isolated() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.prober.is_witness_reachable = False
    begun.world.set_primary(UNKNOWN)
    return begun.run(30)


@triggers("region-status-unknown")
def remote_observers_silent() -> AlarmSimulation:
    begun = start_alarm_simulation(ControllerHarness(remote_observers=("eu-west-1", "us-west-2")))
    return begun.run(30)


@triggers("controller-silent")
def schedule_stopped() -> AlarmSimulation:
    return start_alarm_simulation().run_without_invocations(30)


@triggers("controller-throttled")
def account_out_of_concurrency() -> AlarmSimulation:
    return start_alarm_simulation().run_without_invocations(30, is_throttled=True)


@triggers("controller-errors")
def ledger_unreadable() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.fail_ledger()
    begun.world.round_runner.reset()
    return begun.run(30)


@triggers("controller-errors")
def ledger_unwritable() -> AlarmSimulation:
    begun = start_alarm_simulation()
    begun.world.fail_ledger(calls="ledger.save")
    return begun.run(30)


@triggers("rounds-delayed")
def rounds_delayed() -> AlarmSimulation:
    def run_slow_rounds(world: ControllerHarness) -> None:
        for _ in range(2):
            world.run(1)
            world.wait(MINUTE_SECONDS / 2 - world.settings.round_interval_seconds)

    return start_alarm_simulation().run(30, rounds=run_slow_rounds)


@triggers("replication-lag")
def replica_lagging() -> AlarmSimulation:
    def run_lagging_rounds(world: ControllerHarness) -> None:
        world.patch_state(lag_state=LagState(lag_seconds=900.0, measured_at=world.clock.now))
        world.run(MINUTE_SECONDS // world.settings.round_interval_seconds)

    return start_alarm_simulation().run(30, rounds=run_lagging_rounds)


@triggers("preflight-failed")
def preflight_failing() -> AlarmSimulation:
    return start_alarm_simulation().record_preflight(make_preflight(CheckOutcome.FAILED)).run(65)


@triggers()
def preflight_unable_to_read_dead_region() -> AlarmSimulation:
    return start_alarm_simulation().record_preflight(make_preflight(CheckOutcome.UNKNOWN)).run(65)


@triggers("reports-failing")
def report_abandoned_after_three_attempts() -> AlarmSimulation:
    simulation = start_alarm_simulation().run(12)  # the result must not depend on the phase of the alarm's period
    for minutes in (1, 2, 20):
        simulation.record_reporter_run(is_failing=True).run(minutes)
    return simulation


@triggers()
def report_written_on_second_attempt() -> AlarmSimulation:
    return (
        start_alarm_simulation()
        .record_reporter_run(is_failing=True)
        .run(1)
        .record_reporter_run(is_failing=False)
        .run(30)
    )


@triggers()
def switchover_drill() -> AlarmSimulation:
    begun = start_alarm_simulation()
    answer = begun.world.request("drill", kind="switchover", reason="monthly", token="d1", hold_seconds=900)
    assert answer["done"], answer["message"]
    served = [begun.run(10).world.user_location, begun.run(20).world.user_location]
    assert served == [RegionRole.STANDBY, RegionRole.PRIMARY]
    return begun


@triggers()
def simulated_outage_drill() -> AlarmSimulation:
    begun = start_alarm_simulation()
    answer = begun.world.request("drill", kind="simulated-outage", reason="monthly", token="d1")
    assert answer["done"], answer["message"]
    begun.run(3)
    assert begun.world.user_location is RegionRole.STANDBY
    return begun.run(27)


@pytest.mark.parametrize("cause", EXPECTED_ALARMS)
def test_cause_triggers_only_its_alarms(cause: str) -> None:
    alarms, happens = EXPECTED_ALARMS[cause]
    assert set(happens().alarms.triggered) == alarms


def test_every_alarm_has_a_cause() -> None:
    names = list_alarms()
    assert {alarm for alarms, _ in EXPECTED_ALARMS.values() for alarm in alarms} == {
        names[logical] for logical in ALARMS
    }


def test_abandoned_report_is_detected_at_any_start_minute() -> None:
    for minute in range(15):
        begun = AlarmSimulation(ControllerHarness(), Rendering()).run_without_invocations(minute)
        for until_next in (1, 2, 20):
            begun.record_reporter_run(is_failing=True).run_without_invocations(until_next)
        assert "reports-failing" in begun.alarms.triggered


def test_failed_over_alarm_continues_while_controller_is_silent() -> None:
    begun = start_alarm_simulation()
    begun.world.set_primary(SICK)
    assert begun.run(30).run_without_invocations(30).alarms.active == {"failed-over", "controller-silent"}


def test_preflight_alarm_holds_between_results_and_ends_with_a_clean_one() -> None:
    simulation = start_alarm_simulation().record_preflight(make_preflight(CheckOutcome.FAILED)).run(59)
    assert simulation.alarms.active == {"preflight-failed"}

    simulation.record_preflight(make_preflight(CheckOutcome.PASSED)).run(3)

    assert simulation.alarms.active == set()
