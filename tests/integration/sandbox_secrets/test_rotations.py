"""Secrets Manager's rotation in the sandbox, as AWS documents it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.secretsmanager import Rotations
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, InProcessCloud

FUNCTION = f"arn:aws:lambda:{PRIMARY}:111122223333:function:rotation"
STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]


class FakeLambdaFunctions:
    """A function that records its events and can fail at a step."""

    def __init__(self) -> None:
        self.is_allowed = True
        self.failing_step = ""
        self.events: list[dict[str, Any]] = []
        self.on_finish: Callable[[dict[str, Any]], None] = lambda _event: None

    def allows_service(self, account: str, region: str, function_arn: str, service: str) -> bool:  # noqa: ARG002 - one function for all ARNs
        assert service == "secretsmanager.amazonaws.com"
        return self.is_allowed

    def invoke_function(self, account: str, region: str, function_arn: str, event: dict[str, Any]) -> str:  # noqa: ARG002 - one function for all ARNs
        self.events.append(event)
        if event["Step"] == self.failing_step:
            return "It failed."
        if event["Step"] == "finishSecret":
            self.on_finish(event)
        return ""

    @property
    def steps(self) -> list[str]:
        return [event["Step"] for event in self.events]


class RotatedSecretHarness:
    """A secret with a replica, and Secrets Manager in both Regions."""

    def __init__(self, cloud: InProcessCloud) -> None:
        self.cloud = cloud
        self.functions = FakeLambdaFunctions()
        self.rotations = Rotations(self.functions, clock=cloud.clock)
        cloud.interceptors["secretsmanager"] = self.rotations.intercept
        self.store, self.there = cloud.client("secretsmanager", PRIMARY), cloud.client("secretsmanager", STANDBY)
        self.arn = self.store.create_secret(Name="canary", SecretString="first")["ARN"]
        self.store.replicate_secret_to_regions(SecretId="canary", AddReplicaRegions=[{"Region": STANDBY}])

        def finish(event: dict[str, Any]) -> None:
            # Runs in another thread and changes the engine's record directly.
            secret = self.rotations._secrets.find_any(cloud.account, PRIMARY, self.arn)  # noqa: SLF001 - see above
            assert secret
            for version in secret["Versions"].values():
                version["Stages"] = [label for label in version["Stages"] if label != "AWSCURRENT"]
            secret["Versions"][event["ClientRequestToken"]] |= {"SecretString": "second"}
            secret["Versions"][event["ClientRequestToken"]]["Stages"].append("AWSCURRENT")

        self.functions.on_finish = finish

    def rotate(self, **given: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.store.rotate_secret(SecretId="canary", **given)
        self.cloud.run_until(self.rotations.wait_until_idle)
        return answer

    def describe(self) -> dict[str, Any]:
        return dict(self.store.describe_secret(SecretId="canary"))

    def list_labels(self) -> list[list[str]]:
        return sorted(sorted(labels) for labels in self.describe()["VersionIdsToStages"].values())


@pytest.fixture
def shelf(engine: tuple[asyncio.Runner, Any]) -> RotatedSecretHarness:
    return RotatedSecretHarness(InProcessCloud(*engine))


def expect_error(call: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as refusal:
        call()
    error = refusal.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def test_rotation_runs_four_steps_and_moves_labels(shelf: RotatedSecretHarness) -> None:
    version = shelf.rotate(RotationLambdaARN=FUNCTION, RotationRules={"AutomaticallyAfterDays": 7})["VersionId"]
    assert shelf.functions.steps == STEPS
    assert {event["ClientRequestToken"] for event in shelf.functions.events} == {version}
    assert {event["SecretId"] for event in shelf.functions.events} == {shelf.arn}
    assert shelf.list_labels() == [["AWSCURRENT"]]
    described = shelf.describe()
    assert described["RotationEnabled"]
    assert described["LastRotatedDate"].timestamp() == shelf.cloud.clock.now
    assert described["NextRotationDate"].timestamp() == shelf.cloud.clock.now + 7 * 86_400


def test_rotation_updates_replica(shelf: RotatedSecretHarness) -> None:
    shelf.rotate(RotationLambdaARN=FUNCTION)
    assert shelf.there.get_secret_value(SecretId="canary")["SecretString"] == "second"


def test_replication_status_is_in_progress_after_a_change(shelf: RotatedSecretHarness) -> None:
    def status() -> str:
        (replica,) = shelf.describe()["ReplicationStatus"]
        return str(replica["Status"])

    assert status() == "InSync"
    version = shelf.store.put_secret_value(SecretId="canary", SecretString="second")["VersionId"]
    assert status() == "InProgress"
    shelf.cloud.clock.advance(shelf.rotations.replicating_seconds)
    assert status() == "InSync"
    shelf.store.update_secret_version_stage(SecretId="canary", VersionStage="mine", MoveToVersionId=version)
    assert status() == "InProgress"


@pytest.mark.parametrize("step", STEPS)
def test_failed_rotation_stays_pending_and_is_retried(shelf: RotatedSecretHarness, step: str) -> None:
    shelf.functions.failing_step = step
    version = shelf.rotate(RotationLambdaARN=FUNCTION)["VersionId"]
    assert shelf.functions.steps == STEPS[: STEPS.index(step) + 1]
    assert shelf.store.get_secret_value(SecretId="canary")["SecretString"] == "first"

    shelf.functions.failing_step = ""
    assert "A previous rotation isn't complete. That rotation will be reattempted." in expect_error(shelf.rotate)
    shelf.cloud.run_until(shelf.rotations.wait_until_idle)
    assert shelf.functions.events[-1] == {
        "Step": "finishSecret",
        "SecretId": shelf.arn,
        "ClientRequestToken": version,
    }
    assert shelf.store.get_secret_value(SecretId="canary")["SecretString"] == "second"


def test_version_without_a_value_is_not_found(shelf: RotatedSecretHarness) -> None:
    shelf.functions.failing_step = "createSecret"
    version = shelf.rotate(RotationLambdaARN=FUNCTION)["VersionId"]
    message = expect_error(
        lambda: shelf.store.get_secret_value(SecretId="canary", VersionId=version, VersionStage="AWSPENDING")
    )
    assert message.startswith("ResourceNotFoundException: Secrets Manager can't find the specified secret value")


def test_function_without_invoke_permission_is_rejected(shelf: RotatedSecretHarness) -> None:
    shelf.functions.is_allowed = False
    assert "AccessDeniedException: Secrets Manager cannot invoke the specified Lambda function" in expect_error(
        lambda: shelf.rotate(RotationLambdaARN=FUNCTION)
    )
    assert not shelf.describe()["RotationEnabled"]


def test_rotation_without_function_is_rejected(shelf: RotatedSecretHarness) -> None:
    assert expect_error(shelf.rotate).startswith("InvalidRequestException: No Lambda rotation function ARN")


def test_replica_is_not_rotated(shelf: RotatedSecretHarness) -> None:
    message = expect_error(lambda: shelf.there.rotate_secret(SecretId="canary", RotationLambdaARN=FUNCTION))
    assert message.startswith("InvalidRequestException")


def test_enabling_without_rotation_only_runs_test_step(shelf: RotatedSecretHarness) -> None:
    shelf.rotate(RotationLambdaARN=FUNCTION, RotateImmediately=False)
    assert shelf.functions.steps == ["testSecret"]
    assert shelf.list_labels() == [["AWSCURRENT"]]
    assert shelf.describe()["RotationEnabled"]
    assert "LastRotatedDate" not in shelf.describe()


def test_cancel_rotate_secret_disables_rotation(shelf: RotatedSecretHarness) -> None:
    shelf.rotate(RotationLambdaARN=FUNCTION)
    shelf.store.cancel_rotate_secret(SecretId="canary")
    described = shelf.describe()
    assert not described["RotationEnabled"]
    assert not {"LastRotatedDate", "NextRotationDate"} & described.keys()


@pytest.mark.parametrize(("name", "is_found"), [("user", True), ("user-canary", False)])
def test_partial_arn_that_looks_whole_finds_no_secret(shelf: RotatedSecretHarness, name: str, is_found: bool) -> None:
    whole = shelf.store.create_secret(Name=name, SecretString="content")["ARN"]
    partial = whole[: -len("-AbCdEf")]

    assert shelf.store.describe_secret(SecretId=whole)["ARN"] == whole
    if is_found:
        assert shelf.store.describe_secret(SecretId=partial)["ARN"] == whole
    else:
        with pytest.raises(shelf.store.exceptions.ResourceNotFoundException):
            shelf.store.get_secret_value(SecretId=partial)
