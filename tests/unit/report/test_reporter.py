"""The reporter writes what an event is about, as often as it is told, always into the same place."""

import json
import subprocess
import sys
from typing import Any

import pytest

import failover
from failover.report.material import UnknownReportError
from failover.report.reporter import Reporter, UnwrittenError, id_in
from failover.report.versions import code_hash, versions
from failover.report_place import key_of, uri_of
from tests.support.recorded import VERSIONS, Recorded
from tests.support.settings import settings
from tests.unit.docs.pages import ROOT


class Shelf:
    """Keeps what is put, unless it is told to refuse it."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.refuses = ""

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        if self.refuses and self.refuses in key:
            raise ConnectionError("SlowDown")
        self.kept[key] = body
        self.types[key] = content_type


class Desk:
    def __init__(self) -> None:
        self.recorded = Recorded()
        self.shelf = Shelf()
        self.reporter = Reporter(
            self.recorded.world.settings,
            archive=self.recorded.world.memory,
            shelf=self.shelf,
            versions=VERSIONS,
            clock=self.recorded.world.clock,
        )

    def move(self) -> str:
        last = self.recorded.world.state.last_move
        assert last
        return last.id


@pytest.fixture
def desk() -> Desk:
    return Desk()


def told(announcement_id: str, **detail: Any) -> dict[str, Any]:
    return {"source": "cognito-failover", "detail": {"move": {"id": announcement_id}, **detail}}


def test_page_and_data_are_written_under_the_moves_id(desk: Desk) -> None:
    desk.recorded.failed_over()
    assert desk.reporter.handle(told(desk.move())) == {"written": [desk.move()]}
    assert desk.shelf.types == {
        f"reports/{desk.move()}.json": "application/json",
        f"reports/{desk.move()}.html": "text/html; charset=utf-8",
    }
    assert json.loads(desk.shelf.kept[f"reports/{desk.move()}.json"])["complete"]
    assert desk.shelf.kept[f"reports/{desk.move()}.html"].startswith(b"<!doctype html>")


def test_an_event_that_comes_twice_changes_nothing(desk: Desk) -> None:
    desk.recorded.failed_over()
    desk.reporter.handle(told(desk.move()))
    before = dict(desk.shelf.kept)
    desk.reporter.handle(told(desk.move()))
    assert desk.shelf.kept == before


def test_a_person_may_ask_for_one_by_its_id(desk: Desk) -> None:
    desk.recorded.failed_over()
    desk.recorded.world.wait(86_400)
    assert desk.reporter.handle({"id": desk.move()}) == {"written": [desk.move()]}


def test_an_earlier_move_whose_aftermath_was_cut_short_is_completed(desk: Desk) -> None:
    world = desk.recorded.world
    world.request("failover", reason="there", token="1")
    desk.recorded.run(3)
    first = desk.move()
    desk.reporter.handle(told(first))
    assert not json.loads(desk.shelf.kept[f"reports/{first}.json"])["complete"]
    world.request("failback", reason="and back", token="2", pace="in-one")
    desk.recorded.run(3)
    assert desk.reporter.handle(told(desk.move())) == {"written": [first, desk.move()]}
    assert json.loads(desk.shelf.kept[f"reports/{first}.json"])["complete"]


def test_an_event_about_no_move_writes_nothing(desk: Desk) -> None:
    assert desk.reporter.handle({"source": "cognito-failover", "detail": {"move": None}}) == {"written": []}


def test_an_unknown_id_is_told_as_such(desk: Desk) -> None:
    with pytest.raises(UnknownReportError, match="knows of no move"):
        desk.reporter.handle({"id": "to-us-east-1-1800000000"})


def test_one_that_can_t_be_written_costs_no_other_and_is_tried_again_by_whoever_sent_it(desk: Desk) -> None:
    world = desk.recorded.world
    world.request("failover", reason="there", token="1")
    desk.recorded.run(3)
    first = desk.move()
    world.request("failback", reason="and back", token="2", pace="in-one")
    desk.recorded.run(3)
    desk.shelf.refuses = first
    with pytest.raises(UnwrittenError, match=f"1 reports could not be written. {first}: ConnectionError: SlowDown"):
        desk.reporter.handle(told(desk.move()))
    assert f"reports/{desk.move()}.html" in desk.shelf.kept


def test_a_drills_event_is_about_the_drill() -> None:
    assert id_in(told("to-us-east-1-1", drill={"id": "drill-switchover-2"})) == "drill-switchover-2"
    assert id_in(told("to-us-east-1-1", drill=None)) == "to-us-east-1-1"


def test_where_a_report_is() -> None:
    assert key_of("to-us-east-1-1", "html") == "reports/to-us-east-1-1.html"
    assert uri_of("m-1", settings(report_bucket="bucket")) == "s3://bucket/reports/m-1.html"
    assert uri_of("m-1", settings()) == ""


def test_the_software_tells_its_versions() -> None:
    assert f'version = "{failover.__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert versions({"AWS_LAMBDA_FUNCTION_VERSION": "$LATEST"})["function"] == "$LATEST"
    assert set(versions({})) == {"package", "code", "python"}
    assert len(code_hash()) == 16


@pytest.mark.parametrize("assembly", ["assembly", "assembly_observer"])
def test_whoever_moves_or_observes_loads_nothing_of_it(assembly: str) -> None:
    loaded = subprocess.run(  # noqa: S603 - this interpreter, with our own words
        [sys.executable, "-c", f"import failover.{assembly}, sys; print(*sys.modules)"],
        env={"PYTHONPATH": str(ROOT / "layers" / "failover")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "failover.rounds.round" in loaded or assembly != "assembly"
    assert not {name for name in loaded if name.split(".")[0] in {"jinja2", "svg", "markupsafe"}}
    assert not {name for name in loaded if name.startswith("failover.report.")}
