"""What takes time is waited for, to an end that says how to go on."""

import pytest

from tests.integration.replicate.held import held_key, held_secret
from tests.integration.replicate.stage import Stage, parameters, steps, undone
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY


def test_the_replica_is_waited_for_until_it_is_there(stage: Stage) -> None:
    began = stage.cloud.clock.now

    assert stage.new("--apply", "--yes").exit_code == 0

    assert 120 + 20 <= stage.cloud.clock.now - began <= 120 + 20 + 15
    assert set(stage.slept) == {5.0}


def test_a_replica_that_takes_too_long_is_taken_up_by_the_next_run(stage: Stage) -> None:
    stage.cloud.cognito.timing.creating_seconds = 700

    late = stage.new("--apply", "--yes")

    assert late.exit_code == 5
    assert "is CREATING; still so after 600 s" in late.stderr
    assert "run the same command again" in late.stderr
    stage.writes()
    assert stage.new("--apply", "--yes").exit_code == 0
    assert "CreateUserPoolReplica" not in {call.split()[0] for call in stage.writes()}


def test_what_does_not_arrive_in_time_is_told_by_name(stage: Stage) -> None:
    stage.cloud.cognito.timing.lag_seconds = 100_000

    late = stage.new("--apply", "--yes")

    assert late.exit_code == 5
    assert "not seen in us-east-1 yet" in late.stderr
    assert "cognito-failover-canary-1, cognito-failover-canary-2; still so after 600 s" in late.stderr


def test_a_password_that_the_standby_does_not_know_is_tried_four_times_at_most(stage: Stage) -> None:
    done = stage.new("--apply", "--yes", "--json")
    pool_id = parameters(done)["UserPoolId"]
    stage.cloud.cognito.timing.lag_seconds = 100_000
    stage.cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="cognito-failover-canary-1", Password="Another-Password-1", Permanent=True
    )
    store = stage.cloud.client("secretsmanager", PRIMARY)
    name = f"cognito-failover/{pool_id}"
    text = store.get_secret_value(SecretId=name)["SecretString"]
    changed = text.replace(text.split('"password": "')[1].split('"')[0], "Another-Password-1")
    store.put_secret_value(SecretId=name, SecretString=changed)
    stage.cloud.calls.clear()

    late = stage.new("--apply", "--yes")

    assert late.exit_code == 5
    assert "us-east-1 does not let the canary in yet; still so after 60 s" in late.stderr
    # One look for the plan, one before the wait.
    assert stage.cloud.calls.count(f"InitiateAuth {STANDBY}") <= 6


def test_a_key_on_its_way_is_waited_for(stage: Stage) -> None:
    stage.new("--apply", "--yes")
    key = held_key(stage.cloud, STANDBY)
    key["KeyState"] = "Creating"
    stage.on_sleep = lambda: key.update(KeyState="Enabled")

    assert steps(stage.new("--json"))["standby-key"]["state"] == "wait"
    assert stage.new("--apply", "--yes").exit_code == 0
    assert stage.slept[-1] == 5.0


def test_a_key_that_stays_on_its_way_ends_the_run(stage: Stage) -> None:
    stage.new("--apply", "--yes")
    held_key(stage.cloud, STANDBY)["KeyState"] = "Creating"

    late = stage.new("--apply", "--yes")

    assert late.exit_code == 5
    assert "is Creating; still so after 300 s" in late.stderr


def test_a_secret_on_its_way_is_waited_for(stage: Stage) -> None:
    stage.new("--apply", "--yes")
    (status,) = held_secret(stage.cloud)["ReplicationStatus"]
    status["Status"] = "InProgress"
    stage.on_sleep = lambda: status.update(Status="InSync")

    assert undone(stage.new("--json")) == {"secret-replicas"}
    assert stage.new("--apply", "--yes").exit_code == 0


def test_a_secret_that_could_not_be_replicated_is_told_with_the_way_out(stage: Stage) -> None:
    stage.new("--apply", "--yes")
    (status,) = held_secret(stage.cloud)["ReplicationStatus"]
    status |= {"Status": "Failed", "StatusMessage": "A secret of this name exists."}

    result = stage.new("--apply", "--yes")

    assert result.exit_code == 1
    assert "A secret of this name exists. Remove what is in its way" in result.stderr
    assert "remove-regions-from-replication --secret-id cognito-failover/" in result.stderr


@pytest.mark.parametrize(("code", "status"), [("TooManyRequestsException", 400), ("InternalErrorException", 500)])
def test_a_look_that_gets_no_answer_while_waiting_is_followed_by_another(stage: Stage, code: str, status: int) -> None:
    stage.on_sleep = lambda: (
        stage.refuse("ListUserPoolReplicas", code, status=status) if len(stage.slept) == 3 else stage.allow()
    )

    assert stage.new("--apply", "--yes").exit_code == 0
