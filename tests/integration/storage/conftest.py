"""The ledgers: one in memory, one in an emulated table that is called without a socket, and one in the table's twin."""

import asyncio
from typing import Any, cast

import pytest

from cognito_failover.storage.dynamodb import DynamoDBLedger
from cognito_failover_testing.memory_dynamodb import MemoryDynamoDBClient, MemoryTable
from cognito_failover_testing.memory_ledger import MemoryLedger
from tests.integration.sandbox_cognito.cloud import STANDBY, InProcessCloud

type Ledger = DynamoDBLedger | MemoryLedger

TABLE = "ledger"


@pytest.fixture
def client(engine: tuple[asyncio.Runner, Any]) -> Any:
    """Return a DynamoDB client of a new account that has the ledger's table."""
    client = InProcessCloud(*engine).client("dynamodb", STANDBY)
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


@pytest.fixture
def table(client: Any) -> DynamoDBLedger:
    return DynamoDBLedger(client, TABLE)


@pytest.fixture(params=["memory", "dynamodb", "dynamodb-twin"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "memory":
        return MemoryLedger()
    if request.param == "dynamodb-twin":
        return DynamoDBLedger(cast("Any", MemoryDynamoDBClient(MemoryTable(TABLE))), TABLE)
    table: DynamoDBLedger = request.getfixturevalue("table")
    return table
