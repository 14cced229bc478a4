"""Each alarm rings for its cause, and for nothing else: causes of a night, and exactly which alarms they ring."""

import pytest

from failover.decision.freshness import Freshness
from failover.decision.preflight import Finding, Outcome, Preflight, Severity
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.causes import Causes
from tests.support.night import MINUTE, Night, night
from tests.support.world import NAME, World
from tests.unit.template.rendering import ALARMS, Rendering, alarms_in

SICK, HEALTHY, UNKNOWN = Verdict.SICK, Verdict.HEALTHY, Verdict.UNKNOWN

CAUSES = Causes[Night]()
RINGS, rings = CAUSES.by_name, CAUSES.ring


def with_latches() -> World:
    return World(latches=tuple(LatchName))


def preflight(outcome: Outcome) -> Preflight:
    finding = Finding(check="tokens-alike", severity=Severity.HIGH, outcome=outcome, sentence="As seen.")
    return Preflight(at=0.0, findings=(finding,))


@rings()
def a_quiet_day() -> Night:
    return night().run(24 * 60)


@rings()
def a_primary_that_fails_two_rounds() -> Night:
    begun = night()
    begun.world.primary(SICK).run(2)
    begun.world.primary(HEALTHY).run(4)
    return begun.run(20)


@rings("moved")
def the_primary_dies_and_users_are_moved() -> Night:
    begun = night()
    begun.world.primary(SICK)
    return begun.run(30)


@rings("moved")
def a_trigger_that_counts_fails_and_users_are_moved() -> Night:
    begun = night(World(count_trigger_as_sick=True), CountTriggerAsSick="true")
    begun.world.primary(Verdict.TRIGGER)
    return begun.run(30)


@rings("primary-sick")
def the_primary_dies_while_automation_is_paused() -> Night:
    begun = night()
    begun.world.request("pause", reason="maintenance", minutes=120)
    begun.world.primary(SICK)
    return begun.run(30)


@rings("primary-sick")
def the_primary_dies_and_the_stack_only_observes() -> Night:
    begun = night(World(observe_only=True), ObserveOnly="true")
    begun.world.primary(SICK)
    return begun.run(30)


@rings("primary-sick", "standby-not-ready")
def both_regions_die() -> Night:
    begun = night()
    begun.world.primary(SICK).standby(SICK)
    return begun.run(30)


@rings("standby-not-ready")
def the_standby_dies() -> Night:
    begun = night()
    begun.world.standby(SICK)
    return begun.run(30)


@rings("standby-not-ready")
def the_replica_is_inactive() -> Night:
    begun = night()
    begun.world.standby(Verdict.NOT_READY)
    return begun.run(30)


@rings()
def the_standby_is_away_for_two_minutes() -> Night:
    begun = night()
    begun.world.standby(SICK)
    begun.run(2)
    begun.world.standby(HEALTHY)
    return begun.run(20)


@rings("moved")
def a_person_moves_users_there_and_back_in_steps() -> Night:
    begun = night()
    begun.world.request("failover", reason="maintenance", token="there")
    begun.run(30)
    begun.world.request("failback", reason="over", token="back")
    begun.run(30)
    assert begun.world.users is Side.PRIMARY
    assert not begun.alarms.ringing
    return begun


@rings("move-stuck", "moved")
def a_name_server_holds_a_move_up() -> Night:
    begun = night()
    begun.world.servers.hold_back("ns-1.example.net")
    begun.world.request("failover", reason="maintenance", token="there")
    begun.run(10)
    begun.world.servers.behind.clear()
    return begun.run(10)


@rings("primary-sick", "move-stuck")
def the_primary_dies_and_no_lever_takes_a_change() -> Night:
    begun = night()
    begun.world.route_53_fails()
    begun.world.primary(SICK)
    return begun.run(30)


@rings("moved", "levers-disagree")
def the_latch_moves_users_and_the_weights_cannot_follow() -> Night:
    begun = night(with_latches())
    begun.world.route_53_fails()
    begun.world.primary(SICK)
    return begun.run(30)


@rings("moved")
def the_latch_moves_users_and_the_weights_follow_in_time() -> Night:
    begun = night(with_latches())
    begun.world.route_53_fails()
    begun.world.primary(SICK)
    begun.run(3)
    begun.world.all_works()
    return begun.run(30)


@rings("levers-out-of-reach")
def the_records_cannot_be_read_on_a_quiet_day() -> Night:
    begun = night()
    begun.world.route_53_fails()
    return begun.run(30)


@rings("levers-out-of-reach")
def a_latch_cannot_be_read_on_a_quiet_day() -> Night:
    begun = night(with_latches())
    begun.world.latches[LatchName.DOMAIN].works = False
    return begun.run(30)


@rings("drift")
def somebody_shares_users_out() -> Night:
    begun = night()
    begun.world.someone_sets(200, 55)
    return begun.run(30)


@rings("drift")
def somebody_deletes_the_records() -> Night:
    begun = night()
    begun.world.zone.remove(*begun.world.zone.record_sets((NAME,)))
    return begun.run(30)


@rings("drift", "moved")
def somebody_moves_all_users_past_the_controller() -> Night:
    begun = night()
    begun.world.someone_sets(0, 255)
    return begun.run(30)


@rings("paused-too-long")
def a_pause_lasts_for_six_hours() -> Night:
    begun = night()
    begun.world.request("pause", reason="maintenance", minutes=360)
    return begun.run(8 * 60)


@rings("paused-too-long")
def somebody_forgets_to_resume() -> Night:
    begun = night()
    begun.world.request("observe-only", reason="trial")
    return begun.run(8 * 60)


@rings()
def a_pause_lasts_for_an_hour() -> Night:
    begun = night()
    begun.world.request("pause", reason="maintenance", minutes=60)
    return begun.run(8 * 60)


@rings()
def a_stack_only_observes() -> Night:
    return night(World(observe_only=True), ObserveOnly="true").run(8 * 60)


@rings("canary-broken")
def the_canary_has_another_password() -> Night:
    begun = night()
    begun.world.primary(Verdict.CANARY_BROKEN).standby(Verdict.CANARY_BROKEN)
    return begun.run(30)


@rings("region-throttled")
def the_primary_throttles() -> Night:
    begun = night()
    begun.world.primary(Verdict.THROTTLED)
    return begun.run(30)


@rings("region-throttled")
def the_standby_throttles() -> Night:
    begun = night()
    begun.world.standby(Verdict.THROTTLED)
    return begun.run(30)


@rings("trigger-failing")
def a_trigger_fails() -> Night:
    begun = night()
    begun.world.primary(Verdict.TRIGGER)
    return begun.run(30)


@rings()
def tokens_cannot_be_verified() -> Night:
    begun = night()
    begun.world.primary(Verdict.UNVERIFIED).standby(Verdict.UNVERIFIED)
    return begun.run(30)


@rings("regions-unjudged")
def the_controller_is_cut_off() -> Night:
    begun = night()
    begun.world.probe.witness_answers = False
    begun.world.primary(UNKNOWN)
    return begun.run(30)


@rings("regions-unjudged")
def the_observers_fall_silent() -> Night:
    begun = night(World(further_observers=("eu-west-1", "us-west-2")))
    return begun.run(30)


@rings("controller-silent")
def the_schedule_stops() -> Night:
    return night().without_starts(30)


@rings("controller-throttled")
def the_account_has_no_concurrency_left() -> Night:
    return night().without_starts(30, throttled=True)


@rings("controller-errors")
def the_ledger_cannot_be_read() -> Night:
    begun = night()
    begun.world.ledger_fails()
    begun.world.rounds.begin()
    return begun.run(30)


@rings("controller-errors")
def the_ledger_cannot_be_written() -> Night:
    begun = night()
    begun.world.ledger_fails(calls="ledger.save")
    return begun.run(30)


@rings("round-gap")
def rounds_follow_each_other_late() -> Night:
    def slow_rounds(world: World) -> None:
        for _ in range(2):
            world.run(1)
            world.wait(MINUTE / 2 - world.settings.round_interval_seconds)

    return night().run(30, rounds=slow_rounds)


@rings("replication-lag")
def the_replica_falls_behind() -> Night:
    def lagging_rounds(world: World) -> None:
        world.remember(freshness=Freshness(lag_seconds=900.0, measured_at=world.clock.now))
        world.run(MINUTE // world.settings.round_interval_seconds)

    return night().run(30, rounds=lagging_rounds)


@rings("preflight-failed")
def preflight_finds_what_would_break_a_failover() -> Night:
    return night().looked(preflight(Outcome.FAILED)).run(65)


@rings()
def preflight_can_not_look_at_a_dead_region() -> Night:
    return night().looked(preflight(Outcome.UNKNOWN)).run(65)


@rings("reports-failing")
def a_report_is_given_up_after_three_attempts() -> Night:
    begun = night().run(12)  # whatever the quarter of an hour
    for minutes in (1, 2, 20):
        begun.reported(failing=True).run(minutes)
    return begun


@rings()
def a_report_is_written_at_the_second_attempt() -> Night:
    return night().reported(failing=True).run(1).reported(failing=False).run(30)


@rings()
def a_drill_moves_users_there_and_back() -> Night:
    begun = night()
    answer = begun.world.request("drill", kind="switchover", reason="monthly", token="d1", hold_seconds=900)
    assert answer["done"], answer["message"]
    served = [begun.run(10).world.users, begun.run(20).world.users]
    assert served == [Side.STANDBY, Side.PRIMARY]
    return begun


@rings()
def a_blind_drill_rehearses_detection() -> Night:
    begun = night()
    answer = begun.world.request("drill", kind="blind", reason="monthly", token="d1")
    assert answer["done"], answer["message"]
    begun.run(3)
    assert begun.world.users is Side.STANDBY
    return begun.run(27)


@pytest.mark.parametrize("cause", RINGS)
def test_a_cause_rings_its_alarms_and_no_other(cause: str) -> None:
    alarms, happens = RINGS[cause]
    assert set(happens().alarms.rang) == alarms


def test_every_alarm_has_a_cause() -> None:
    names = alarms_in()
    assert {alarm for alarms, _ in RINGS.values() for alarm in alarms} == {names[logical] for logical in ALARMS}


def test_a_report_that_is_given_up_is_noticed_whatever_minute_it_begins_in() -> None:
    for minute in range(15):
        begun = Night(World(), Rendering()).without_starts(minute)
        for until_next in (1, 2, 20):
            begun.reported(failing=True).without_starts(until_next)
        assert "reports-failing" in begun.alarms.rang


def test_moved_goes_on_ringing_while_the_controller_is_silent() -> None:
    begun = night()
    begun.world.primary(SICK)
    assert begun.run(30).without_starts(30).alarms.ringing == {"moved", "controller-silent"}
