"""A person asks where a report is: of the last move, or of one by its id."""

from typing import Any

from failover.errors import ReportsUnavailableError
from tests.support.world import World


class Reports:
    """Knows some reports, or can't tell."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.works = True

    def find(self, report_id: str) -> dict[str, Any] | None:
        if not self.works:
            raise ReportsUnavailableError("The bucket could not be asked.")
        return {"id": report_id, "uri": f"s3://bucket/{report_id}"} if report_id in self.known else None


def asked_after_a_move() -> tuple[World, Reports, str]:
    world = World().settle()
    world.reports = reports = Reports()
    world.new_process()
    world.request("failover", reason="drill", token="t")
    world.run(2)
    last = world.state.last_move
    assert last
    return world, reports, last.id


def test_it_is_that_of_the_last_move_unless_one_is_named() -> None:
    world, reports, move_id = asked_after_a_move()
    reports.known = {move_id, "to-us-east-1-1"}
    assert world.request("report")["report"] == {"id": move_id, "uri": f"s3://bucket/{move_id}"}
    assert world.request("report", id="to-us-east-1-1")["report"]["id"] == "to-us-east-1-1"
    assert world.request("report")["message"] == f"The report {move_id} is at s3://bucket/{move_id}."


def test_one_that_is_not_written_yet_is_told_with_where_to_look() -> None:
    world, _, move_id = asked_after_a_move()
    answer = world.request("report")
    assert (answer["done"], answer["refused_by"]) == (False, "no-report")
    assert answer["message"].startswith(f"There is no report {move_id}. It is written within a minute")


def test_before_any_move_there_is_none() -> None:
    world = World().settle()
    world.reports = Reports()
    world.new_process()
    assert world.request("report")["message"].startswith("There is no report: no move and no drill has ended yet")
    assert World().request("report")["refused_by"] == "no-report"


def test_a_bucket_out_of_reach_is_told_and_nothing_else_suffers() -> None:
    world, reports, _ = asked_after_a_move()
    reports.works = False
    before = world.memory.load()
    answer = world.request("report")
    assert answer == {"done": False, "message": "The bucket could not be asked.", "refused_by": "reports"}
    assert world.memory.load() == before


def test_a_report_named_is_found_without_the_ledger() -> None:
    world, reports, move_id = asked_after_a_move()
    reports.known = {move_id}
    world.ledger_fails()
    assert world.request("report", id=move_id)["done"]
