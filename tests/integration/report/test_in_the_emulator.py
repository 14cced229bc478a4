"""The reporter and the operator's links against a table and a bucket of the emulator, reached without a socket."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from failover.ledger.dynamodb import DynamoDBLedger
from failover.report.links import ReportLinks
from failover.report.reporter import Reporter
from failover.report.shelf import BucketShelf
from tests.integration.latch.test_switch_contract import client_of_s3
from tests.integration.sandbox_cognito.cloud import STANDBY, Cloud
from tests.support.recorded import VERSIONS, Recorded
from tests.support.settings import settings
from tests.unit.docs.pages import ROOT

TABLE, BUCKET = "reported", f"reports-{uuid.uuid4().hex[:8]}"
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "report.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def s3(engine: tuple[asyncio.Runner, Any]) -> Iterator[Any]:
    client = client_of_s3(Cloud(*engine))
    client.create_bucket(Bucket=BUCKET)
    yield client
    for each in client.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        client.delete_object(Bucket=BUCKET, Key=each["Key"])
    client.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def table(engine: tuple[asyncio.Runner, Any]) -> DynamoDBLedger:
    client = Cloud(*engine).client("dynamodb", STANDBY)
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    return DynamoDBLedger(client, TABLE)


def test_a_failover_in_the_table_becomes_a_report_in_the_bucket(s3: Any, table: DynamoDBLedger) -> None:
    recorded = Recorded().failed_over()
    material = recorded.material()
    table.save(recorded.world.state, expected=None, announcements=material.history)
    for sample in material.samples:
        table.put_sample(sample)
    reporter = Reporter(
        recorded.world.settings,
        archive=table,
        shelf=BucketShelf(s3, BUCKET),
        versions=VERSIONS,
        clock=recorded.world.clock,
    )

    assert reporter.handle({"detail": {"move": {"id": material.id}}}) == {"written": [material.id]}

    data = json.loads(s3.get_object(Bucket=BUCKET, Key=f"reports/{material.id}.json")["Body"].read())
    page = s3.get_object(Bucket=BUCKET, Key=f"reports/{material.id}.html")
    jsonschema.validate(data, SCHEMA)
    assert len(data["moments"]) == len(recorded.report().moments)
    assert page["ContentType"] == "text/html; charset=utf-8"
    assert page["Body"].read().startswith(b"<!doctype html>")


def test_the_operator_finds_it_and_one_that_is_not_there_is_none(s3: Any) -> None:
    BucketShelf(s3, BUCKET).put("reports/m-1.html", b"<!doctype html>", content_type="text/html")
    links = ReportLinks(settings(report_bucket=BUCKET), s3)

    found = links.find("m-1")
    assert found
    assert found["uri"] == f"s3://{BUCKET}/reports/m-1.html"
    assert "Signature=" in found["page"], found
    assert links.find("m-2") is None
