"""A drill has one report: of all its moves, of how it ended, and of a tabletop that moved nobody."""

import pytest

from failover.probe.verdict import Verdict
from failover.region import Side
from failover.report.document import Document
from failover.report.page import page
from failover.report.reporter import Reporter
from tests.support.drills import drill, ended
from tests.support.recorded import VERSIONS, Recorded
from tests.support.settings import TOKYO, VIRGINIA


def drilled(kind: str = "switchover", *, rounds: int = 45) -> tuple[Recorded, Document]:
    recorded = Recorded()
    drill(recorded.world, kind)
    recorded.run(rounds)
    return recorded, recorded.report(ended(recorded.world).id)


@pytest.fixture(scope="module")
def switchover() -> tuple[Recorded, Document]:
    return drilled()


def test_it_says_who_wanted_it_why_and_how_it_ended(switchover: tuple[Recorded, Document]) -> None:
    report = switchover[1]
    assert report.title == "Drill (switchover) of auth.example.com"
    assert report.summary.startswith("Asked for by Aiko: monthly. Drill drill-switchover-")
    assert report.drill
    assert (report.drill.kind, report.drill.outcome, report.drill.aborted) == ("switchover", "clean", "")
    assert report.drill.hold_seconds == 60
    assert report.complete


def test_both_of_its_moves_are_in_it_each_with_its_own_answers(switchover: tuple[Recorded, Document]) -> None:
    there, back = switchover[1].moves
    assert (there.source, there.target, there.outcome) == (TOKYO, VIRGINIA, "confirmed")
    assert (back.source, back.target, back.outcome) == (VIRGINIA, TOKYO, "confirmed")
    assert there.name_servers.most_seconds is not None
    assert back.name_servers.most_seconds is not None
    assert back.decided_at > there.decided_at


def test_every_round_of_it_is_marked_as_a_drills(switchover: tuple[Recorded, Document]) -> None:
    report = switchover[1]
    assert report.drill
    assert report.moments[0].drill == report.drill.id
    assert "drill: drill from" in page(report)


def test_nobody_failed_to_sign_in(switchover: tuple[Recorded, Document]) -> None:
    assert switchover[1].sign_ins.failed == 0
    assert switchover[1].sign_ins.tried > 10


def test_a_tabletop_moved_nobody_and_says_so() -> None:
    _, report = drilled("tabletop", rounds=3)
    assert report.moves == []
    assert "Nobody was moved." in page(report)
    assert [each.kind for each in report.history] == ["drill-started", "drill-ended"]
    assert report.complete


def test_a_levers_test_names_the_lever_and_allows_it_the_rest_before_its_way_back() -> None:
    _, report = drilled("lever-test")
    [move] = report.moves
    assert (move.lever, move.outcome) == ("weights", "returned")
    assert f"From {TOKYO} to {VIRGINIA}, by its weights alone: returned" in page(report)
    stages = {each.name: each for each in move.stages}
    assert stages["seen there"].objective_seconds == 60
    assert stages["confirmed"].objective_seconds == 60 + 60 + 10, "the TTL, a round, and Route 53's own time"
    assert stages["confirmed"].met


def test_what_a_person_asks_for_may_wait_for_the_next_round(switchover: tuple[Recorded, Document]) -> None:
    taken = next(each for each in switchover[1].moves[0].stages if each.name == "taken")
    assert taken.objective_seconds == 10 + 3
    assert taken.met


def test_a_move_by_every_lever_names_none(switchover: tuple[Recorded, Document]) -> None:
    report = switchover[1]
    assert [move.lever for move in report.moves] == [None, None]
    assert f"From {TOKYO} to {VIRGINIA}: confirmed" in page(report)


def test_a_blind_drill_shows_that_nothing_was_sick() -> None:
    _, report = drilled("blind", rounds=60)
    assert {each.seen[VIRGINIA][TOKYO].verdict for each in report.moments} == {"healthy"}
    assert report.moves[0].automatic is False


def test_one_that_a_sick_standby_ended_says_why() -> None:
    recorded = Recorded()
    drill(recorded.world)
    recorded.run(3)
    recorded.world.standby(Verdict.SICK)
    recorded.run(40)
    report = recorded.report(ended(recorded.world).id)
    assert report.drill
    assert report.drill.outcome == "aborted"
    assert report.drill.aborted
    assert "drill-aborted" in [each.kind for each in report.refusals]
    assert recorded.world.users is Side.PRIMARY


def test_its_end_and_the_ends_of_its_moves_write_the_same_report() -> None:
    recorded, report = drilled()
    written: dict[str, bytes] = {}

    class Shelf:
        def put(self, key: str, body: bytes, *, content_type: str) -> None:  # noqa: ARG002 - only where it goes matters
            written[key] = body

    reporter = Reporter(
        recorded.world.settings,
        archive=recorded.world.memory,
        shelf=Shelf(),
        versions=VERSIONS,
        clock=recorded.world.clock,
    )
    move_of_it = {"detail": {"move": {"id": report.moves[0].id}, "drill": {"id": report.id}}}
    assert reporter.handle(move_of_it) == {"written": [report.id]}
    assert set(written) == {f"reports/{report.id}.html", f"reports/{report.id}.json"}
    complete = {"detail": {"report": {"id": report.id}}}
    assert reporter.handle(complete) == {"written": [report.id]}


def test_the_history_links_to_the_report_of_a_drill_and_of_a_move_that_was_meant() -> None:
    recorded = Recorded(report_bucket="bucket")
    drill(recorded.world)
    recorded.run(45)
    recorded.world.request("failover", reason="meant", token="m")
    recorded.run(4)
    links = [each["report"] for each in recorded.world.request("history", limit=200)["history"] if each["report"]]
    last, of_drill = recorded.world.state.last_move, recorded.world.state.last_drill
    assert last
    assert of_drill
    assert links == [f"s3://bucket/reports/{last.id}.html", f"s3://bucket/reports/{of_drill.id}.html"]


def test_drills_soon_after_each_other_do_not_speak_in_each_others_reports() -> None:
    recorded = Recorded()
    reports = []
    for _ in range(2):
        drill(recorded.world)
        recorded.run(9)
        reports.append(ended(recorded.world).id)
    first, second = map(recorded.report, reports)

    for report in (first, second):
        told = [each.kind for each in report.history]
        assert (told[0], told[-1]) == ("drill-started", "drill-ended")
    assert "drill: another drill from" in page(second)


def test_it_says_how_many_sign_ins_counted(switchover: tuple[Recorded, Document]) -> None:
    report = switchover[1]
    assert report.drill
    assert report.drill.failed == 0
    assert report.drill.tried == 5
    assert f"{report.drill.tried}, of which 0 failed" in page(report)
