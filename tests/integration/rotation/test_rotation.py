"""The rotation against Secrets Manager and Cognito as the sandbox has them, with probes at every call."""

import json
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from failover.probe.canary import Canary
from failover.probe.secrets_manager import SecretsManagerReader
from failover.rotation.errors import NotYetError, OutOfReachError, RotationError
from failover.rotation.rotation import Step
from failover.rotation.standing import mark_of
from tests.integration.rotation.stage import ONE, TWO, Stage, as_replicate_makes_it
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, Cloud

READS = ("Describe", "Get", "AdminGet", "InitiateAuth")


def test_the_canary_that_replicate_made_is_rotated(cloud: Cloud) -> None:
    stage = as_replicate_makes_it(cloud)
    before = stage.content
    stage.watch()
    stage.attempt(stage.begin())
    after = stage.content
    assert (before.username, after.username, after.idle_username) == (ONE, TWO, ONE)
    assert after.password != before.password
    assert stage.refusals == []
    assert stage.probes > 20


def test_the_secrets_replica_follows_and_a_probe_reads_it(stage: Stage) -> None:
    stage.attempt(stage.begin())
    there = stage.cloud.client("secretsmanager", STANDBY)
    canary = Canary(SecretsManagerReader(there, f"cognito-failover/{stage.pool_id}"))
    credentials = canary.read()
    assert (credentials.username, credentials.subject) == (TWO, stage.content.sub)


def test_the_password_is_tried_on_the_replica_only_once_it_is_there(stage: Stage) -> None:
    stage.cloud.cognito.timing.lag_seconds = 45
    token = stage.begin()
    stage.watch()
    for _ in range(4):
        with pytest.raises(NotYetError, match=f"has not reached {STANDBY} yet"):
            stage.attempt(token)
        assert stage.content.username == ONE
    stage.attempt(token)
    assert stage.content.username == TWO
    assert stage.marker(STANDBY, TWO) == str(mark_of(token))
    assert stage.refusals == []


def changes_of_a_rotation(stage: Stage) -> list[str]:
    calls: list[str] = []
    stage.cloud.on_call = lambda moment, call: calls.append(call) if moment == "asked" else None
    stage.attempt(stage.begin())
    return [call for call in calls if not call.startswith(READS) and not call.startswith("RotateSecret")]


def test_what_a_rotation_changes(stage: Stage) -> None:
    assert [call.split()[0] for call in changes_of_a_rotation(stage)] == [
        "PutSecretValue",
        "AdminSetUserPassword",
        "AdminUpdateUserAttributes",
        "UpdateSecretVersionStage",
    ]


@pytest.mark.parametrize(
    "at", ["PutSecretValue", "AdminSetUserPassword", "AdminUpdateUserAttributes", "UpdateSecretVersionStage"]
)
def test_a_change_whose_answer_is_lost_costs_no_probe_a_refusal(stage: Stage, at: str) -> None:
    stage.cloud.cognito.timing.lag_seconds = 0
    broken: list[str] = []

    def break_once(now: str, call: str) -> None:
        if now == "answered" and call.startswith(at) and not broken:
            broken.append(call)
            raise ConnectionClosedError(endpoint_url=call)

    token = stage.begin()
    stage.watch(break_once)
    with pytest.raises(OutOfReachError):
        stage.attempt(token)
    assert stage.begin() == token or stage.content.username == TWO
    stage.attempt(token)
    assert stage.content.username == TWO
    assert stage.refusals == []


def test_a_lost_value_can_not_be_replaced_by_another(stage: Stage) -> None:
    token = stage.begin()
    stage.rotation.make(Step.CREATE, token)
    with pytest.raises(RotationError, match="ResourceExistsException"):
        stage.vault.put_pending(token, stage.content.text)


def test_a_rotation_twice_in_a_row_waits_until_the_probes_have_let_go(stage: Stage) -> None:
    first = stage.begin()
    stage.attempt(first)
    # Secrets Manager notes the end of a rotation when it has made the last step itself.
    held = stage.rotations._secrets.get(stage.cloud.account, PRIMARY, stage.arn)  # noqa: SLF001 - see above
    assert held
    held["_LastRotatedDate"] = stage.cloud.clock.now
    second = stage.begin()
    assert second != first
    with pytest.raises(NotYetError, match="ended less than 15 min ago"):
        stage.attempt(second)
    stage.cloud.clock.pass_seconds(900)
    stage.attempt(second)
    assert stage.content.username == ONE


def test_a_user_that_is_gone_stops_the_rotation_by_name(stage: Stage) -> None:
    stage.cloud.client("cognito-idp", PRIMARY).admin_delete_user(UserPoolId=stage.pool_id, Username=TWO)
    with pytest.raises(RotationError, match=rf"in {PRIMARY} did not let the rotation look at {TWO}.*UserNotFound"):
        stage.attempt(stage.begin())


def test_a_password_that_the_pool_remembers_was_set_by_a_try_before(stage: Stage) -> None:
    token = stage.begin()
    stage.rotation.make(Step.CREATE, token)

    def remembered(now: str, call: str) -> None:
        if now == "answered" and call.startswith("AdminSetUserPassword"):
            refusal: Any = {"Error": {"Code": "PasswordHistoryPolicyViolationException", "Message": "Used before."}}
            cognito = stage.cloud.client("cognito-idp", PRIMARY)
            raise cognito.exceptions.PasswordHistoryPolicyViolationException(refusal, "AdminSetUserPassword")

    stage.cloud.on_call = remembered
    stage.attempt(token)
    assert stage.content.username == TWO


def test_no_error_holds_a_password(stage: Stage) -> None:
    token = stage.begin()
    stage.rotation.make(Step.CREATE, token)
    pending = json.loads(stage.vault.read_pending(token) or "")
    stage.rotation.make(Step.SET, token)
    stage.users.set_password(TWO, "Somebody-elses-1!")
    with pytest.raises(RotationError) as refused:
        stage.rotation.make(Step.TEST, token)
    assert f"{TWO} could not sign in in {PRIMARY} with the new password: NotAuthorizedException" in str(refused.value)
    assert pending["password"] not in f"{refused.value!r}{refused.value.__cause__!r}{refused.value.__context__!r}"


def test_a_region_that_does_not_answer_is_told_apart_from_one_that_refuses(stage: Stage) -> None:
    token = stage.begin()
    stage.rotation.make(Step.CREATE, token)
    stage.rotation.make(Step.SET, token)
    stage.https.silent = True
    with pytest.raises(OutOfReachError, match=f"could not sign in in {PRIMARY} with the new password: read-timeout"):
        stage.rotation.make(Step.TEST, token)
