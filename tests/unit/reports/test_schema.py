"""The documented schema matches the code, and reports match the schema."""

import json
from typing import Any

import jsonschema
import msgspec
import pytest

from cognito_failover.core.verdict import Verdict
from cognito_failover.reports.document import Document
from cognito_failover.reports.schema import build_schema
from tests.support.recorded_failover import RecordedFailover
from tests.unit.docs.pages import ROOT

FILE = ROOT / "docs" / "schemas" / "report.schema.json"
WRITTEN_SCHEMA: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def to_json(report: Document) -> Any:
    return json.loads(msgspec.json.encode(report))


def make_report_without_timeline() -> RecordedFailover:
    recorded = RecordedFailover()
    recorded.world.set_primary(Verdict.SICK)
    recorded.world.run(5)
    return recorded


def test_file_matches_make_schema() -> None:
    assert build_schema() == WRITTEN_SCHEMA, "run: make schema"


def test_schema_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(WRITTEN_SCHEMA)


@pytest.mark.parametrize(
    "record",
    [lambda: RecordedFailover().fail_over(), make_report_without_timeline],
    ids=["with a timeline", "without a timeline"],
)
def test_report_matches_schema(record: Any) -> None:
    jsonschema.validate(to_json(record().build_report()), WRITTEN_SCHEMA)


def test_extra_or_missing_field_is_rejected() -> None:
    report = to_json(make_report_without_timeline().build_report())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**report, "another": 1}, WRITTEN_SCHEMA)
    del report["sign_ins"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report, WRITTEN_SCHEMA)


def test_every_field_is_described() -> None:
    described_as_a_whole = {"DomainSignIn", "HistoryEntry", "LatchStatus", "ObservedVerdict", "RefusalEntry"}
    undescribed = {
        name: [field for field, schema in definition["properties"].items() if "description" not in schema]
        for name, definition in WRITTEN_SCHEMA["$defs"].items()
    }
    assert {name for name, fields in undescribed.items() if fields} == described_as_a_whole
    assert all(definition["description"] for definition in WRITTEN_SCHEMA["$defs"].values())
