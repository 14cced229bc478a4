"""The one report of a drill, with all its moves and its end."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.verdict import Verdict
from cognito_failover.reports.document import Document
from cognito_failover.reports.page import render_page
from cognito_failover.reports.reporter import Reporter
from tests.support.drill_requests import get_ended_drill, request_drill
from tests.support.recorded_failover import VERSIONS, RecordedFailover
from tests.support.settings import TOKYO, VIRGINIA


def record_drill(kind: str = "switchover", *, rounds: int = 45) -> tuple[RecordedFailover, Document]:
    recorded = RecordedFailover()
    request_drill(recorded.world, kind)
    recorded.run(rounds)
    return recorded, recorded.build_report(get_ended_drill(recorded.world).id)


@pytest.fixture(scope="module")
def switchover_report() -> tuple[RecordedFailover, Document]:
    return record_drill()


def test_report_names_initiator_reason_and_result(switchover_report: tuple[RecordedFailover, Document]) -> None:
    report = switchover_report[1]
    assert report.title == "Drill (switchover) of auth.example.com"
    assert report.summary.startswith("Requested by Aiko: monthly. Drill drill-switchover-")
    assert report.drill
    assert (report.drill.kind, report.drill.outcome, report.drill.abort_reason) == ("switchover", "succeeded", "")
    assert report.drill.hold_seconds == 60
    assert report.complete


def test_both_moves_are_included_with_their_answers(switchover_report: tuple[RecordedFailover, Document]) -> None:
    failover, failback = switchover_report[1].moves
    assert (failover.source, failover.target, failover.outcome) == (TOKYO, VIRGINIA, "confirmed")
    assert (failback.source, failback.target, failback.outcome) == (VIRGINIA, TOKYO, "confirmed")
    assert failover.name_servers.most_seconds is not None
    assert failback.name_servers.most_seconds is not None
    assert failback.decided_at > failover.decided_at


def test_every_round_is_marked_as_drill(switchover_report: tuple[RecordedFailover, Document]) -> None:
    report = switchover_report[1]
    assert report.drill
    assert report.samples[0].drill == report.drill.id
    assert "drill: drill from" in render_page(report)


def test_no_sign_in_failed(switchover_report: tuple[RecordedFailover, Document]) -> None:
    assert switchover_report[1].sign_ins.failed == 0
    assert switchover_report[1].sign_ins.tried > 10


def test_tabletop_report_says_no_users_moved() -> None:
    _, report = record_drill("tabletop", rounds=3)
    assert report.moves == []
    assert "Users were not moved." in render_page(report)
    assert [event.kind for event in report.history] == ["drill-started", "drill-ended"]
    assert report.complete


def test_lever_test_names_lever_and_adds_bake_time_to_objective() -> None:
    _, report = record_drill("lever-test")
    [move] = report.moves
    assert (move.lever, move.outcome) == ("weights", "returned")
    assert f"From {TOKYO} to {VIRGINIA}, by weights only: returned" in render_page(report)
    stages = {stage.name: stage for stage in move.stages}
    assert stages["in effect"].objective_seconds == 60
    assert stages["confirmed"].objective_seconds == 60 + 60 + 10, "the TTL, a round, and Route 53's own time"
    assert stages["confirmed"].met


def test_manual_request_may_wait_for_next_round(switchover_report: tuple[RecordedFailover, Document]) -> None:
    accepted = next(stage for stage in switchover_report[1].moves[0].stages if stage.name == "accepted")
    assert accepted.objective_seconds == 10 + 3
    assert accepted.met


def test_all_levers_move_names_no_lever(switchover_report: tuple[RecordedFailover, Document]) -> None:
    report = switchover_report[1]
    assert [move.lever for move in report.moves] == [None, None]
    assert f"From {TOKYO} to {VIRGINIA}: confirmed" in render_page(report)


def test_simulated_outage_report_shows_the_real_verdicts() -> None:
    _, report = record_drill("simulated-outage", rounds=60)
    assert {sample.verdicts_by_observer[VIRGINIA][TOKYO].verdict for sample in report.samples} == {"healthy"}
    assert report.moves[0].automatic is False


def test_drill_ended_by_sick_standby_states_reason() -> None:
    recorded = RecordedFailover()
    request_drill(recorded.world)
    recorded.run(3)
    recorded.world.set_standby(Verdict.SICK)
    recorded.run(40)
    report = recorded.build_report(get_ended_drill(recorded.world).id)
    assert report.drill
    assert report.drill.outcome == "aborted"
    assert report.drill.abort_reason
    assert "drill-aborted" in [refusal.kind for refusal in report.refusals]
    assert recorded.world.user_location is RegionRole.PRIMARY


def test_drill_end_and_move_ends_write_same_report() -> None:
    recorded, report = record_drill()
    written: dict[str, bytes] = {}

    class CapturingReportStore:
        def put(self, key: str, body: bytes, *, content_type: str) -> None:  # noqa: ARG002 - the protocol's parameter
            written[key] = body

    reporter = Reporter(
        recorded.world.settings,
        timeline=recorded.world.memory,
        store=CapturingReportStore(),
        versions=VERSIONS,
        clock=recorded.world.clock,
    )
    move_event = {"detail": {"move": {"id": report.moves[0].id}, "drill": {"id": report.id}}}
    assert reporter.handle(move_event) == {"written": [report.id]}
    assert set(written) == {f"reports/{report.id}.html", f"reports/{report.id}.json"}
    timeline_event = {"detail": {"report": {"id": report.id}}}
    assert reporter.handle(timeline_event) == {"written": [report.id]}


def test_history_links_reports_of_drills_and_moves() -> None:
    recorded = RecordedFailover(report_bucket="bucket")
    request_drill(recorded.world)
    recorded.run(45)
    recorded.world.request("failover", reason="real", token="m")
    recorded.run(4)
    links = [entry["report"] for entry in recorded.world.request("history", limit=200)["history"] if entry["report"]]
    move, drill = recorded.world.state.last_move, recorded.world.state.last_drill
    assert move
    assert drill
    assert links == [f"s3://bucket/reports/{move.id}.html", f"s3://bucket/reports/{drill.id}.html"]


def test_consecutive_drills_are_not_mixed() -> None:
    recorded = RecordedFailover()
    report_ids = []
    for _ in range(2):
        request_drill(recorded.world)
        recorded.run(9)
        report_ids.append(get_ended_drill(recorded.world).id)
    first, second = map(recorded.build_report, report_ids)

    for report in (first, second):
        kinds = [event.kind for event in report.history]
        assert (kinds[0], kinds[-1]) == ("drill-started", "drill-ended")
    assert "drill: another drill from" in render_page(second)


def test_report_counts_sign_ins(switchover_report: tuple[RecordedFailover, Document]) -> None:
    report = switchover_report[1]
    assert report.drill
    assert report.drill.failed == 0
    assert report.drill.tried == 5
    assert f"{report.drill.tried}, of which 0 failed" in render_page(report)
