"""A replicated pool in a sandbox, its domain's beacon, and the client programs that read it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from failover.levers.beacon import beacon_pair
from failover.region import PerSide, all_to
from sandbox.attached import Sandbox
from sandbox.testing import running
from tests.integration.clients.programs import ROOT, Program, node_program, python_program
from tests.support import patience
from tests.support.settings import TOKYO, VIRGINIA

DOMAIN = "auth.example.com"
REGIONS = PerSide(primary=TOKYO, standby=VIRGINIA)

type Move = Callable[[str], None]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with running("--lag-seconds", "0", "--creating-seconds", "0", "--propagation-seconds", "0") as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def article(sandbox: Sandbox) -> dict[str, Any]:
    command = [sys.executable, "-m", "sandbox", "setup", "--network", sandbox.description["network"]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=patience.wait_limit())  # noqa: S603 - our own module
    made: dict[str, Any] = json.loads(done.stdout)
    return made


@pytest.fixture
def move_beacon(sandbox: Sandbox, article: dict[str, Any]) -> Move:
    """Return what has the beacon name a Region; it names Tokyo at first."""
    route53 = sandbox.client("route53", "us-east-1")

    def move(region: str) -> None:
        side = next(side for side, name in REGIONS if name == region)
        unchecked: PerSide[Any] = PerSide(primary={}, standby={})
        # Nobody may keep an answer for longer than the test lets it stand.
        pair = beacon_pair(unchecked, domain_name=DOMAIN, regions=REGIONS, weights=all_to(side), ttl_seconds=0)
        changes = [{"Action": "UPSERT", "ResourceRecordSet": record} for _, record in pair]
        route53.change_resource_record_sets(HostedZoneId=article["zone"]["id"], ChangeBatch={"Changes": changes})

    move(TOKYO)
    return move


@pytest.fixture(scope="session")
def place(sandbox: Sandbox, article: dict[str, Any]) -> dict[str, Any]:
    """Return what a client program is told of the world."""
    ports = sandbox.description["ports"]
    return {
        "domain": DOMAIN,
        "primary": TOKYO,
        "standby": VIRGINIA,
        "resolver": f"{sandbox.description['resolver']}:{ports['dns']}",
        # Tokyo is the one that dies: whoever waits for it waits as long as this.
        "patience_seconds": {TOKYO: patience.scale(3), VIRGINIA: patience.scale(20)},
        "client_id": article["client_id"],
    }


@pytest.fixture(params=["boto3", "aws-sdk-js"], scope="session")
def program(request: pytest.FixtureRequest, sandbox: Sandbox, place: dict[str, Any]) -> Iterator[Program]:
    run = python_program if request.param == "boto3" else node_program
    with run(sandbox, place) as program:
        yield program
