"""One sandbox for all tests: a replicated pool, and front.yaml deployed in both Regions."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sandbox.reference_setup.setup import SetupPlan, set_up
from sandbox.testing import run_sandbox
from tests.integration.clients.programs import ClientProgram
from tests.integration.front.fronts import DOMAIN, ROOT, FrontDeployment, deploy
from tests.support import load_scaling
from tests.support.settings import TOKYO, VIRGINIA

_INSTALLED = ROOT / "build" / "clients" / "front"


@pytest.fixture(scope="session")
def fronts() -> Iterator[FrontDeployment]:
    with run_sandbox("--lag-seconds", "0", "--creating-seconds", "0", "--propagation-seconds", "0") as sandbox:
        addresses = {region: sandbox.network.get_target_address(region) for region in (TOKYO, VIRGINIA)}
        plan = SetupPlan(addresses=addresses, weighted_records=False)
        setup_result = set_up(sandbox.client, plan, time.sleep)
        yield deploy(sandbox, setup_result, (TOKYO, VIRGINIA))


@pytest.fixture(params=["boto3", "amazon-cognito-identity-js"])
def app(request: pytest.FixtureRequest, fronts: FrontDeployment) -> Iterator[ClientProgram]:
    """Run an app that knows only one host for sign-in, and no Region."""
    fronts.point_dns_to(TOKYO)
    folder = ROOT / "tests" / "clients" / "front"
    command = [sys.executable, str(folder / "sign_in.py")]
    if request.param != "boto3":
        command = [_require_node(), str(_INSTALLED / "sign_in.cjs")]
    with _start_program(fronts, command) as program:
        yield program


def _require_node() -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    if not (_INSTALLED / ".installed").exists():
        pytest.skip("amazon-cognito-identity-js is not installed: make test installs it, given npm")
    return node


@contextmanager
def _start_program(fronts: FrontDeployment, command: list[str]) -> Iterator[ClientProgram]:
    config = {
        "endpoint": f"https://{DOMAIN}",
        "region": TOKYO,
        "pool_id": fronts.set_up.pool_id,
        "client_id": fronts.set_up.client_id,
        "timeout_seconds": load_scaling.scale_seconds(5),
    }
    environment = fronts.sandbox.build_environment()
    environment["PYTHONPATH"] += f":{ROOT}"
    process = subprocess.Popen(  # noqa: S603 - our own programs
        [*command, json.dumps(config)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield ClientProgram(process)
        finally:
            process.kill()
