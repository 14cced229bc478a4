"""Slow steps are awaited. A timeout says how to resume."""

import re
from typing import Any, cast

import pytest

from sandbox.cognito.replica_permissions import ReplicaStatus
from tests.integration.replicate.engine_state import get_stored_key, get_stored_secret
from tests.integration.replicate.replicate_harness import (
    ReplicateHarness,
    get_parameters,
    get_steps,
    get_unfinished_steps,
)
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY


def test_replica_creation_is_awaited(harness: ReplicateHarness) -> None:
    started_at = harness.cloud.clock.now

    assert harness.replicate_new_pool("--apply", "--yes").exit_code == 0

    assert 120 + 20 <= harness.cloud.clock.now - started_at <= 120 + 20 + 15
    assert set(harness.slept) == {5.0}


def test_slow_replica_is_resumed_by_next_run(harness: ReplicateHarness) -> None:
    harness.cloud.cognito.timing.creating_seconds = 4000

    result = harness.replicate_new_pool("--apply", "--yes")

    assert result.exit_code == 5
    assert "replica: not done after 3600 s: the replica in us-east-1 is CREATING." in result.stderr
    assert "run the same command again, with a longer --wait" in result.stderr
    harness.pop_write_calls()
    assert harness.replicate_new_pool("--apply", "--yes").exit_code == 0
    assert "CreateUserPoolReplica" not in {call.split()[0] for call in harness.pop_write_calls()}


def test_long_wait_shows_progress_each_minute(harness: ReplicateHarness) -> None:
    harness.cloud.cognito.timing.creating_seconds = 5 * 3600

    result = harness.replicate_new_pool("--apply", "--yes", "--wait", "360")

    assert result.exit_code == 0
    assert 300 - 6 <= max(map(int, re.findall(r"is CREATING, after (\d+) min", result.stderr))) <= 300
    assert len(harness.slept) < 400


def test_replica_that_is_pending_is_not_done(harness: ReplicateHarness) -> None:
    harness.cloud.cognito.timing.pending_seconds = 90
    started_at = harness.cloud.clock.now

    result = harness.replicate_new_pool("--apply", "--yes")

    assert result.exit_code == 0
    assert harness.cloud.clock.now - started_at >= 120
    assert "the replica in us-east-1 is PENDING_CREATE, after 1 min" in result.stderr


@pytest.mark.parametrize("status", ["UPDATING", "MIGRATING"])
def test_unknown_status_of_a_replica_is_awaited(harness: ReplicateHarness, status: str) -> None:
    harness.replicate_new_pool("--apply", "--yes")
    [replica] = harness.cloud.cognito._replicas._replicas.values()  # noqa: SLF001 - no call leads to such a status
    replica.status = cast("Any", status)

    assert get_unfinished_steps(harness.replicate_new_pool("--json")) >= {"replica", "activation"}
    harness.on_sleep = lambda: setattr(replica, "status", ReplicaStatus.INACTIVE)
    assert harness.replicate_new_pool("--apply", "--yes").exit_code == 0
    assert replica.status is ReplicaStatus.ACTIVE


def test_missing_content_is_reported_by_name_after_timeout(harness: ReplicateHarness) -> None:
    harness.cloud.cognito.timing.lag_seconds = 100_000

    result = harness.replicate_new_pool("--apply", "--yes")

    assert result.exit_code == 5
    assert "arrival: not done after 3600 s: missing or different in us-east-1: " in result.stderr
    assert "cognito-failover-canary-1, cognito-failover-canary-2." in result.stderr


def test_password_unknown_on_standby_is_tried_at_most_four_times(harness: ReplicateHarness) -> None:
    done = harness.replicate_new_pool("--apply", "--yes", "--json")
    pool_id = get_parameters(done)["UserPoolId"]
    harness.cloud.cognito.timing.lag_seconds = 100_000
    harness.cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="cognito-failover-canary-1", Password="Another-Password-1", Permanent=True
    )
    store = harness.cloud.client("secretsmanager", PRIMARY)
    name = f"cognito-failover/{pool_id}"
    text = store.get_secret_value(SecretId=name)["SecretString"]
    changed = text.replace(text.split('"password": "')[1].split('"')[0], "Another-Password-1")
    store.put_secret_value(SecretId=name, SecretString=changed)
    harness.cloud.calls.clear()

    result = harness.replicate_new_pool("--apply", "--yes")

    assert result.exit_code == 5
    assert "sign-in: not done after 60 s: the canary can't sign in to us-east-1 yet." in result.stderr
    # Plus one for the plan, and one before the wait.
    assert harness.cloud.calls.count(f"InitiateAuth {STANDBY}") <= 6


def test_pending_key_is_awaited(harness: ReplicateHarness) -> None:
    harness.replicate_new_pool("--apply", "--yes")
    key = get_stored_key(harness.cloud, STANDBY)
    key["KeyState"] = "Creating"
    harness.on_sleep = lambda: key.update(KeyState="Enabled")

    assert get_steps(harness.replicate_new_pool("--json"))["standby-key"]["state"] == "wait"
    assert harness.replicate_new_pool("--apply", "--yes").exit_code == 0
    assert harness.slept[-1] == 5.0


def test_key_pending_too_long_ends_run(harness: ReplicateHarness) -> None:
    harness.replicate_new_pool("--apply", "--yes")
    get_stored_key(harness.cloud, STANDBY)["KeyState"] = "Creating"

    result = harness.replicate_new_pool("--apply", "--yes")

    assert result.exit_code == 5
    assert "standby-key: not done after 300 s:" in result.stderr
    assert "is Creating." in result.stderr


def test_pending_secret_is_awaited(harness: ReplicateHarness) -> None:
    harness.replicate_new_pool("--apply", "--yes")
    (status,) = get_stored_secret(harness.cloud)["ReplicationStatus"]
    status["Status"] = "InProgress"
    harness.on_sleep = lambda: status.update(Status="InSync")

    assert get_unfinished_steps(harness.replicate_new_pool("--json")) == {"secret-replicas"}
    assert harness.replicate_new_pool("--apply", "--yes").exit_code == 0


def test_failed_secret_replication_is_reported_with_hint(harness: ReplicateHarness) -> None:
    harness.replicate_new_pool("--apply", "--yes")
    (status,) = get_stored_secret(harness.cloud)["ReplicationStatus"]
    status |= {"Status": "Failed", "StatusMessage": "A secret of this name exists."}

    result = harness.replicate_new_pool("--apply", "--yes")

    assert result.exit_code == 1
    assert "A secret of this name exists. Remove the cause there." in result.stderr
    assert "remove-regions-from-replication --secret-id cognito-failover/" in result.stderr


@pytest.mark.parametrize(("code", "status"), [("TooManyRequestsException", 400), ("InternalErrorException", 500)])
def test_failed_poll_is_retried(harness: ReplicateHarness, code: str, status: int) -> None:
    harness.on_sleep = lambda: (
        harness.refuse_operation("ListUserPoolReplicas", code, status=status)
        if len(harness.slept) == 3
        else harness.allow_all()
    )

    assert harness.replicate_new_pool("--apply", "--yes").exit_code == 0
