"""A replicated pool in a sandbox, its region TXT record, and the client programs that read it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cognito_failover.common.region import PerRole, route_all_to
from cognito_failover.routing.records.region_txt_record import build_region_record_pair
from sandbox.client import SandboxClient
from sandbox.testing import run_sandbox
from tests.integration.clients.programs import ROOT, ClientProgram, start_node_program, start_python_program
from tests.support import load_scaling
from tests.support.settings import TOKYO, VIRGINIA

DOMAIN = "auth.example.com"
REGIONS = PerRole(primary=TOKYO, standby=VIRGINIA)

type MoveTraffic = Callable[[str], None]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxClient]:
    with run_sandbox("--lag-seconds", "0", "--creating-seconds", "0", "--propagation-seconds", "0") as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def replicated_pool(sandbox: SandboxClient) -> dict[str, Any]:
    command = [sys.executable, "-m", "sandbox", "setup", "--network", sandbox.description["network"]]
    result = subprocess.run(  # noqa: S603 - our own module
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=load_scaling.get_wait_limit()
    )
    set_up: dict[str, Any] = json.loads(result.stdout)
    return set_up


@pytest.fixture
def move_region_record(sandbox: SandboxClient, replicated_pool: dict[str, Any]) -> MoveTraffic:
    """Point the region TXT record to Tokyo, and return a function that moves it."""
    route53 = sandbox.client("route53", "us-east-1")

    def move(region: str) -> None:
        role = next(candidate for candidate, name in REGIONS if name == region)
        no_health_checks: PerRole[Any] = PerRole(primary={}, standby={})
        # TTL 0: no cache keeps an answer after a test has moved the record.
        pair = build_region_record_pair(
            no_health_checks, domain_name=DOMAIN, regions=REGIONS, weights=route_all_to(role), ttl_seconds=0
        )
        changes = [{"Action": "UPSERT", "ResourceRecordSet": record} for _, record in pair]
        route53.change_resource_record_sets(
            HostedZoneId=replicated_pool["zone"]["id"], ChangeBatch={"Changes": changes}
        )

    move(TOKYO)
    return move


@pytest.fixture(scope="session")
def client_config(sandbox: SandboxClient, replicated_pool: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of a client program."""
    ports = sandbox.description["ports"]
    return {
        "domain": DOMAIN,
        "primary": TOKYO,
        "standby": VIRGINIA,
        "resolver": f"{sandbox.description['resolver']}:{ports['dns']}",
        # Tokyo is the Region that fails, so its timeout is short.
        "patience_seconds": {TOKYO: load_scaling.scale_seconds(3), VIRGINIA: load_scaling.scale_seconds(20)},
        "client_id": replicated_pool["client_id"],
    }


@pytest.fixture(params=["boto3", "aws-sdk-js"], scope="session")
def program(
    request: pytest.FixtureRequest, sandbox: SandboxClient, client_config: dict[str, Any]
) -> Iterator[ClientProgram]:
    run = start_python_program if request.param == "boto3" else start_node_program
    with run(sandbox, client_config) as program:
        yield program
