"""Real rounds from inside the standby Region, over the real names, against Regions that are broken at will."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.attached import Sandbox
from sandbox.testing import running
from tests.support import patience

ROOT = Path(__file__).resolve().parents[3]
TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
HEALTHY = ["healthy", ""]

type Observe = Callable[[], dict[str, Any]]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running("--lag-seconds", "0.1", "--creating-seconds", "0.5") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def article(sandbox: Sandbox) -> dict[str, Any]:
    command = [sys.executable, "-m", "sandbox", "setup", "--network", sandbox.description["network"]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=patience.wait_limit())  # noqa: S603 - our own module
    made: dict[str, Any] = json.loads(done.stdout)
    return made


@pytest.fixture
def observe(sandbox: Sandbox, article: dict[str, Any]) -> Iterator[Observe]:
    settings = {
        "primary_region": TOKYO,
        "standby_region": VIRGINIA,
        "user_pool_id": article["pool_id"],
        "client_id": article["client_id"],
        "canary_secret_arn": article["canary"]["secret_arn"],
        "hosted_zone_id": article["zone"]["id"],
        "domain_name": "auth.example.com",
        "primary_target": article["targets"][TOKYO],
        "standby_target": article["targets"][VIRGINIA],
        "table_name": "unused",
        "topic_arn": "unused",
        **patience.probe_limits(),
    }
    environment = sandbox.environment(inside=VIRGINIA) | dict(sandbox.description["credentials"])
    paths = [environment.get("PYTHONPATH", ""), str(ROOT / "layers" / "failover")]
    observer = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, str(Path(__file__).with_name("observer.py")), json.dumps(settings)],
        env=environment | {"PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def one_round() -> dict[str, Any]:
        assert observer.stdin
        assert observer.stdout
        observer.stdin.write("\n")
        observer.stdin.flush()
        seen: dict[str, Any] = json.loads(observer.stdout.readline())
        return seen

    with observer:
        yield one_round
        observer.kill()


def test_both_regions_are_healthy(observe: Observe) -> None:
    assert observe() == {"witness": True, "primary": HEALTHY, "standby": HEALTHY}


def test_a_dead_primary_is_sick_and_healthy_again_when_it_is_back(sandbox: Sandbox, observe: Observe) -> None:
    with sandbox.fault(region=TOKYO, effect="dead"):
        assert observe() == {"witness": True, "primary": ["sick", "connect-timeout"], "standby": HEALTHY}

    assert observe()["primary"] == HEALTHY


def test_an_observer_cut_off_from_the_world_knows_nothing_of_the_primary(sandbox: Sandbox, observe: Observe) -> None:
    with sandbox.fault(region=VIRGINIA, effect="cut-off"):
        assert observe() == {"witness": False, "primary": ["unknown", "connect-timeout"], "standby": HEALTHY}


def test_a_throttled_primary_is_not_sick(sandbox: Sandbox, observe: Observe) -> None:
    with sandbox.fault(region=TOKYO, service="cognito-idp", operation="InitiateAuth", effect="throttle"):
        assert observe()["primary"] == ["throttled", "TooManyRequestsException"]


def test_a_standby_whose_target_hangs_is_sick_though_its_cognito_is_fine(sandbox: Sandbox, observe: Observe) -> None:
    with sandbox.fault(region=VIRGINIA, service="target", effect="hang"):
        assert observe()["standby"] == ["sick", "read-timeout"]


def test_an_inactive_replica_is_not_ready(sandbox: Sandbox, article: dict[str, Any], observe: Observe) -> None:
    cognito = sandbox.client("cognito-idp", TOKYO)
    replica = {"UserPoolId": article["pool_id"], "RegionName": VIRGINIA}
    cognito.update_user_pool_replica(**replica, Status="INACTIVE")

    try:
        assert observe()["standby"] == ["not-ready", "OperationNotEnabledException"]
    finally:
        cognito.update_user_pool_replica(**replica, Status="ACTIVE")
