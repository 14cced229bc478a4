"""Probe rounds from inside the standby Region, over the real host names, with injected faults."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
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


SIGN_INS = {"service": "cognito-idp", "operation": "InitiateAuth"}


@pytest.fixture
def core_rule_set(sandbox: SandboxClient, replicated_pool: dict[str, Any]) -> Iterator[None]:
    waf = sandbox.client("wafv2", TOKYO)
    visibility = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "core"}
    group = {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}
    rule = {
        "Name": "core",
        "Priority": 0,
        "OverrideAction": {"None": {}},
        "Statement": {"ManagedRuleGroupStatement": group},
        "VisibilityConfig": visibility,
    }
    acl = waf.create_web_acl(
        Name="core", Scope="REGIONAL", DefaultAction={"Allow": {}}, Rules=[rule], VisibilityConfig=visibility
    )["Summary"]
    pool_id = replicated_pool["pool_id"]
    pool = sandbox.client("cognito-idp", TOKYO).describe_user_pool(UserPoolId=pool_id)["UserPool"]
    waf.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=pool["Arn"])
    yield
    waf.disassociate_web_acl(ResourceArn=pool["Arn"])


@pytest.mark.usefixtures("core_rule_set")
def test_core_rule_set_of_aws_waf_lets_the_canary_pass(
    sandbox: SandboxClient, replicated_pool: dict[str, Any], observe: ObserveRound
) -> None:
    assert observe()["primary"] == HEALTHY

    request = urllib.request.Request(
        f"http://{sandbox.description['api'][TOKYO]}:{sandbox.description['ports']['http']}/",
        data=json.dumps({"ClientId": replicated_pool["client_id"], "AuthFlow": "USER_PASSWORD_AUTH"}).encode(),
        headers={"X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth", "User-Agent": ""},
    )
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request)  # noqa: S310 - an address of the sandbox
    with raised.value as refusal:
        assert refusal.headers["x-amzn-errortype"] == "ForbiddenException"


@pytest.mark.parametrize("service", ["cognito-idp", "target"])
def test_challenge_of_aws_waf_is_an_intermediarys(sandbox: SandboxClient, observe: ObserveRound, service: str) -> None:
    with sandbox.inject_fault(region=TOKYO, service=service, effect="waf-challenge"):
        assert observe()["primary"] == ["intermediary", "waf-challenge"]


def test_answer_that_breaks_off_is_silence(sandbox: SandboxClient, observe: ObserveRound) -> None:
    with sandbox.inject_fault(region=TOKYO, **SIGN_INS, effect="truncate"):
        assert observe()["primary"] == ["sick", "cut-off"]


def test_target_that_refuses_is_told_apart_from_cognito(sandbox: SandboxClient, observe: ObserveRound) -> None:
    refusal = {"effect": "error", "code": "ForbiddenException", "status": 403}
    with sandbox.inject_fault(region=TOKYO, service="target", **refusal):
        assert observe()["primary"] == ["target-refuses", "ForbiddenException"]


def test_deleted_client_of_the_replica_is_the_standbys_trouble(sandbox: SandboxClient, observe: ObserveRound) -> None:
    gone = {"effect": "error", "code": "ResourceNotFoundException", "status": 400}
    with sandbox.inject_fault(region=VIRGINIA, service="cognito-idp", **gone):
        assert observe()["standby"] == ["inactive", "ResourceNotFoundException"]


def test_trigger_that_hangs_looks_like_a_region_that_hangs(sandbox: SandboxClient, observe: ObserveRound) -> None:
    failing = {"effect": "error", "code": "UnexpectedLambdaException", "status": 400}
    with sandbox.inject_fault(region=TOKYO, **SIGN_INS, **failing):
        assert observe()["primary"] == ["trigger", "UnexpectedLambdaException"]
    # Cognito waits 5 s for a trigger, three times.
    sandbox.call_control("PUT", "/faults/retries", {"region": TOKYO, **SIGN_INS, "effect": "latency", "seconds": 15})
    try:
        with sandbox.inject_fault(region=TOKYO, **SIGN_INS, **failing):
            assert observe()["primary"] == ["sick", "read-timeout"]
    finally:
        sandbox.call_control("DELETE", "/faults/retries")


REFUSED = {"effect": "error", "status": 400, "code": "NotAuthorizedException"}


@pytest.mark.parametrize("answer", [{"effect": "mfa-challenge", "code": "EMAIL_OTP"}, REFUSED], ids=["code", "refusal"])
def test_server_errors_are_seen_while_the_canary_rests(
    sandbox: SandboxClient, observe: ObserveRound, answer: dict[str, Any]
) -> None:
    with sandbox.inject_fault(region=TOKYO, service="cognito-idp", **answer):
        assert observe()["primary"] == ["canary-broken", answer["code"]]
    assert observe()["primary"][0] == "canary-broken"  # it rests

    with sandbox.inject_fault(region=TOKYO, service="cognito-idp", effect="error", status=503, code="Unavailable"):
        assert observe()["primary"] == ["sick", "HTTP 503"]


def test_inactive_replica_is_inactive(
    sandbox: SandboxClient, replicated_pool: dict[str, Any], observe: ObserveRound
) -> None:
    cognito = sandbox.client("cognito-idp", TOKYO)
    replica = {"UserPoolId": replicated_pool["pool_id"], "RegionName": VIRGINIA}
    cognito.update_user_pool_replica(**replica, Status="INACTIVE")

    try:
        assert observe()["standby"] == ["inactive", "OperationNotEnabledException"]
    finally:
        cognito.update_user_pool_replica(**replica, Status="ACTIVE")
