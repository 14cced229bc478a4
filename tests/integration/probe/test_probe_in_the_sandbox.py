"""Probe rounds from inside the standby Region, over the real host names, with injected faults."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.client import SandboxClient
from sandbox.testing import run_sandbox
from tests.support import load_scaling

ROOT = Path(__file__).resolve().parents[3]
TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
HEALTHY = ["healthy", ""]

type ObserveRound = Callable[[], dict[str, Any]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxClient]:
    with run_sandbox("--lag-seconds", "0.1", "--creating-seconds", "0.5") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def replicated_pool(sandbox: SandboxClient) -> dict[str, Any]:
    command = [sys.executable, "-m", "sandbox", "setup", "--network", sandbox.description["network"]]
    completed = subprocess.run(  # noqa: S603 - our own module
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=load_scaling.get_wait_limit()
    )
    description: dict[str, Any] = json.loads(completed.stdout)
    return description


@pytest.fixture
def observe(sandbox: SandboxClient, replicated_pool: dict[str, Any]) -> Iterator[ObserveRound]:
    settings = {
        "primary_region": TOKYO,
        "standby_region": VIRGINIA,
        "user_pool_id": replicated_pool["pool_id"],
        "client_id": replicated_pool["client_id"],
        "canary_secret_arn": replicated_pool["canary"]["secret_arn"],
        "hosted_zone_id": replicated_pool["zone"]["id"],
        "domain_name": "auth.example.com",
        "primary_target": replicated_pool["targets"][TOKYO],
        "standby_target": replicated_pool["targets"][VIRGINIA],
        "table_name": "unused",
        "topic_arn": "unused",
        **load_scaling.probe_limits(),
    }
    environment = sandbox.build_environment(inside=VIRGINIA) | dict(sandbox.description["credentials"])
    paths = [environment.get("PYTHONPATH", ""), str(ROOT / "layers" / "failover")]
    observer = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, str(Path(__file__).with_name("observer_process.py")), json.dumps(settings)],
        env=environment | {"PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run_round() -> dict[str, Any]:
        assert observer.stdin
        assert observer.stdout
        observer.stdin.write("\n")
        observer.stdin.flush()
        verdicts: dict[str, Any] = json.loads(observer.stdout.readline())
        return verdicts

    with observer:
        yield run_round
        observer.kill()


def test_both_regions_are_healthy(observe: ObserveRound) -> None:
    assert observe() == {"witness": True, "primary": HEALTHY, "standby": HEALTHY}


def test_dead_primary_is_sick_and_recovers(sandbox: SandboxClient, observe: ObserveRound) -> None:
    with sandbox.inject_fault(region=TOKYO, effect="dead"):
        assert observe() == {"witness": True, "primary": ["sick", "connect-timeout"], "standby": HEALTHY}

    assert observe()["primary"] == HEALTHY


def test_isolated_observer_gives_primary_the_verdict_unknown(sandbox: SandboxClient, observe: ObserveRound) -> None:
    with sandbox.inject_fault(region=VIRGINIA, effect="cut-off"):
        assert observe() == {"witness": False, "primary": ["unknown", "connect-timeout"], "standby": HEALTHY}


def test_throttled_primary_is_throttled(sandbox: SandboxClient, observe: ObserveRound) -> None:
    with sandbox.inject_fault(region=TOKYO, service="cognito-idp", operation="InitiateAuth", effect="throttle"):
        assert observe()["primary"] == ["throttled", "TooManyRequestsException"]


def test_standby_with_hanging_target_is_sick_despite_healthy_cognito(
    sandbox: SandboxClient, observe: ObserveRound
) -> None:
    with sandbox.inject_fault(region=VIRGINIA, service="target", effect="hang"):
        assert observe()["standby"] == ["sick", "read-timeout"]


def test_inactive_replica_is_not_ready(
    sandbox: SandboxClient, replicated_pool: dict[str, Any], observe: ObserveRound
) -> None:
    cognito = sandbox.client("cognito-idp", TOKYO)
    replica = {"UserPoolId": replicated_pool["pool_id"], "RegionName": VIRGINIA}
    cognito.update_user_pool_replica(**replica, Status="INACTIVE")

    try:
        assert observe()["standby"] == ["not-ready", "OperationNotEnabledException"]
    finally:
        cognito.update_user_pool_replica(**replica, Status="ACTIVE")
