"""The document of a report: who, why, when, the time of each stage, and refusals."""

from datetime import datetime

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.verdict import Verdict
from cognito_failover.reports.source_data import UnknownReportError, parse_id_timestamp
from cognito_failover.timeline.sample import compute_fingerprint
from tests.support.recorded_failover import NAME_SERVERS, RESOLVER_LAG_SECONDS, VERSIONS, RecordedFailover
from tests.support.settings import TOKYO, VIRGINIA


@pytest.fixture(scope="module")
def failed_over_world() -> RecordedFailover:
    return RecordedFailover().fail_over()


def get_stage_seconds(recorded: RecordedFailover, stage: str) -> float:
    [move] = recorded.build_report().moves
    return next(reached.after_seconds for reached in move.stages if reached.name == stage)


def test_report_names_initiator_action_reason_and_result(failed_over_world: RecordedFailover) -> None:
    report = failed_over_world.build_report()
    [move] = report.moves
    assert report.title == f"Failover of auth.example.com to {VIRGINIA}"
    assert report.summary.startswith(f"Decided by the controller. It ended after 40 s: All users are on {VIRGINIA}")
    assert (move.source, move.target, move.ended_on, move.outcome) == (TOKYO, VIRGINIA, VIRGINIA, "confirmed")
    assert (move.automatic, move.requested_by) == (True, "controller")
    assert move.reason.startswith(f"{TOKYO} has been sick for 3 rounds")


def test_stages_have_times_in_order(failed_over_world: RecordedFailover) -> None:
    [move] = failed_over_world.build_report().moves
    assert [(stage.name, stage.after_seconds) for stage in move.stages] == [
        ("first sick round", 0.0),
        ("decided", 20.0),
        ("accepted", 20.0),
        ("confirmed", 40.0),
        ("resolvers moved", 101.0),
        ("sign-in works again", 101.0),
    ]
    assert sum(stage.took_seconds for stage in move.stages) == 101.0


def test_stage_over_objective_is_marked(failed_over_world: RecordedFailover) -> None:
    [move] = failed_over_world.build_report().moves
    objectives = {stage.name: (stage.objective_seconds, stage.met) for stage in move.stages}
    assert objectives["first sick round"] == (None, None)
    assert objectives["decided"] == (15.0, False)
    assert objectives["confirmed"] == (60.0, True)


def test_report_has_median_and_tail_propagation(failed_over_world: RecordedFailover) -> None:
    [move] = failed_over_world.build_report().moves
    assert move.name_servers.servers == list(NAME_SERVERS)
    assert (move.name_servers.half_seconds, move.name_servers.most_seconds) == (1.0, 21.0)
    assert move.resolvers.servers == list(RESOLVER_LAG_SECONDS)
    assert (move.resolvers.half_seconds, move.resolvers.most_seconds) == (71.0, 81.0)


def test_report_counts_user_sign_ins_and_recovery_time(failed_over_world: RecordedFailover) -> None:
    sign_ins = failed_over_world.build_report().sign_ins
    assert (sign_ins.tried, sign_ins.failed, sign_ins.unclear) == (23, 10, 0)
    assert sign_ins.codes == {"connect-timeout": 10}
    assert sign_ins.last_failed_at
    assert sign_ins.recovered_at
    assert datetime.fromisoformat(sign_ins.recovered_at) > datetime.fromisoformat(sign_ins.last_failed_at)


def test_report_contains_every_sample_and_event(failed_over_world: RecordedFailover) -> None:
    report = failed_over_world.build_report()
    assert [sample.phase for sample in report.samples[:5]] == ["suspect", "suspect", "moving", "moving", "steady"]
    assert report.samples[0].consensus == {TOKYO: "sick", VIRGINIA: "healthy"}
    assert report.samples[0].verdicts_by_observer[VIRGINIA][TOKYO].verdict == "sick"
    assert report.samples[2].weights == {TOKYO: 0, VIRGINIA: 255}
    assert [event.kind for event in report.history] == ["suspected", "move-decided", "move-submitted", "move-confirmed"]


def test_report_contains_versions_and_configuration(failed_over_world: RecordedFailover) -> None:
    report = failed_over_world.build_report()
    assert report.versions == VERSIONS
    assert report.configuration.in_force == [compute_fingerprint(failed_over_world.world.settings)]
    assert report.configuration.fingerprint in report.configuration.in_force
    assert report.configuration.settings["SUSPECT_ROUNDS"] == 3
    assert report.configuration.settings["WITNESS_REGIONS"] == ["eu-west-1", "us-west-2"]


def test_changed_configuration_is_visible(failed_over_world: RecordedFailover) -> None:
    configuration = failed_over_world.build_report(suspect_rounds=4).configuration
    assert configuration.fingerprint not in configuration.in_force


def test_report_is_complete_after_resolvers_had_time_to_follow(failed_over_world: RecordedFailover) -> None:
    ongoing = RecordedFailover()
    ongoing.world.set_primary(Verdict.SICK)
    ongoing.run(5)
    assert not ongoing.build_report().complete
    assert failed_over_world.build_report().complete


def test_move_in_progress_is_reported_as_such() -> None:
    recorded = RecordedFailover()
    recorded.world.set_primary(Verdict.SICK)
    recorded.world.name_servers.freeze(NAME_SERVERS[0])
    recorded.run(4)
    move = recorded.world.state.move
    assert move
    report = recorded.build_report(move.id)
    assert report.moves[0].outcome == "under-way"
    assert report.moves[0].ended_at is None
    assert not report.complete
    assert "The move from ap-northeast-1 is in progress." in report.summary


def test_stepped_failback_report_shows_each_step(failed_over_world: RecordedFailover) -> None:
    recorded = RecordedFailover().fail_over()
    recorded.world.set_primary(Verdict.HEALTHY)
    recorded.run(3)
    assert recorded.world.request("failback", reason="Well again", token="t", requested_by="Aiko")["done"]
    recorded.run(30)
    report = recorded.build_report()
    [move] = report.moves
    assert report.title == f"Failback of auth.example.com to {TOKYO}"
    assert report.summary.startswith("Requested by Aiko. It ended after")
    names = [stage.name for stage in move.stages]
    assert names[0] == "requested"
    assert {"10 % confirmed", "50 % confirmed", "confirmed"} <= set(names)
    assert [stage.name for stage in move.stages if stage.met is False] == [], "the pause between steps is planned"
    assert failed_over_world.build_report().moves[0].id != move.id


def test_rolled_back_move_ended_at_its_source() -> None:
    recorded = RecordedFailover()
    recorded.world.name_servers.freeze(NAME_SERVERS[0])
    recorded.world.request("failover", reason="Drill", token="d")
    recorded.run(2)
    recorded.world.request("abort", reason="No", token="a")
    recorded.world.name_servers.stale_records.clear()
    recorded.run(3)
    [move] = recorded.build_report().moves
    assert (move.outcome, move.ended_on) == ("rolled-back", TOKYO)
    assert "rolled back" in [stage.name for stage in move.stages]


def test_superseded_move_is_reported_with_reason() -> None:
    recorded = RecordedFailover()
    recorded.world.name_servers.freeze(NAME_SERVERS[0])
    recorded.world.request("failover", reason="Drill", token="d")
    recorded.run(1)
    move = recorded.world.state.move
    assert move
    recorded.world.edit_weights(100, 100)
    recorded.run(2)
    report = recorded.build_report(move.id)
    assert (report.moves[0].outcome, report.moves[0].ended_on) == ("superseded", None)
    [refusal] = [refusal for refusal in report.refusals if refusal.kind == EventKind.MOVE_SUPERSEDED]
    assert "the records were changed outside the controller" in refusal.reason


def test_blocked_automatic_move_is_reported_with_rule() -> None:
    recorded = RecordedFailover().fail_over()
    recorded.world.set_primary(Verdict.HEALTHY)
    recorded.run(2)
    recorded.world.set_standby(Verdict.SICK).set_primary(Verdict.SICK)
    recorded.run(4)
    rules = {refusal.rule for refusal in recorded.build_report().refusals}
    assert recorded.world.state.active_role is RegionRole.STANDBY
    assert rules <= {"target-healthy", "cool-down", ""}


def test_report_ends_at_next_decision() -> None:
    recorded = RecordedFailover()
    recorded.world.request("failover", reason="there", token="1")
    recorded.run(3)
    first = recorded.world.state.last_move
    assert first
    recorded.world.request("failback", reason="and back", token="2", mode="all-at-once")
    recorded.run(3)
    report = recorded.build_report(first.id)
    assert report.complete
    assert [event.kind for event in report.history].count("move-confirmed") == 1


def test_report_without_timeline_still_has_events() -> None:
    recorded = RecordedFailover()
    recorded.world.set_primary(Verdict.SICK)
    recorded.world.run(5)
    report = recorded.build_report()
    assert report.samples == []
    assert report.moves[0].resolvers.servers == []
    assert report.moves[0].resolvers.most_seconds is None
    assert report.configuration.in_force == []
    assert len(report.history) == 4


def test_invalid_and_unknown_ids_are_rejected(failed_over_world: RecordedFailover) -> None:
    with pytest.raises(UnknownReportError, match="'nonsense' is not the id of a move or drill"):
        parse_id_timestamp("nonsense")
    with pytest.raises(UnknownReportError, match="has no move or drill 'to-us-east-1-1800000000'"):
        failed_over_world.build_report("to-us-east-1-1800000000")
    assert parse_id_timestamp("to-us-east-1-1800000000") == 1_800_000_000


def test_summary_has_the_figures_of_the_outage() -> None:
    report = RecordedFailover().fail_over().run(20).build_report()
    assert f"{report.sign_ins.failed} of {report.sign_ins.tried} sign-ins through the domain failed, " in report.summary


def test_report_that_a_later_move_cuts_off_names_that_move() -> None:
    recorded = RecordedFailover()
    recorded.world.set_primary(Verdict.SICK)
    while recorded.world.state.last_move is None:
        recorded.run(1)
    first = recorded.world.state.last_move
    recorded.world.set_primary(Verdict.HEALTHY)
    recorded.run(1)
    recorded.world.request("failback", reason="Well again", token="t", mode="all-at-once")
    later = recorded.world.state.move
    assert later
    recorded.run(3)
    assert f"when the move {later.id} was decided. Its report continues." in recorded.build_report(first.id).summary
