"""Replication of any pool: planned, applied, repeated, and resumed after an interruption."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError
from click.testing import Result

from tests.integration.replicate.replicate_harness import (
    ReplicateHarness,
    get_parameters,
    get_steps,
    get_unfinished_steps,
)
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, expect_error

OBSERVER = "eu-west-1"
ROOT = Path(__file__).parents[3]


def read_secret(harness: ReplicateHarness, answer: Result, region: str = STANDBY) -> dict[str, str]:
    arn = get_parameters(answer)["CanarySecretArn"].replace(f":{STANDBY}:", f":{region}:")
    text = harness.cloud.client("secretsmanager", region).get_secret_value(SecretId=arn)["SecretString"]
    return dict(json.loads(text))


def test_plan_changes_nothing(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool()
    harness.pop_write_calls()

    plan = harness.run("--pool", pool_id, "--json")

    assert plan.exit_code == 0
    assert harness.pop_write_calls() == []
    assert not json.loads(plan.stdout)["done"]
    assert get_unfinished_steps(plan) == set(get_steps(plan))
    assert "iss of every new token changes" in get_steps(plan)["issuer"]["breaks"]
    assert "$0.0045" in get_steps(plan)["replica"]["costs"]


def test_plan_shows_current_and_planned_state_with_reasons(harness: ReplicateHarness) -> None:
    shown = harness.run("--pool", harness.create_pool()).stdout

    assert "to do  replica: no replica in us-east-1" in shown
    assert "Will be: a replica, at first INACTIVE" in shown
    assert "Why: Cognito copies users, app clients and settings" in shown
    assert "BREAKS: The iss of every new token changes" in shown
    assert "Nothing was changed." in shown


@pytest.mark.parametrize("kind", ["new", "old"])
def test_pool_gets_replica_that_signs_in(harness: ReplicateHarness, kind: str) -> None:
    done = (
        harness.replicate_new_pool("--apply", "--yes", "--json")
        if kind == "new"
        else harness.replicate_pool(harness.create_pool(), "--json")
    )

    assert done.exit_code == 0
    assert get_unfinished_steps(done) == set()
    parameters = get_parameters(done)
    secret = read_secret(harness, done)
    for region in (PRIMARY, STANDBY):
        answer = harness.cloud.client("cognito-idp", region, signed=False).initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=parameters["ClientId"],
            AuthParameters={"USERNAME": secret["username"], "PASSWORD": secret["password"]},
        )
        assert "AccessToken" in answer["AuthenticationResult"]
    replicas = harness.cognito.list_user_pool_replicas(UserPoolId=parameters["UserPoolId"])["UserPoolReplicas"]
    statuses = {(replica["RegionName"], replica["Status"]) for replica in replicas}
    assert statuses == {(STANDBY, "ACTIVE"), (PRIMARY, "ACTIVE")}


def test_second_run_changes_nothing_and_answers_the_same(harness: ReplicateHarness) -> None:
    first = harness.replicate_new_pool("--apply", "--yes", "--json")
    harness.pop_write_calls()

    second = harness.replicate_new_pool("--apply", "--yes", "--json")

    assert harness.pop_write_calls() == []
    assert get_parameters(second) == get_parameters(first)


@pytest.mark.parametrize("moment", ["asked", "answered"])
def test_run_interrupted_at_any_change_is_resumed(harness: ReplicateHarness, moment: str) -> None:
    broken: list[str] = []
    reads = ("Get", "List", "Describe", "AdminGet", "InitiateAuth")

    def break_once(now: str, call: str) -> None:
        if now == moment and call not in broken and not call.startswith(reads):
            broken.append(call)
            raise ConnectionClosedError(endpoint_url=call)

    harness.cloud.on_call = break_once
    while (result := harness.replicate_new_pool("--apply", "--yes", "--json")).exit_code != 0:
        assert result.exit_code == 3
        assert "run the same command again" in json.loads(result.stdout)["message"]
        assert len(broken) < 40

    assert {call.split()[0] for call in broken} == {
        "CreateKey",
        "ReplicateKey",
        "PutKeyPolicy",
        "CreateUserPool",
        "CreateUserPoolReplica",
        "CreateUserPoolClient",
        "AdminCreateUser",
        "AdminSetUserPassword",
        "CreateSecret",
        "UpdateUserPoolReplica",
        "ReplicateSecretToRegions",
    }
    keys = harness.cloud.client("kms", PRIMARY).list_keys()["Keys"]
    assert len([key for key in keys if harness.cloud.account in key["KeyArn"]]) == 1
    assert get_unfinished_steps(harness.replicate_new_pool("--json")) == set()


def test_documented_policy_allows_every_call(harness: ReplicateHarness) -> None:
    policy = json.loads((ROOT / "docs" / "policies" / "replicate.json").read_text(encoding="utf-8"))
    allowed = {action.partition(":")[2] for statement in policy["Statement"] for action in statement["Action"]}
    unsigned = {"InitiateAuth"}

    harness.replicate_pool(harness.create_pool(), "--secret-name", "one")
    harness.replicate_new_pool("--apply", "--yes")
    harness.cognito.create_user_pool_client(UserPoolId=harness.create_pool(), ClientName="other")

    not_called_here = {"CreateServiceLinkedRole", "UpdateUserPoolClient", "PutSecretValue"}
    assert {call.split()[0] for call in harness.cloud.calls} == (allowed | unsigned) - not_called_here


def test_secret_is_replicated_to_controller_and_observers(harness: ReplicateHarness) -> None:
    done = harness.replicate_new_pool("--apply", "--yes", "--json", "--observer", OBSERVER)

    assert (
        read_secret(harness, done, STANDBY)
        == read_secret(harness, done, OBSERVER)
        == read_secret(harness, done, PRIMARY)
    )


def test_later_observer_gets_secret_without_other_changes(harness: ReplicateHarness) -> None:
    harness.replicate_new_pool("--apply", "--yes")
    harness.pop_write_calls()

    harness.replicate_new_pool("--apply", "--yes", "--observer", OBSERVER)

    assert [call.split()[0] for call in harness.pop_write_calls()] == ["ReplicateSecretToRegions"]


def test_password_is_never_printed(harness: ReplicateHarness, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="failoverctl")

    done = harness.replicate_new_pool("--apply", "--yes", "--json")

    assert read_secret(harness, done)["password"] not in done.output + caplog.text


def test_client_has_least_privilege(harness: ReplicateHarness) -> None:
    parameters = get_parameters(harness.replicate_new_pool("--apply", "--yes", "--json"))

    client = harness.cognito.describe_user_pool_client(
        UserPoolId=parameters["UserPoolId"], ClientId=parameters["ClientId"]
    )["UserPoolClient"]
    assert "ClientSecret" not in client
    assert client["ExplicitAuthFlows"] == ["ALLOW_USER_PASSWORD_AUTH"]
    assert (client["AccessTokenValidity"], client["IdTokenValidity"], client["RefreshTokenValidity"]) == (5, 5, 60)
    assert set(client["TokenValidityUnits"].values()) == {"minutes"}
    assert client["ReadAttributes"] == client["WriteAttributes"] == ["updated_at"]
    assert not client.get("AllowedOAuthFlowsUserPoolClient")


def test_modified_client_is_corrected(harness: ReplicateHarness) -> None:
    parameters = get_parameters(harness.replicate_new_pool("--apply", "--yes", "--json"))
    ids = {"UserPoolId": parameters["UserPoolId"], "ClientId": parameters["ClientId"]}
    harness.cognito.update_user_pool_client(**ids, ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"])

    assert "ExplicitAuthFlows" in get_steps(harness.replicate_new_pool("--json"))["canary-client"]["found"]
    harness.replicate_new_pool("--apply", "--yes")

    assert get_unfinished_steps(harness.replicate_new_pool("--json")) == set()


def test_users_have_no_rights_and_one_has_a_known_password(harness: ReplicateHarness) -> None:
    done = harness.replicate_new_pool("--apply", "--yes", "--json")

    secret, pool_id = read_secret(harness, done), get_parameters(done)["UserPoolId"]
    for name in (secret["username"], secret["idle_username"]):
        user = harness.cognito.admin_get_user(UserPoolId=pool_id, Username=name)
        assert user["UserStatus"] == "CONFIRMED"
        assert {attribute["Name"] for attribute in user["UserAttributes"]} == {"sub"}
        assert harness.cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username=name)["Groups"] == []
    assert secret["user_pool_id"] == pool_id
    assert secret["client_id"] == get_parameters(done)["ClientId"]


@pytest.mark.parametrize(("kind", "name"), [("email", "@cognito-failover.invalid"), ("phone_number", "+1202555")])
def test_canaries_use_reserved_addresses_without_usernames(harness: ReplicateHarness, kind: str, name: str) -> None:
    done = harness.replicate_pool(harness.create_pool(UsernameAttributes=[kind]), "--json")

    assert done.exit_code == 0, done.output
    assert name in read_secret(harness, done)["username"]


def test_lost_secret_is_recreated_with_password(harness: ReplicateHarness) -> None:
    done = harness.replicate_new_pool("--apply", "--yes", "--json")
    old = read_secret(harness, done)
    name = f"cognito-failover/{get_parameters(done)['UserPoolId']}"
    store = harness.cloud.client("secretsmanager", PRIMARY)
    store.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)

    done = harness.replicate_new_pool("--apply", "--yes", "--json")

    assert get_unfinished_steps(harness.replicate_new_pool("--json")) == set()
    assert read_secret(harness, done)["sub"] == old["sub"]
    assert read_secret(harness, done)["password"] != old["password"]


def test_idle_user_keeps_password_set_by_rotation(harness: ReplicateHarness) -> None:
    done = harness.replicate_new_pool("--apply", "--yes", "--json")
    idle_username = read_secret(harness, done)["idle_username"]
    pool_id = get_parameters(done)["UserPoolId"]
    harness.cognito.admin_set_user_password(
        UserPoolId=pool_id, Username=idle_username, Password="Rotated-Password-1", Permanent=True
    )

    harness.replicate_new_pool("--apply", "--yes")

    answer = harness.cognito.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=get_parameters(done)["ClientId"],
        AuthParameters={"USERNAME": idle_username, "PASSWORD": "Rotated-Password-1"},
    )
    assert "AuthenticationResult" in answer


def get_key_policy(harness: ReplicateHarness, region: str) -> list[dict[str, Any]]:
    kms = harness.cloud.client("kms", region)
    (key,) = [key for key in kms.list_keys()["Keys"] if harness.cloud.account in key["KeyArn"]]
    return list(json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])["Statement"])


def test_key_policies_keep_statements_and_name_only_this_pool(harness: ReplicateHarness) -> None:
    key = harness.cloud.client("kms", PRIMARY).create_key(MultiRegion=True)["KeyMetadata"]["Arn"]

    pool_id = get_parameters(harness.replicate_new_pool("--apply", "--yes", "--json", "--key", key))["UserPoolId"]

    arn = f"arn:aws:cognito-idp:*:{harness.cloud.account}:userpool/{pool_id}"
    for region in (PRIMARY, STANDBY):
        first, use, describe, callers, _ = get_key_policy(harness, region)
        assert first["Sid"] == "Enable IAM User Permissions"
        assert use["Condition"]["StringEquals"] == {"aws:SourceAccount": harness.cloud.account}
        assert use["Condition"]["ArnLike"] == describe["Condition"]["ArnLike"] == {"aws:SourceArn": arn}
        assert set(use["Condition"]["StringLike"].values()) == {arn}
        assert callers["Condition"]["StringEquals"]["kms:ViaService"] == f"cognito-idp.{region}.amazonaws.com"


def test_standby_key_copies_existing_statements(harness: ReplicateHarness) -> None:
    kms = harness.cloud.client("kms", PRIMARY)
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    root = f"arn:aws:iam::{harness.cloud.account}:root"
    own = {"Sid": "Mine", "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps({"Statement": [own]}))

    harness.replicate_new_pool("--apply", "--yes", "--key", key)

    assert get_key_policy(harness, PRIMARY)[0] == get_key_policy(harness, STANDBY)[0] == own


def test_cognito_rejects_key_with_policy_for_another_pool(harness: ReplicateHarness) -> None:
    pool_id = get_parameters(harness.replicate_new_pool("--apply", "--yes", "--json"))["UserPoolId"]
    key = harness.describe_pool(pool_id)["KeyConfiguration"]

    code, message, _ = expect_error(
        lambda: harness.cognito.update_user_pool(UserPoolId=harness.create_pool(), KeyConfiguration=key)
    )

    assert code == "InvalidParameterException"
    assert "does not allow cognito-idp.amazonaws.com" in message


def test_settings_missing_on_replica_are_reported(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool(UserPoolTags={"team": "identity"})

    done = harness.replicate_pool(pool_id, "--json")

    (note,) = get_steps(done)["activation"]["notes"]
    assert "not set in us-east-1: tags" in note
    harness.cloud.client("cognito-idp", STANDBY).tag_resource(
        ResourceArn=harness.describe_pool(pool_id, STANDBY)["Arn"], Tags={"team": "identity"}
    )
    assert get_steps(harness.run("--pool", pool_id, "--json"))["activation"]["notes"] == []
