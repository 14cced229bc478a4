"""Secrets Manager's rotation in the sandbox, as AWS documents it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.secretsmanager import Rotations
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, Cloud

FUNCTION = f"arn:aws:lambda:{PRIMARY}:111122223333:function:rotation"
STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]


class Functions:
    """One function, which remembers its events and fails at a step when told."""

    def __init__(self) -> None:
        self.open = True
        self.fails_at = ""
        self.events: list[dict[str, Any]] = []
        self.finish: Callable[[dict[str, Any]], None] = lambda _event: None

    def lets_in(self, account: str, region: str, function_arn: str, service: str) -> bool:  # noqa: ARG002 - one for all
        assert service == "secretsmanager.amazonaws.com"
        return self.open

    def invoke(self, account: str, region: str, function_arn: str, event: dict[str, Any]) -> str:  # noqa: ARG002 - one for all
        self.events.append(event)
        if event["Step"] == self.fails_at:
            return "It failed."
        if event["Step"] == "finishSecret":
            self.finish(event)
        return ""

    @property
    def steps(self) -> list[str]:
        return [event["Step"] for event in self.events]


class Shelf:
    """A secret with a replica, and Secrets Manager in both Regions."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.functions = Functions()
        self.rotations = Rotations(self.functions, clock=cloud.clock)
        cloud.interceptors["secretsmanager"] = self.rotations.intercept
        self.store, self.there = cloud.client("secretsmanager", PRIMARY), cloud.client("secretsmanager", STANDBY)
        self.arn = self.store.create_secret(Name="canary", SecretString="first")["ARN"]
        self.store.replicate_secret_to_regions(SecretId="canary", AddReplicaRegions=[{"Region": STANDBY}])

        def finish(event: dict[str, Any]) -> None:
            # In another thread than the test's: past the wire, at what the engine holds.
            held = self.rotations._secrets.any(cloud.account, PRIMARY, self.arn)  # noqa: SLF001 - see above
            assert held
            for version in held["Versions"].values():
                version["Stages"] = [label for label in version["Stages"] if label != "AWSCURRENT"]
            held["Versions"][event["ClientRequestToken"]] |= {"SecretString": "second"}
            held["Versions"][event["ClientRequestToken"]]["Stages"].append("AWSCURRENT")

        self.functions.finish = finish

    def rotate(self, **given: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.store.rotate_secret(SecretId="canary", **given)
        self.cloud.settle(self.rotations.settle)
        return answer

    def described(self) -> dict[str, Any]:
        return dict(self.store.describe_secret(SecretId="canary"))

    def labels(self) -> list[list[str]]:
        return sorted(sorted(labels) for labels in self.described()["VersionIdsToStages"].values())


@pytest.fixture
def shelf(engine: tuple[asyncio.Runner, Any]) -> Shelf:
    return Shelf(Cloud(*engine))


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as refusal:
        call()
    error = refusal.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def test_a_rotation_makes_the_four_steps_and_moves_the_labels(shelf: Shelf) -> None:
    version = shelf.rotate(RotationLambdaARN=FUNCTION, RotationRules={"AutomaticallyAfterDays": 7})["VersionId"]
    assert shelf.functions.steps == STEPS
    assert {event["ClientRequestToken"] for event in shelf.functions.events} == {version}
    assert {event["SecretId"] for event in shelf.functions.events} == {shelf.arn}
    assert shelf.labels() == [["AWSCURRENT"]]
    described = shelf.described()
    assert described["RotationEnabled"]
    assert described["LastRotatedDate"].timestamp() == shelf.cloud.clock.now
    assert described["NextRotationDate"].timestamp() == shelf.cloud.clock.now + 7 * 86_400


def test_the_replica_follows(shelf: Shelf) -> None:
    shelf.rotate(RotationLambdaARN=FUNCTION)
    assert shelf.there.get_secret_value(SecretId="canary")["SecretString"] == "second"


def test_after_a_change_the_replica_is_said_to_be_on_its_way_for_a_moment(shelf: Shelf) -> None:
    def status() -> str:
        (replica,) = shelf.described()["ReplicationStatus"]
        return str(replica["Status"])

    assert status() == "InSync"
    version = shelf.store.put_secret_value(SecretId="canary", SecretString="second")["VersionId"]
    assert status() == "InProgress"
    shelf.cloud.clock.pass_seconds(shelf.rotations.replicating_seconds)
    assert status() == "InSync"
    shelf.store.update_secret_version_stage(SecretId="canary", VersionStage="mine", MoveToVersionId=version)
    assert status() == "InProgress"


@pytest.mark.parametrize("step", STEPS)
def test_one_that_fails_stays_pending_and_is_taken_up_again(shelf: Shelf, step: str) -> None:
    shelf.functions.fails_at = step
    version = shelf.rotate(RotationLambdaARN=FUNCTION)["VersionId"]
    assert shelf.functions.steps == STEPS[: STEPS.index(step) + 1]
    assert shelf.store.get_secret_value(SecretId="canary")["SecretString"] == "first"

    shelf.functions.fails_at = ""
    assert "A previous rotation isn't complete. That rotation will be reattempted." in refused(shelf.rotate)
    shelf.cloud.settle(shelf.rotations.settle)
    assert shelf.functions.events[-1] == {
        "Step": "finishSecret",
        "SecretId": shelf.arn,
        "ClientRequestToken": version,
    }
    assert shelf.store.get_secret_value(SecretId="canary")["SecretString"] == "second"


def test_a_version_without_a_value_is_not_found(shelf: Shelf) -> None:
    shelf.functions.fails_at = "createSecret"
    version = shelf.rotate(RotationLambdaARN=FUNCTION)["VersionId"]
    said = refused(
        lambda: shelf.store.get_secret_value(SecretId="canary", VersionId=version, VersionStage="AWSPENDING")
    )
    assert said.startswith("ResourceNotFoundException: Secrets Manager can't find the specified secret value")


def test_a_function_that_does_not_let_it_in_is_refused(shelf: Shelf) -> None:
    shelf.functions.open = False
    assert "AccessDeniedException: Secrets Manager cannot invoke the specified Lambda function" in refused(
        lambda: shelf.rotate(RotationLambdaARN=FUNCTION)
    )
    assert not shelf.described()["RotationEnabled"]


def test_without_a_function_nothing_rotates(shelf: Shelf) -> None:
    assert refused(shelf.rotate).startswith("InvalidRequestException: No Lambda rotation function ARN")


def test_a_replica_is_not_rotated(shelf: Shelf) -> None:
    said = refused(lambda: shelf.there.rotate_secret(SecretId="canary", RotationLambdaARN=FUNCTION))
    assert said.startswith("InvalidRequestException")


def test_switched_on_without_rotating_the_function_is_only_tried_out(shelf: Shelf) -> None:
    shelf.rotate(RotationLambdaARN=FUNCTION, RotateImmediately=False)
    assert shelf.functions.steps == ["testSecret"]
    assert shelf.labels() == [["AWSCURRENT"]]
    assert shelf.described()["RotationEnabled"]
    assert "LastRotatedDate" not in shelf.described()


def test_it_is_switched_off_again(shelf: Shelf) -> None:
    shelf.rotate(RotationLambdaARN=FUNCTION)
    shelf.store.cancel_rotate_secret(SecretId="canary")
    described = shelf.described()
    assert not described["RotationEnabled"]
    assert not {"LastRotatedDate", "NextRotationDate"} & described.keys()
