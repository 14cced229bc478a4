"""The rotation, deployed: Secrets Manager asks, the function makes its steps, and probes sign in all the time."""

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
from sandbox.attached import Sandbox
from sandbox.testing import running
from tests.e2e.patient import PatientSandbox
from tests.support import patience

ONE, TWO = "cognito-failover-canary-1", "cognito-failover-canary-2"


@dataclass
class Probes:
    """Sign in in both Regions all the time, as the standby's copy of the secret says, and as it said at first."""

    sandbox: Sandbox
    secret_name: str
    client_id: str
    made: int = 0
    refused: list[str] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        first = self.content()
        while not self._ended.wait(0.2):
            for content in (first, self.content()):
                for region in (self.sandbox.description["primary"], self.sandbox.description["standby"]):
                    self._sign_in(region, content)

    def end(self) -> None:
        self._ended.set()

    def content(self) -> dict[str, str]:
        store = self.sandbox.client("secretsmanager", self.sandbox.description["standby"])
        content: dict[str, str] = json.loads(store.get_secret_value(SecretId=self.secret_name)["SecretString"])
        return content

    def _sign_in(self, region: str, content: dict[str, str]) -> None:
        cognito = self.sandbox.client("cognito-idp", region, unsigned=True)
        given = {"USERNAME": content["username"], "PASSWORD": content["password"]}
        try:
            cognito.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", ClientId=self.client_id, AuthParameters=given)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NotAuthorizedException":
                self.refused.append(f"{content['username']} in {region}: {error}")
        self.made += 1


@dataclass
class Stage:
    """A replicated pool with a deployed rotation."""

    sandbox: Sandbox
    secret_arn: str
    function: str
    probes: Probes

    @property
    def store(self) -> Any:
        return self.sandbox.client("secretsmanager", self.sandbox.description["primary"])

    @property
    def username(self) -> str:
        return self.probes.content()["username"]

    def until(self, what: str, seen: Callable[[], bool], *, at_most_seconds: float = 90) -> None:
        limit_seconds = patience.wait_limit(at_most_seconds)
        until = time.monotonic() + limit_seconds
        while not seen():
            assert time.monotonic() < until, f"within {limit_seconds:.0f} s it was not seen that {what}: {self.log()}"
            time.sleep(0.5)

    def log(self) -> str:
        logs = self.sandbox.client("logs", self.sandbox.description["primary"])
        group = f"/aws/lambda/{self.function}"
        lines: list[str] = []
        for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
            events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
            lines += [event["message"] for event in events]
        return "\n".join(lines)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    assert BUILT_ROTATION.is_file(), "the rotation isn't built; run: make sandbox-app"
    with running("--creating-seconds", "1") as started:
        sandbox = PatientSandbox(started.description)
        primary, standby = sandbox.description["primary"], sandbox.description["standby"]
        pool = sandbox.client("cognito-idp", primary).create_user_pool(PoolName="shop", UserPoolTier="ESSENTIALS")
        made = replicate(sandbox, pool["UserPool"]["Id"], standby)
        secret_arn = made["CanarySecretArn"].replace(f":{standby}:", f":{primary}:")
        function = deploy_rotation(sandbox, pool_id=made["UserPoolId"], secret_arn=secret_arn)
        probes = Probes(sandbox, f"cognito-failover/{made['UserPoolId']}", made["ClientId"])
        probing = threading.Thread(target=probes.run, daemon=True)
        probing.start()
        try:
            yield Stage(sandbox, secret_arn, function, probes)
        finally:
            probes.end()
            probing.join()


def rotate_once(stage: Stage) -> None:
    """Bring a rotation to its end, unless one has ended already."""
    stage.sandbox.control("DELETE", "/faults")
    if stage.username == ONE:
        with suppress(ClientError):  # the one that was stopped is taken up again, and says so
            stage.store.rotate_secret(SecretId=stage.secret_arn)
        stage.until("the other user signs in", lambda: stage.username == TWO)


def test_a_deploy_switches_rotation_on_and_changes_no_password(stage: Stage) -> None:
    described = stage.store.describe_secret(SecretId=stage.secret_arn)
    assert described["RotationEnabled"]
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert stage.username == ONE


def test_a_rotation_meets_an_outage_and_is_finished_after_it(stage: Stage) -> None:
    stage.sandbox.control(
        "PUT",
        "/faults/standby",
        {"effect": "error", "region": "us-east-1", "service": "cognito-idp", "code": "InternalErrorException"},
    )
    stage.store.rotate_secret(SecretId=stage.secret_arn)
    stage.until("the outage stops it", lambda: "could not" in stage.log() or "did not let" in stage.log())
    stage.sandbox.control("DELETE", "/faults/standby")
    assert stage.username == ONE

    with pytest.raises(ClientError, match="will be reattempted"):
        stage.store.rotate_secret(SecretId=stage.secret_arn)

    stage.until("the other user signs in", lambda: stage.username == TWO)


def test_no_probe_was_refused_meanwhile(stage: Stage) -> None:
    stage.until("probes have signed in", lambda: stage.probes.made > 10)
    assert stage.probes.refused == []


@pytest.mark.begins(by=rotate_once)
def test_another_one_so_soon_is_put_off(stage: Stage) -> None:
    stage.store.rotate_secret(SecretId=stage.secret_arn)
    stage.until("it is put off", lambda: "The last rotation ended less than 15 min ago" in stage.log())
    assert stage.username == TWO


def test_whether_it_is_overdue_is_measured(stage: Stage) -> None:
    function = stage.sandbox.client("lambda", stage.sandbox.description["primary"])
    # As the schedule does; the answer is in the log.
    function.invoke(FunctionName=stage.function, InvocationType="Event", Payload=json.dumps({"check": "overdue"}))
    stage.until("the metric is written", lambda: '"RotationOverdue":[0.0]' in stage.log().replace(" ", ""))


@pytest.mark.begins(by=rotate_once)
def test_the_log_says_what_was_done_and_holds_no_password(stage: Stage) -> None:
    log = stage.log()
    assert f"The secret names {TWO} from now on; {ONE} is idle." in log
    assert stage.probes.content()["password"] not in log
