"""The report says what happened: by whom, why, when, how long each stage took, and what was refused."""

from datetime import datetime

import pytest

from failover.decision.announcement import Kind
from failover.outside.fingerprint import fingerprint
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.report.material import UnknownReportError, moment_in
from tests.support.recorded import RESOLVERS, SERVERS, VERSIONS, Recorded
from tests.support.settings import TOKYO, VIRGINIA


@pytest.fixture(scope="module")
def failed_over() -> Recorded:
    return Recorded().failed_over()


def seconds_of(recorded: Recorded, stage: str) -> float:
    [move] = recorded.report().moves
    return next(each.after_seconds for each in move.stages if each.name == stage)


def test_it_names_who_decided_what_why_and_what_came_of_it(failed_over: Recorded) -> None:
    report = failed_over.report()
    [move] = report.moves
    assert report.title == f"Failover of auth.example.com to {VIRGINIA}"
    assert report.summary.startswith(
        f"The controller decided it by itself. It ended after 40 s: All users are on {VIRGINIA}"
    )
    assert (move.source, move.target, move.ended_on, move.outcome) == (TOKYO, VIRGINIA, VIRGINIA, "confirmed")
    assert (move.automatic, move.requested_by) == (True, "controller")
    assert move.reason.startswith(f"{TOKYO} has been sick for 3 rounds")


def test_every_stage_has_its_time_in_order(failed_over: Recorded) -> None:
    [move] = failed_over.report().moves
    assert [(each.name, each.after_seconds) for each in move.stages] == [
        ("first sick round", 0.0),
        ("decided", 20.0),
        ("taken", 20.0),
        ("confirmed", 40.0),
        ("resolvers moved", 101.0),
        ("sign-in works again", 101.0),
    ]
    assert sum(each.took_seconds for each in move.stages) == 101.0


def test_a_stage_that_took_longer_than_its_objective_says_so(failed_over: Recorded) -> None:
    [move] = failed_over.report().moves
    met = {each.name: (each.objective_seconds, each.met) for each in move.stages}
    assert met["first sick round"] == (None, None)
    assert met["decided"] == (15.0, False)
    assert met["confirmed"] == (60.0, True)


def test_it_says_when_half_and_nearly_all_answers_had_moved_for_good(failed_over: Recorded) -> None:
    [move] = failed_over.report().moves
    assert move.name_servers.servers == list(SERVERS)
    assert (move.name_servers.half_seconds, move.name_servers.most_seconds) == (1.0, 21.0)
    assert move.resolvers.servers == list(RESOLVERS)
    assert (move.resolvers.half_seconds, move.resolvers.most_seconds) == (71.0, 81.0)


def test_it_counts_the_sign_ins_of_users_and_says_when_they_worked_again(failed_over: Recorded) -> None:
    sign_ins = failed_over.report().sign_ins
    assert (sign_ins.tried, sign_ins.failed, sign_ins.unclear) == (23, 10, 0)
    assert sign_ins.codes == {"connect-timeout": 10}
    assert sign_ins.last_failed_at
    assert sign_ins.back_at
    assert datetime.fromisoformat(sign_ins.back_at) > datetime.fromisoformat(sign_ins.last_failed_at)


def test_every_round_that_was_kept_is_in_it_and_everything_that_was_told(failed_over: Recorded) -> None:
    report = failed_over.report()
    assert [each.phase for each in report.moments[:5]] == ["suspect", "suspect", "moving", "moving", "steady"]
    assert report.moments[0].known == {TOKYO: "sick", VIRGINIA: "healthy"}
    assert report.moments[0].seen[VIRGINIA][TOKYO].verdict == "sick"
    assert report.moments[2].weights == {TOKYO: 0, VIRGINIA: 255}
    assert [each.kind for each in report.history] == ["suspected", "move-decided", "move-submitted", "move-confirmed"]


def test_an_auditor_finds_versions_and_configuration(failed_over: Recorded) -> None:
    report = failed_over.report()
    assert report.versions == VERSIONS
    assert report.configuration.in_force == [fingerprint(failed_over.world.settings)]
    assert report.configuration.fingerprint in report.configuration.in_force
    assert report.configuration.settings["SUSPECT_ROUNDS"] == 3
    assert report.configuration.settings["WITNESS_REGIONS"] == ["eu-west-1", "us-west-2"]


def test_a_configuration_changed_since_shows(failed_over: Recorded) -> None:
    configuration = failed_over.report(suspect_rounds=4).configuration
    assert configuration.fingerprint not in configuration.in_force


def test_it_is_complete_once_resolvers_have_had_their_time(failed_over: Recorded) -> None:
    early = Recorded()
    early.world.primary(Verdict.SICK)
    early.run(5)
    assert not early.report().complete
    assert failed_over.report().complete


def test_a_move_under_way_is_reported_as_such() -> None:
    recorded = Recorded()
    recorded.world.primary(Verdict.SICK)
    recorded.world.servers.hold_back(SERVERS[0])
    recorded.run(4)
    move = recorded.world.state.move
    assert move
    report = recorded.report(move.id)
    assert report.moves[0].outcome == "under-way"
    assert report.moves[0].ended_at is None
    assert not report.complete
    assert "is under way from ap-northeast-1" in report.summary


def test_a_persons_failback_in_steps_shows_each_of_them(failed_over: Recorded) -> None:
    recorded = Recorded().failed_over()
    recorded.world.primary(Verdict.HEALTHY)
    recorded.run(3)
    assert recorded.world.request("failback", reason="Well again", token="t", requested_by="Aiko")["done"]
    recorded.run(30)
    report = recorded.report()
    [move] = report.moves
    assert report.title == f"Failback of auth.example.com to {TOKYO}"
    assert report.summary.startswith("Asked for by Aiko. It ended after")
    names = [each.name for each in move.stages]
    assert names[0] == "asked for"
    assert {"10 % confirmed", "50 % confirmed", "confirmed"} <= set(names)
    assert failed_over.report().moves[0].id != move.id


def test_a_move_that_was_turned_round_ended_where_it_came_from() -> None:
    recorded = Recorded()
    recorded.world.servers.hold_back(SERVERS[0])
    recorded.world.request("failover", reason="Drill", token="d")
    recorded.run(2)
    recorded.world.request("abort", reason="No", token="a")
    recorded.world.servers.behind.clear()
    recorded.run(3)
    [move] = recorded.report().moves
    assert (move.outcome, move.ended_on) == ("reverted", TOKYO)
    assert "turned round" in [each.name for each in move.stages]


def test_a_move_that_a_person_overtook_is_refused_with_the_reason() -> None:
    recorded = Recorded()
    recorded.world.servers.hold_back(SERVERS[0])
    recorded.world.request("failover", reason="Drill", token="d")
    recorded.run(1)
    move = recorded.world.state.move
    assert move
    recorded.world.someone_sets(100, 100)
    recorded.run(2)
    report = recorded.report(move.id)
    assert (report.moves[0].outcome, report.moves[0].ended_on) == ("overtaken", None)
    [refusal] = [each for each in report.refusals if each.kind == Kind.MOVE_OVERTAKEN]
    assert "somebody else changed the records" in refusal.why


def test_an_automatic_move_that_a_rule_kept_from_beginning_is_told_with_the_rule() -> None:
    recorded = Recorded().failed_over()
    recorded.world.primary(Verdict.HEALTHY)
    recorded.run(2)
    recorded.world.standby(Verdict.SICK).primary(Verdict.SICK)
    recorded.run(4)
    reasons = {each.rule for each in recorded.report().refusals}
    assert recorded.world.state.active is Side.STANDBY
    assert reasons <= {"target-serves", "cool-down", ""}


def test_its_time_ends_where_the_next_move_is_decided() -> None:
    recorded = Recorded()
    recorded.world.request("failover", reason="there", token="1")
    recorded.run(3)
    first = recorded.world.state.last_move
    assert first
    recorded.world.request("failback", reason="and back", token="2", pace="in-one")
    recorded.run(3)
    report = recorded.report(first.id)
    assert report.complete
    assert [each.kind for each in report.history].count("move-confirmed") == 1


def test_without_a_timeline_what_was_told_is_still_there() -> None:
    recorded = Recorded()
    recorded.world.primary(Verdict.SICK)
    recorded.world.run(5)
    report = recorded.report()
    assert report.moments == []
    assert report.moves[0].resolvers.servers == []
    assert report.moves[0].resolvers.most_seconds is None
    assert report.configuration.in_force == []
    assert len(report.history) == 4


def test_an_id_that_is_none_and_one_that_is_nobodys_are_refused(failed_over: Recorded) -> None:
    with pytest.raises(UnknownReportError, match="'nonsense' is no id of a move or a drill"):
        moment_in("nonsense")
    with pytest.raises(UnknownReportError, match="knows of no move and no drill 'to-us-east-1-1800000000'"):
        failed_over.report("to-us-east-1-1800000000")
    assert moment_in("to-us-east-1-1800000000") == 1_800_000_000
