"""One sandbox for all: a replicated pool, and front.yaml deployed in both of its Regions."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sandbox.article import Plan, set_up
from sandbox.testing import running
from tests.integration.clients.programs import Program
from tests.integration.front.fronts import DOMAIN, ROOT, Fronts, deploy
from tests.support.settings import TOKYO, VIRGINIA

_INSTALLED = ROOT / "build" / "clients" / "front"


@pytest.fixture(scope="session")
def fronts() -> Iterator[Fronts]:
    with running("--lag-seconds", "0", "--creating-seconds", "0", "--propagation-seconds", "0") as sandbox:
        addresses = {region: sandbox.network.target(region) for region in (TOKYO, VIRGINIA)}
        plan = Plan(addresses=addresses, weighted_records=False)
        made = set_up(sandbox.client, plan, time.sleep)
        yield deploy(sandbox, made, (TOKYO, VIRGINIA))


@pytest.fixture(params=["boto3", "amazon-cognito-identity-js"])
def app(request: pytest.FixtureRequest, fronts: Fronts) -> Iterator[Program]:
    """Return an app that knows one host to sign in at, and no Region."""
    fronts.point_at(TOKYO)
    folder = ROOT / "tests" / "clients" / "front"
    command = [sys.executable, str(folder / "sign_in.py")]
    if request.param != "boto3":
        command = [_node_or_skip(), str(_INSTALLED / "sign_in.cjs")]
    with _running(fronts, command) as program:
        yield program


def _node_or_skip() -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    if not (_INSTALLED / ".installed").exists():
        pytest.skip("amazon-cognito-identity-js is not installed: make test installs it, given npm")
    return node


@contextmanager
def _running(fronts: Fronts, command: list[str]) -> Iterator[Program]:
    place = {
        "endpoint": f"https://{DOMAIN}",
        "region": TOKYO,
        "pool_id": fronts.set_up.pool_id,
        "client_id": fronts.set_up.client_id,
    }
    environment = fronts.sandbox.environment()
    environment["PYTHONPATH"] += f":{ROOT}"
    process = subprocess.Popen(  # noqa: S603 - our own programs
        [*command, json.dumps(place)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield Program(process)
        finally:
            process.kill()
