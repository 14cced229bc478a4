"""A replicated pool in a sandbox, its domain's beacon, and the client programs that read it."""

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
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=load_scaling.get_wait_limit()
    )  # noqa: S603 - our own module
    made: dict[str, Any] = json.loads(done.stdout)
    return made


@pytest.fixture
def move_region_record(sandbox: SandboxClient, replicated_pool: dict[str, Any]) -> MoveTraffic:
    """Return what has the beacon name a Region; it names Tokyo at first."""
    route53 = sandbox.client("route53", "us-east-1")

    def move(region: str) -> None:
        role = next(side for side, name in REGIONS if name == region)
        unchecked: PerRole[Any] = PerRole(primary={}, standby={})
        # Nobody may keep an answer for longer than the test lets it stand.
        pair = build_region_record_pair(
            unchecked, domain_name=DOMAIN, regions=REGIONS, weights=route_all_to(role), ttl_seconds=0
        )
        changes = [{"Action": "UPSERT", "ResourceRecordSet": record} for _, record in pair]
        route53.change_resource_record_sets(
            HostedZoneId=replicated_pool["zone"]["id"], ChangeBatch={"Changes": changes}
        )

    move(TOKYO)
    return move


@pytest.fixture(scope="session")
def client_config(sandbox: SandboxClient, replicated_pool: dict[str, Any]) -> dict[str, Any]:
    """Return what a client program is told of the world."""
    ports = sandbox.description["ports"]
    return {
        "domain": DOMAIN,
        "primary": TOKYO,
        "standby": VIRGINIA,
        "resolver": f"{sandbox.description['resolver']}:{ports['dns']}",
        # Tokyo is the one that dies: whoever waits for it waits as long as this.
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
