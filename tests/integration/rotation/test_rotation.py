"""The rotation against the sandbox's Secrets Manager and Cognito, with probes at every call."""

import json
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from cognito_failover.probe.canary_credentials import Canary
from cognito_failover.probe.secret_reader import SecretsManagerReader
from cognito_failover.rotation.errors import RotationError, RotationPendingError, ServiceUnavailableError
from cognito_failover.rotation.rotation import RotationStep
from cognito_failover.rotation.secret_state import compute_rotation_marker
from tests.integration.rotation.rotation_deployment import ONE, TWO, RotationDeployment, create_with_replicate
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, InProcessCloud

READS = ("Describe", "Get", "AdminGet", "InitiateAuth")


def test_canary_created_by_replicate_is_rotated(cloud: InProcessCloud) -> None:
    harness = create_with_replicate(cloud)
    before = harness.content
    harness.run_probes_at_every_call()
    harness.run_steps(harness.start_rotation())
    after = harness.content
    assert (before.username, after.username, after.idle_username) == (ONE, TWO, ONE)
    assert after.password != before.password
    assert harness.refusals == []
    assert harness.probe_count > 20


def test_secret_replica_follows_and_probe_reads_it(harness: RotationDeployment) -> None:
    harness.run_steps(harness.start_rotation())
    standby_client = harness.cloud.client("secretsmanager", STANDBY)
    canary = Canary(SecretsManagerReader(standby_client, f"cognito-failover/{harness.pool_id}"))
    credentials = canary.read()
    assert (credentials.username, credentials.subject) == (TWO, harness.content.sub)


def test_password_is_tried_on_replica_only_after_arrival(harness: RotationDeployment) -> None:
    harness.cloud.cognito.timing.lag_seconds = 45
    token = harness.start_rotation()
    harness.run_probes_at_every_call()
    for _ in range(4):
        with pytest.raises(RotationPendingError, match=f"has not reached {STANDBY} yet"):
            harness.run_steps(token)
        assert harness.content.username == ONE
    harness.run_steps(token)
    assert harness.content.username == TWO
    assert harness.read_marker(STANDBY, TWO) == str(compute_rotation_marker(token))
    assert harness.refusals == []


def list_rotation_changes(harness: RotationDeployment) -> list[str]:
    calls: list[str] = []
    harness.cloud.on_call = lambda moment, call: calls.append(call) if moment == "asked" else None
    harness.run_steps(harness.start_rotation())
    return [call for call in calls if not call.startswith(READS) and not call.startswith("RotateSecret")]


def test_rotation_makes_expected_changes(harness: RotationDeployment) -> None:
    assert [call.split()[0] for call in list_rotation_changes(harness)] == [
        "PutSecretValue",
        "AdminSetUserPassword",
        "AdminUpdateUserAttributes",
        "UpdateSecretVersionStage",
    ]


@pytest.mark.parametrize(
    "at", ["PutSecretValue", "AdminSetUserPassword", "AdminUpdateUserAttributes", "UpdateSecretVersionStage"]
)
def test_lost_answer_of_a_change_refuses_no_probe(harness: RotationDeployment, at: str) -> None:
    harness.cloud.cognito.timing.lag_seconds = 0
    broken: list[str] = []

    def break_once(now: str, call: str) -> None:
        if now == "answered" and call.startswith(at) and not broken:
            broken.append(call)
            raise ConnectionClosedError(endpoint_url=call)

    token = harness.start_rotation()
    harness.run_probes_at_every_call(break_once)
    with pytest.raises(ServiceUnavailableError):
        harness.run_steps(token)
    assert harness.start_rotation() == token or harness.content.username == TWO
    harness.run_steps(token)
    assert harness.content.username == TWO
    assert harness.refusals == []


def test_pending_value_cannot_be_replaced(harness: RotationDeployment) -> None:
    token = harness.start_rotation()
    harness.rotation.run_step(RotationStep.CREATE, token)
    with pytest.raises(RotationError, match="ResourceExistsException"):
        harness.secret_store.put_pending(token, harness.content.json_text)


def test_second_rotation_waits_15_minutes(harness: RotationDeployment) -> None:
    first = harness.start_rotation()
    harness.run_steps(first)
    # Secrets Manager sets this date after its own last step; here the test ran the steps.
    secret = harness.rotations._secrets.find_rotatable(harness.cloud.account, PRIMARY, harness.arn)  # noqa: SLF001 - see above
    assert secret
    secret["_LastRotatedDate"] = harness.cloud.clock.now
    second = harness.start_rotation()
    assert second != first
    with pytest.raises(RotationPendingError, match="ended less than 15 min ago"):
        harness.run_steps(second)
    harness.cloud.clock.advance(900)
    harness.run_steps(second)
    assert harness.content.username == ONE


def test_missing_user_stops_rotation_and_is_named(harness: RotationDeployment) -> None:
    harness.cloud.client("cognito-idp", PRIMARY).admin_delete_user(UserPoolId=harness.pool_id, Username=TWO)
    with pytest.raises(RotationError, match=rf"could not read {TWO} with Cognito in {PRIMARY}.*UserNotFound"):
        harness.run_steps(harness.start_rotation())


def test_reused_password_error_means_already_set(harness: RotationDeployment) -> None:
    token = harness.start_rotation()
    harness.rotation.run_step(RotationStep.CREATE, token)

    def reject_reuse(now: str, call: str) -> None:
        if now == "answered" and call.startswith("AdminSetUserPassword"):
            refusal: Any = {"Error": {"Code": "PasswordHistoryPolicyViolationException", "Message": "Used before."}}
            cognito = harness.cloud.client("cognito-idp", PRIMARY)
            raise cognito.exceptions.PasswordHistoryPolicyViolationException(refusal, "AdminSetUserPassword")

    harness.cloud.on_call = reject_reuse
    harness.run_steps(token)
    assert harness.content.username == TWO


def test_errors_never_contain_password(harness: RotationDeployment) -> None:
    token = harness.start_rotation()
    harness.rotation.run_step(RotationStep.CREATE, token)
    pending = json.loads(harness.secret_store.read_pending(token) or "")
    harness.rotation.run_step(RotationStep.SET, token)
    harness.users.set_password(TWO, "Another-Pass-1!")
    with pytest.raises(RotationError) as refused:
        harness.rotation.run_step(RotationStep.TEST, token)
    assert f"{TWO} could not sign in in {PRIMARY} with the new password: NotAuthorizedException" in str(refused.value)
    assert pending["password"] not in f"{refused.value!r}{refused.value.__cause__!r}{refused.value.__context__!r}"


def test_silent_region_raises_service_unavailable(harness: RotationDeployment) -> None:
    token = harness.start_rotation()
    harness.rotation.run_step(RotationStep.CREATE, token)
    harness.rotation.run_step(RotationStep.SET, token)
    harness.https.is_silent = True
    with pytest.raises(
        ServiceUnavailableError, match=f"could not sign in in {PRIMARY} with the new password: read-timeout"
    ):
        harness.rotation.run_step(RotationStep.TEST, token)
