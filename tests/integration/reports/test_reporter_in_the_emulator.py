"""The reporter, and links to reports, with a table and a bucket of the emulator in this process."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from cognito_failover.reports.links import ReportLinks
from cognito_failover.reports.reporter import Reporter, S3ReportStore
from cognito_failover.storage.dynamodb import DynamoDBLedger
from tests.integration.routing.latch.test_switch_contract import make_s3_client
from tests.integration.sandbox_cognito.cloud import STANDBY, InProcessCloud
from tests.support.recorded_failover import VERSIONS, RecordedFailover
from tests.support.settings import make_settings
from tests.unit.docs.pages import ROOT

TABLE, BUCKET = "reported", f"reports-{uuid.uuid4().hex[:8]}"
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "report.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def s3(engine: tuple[asyncio.Runner, Any]) -> Iterator[Any]:
    client = make_s3_client(InProcessCloud(*engine))
    client.create_bucket(Bucket=BUCKET)
    yield client
    for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        client.delete_object(Bucket=BUCKET, Key=entry["Key"])
    client.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def table(engine: tuple[asyncio.Runner, Any]) -> DynamoDBLedger:
    client = InProcessCloud(*engine).client("dynamodb", STANDBY)
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    return DynamoDBLedger(client, TABLE)


def test_failover_in_ledger_becomes_report_in_bucket(s3: Any, table: DynamoDBLedger) -> None:
    recorded = RecordedFailover().fail_over()
    report_input = recorded.load_source_data()
    table.save(recorded.world.state, expected=None, events=report_input.history)
    for sample in report_input.samples:
        table.save_sample(sample)
    reporter = Reporter(
        recorded.world.settings,
        timeline=table,
        store=S3ReportStore(s3, BUCKET),
        versions=VERSIONS,
        clock=recorded.world.clock,
    )

    assert reporter.handle({"detail": {"move": {"id": report_input.id}}}) == {"written": [report_input.id]}

    data = json.loads(s3.get_object(Bucket=BUCKET, Key=f"reports/{report_input.id}.json")["Body"].read())
    page = s3.get_object(Bucket=BUCKET, Key=f"reports/{report_input.id}.html")
    jsonschema.validate(data, SCHEMA)
    assert len(data["samples"]) == len(recorded.build_report().samples)
    assert page["ContentType"] == "text/html; charset=utf-8"
    assert page["Body"].read().startswith(b"<!doctype html>")


def test_operator_finds_existing_report_only(s3: Any) -> None:
    S3ReportStore(s3, BUCKET).put("reports/m-1.html", b"<!doctype html>", content_type="text/html")
    links = ReportLinks(make_settings(report_bucket=BUCKET), s3)

    report = links.find("m-1")
    assert report
    assert report["uri"] == f"s3://{BUCKET}/reports/m-1.html"
    assert "Signature=" in report["page"], report
    assert links.find("m-2") is None
