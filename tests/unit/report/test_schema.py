"""The schema in the documentation is the report's own, and every report keeps to it."""

import json
from typing import Any

import jsonschema
import msgspec
import pytest

from failover.probe.verdict import Verdict
from failover.report.document import Document
from failover.report.schema import schema
from tests.support.recorded import Recorded
from tests.unit.docs.pages import ROOT

FILE = ROOT / "docs" / "schemas" / "report.schema.json"
WRITTEN: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def as_json(report: Document) -> Any:
    return json.loads(msgspec.json.encode(report))


def bare() -> Recorded:
    recorded = Recorded()
    recorded.world.primary(Verdict.SICK)
    recorded.world.run(5)
    return recorded


def test_the_file_is_what_make_schema_writes() -> None:
    assert schema() == WRITTEN, "run: make schema"


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(WRITTEN)


@pytest.mark.parametrize("played", [lambda: Recorded().failed_over(), bare], ids=["kept", "without a timeline"])
def test_a_report_keeps_to_it(played: Any) -> None:
    jsonschema.validate(as_json(played().report()), WRITTEN)


def test_a_field_too_many_or_too_few_does_not() -> None:
    report = as_json(bare().report())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**report, "another": 1}, WRITTEN)
    del report["sign_ins"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report, WRITTEN)


def test_every_field_says_what_it_means() -> None:
    silent = [
        f"{name}.{field}"
        for name, described in WRITTEN["$defs"].items()
        for field, part in described["properties"].items()
        if "description" not in part and "description" not in described
    ]
    assert silent == []
    assert WRITTEN["$defs"]["Document"]["properties"]["complete"]["description"].startswith("Whether it was watched")
