"""From any pool to a verified replica: planned, made, made again, and made after it broke off."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError
from click.testing import Result

from tests.integration.replicate.stage import Stage, parameters, steps, undone
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, refused

OBSERVER = "eu-west-1"
ROOT = Path(__file__).parents[3]


def secret(stage: Stage, answer: Result, region: str = STANDBY) -> dict[str, str]:
    arn = parameters(answer)["CanarySecretArn"].replace(f":{STANDBY}:", f":{region}:")
    text = stage.cloud.client("secretsmanager", region).get_secret_value(SecretId=arn)["SecretString"]
    return dict(json.loads(text))


def test_a_plan_changes_nothing(stage: Stage) -> None:
    pool_id = stage.pool()
    stage.writes()

    plan = stage.run("--pool", pool_id, "--json")

    assert plan.exit_code == 0
    assert stage.writes() == []
    assert not json.loads(plan.stdout)["done"]
    assert undone(plan) == set(steps(plan))
    assert "iss of every new token changes" in steps(plan)["issuer"]["breaks"]
    assert "$0.0045" in steps(plan)["replica"]["costs"]


def test_a_plan_tells_a_person_what_is_what_will_be_and_why(stage: Stage) -> None:
    shown = stage.run("--pool", stage.pool()).stdout

    assert "to do  replica: no replica in us-east-1" in shown
    assert "Will be: one, which begins as INACTIVE" in shown
    assert "Why: Users, app clients and settings are copied" in shown
    assert "BREAKS: The iss of every new token changes" in shown
    assert "nothing was changed" in shown


@pytest.mark.parametrize("kind", ["new", "old"])
def test_a_pool_ends_with_a_replica_that_signs_in(stage: Stage, kind: str) -> None:
    done = stage.new("--apply", "--yes", "--json") if kind == "new" else stage.replicate(stage.pool(), "--json")

    assert done.exit_code == 0
    assert undone(done) == set()
    given = parameters(done)
    kept = secret(stage, done)
    for region in (PRIMARY, STANDBY):
        answer = stage.cloud.client("cognito-idp", region, signed=False).initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=given["ClientId"],
            AuthParameters={"USERNAME": kept["username"], "PASSWORD": kept["password"]},
        )
        assert "AccessToken" in answer["AuthenticationResult"]
    replicas = stage.cognito.list_user_pool_replicas(UserPoolId=given["UserPoolId"])["UserPoolReplicas"]
    assert {(one["RegionName"], one["Status"]) for one in replicas} == {(STANDBY, "ACTIVE"), (PRIMARY, "ACTIVE")}


def test_a_second_run_changes_nothing_and_answers_the_same(stage: Stage) -> None:
    first = stage.new("--apply", "--yes", "--json")
    stage.writes()

    second = stage.new("--apply", "--yes", "--json")

    assert stage.writes() == []
    assert parameters(second) == parameters(first)


@pytest.mark.parametrize("moment", ["asked", "answered"])
def test_a_run_that_broke_off_at_any_change_is_taken_up_by_the_next(stage: Stage, moment: str) -> None:
    broken: list[str] = []
    reads = ("Get", "List", "Describe", "AdminGet", "InitiateAuth")

    def break_once(now: str, call: str) -> None:
        if now == moment and call not in broken and not call.startswith(reads):
            broken.append(call)
            raise ConnectionClosedError(endpoint_url=call)

    stage.cloud.on_call = break_once
    while (result := stage.new("--apply", "--yes", "--json")).exit_code != 0:
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
    keys = stage.cloud.client("kms", PRIMARY).list_keys()["Keys"]
    assert len([key for key in keys if stage.cloud.account in key["KeyArn"]]) == 1
    assert undone(stage.new("--json")) == set()


def test_the_documented_policy_allows_every_call_that_is_made(stage: Stage) -> None:
    policy = json.loads((ROOT / "docs" / "policies" / "replicate.json").read_text(encoding="utf-8"))
    allowed = {action.partition(":")[2] for statement in policy["Statement"] for action in statement["Action"]}
    unsigned = {"InitiateAuth"}

    stage.replicate(stage.pool(), "--secret-name", "one")
    stage.new("--apply", "--yes")
    stage.cognito.create_user_pool_client(UserPoolId=stage.pool(), ClientName="other")

    not_by_the_command = {"CreateServiceLinkedRole", "UpdateUserPoolClient", "PutSecretValue"}
    assert {call.split()[0] for call in stage.cloud.calls} == (allowed | unsigned) - not_by_the_command


def test_the_secret_is_where_the_controller_and_every_observer_read_it(stage: Stage) -> None:
    done = stage.new("--apply", "--yes", "--json", "--observer", OBSERVER)

    assert secret(stage, done, STANDBY) == secret(stage, done, OBSERVER) == secret(stage, done, PRIMARY)


def test_a_later_observer_gets_the_secret_and_nothing_else_changes(stage: Stage) -> None:
    stage.new("--apply", "--yes")
    stage.writes()

    stage.new("--apply", "--yes", "--observer", OBSERVER)

    assert [call.split()[0] for call in stage.writes()] == ["ReplicateSecretToRegions"]


def test_no_password_is_ever_said(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="failoverctl")

    done = stage.new("--apply", "--yes", "--json")

    assert secret(stage, done)["password"] not in done.output + caplog.text


def test_the_client_has_the_least_rights(stage: Stage) -> None:
    given = parameters(stage.new("--apply", "--yes", "--json"))

    client = stage.cognito.describe_user_pool_client(UserPoolId=given["UserPoolId"], ClientId=given["ClientId"])[
        "UserPoolClient"
    ]
    assert "ClientSecret" not in client
    assert client["ExplicitAuthFlows"] == ["ALLOW_USER_PASSWORD_AUTH"]
    assert (client["AccessTokenValidity"], client["IdTokenValidity"], client["RefreshTokenValidity"]) == (5, 5, 60)
    assert set(client["TokenValidityUnits"].values()) == {"minutes"}
    assert client["ReadAttributes"] == client["WriteAttributes"] == ["updated_at"]
    assert not client.get("AllowedOAuthFlowsUserPoolClient")


def test_a_client_that_somebody_changed_is_set_right(stage: Stage) -> None:
    given = parameters(stage.new("--apply", "--yes", "--json"))
    ids = {"UserPoolId": given["UserPoolId"], "ClientId": given["ClientId"]}
    stage.cognito.update_user_pool_client(**ids, ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"])

    assert "ExplicitAuthFlows" in steps(stage.new("--json"))["canary-client"]["found"]
    stage.new("--apply", "--yes")

    assert undone(stage.new("--json")) == set()


def test_the_users_have_no_rights_and_only_one_has_a_password_that_is_known(stage: Stage) -> None:
    done = stage.new("--apply", "--yes", "--json")

    kept, pool_id = secret(stage, done), parameters(done)["UserPoolId"]
    for name in (kept["username"], kept["idle_username"]):
        user = stage.cognito.admin_get_user(UserPoolId=pool_id, Username=name)
        assert user["UserStatus"] == "CONFIRMED"
        assert {attribute["Name"] for attribute in user["UserAttributes"]} == {"sub"}
        assert stage.cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username=name)["Groups"] == []
    assert kept["user_pool_id"] == pool_id
    assert kept["client_id"] == parameters(done)["ClientId"]


@pytest.mark.parametrize(("kind", "name"), [("email", "@cognito-failover.invalid"), ("phone_number", "+1202555")])
def test_where_users_have_no_names_the_canaries_have_addresses_that_are_nobodys(
    stage: Stage, kind: str, name: str
) -> None:
    done = stage.replicate(stage.pool(UsernameAttributes=[kind]), "--json")

    assert done.exit_code == 0, done.output
    assert name in secret(stage, done)["username"]


def test_a_lost_secret_is_made_anew_with_the_password(stage: Stage) -> None:
    done = stage.new("--apply", "--yes", "--json")
    old = secret(stage, done)
    name = f"cognito-failover/{parameters(done)['UserPoolId']}"
    store = stage.cloud.client("secretsmanager", PRIMARY)
    store.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)

    done = stage.new("--apply", "--yes", "--json")

    assert undone(stage.new("--json")) == set()
    assert secret(stage, done)["sub"] == old["sub"]
    assert secret(stage, done)["password"] != old["password"]


def test_a_user_at_rest_keeps_the_password_that_a_rotation_may_have_given(stage: Stage) -> None:
    done = stage.new("--apply", "--yes", "--json")
    resting = secret(stage, done)["idle_username"]
    pool_id = parameters(done)["UserPoolId"]
    stage.cognito.admin_set_user_password(
        UserPoolId=pool_id, Username=resting, Password="Rotated-Password-1", Permanent=True
    )

    stage.new("--apply", "--yes")

    answer = stage.cognito.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=parameters(done)["ClientId"],
        AuthParameters={"USERNAME": resting, "PASSWORD": "Rotated-Password-1"},
    )
    assert "AuthenticationResult" in answer


def policy(stage: Stage, region: str) -> list[dict[str, Any]]:
    kms = stage.cloud.client("kms", region)
    (key,) = [key for key in kms.list_keys()["Keys"] if stage.cloud.account in key["KeyArn"]]
    return list(json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])["Statement"])


def test_both_policies_keep_their_statements_and_name_this_pool_only(stage: Stage) -> None:
    key = stage.cloud.client("kms", PRIMARY).create_key(MultiRegion=True)["KeyMetadata"]["Arn"]

    pool_id = parameters(stage.new("--apply", "--yes", "--json", "--key", key))["UserPoolId"]

    arn = f"arn:aws:cognito-idp:*:{stage.cloud.account}:userpool/{pool_id}"
    for region in (PRIMARY, STANDBY):
        first, use, describe, callers, _ = policy(stage, region)
        assert first["Sid"] == "Enable IAM User Permissions"
        assert use["Condition"]["StringEquals"] == {"aws:SourceAccount": stage.cloud.account}
        assert use["Condition"]["ArnLike"] == describe["Condition"]["ArnLike"] == {"aws:SourceArn": arn}
        assert set(use["Condition"]["StringLike"].values()) == {arn}
        assert callers["Condition"]["StringEquals"]["kms:ViaService"] == f"cognito-idp.{region}.amazonaws.com"


def test_the_standby_key_has_the_statements_that_the_key_had_before(stage: Stage) -> None:
    kms = stage.cloud.client("kms", PRIMARY)
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    root = f"arn:aws:iam::{stage.cloud.account}:root"
    own = {"Sid": "Mine", "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps({"Statement": [own]}))

    stage.new("--apply", "--yes", "--key", key)

    assert policy(stage, PRIMARY)[0] == policy(stage, STANDBY)[0] == own


def test_cognito_refuses_a_key_whose_policy_is_for_another_pool(stage: Stage) -> None:
    pool_id = parameters(stage.new("--apply", "--yes", "--json"))["UserPoolId"]
    key = stage.described(pool_id)["KeyConfiguration"]

    code, message, _ = refused(lambda: stage.cognito.update_user_pool(UserPoolId=stage.pool(), KeyConfiguration=key))

    assert code == "InvalidParameterException"
    assert "does not allow cognito-idp.amazonaws.com" in message


def test_what_the_replica_lacks_of_its_own_is_told(stage: Stage) -> None:
    pool_id = stage.pool(UserPoolTags={"team": "identity"})

    done = stage.replicate(pool_id, "--json")

    (note,) = steps(done)["activation"]["notes"]
    assert "not set in us-east-1: tags" in note
    stage.cloud.client("cognito-idp", STANDBY).tag_resource(
        ResourceArn=stage.described(pool_id, STANDBY)["Arn"], Tags={"team": "identity"}
    )
    assert steps(stage.run("--pool", pool_id, "--json"))["activation"]["notes"] == []
