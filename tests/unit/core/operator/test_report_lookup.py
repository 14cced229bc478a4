"""The action report: the location of the last report, or of one by id."""

from typing import Any

from cognito_failover.common.errors import ReportsUnavailableError
from tests.support.controller_harness import ControllerHarness


class StubReportLookup:
    """A report finder that knows some reports, or is unavailable."""

    def __init__(self) -> None:
        self.known_ids: set[str] = set()
        self.is_available = True

    def find(self, report_id: str) -> dict[str, Any] | None:
        if not self.is_available:
            raise ReportsUnavailableError("The bucket could not be asked.")
        return {"id": report_id, "uri": f"s3://bucket/{report_id}"} if report_id in self.known_ids else None


def start_after_a_move() -> tuple[ControllerHarness, StubReportLookup, str]:
    world = ControllerHarness().settle()
    world.report_finder = reports = StubReportLookup()
    world.restart()
    world.request("failover", reason="drill", token="t")
    world.run(2)
    last = world.state.last_move
    assert last
    return world, reports, last.id


def test_report_of_last_move_is_default() -> None:
    world, reports, move_id = start_after_a_move()
    reports.known_ids = {move_id, "to-us-east-1-1"}
    assert world.request("report")["report"] == {"id": move_id, "uri": f"s3://bucket/{move_id}"}
    assert world.request("report", id="to-us-east-1-1")["report"]["id"] == "to-us-east-1-1"
    assert world.request("report")["message"] == f"The report {move_id} is at s3://bucket/{move_id}."


def test_unwritten_report_answer_says_when_reports_are_written() -> None:
    world, _, move_id = start_after_a_move()
    answer = world.request("report")
    assert (answer["done"], answer["refused_by"]) == (False, "no-report")
    assert answer["message"].startswith(f"There is no report {move_id}. A report is written within a minute")


def test_no_report_before_first_move() -> None:
    world = ControllerHarness().settle()
    world.report_finder = StubReportLookup()
    world.restart()
    assert world.request("report")["message"].startswith(
        "There is no report: the controller's state names no move and no drill"
    )
    assert ControllerHarness().request("report")["refused_by"] == "no-report"


def test_unavailable_report_bucket_is_reported_and_changes_nothing() -> None:
    world, reports, _ = start_after_a_move()
    reports.is_available = False
    before = world.memory.load()
    answer = world.request("report")
    assert answer == {"done": False, "message": "The bucket could not be asked.", "refused_by": "reports"}
    assert world.memory.load() == before


def test_named_report_is_found_without_ledger() -> None:
    world, reports, move_id = start_after_a_move()
    reports.known_ids = {move_id}
    world.fail_ledger()
    assert world.request("report", id=move_id)["done"]
