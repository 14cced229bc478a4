"""The rotation, deployed: Secrets Manager invokes the function, and probes sign in during the rotation."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.deployment import BUILT_ROTATION, deploy_rotation
from demo.replication import replicate
from sandbox.client import SandboxClient
from sandbox.testing import run_sandbox
from tests.e2e.retrying import RetryingSandbox
from tests.support import load_scaling

FIRST_USERNAME, SECOND_USERNAME = "cognito-failover-canary-1", "cognito-failover-canary-2"


@dataclass
class BackgroundSignIns:
    """Signs in to both Regions all the time, with the standby's current secret and with its first content."""

    sandbox: SandboxClient
    secret_name: str
    client_id: str
    attempt_count: int = 0
    refused: list[str] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        first = self.read_secret()
        while not self._ended.wait(0.2):
            for content in (first, self.read_secret()):
                for region in (self.sandbox.description["primary"], self.sandbox.description["standby"]):
                    self._sign_in(region, content)

    def stop(self) -> None:
        self._ended.set()

    def read_secret(self) -> dict[str, str]:
        store = self.sandbox.client("secretsmanager", self.sandbox.description["standby"])
        content: dict[str, str] = json.loads(store.get_secret_value(SecretId=self.secret_name)["SecretString"])
        return content

    def _sign_in(self, region: str, content: dict[str, str]) -> None:
        cognito = self.sandbox.client("cognito-idp", region, unsigned=True)
        parameters = {"USERNAME": content["username"], "PASSWORD": content["password"]}
        try:
            cognito.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", ClientId=self.client_id, AuthParameters=parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NotAuthorizedException":
                self.refused.append(f"{content['username']} in {region}: {error}")
        self.attempt_count += 1


@dataclass
class RotationHarness:
    """A replicated pool with a deployed rotation."""

    sandbox: SandboxClient
    secret_arn: str
    function: str
    probes: BackgroundSignIns

    @property
    def store(self) -> Any:
        return self.sandbox.client("secretsmanager", self.sandbox.description["primary"])

    @property
    def username(self) -> str:
        return self.probes.read_secret()["username"]

    def wait_until(self, description: str, condition: Callable[[], bool], *, at_most_seconds: float = 90) -> None:
        limit_seconds = load_scaling.get_wait_limit(at_most_seconds)
        until = time.monotonic() + limit_seconds
        while not condition():
            assert time.monotonic() < until, (
                f"timed out after {limit_seconds:.0f} s, waiting until {description}: {self.read_log()}"
            )
            time.sleep(0.5)

    def read_log(self) -> str:
        logs = self.sandbox.client("logs", self.sandbox.description["primary"])
        group = f"/aws/lambda/{self.function}"
        lines: list[str] = []
        for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
            events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
            lines += [event["message"] for event in events]
        return "\n".join(lines)


@pytest.fixture(scope="module")
def stage() -> Iterator[RotationHarness]:
    assert BUILT_ROTATION.is_file(), "the rotation is not built; run: make sandbox-app"
    with run_sandbox("--creating-seconds", "1") as started:
        sandbox = RetryingSandbox(started.description)
        primary, standby = sandbox.description["primary"], sandbox.description["standby"]
        pool = sandbox.client("cognito-idp", primary).create_user_pool(PoolName="shop", UserPoolTier="ESSENTIALS")
        made = replicate(sandbox, pool["UserPool"]["Id"], standby)
        secret_arn = made["CanarySecretArn"].replace(f":{standby}:", f":{primary}:")
        function = deploy_rotation(sandbox, pool_id=made["UserPoolId"], secret_arn=secret_arn)
        probes = BackgroundSignIns(sandbox, f"cognito-failover/{made['UserPoolId']}", made["ClientId"])
        probing = threading.Thread(target=probes.run, daemon=True)
        probing.start()
        try:
            yield RotationHarness(sandbox, secret_arn, function, probes)
        finally:
            probes.stop()
            probing.join()


def rotate_once(stage: RotationHarness) -> None:
    """Complete a rotation, unless one is complete already."""
    stage.sandbox.call_control("DELETE", "/faults")
    if stage.username == FIRST_USERNAME:
        with suppress(ClientError):  # Secrets Manager answers an error when it resumes a stopped rotation
            stage.store.rotate_secret(SecretId=stage.secret_arn)
        stage.wait_until("the other user signs in", lambda: stage.username == SECOND_USERNAME)


def test_deploy_enables_rotation_without_password_change(stage: RotationHarness) -> None:
    described = stage.store.describe_secret(SecretId=stage.secret_arn)
    assert described["RotationEnabled"]
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert stage.username == FIRST_USERNAME


def test_rotation_resumes_after_an_outage(stage: RotationHarness) -> None:
    stage.sandbox.call_control(
        "PUT",
        "/faults/standby",
        {"effect": "error", "region": "us-east-1", "service": "cognito-idp", "code": "InternalErrorException"},
    )
    stage.store.rotate_secret(SecretId=stage.secret_arn)
    stage.wait_until("the outage stops the rotation", lambda: "could not" in stage.read_log())
    stage.sandbox.call_control("DELETE", "/faults/standby")
    assert stage.username == FIRST_USERNAME

    with pytest.raises(ClientError, match="will be reattempted"):
        stage.store.rotate_secret(SecretId=stage.secret_arn)

    stage.wait_until("the other user signs in", lambda: stage.username == SECOND_USERNAME)


def test_no_sign_in_fails_during_rotation(stage: RotationHarness) -> None:
    stage.wait_until("probes have signed in", lambda: stage.probes.attempt_count > 10)
    assert stage.probes.refused == []


@pytest.mark.begins(by=rotate_once)
def test_second_rotation_is_delayed(stage: RotationHarness) -> None:
    stage.store.rotate_secret(SecretId=stage.secret_arn)
    stage.wait_until(
        "the rotation is delayed", lambda: "The last rotation ended less than 15 min ago" in stage.read_log()
    )
    assert stage.username == SECOND_USERNAME


def test_overdue_rotation_is_measured(stage: RotationHarness) -> None:
    function = stage.sandbox.client("lambda", stage.sandbox.description["primary"])
    # The schedule invokes it in the same way. The answer is in the log.
    function.invoke(FunctionName=stage.function, InvocationType="Event", Payload=json.dumps({"check": "overdue"}))
    stage.wait_until("the metric is written", lambda: '"RotationOverdue":[0.0]' in stage.read_log().replace(" ", ""))


@pytest.mark.begins(by=rotate_once)
def test_log_lists_steps_without_password(stage: RotationHarness) -> None:
    log = stage.read_log()
    assert f"The secret now names {SECOND_USERNAME}; {FIRST_USERNAME} is idle." in log
    assert stage.probes.read_secret()["password"] not in log
