"""The reporter writes the report of an event's move or drill, and overwrites it on a repeat."""

import json
import subprocess
import sys
from typing import Any

import pytest

import cognito_failover
from cognito_failover.core.report_location import build_report_key, build_report_uri
from cognito_failover.reports.reporter import (
    Reporter,
    ReportWriteError,
    collect_versions,
    compute_code_hash,
    find_report_id,
)
from cognito_failover.reports.source_data import UnknownReportError
from tests.support.recorded_failover import VERSIONS, RecordedFailover
from tests.support.settings import make_settings
from tests.unit.docs.pages import ROOT


class InMemoryReportStore:
    """Keeps objects, and refuses keys that contain `refused_key_part`."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.content_types: dict[str, str] = {}
        self.refused_key_part = ""

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        if self.refused_key_part and self.refused_key_part in key:
            raise ConnectionError("SlowDown")
        self.objects[key] = body
        self.content_types[key] = content_type


class ReporterHarness:
    def __init__(self) -> None:
        self.recorded = RecordedFailover()
        self.report_store = InMemoryReportStore()
        self.reporter = Reporter(
            self.recorded.world.settings,
            timeline=self.recorded.world.memory,
            store=self.report_store,
            versions=VERSIONS,
            clock=self.recorded.world.clock,
        )

    def get_last_move_id(self) -> str:
        last = self.recorded.world.state.last_move
        assert last
        return last.id


@pytest.fixture
def harness() -> ReporterHarness:
    return ReporterHarness()


def make_event(move_id: str, **detail: Any) -> dict[str, Any]:
    return {"source": "cognito-failover", "detail": {"move": {"id": move_id}, **detail}}


def test_page_and_data_are_written_under_move_id(harness: ReporterHarness) -> None:
    harness.recorded.fail_over()
    assert harness.reporter.handle(make_event(harness.get_last_move_id())) == {"written": [harness.get_last_move_id()]}
    assert harness.report_store.content_types == {
        f"reports/{harness.get_last_move_id()}.json": "application/json",
        f"reports/{harness.get_last_move_id()}.html": "text/html; charset=utf-8",
    }
    assert json.loads(harness.report_store.objects[f"reports/{harness.get_last_move_id()}.json"])["complete"]
    assert harness.report_store.objects[f"reports/{harness.get_last_move_id()}.html"].startswith(b"<!doctype html>")


def test_duplicate_event_changes_nothing(harness: ReporterHarness) -> None:
    harness.recorded.fail_over()
    harness.reporter.handle(make_event(harness.get_last_move_id()))
    before = dict(harness.report_store.objects)
    harness.reporter.handle(make_event(harness.get_last_move_id()))
    assert harness.report_store.objects == before


def test_report_can_be_requested_by_id(harness: ReporterHarness) -> None:
    harness.recorded.fail_over()
    harness.recorded.world.wait(86_400)
    assert harness.reporter.handle({"id": harness.get_last_move_id()}) == {"written": [harness.get_last_move_id()]}


def test_earlier_move_with_interrupted_recording_is_completed(harness: ReporterHarness) -> None:
    world = harness.recorded.world
    world.request("failover", reason="there", token="1")
    harness.recorded.run(3)
    first = harness.get_last_move_id()
    harness.reporter.handle(make_event(first))
    assert not json.loads(harness.report_store.objects[f"reports/{first}.json"])["complete"]
    world.request("failback", reason="and back", token="2", mode="all-at-once")
    harness.recorded.run(3)
    assert harness.reporter.handle(make_event(harness.get_last_move_id())) == {
        "written": [first, harness.get_last_move_id()]
    }
    assert json.loads(harness.report_store.objects[f"reports/{first}.json"])["complete"]


def test_event_without_move_writes_nothing(harness: ReporterHarness) -> None:
    assert harness.reporter.handle({"source": "cognito-failover", "detail": {"move": None}}) == {"written": []}


def test_unknown_id_is_reported(harness: ReporterHarness) -> None:
    with pytest.raises(UnknownReportError, match="has no move or drill"):
        harness.reporter.handle({"id": "to-us-east-1-1800000000"})


def test_failed_report_raises_after_the_others_are_written(harness: ReporterHarness) -> None:
    world = harness.recorded.world
    world.request("failover", reason="there", token="1")
    harness.recorded.run(3)
    first = harness.get_last_move_id()
    world.request("failback", reason="and back", token="2", mode="all-at-once")
    harness.recorded.run(3)
    harness.report_store.refused_key_part = first
    with pytest.raises(ReportWriteError, match=f"1 reports could not be written. {first}: ConnectionError: SlowDown"):
        harness.reporter.handle(make_event(harness.get_last_move_id()))
    assert f"reports/{harness.get_last_move_id()}.html" in harness.report_store.objects


def test_drill_event_writes_drill_report() -> None:
    assert find_report_id(make_event("to-us-east-1-1", drill={"id": "drill-switchover-2"})) == "drill-switchover-2"
    assert find_report_id(make_event("to-us-east-1-1", drill=None)) == "to-us-east-1-1"


def test_report_location_is_derived_from_id() -> None:
    assert build_report_key("to-us-east-1-1", "html") == "reports/to-us-east-1-1.html"
    assert build_report_uri("m-1", make_settings(report_bucket="bucket")) == "s3://bucket/reports/m-1.html"
    assert build_report_uri("m-1", make_settings()) == ""


def test_software_versions_are_reported() -> None:
    assert f'version = "{cognito_failover.__version__}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert collect_versions({"AWS_LAMBDA_FUNCTION_VERSION": "$LATEST"})["function"] == "$LATEST"
    assert set(collect_versions({})) == {"package", "code", "python"}
    assert len(compute_code_hash()) == 16


@pytest.mark.parametrize("function", ["controller", "observer"])
def test_controller_and_observer_import_no_report_code(function: str) -> None:
    loaded = subprocess.run(  # noqa: S603 - this interpreter, with fixed arguments
        [sys.executable, "-c", f"import cognito_failover.wiring.{function}, sys; print(*sys.modules)"],
        env={"PYTHONPATH": str(ROOT / "layers" / "failover")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "cognito_failover.controller.round" in loaded or function != "controller"
    assert not {name for name in loaded if name.split(".")[0] in {"jinja2", "svg", "markupsafe"}}
    assert not {name for name in loaded if name.startswith("cognito_failover.reports.")}
