"""Reading the app clients of pools with few and with many of them."""

from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import pytest

from cognito_failover.core.preflight_result import CheckOutcome
from cognito_failover.preflight.readers.pool import MAX_DESCRIBED_CLIENTS, AppClients, read_app_clients
from tests.support.settings import make_settings
from tests.unit.preflight.stub_facts import NOW, run_check


def read(number: int, *, hours: int = 0) -> AppClients:
    """Return what a run reads of a pool with this number of app clients."""
    client = Mock()
    names = [f"client-{index:04}" for index in range(number)]
    client.get_paginator.return_value.paginate.return_value = [
        {"UserPoolClients": [{"ClientId": name} for name in names[start : start + 60]]}
        for start in range(0, number, 60)
    ]
    client.describe_user_pool_client.side_effect = lambda **fields: {"UserPoolClient": {"ClientId": fields["ClientId"]}}
    context = SimpleNamespace(get_client=lambda _service, _region: client)
    snapshot = SimpleNamespace(settings=make_settings(), context=context, now=NOW + hours * 3600)
    return read_app_clients(cast("Any", snapshot))


@pytest.fixture(autouse=True)
def _skip_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cognito_failover.preflight.readers.pool._READ_INTERVAL_SECONDS", 0.0)


@pytest.mark.parametrize("number", [0, 1, MAX_DESCRIBED_CLIENTS])
def test_few_app_clients_are_all_described(number: int) -> None:
    clients = read(number)

    assert (clients.total, len(clients.described)) == (number, number)


@pytest.mark.parametrize("number", [MAX_DESCRIBED_CLIENTS + 1, 150, 900])
def test_runs_of_a_day_describe_every_one_of_many_app_clients(number: int) -> None:
    runs = [read(number, hours=hour) for hour in range(24)]

    assert all(len(run.described) == MAX_DESCRIBED_CLIENTS for run in runs)
    assert len({client["ClientId"] for run in runs for client in run.described}) == number


def test_partly_described_app_clients_are_said_to_be() -> None:
    result = run_check("federated-only", {read_app_clients: read(340)})

    assert result.outcome is CheckOutcome.PASSED
    assert "40 of 340 app clients" in result.message
