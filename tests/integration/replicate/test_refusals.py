"""What stands in the way is said before anything is changed, with the way out."""

from typing import Any

import pytest
from click.testing import Result

from failoverctl.replicate.wish import CLIENT_NAME
from tests.integration.replicate.stage import Stage, parameters
from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, allow_cognito, customer_key, multi_region_key


def refused(result: Result, stage: Stage, *words: str) -> None:
    """See that a run was refused in these words, and changed nothing."""
    assert result.exit_code == 1, result.output
    assert all(word in result.stderr for word in words), result.stderr
    assert stage.writes() == []


def keyed_pool(stage: Stage, arn: str) -> str:
    allow_cognito(stage.cloud, PRIMARY, arn)
    return stage.pool(KeyConfiguration=customer_key(arn))


def new_key(stage: Stage, **settings: Any) -> str:
    return str(stage.cloud.client("kms", PRIMARY).create_key(**settings)["KeyMetadata"]["Arn"])


def test_the_tier_lite(stage: Stage) -> None:
    pool_id = stage.pool(UserPoolTier="LITE")
    stage.writes()

    refused(stage.replicate(pool_id), stage, "has the tier Lite", "Change it to Essentials or Plus first")


def test_a_pool_that_asks_everybody_for_a_second_factor(stage: Stage) -> None:
    pool_id = stage.pool(MfaConfiguration="ON")
    stage.writes()

    refused(stage.replicate(pool_id), stage, "a second factor, which the canary can't have", "OPTIONAL")


def test_all_that_is_wrong_with_a_pool_is_said_at_once(stage: Stage) -> None:
    pool_id = stage.pool(UserPoolTier="LITE", MfaConfiguration="ON")
    stage.writes()

    refused(stage.replicate(pool_id), stage, "tier Lite", "second factor")


@pytest.mark.parametrize("standby", ["eu-central-7", "cn-north-1"])
def test_a_region_without_user_pools_or_of_another_partition(stage: Stage, standby: str) -> None:
    pool_id = stage.pool()
    stage.writes()

    result = stage.run("--pool", pool_id, "--apply", "--yes", standby=standby)

    refused(result, stage, f"no user pools in {standby}", "Choose another Region")


def test_the_primary_as_its_own_standby(stage: Stage) -> None:
    refused(stage.run("--pool", f"{PRIMARY}_abc", standby=PRIMARY), stage, "lives in another Region")


def test_another_primary_than_the_one_that_the_pool_was_created_in(stage: Stage) -> None:
    result = stage.run("--pool", f"{PRIMARY}_abc", "--primary", "eu-west-1")

    refused(result, stage, f"was created in {PRIMARY}", "no promote operation")


def test_an_existing_pool_and_a_new_one_at_once(stage: Stage) -> None:
    refused(stage.new("--pool", f"{PRIMARY}_abc"), stage, "--pool", "--new-pool")


def test_no_pool_at_all(stage: Stage) -> None:
    result = stage.run()

    assert result.exit_code == 2
    assert "--new-pool with --primary" in result.stderr


def test_a_pool_that_is_not_there(stage: Stage) -> None:
    refused(stage.replicate(f"{PRIMARY}_unknown"), stage, f"no user pool {PRIMARY}_unknown in {PRIMARY}")


def test_several_pools_of_the_new_ones_name(stage: Stage) -> None:
    for _ in range(2):
        stage.cognito.create_user_pool(PoolName="new")
    stage.writes()

    refused(stage.new("--apply", "--yes"), stage, "There are 2 user pools named new", "give --pool")


def test_a_second_replica(stage: Stage) -> None:
    pool_id = parameters(stage.new("--apply", "--yes", "--json"))["UserPoolId"]
    stage.writes()

    result = stage.run("--pool", pool_id, "--apply", "--yes", standby="eu-west-1")

    refused(result, stage, f"has a replica in {STANDBY} (ACTIVE), its only one", f"--standby {STANDBY}")


def test_a_replica_on_its_way_out(stage: Stage) -> None:
    pool_id = parameters(stage.new("--apply", "--yes", "--json"))["UserPoolId"]
    which = {"UserPoolId": pool_id, "RegionName": STANDBY}
    stage.cognito.update_user_pool_replica(**which, Status="INACTIVE")
    stage.cognito.delete_user_pool_replica(**which)
    stage.writes()

    refused(stage.replicate(pool_id), stage, "is being deleted", "run this again")

    stage.cloud.clock.pass_seconds(60)
    assert stage.replicate(pool_id).exit_code == 0


def test_a_pool_with_a_single_region_key(stage: Stage) -> None:
    pool_id = keyed_pool(stage, new_key(stage))
    stage.writes()

    refused(stage.replicate(pool_id), stage, "is a single-Region key, and can't be made another")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "single-Region key"),
        ({"MultiRegion": True, "KeySpec": "RSA_2048"}, "Cognito takes SYMMETRIC_DEFAULT"),
    ],
)
def test_a_given_key_of_a_wrong_kind(stage: Stage, settings: dict[str, Any], words: str) -> None:
    key = new_key(stage, **settings)
    stage.writes()

    refused(stage.new("--apply", "--yes", "--key", key), stage, words)


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        (f"arn:aws:kms:{PRIMARY}:{{account}}:key/mrk-{'0' * 32}", "There is no key"),
        (f"arn:aws:kms:{STANDBY}:{{account}}:key/mrk-{'0' * 32}", f"not a key in {PRIMARY}"),
        ("alias/mine", f"not a key in {PRIMARY}"),
    ],
)
def test_a_given_key_that_is_not_there(stage: Stage, arn: str, words: str) -> None:
    refused(stage.new("--apply", "--yes", "--key", arn.format(account=stage.cloud.account)), stage, words)


def test_another_key_than_the_pools(stage: Stage) -> None:
    pool_id = keyed_pool(stage, multi_region_key(stage.cloud, regions=()))
    other = new_key(stage, MultiRegion=True)
    stage.writes()

    refused(stage.replicate(pool_id, "--key", other), stage, "The pool is encrypted with", "Leave out --key")


def test_a_disabled_key(stage: Stage) -> None:
    pool_id = parameters(stage.new("--apply", "--yes", "--json"))["UserPoolId"]
    stage.cloud.client("kms", STANDBY).disable_key(
        KeyId=stage.described(pool_id, STANDBY)["KeyConfiguration"]["KmsKeyArn"]
    )
    stage.writes()

    refused(stage.replicate(pool_id), stage, f"arn:aws:kms:{STANDBY}", "is Disabled", "nobody signs in")


def test_an_app_client_of_the_canarys_name_with_a_secret(stage: Stage) -> None:
    pool_id = stage.pool()
    stage.cognito.create_user_pool_client(UserPoolId=pool_id, ClientName=CLIENT_NAME, GenerateSecret=True)
    stage.writes()

    refused(stage.run("--pool", pool_id), stage, "has a secret, which can't be taken from it")


def test_several_app_clients_of_the_canarys_name(stage: Stage) -> None:
    pool_id = stage.pool()
    for _ in range(2):
        stage.cognito.create_user_pool_client(UserPoolId=pool_id, ClientName=CLIENT_NAME)
    stage.writes()

    refused(stage.run("--pool", pool_id), stage, "There are 2 app clients named", "delete or rename all but one")


@pytest.mark.parametrize("content", ["not JSON", '"text"', '{"username": "somebody", "password": "hers"}'])
def test_a_secret_that_is_somebody_elses(stage: Stage, content: str) -> None:
    pool_id = stage.pool()
    store = stage.cloud.client("secretsmanager", PRIMARY)
    store.create_secret(Name=f"mine-{pool_id}", SecretString=content)
    stage.writes()

    result = stage.run("--pool", pool_id, "--secret-name", f"mine-{pool_id}")

    refused(result, stage, "is not that of this pool's canary", "--secret-name")
    assert "hers" not in result.output


def test_a_secret_that_is_being_deleted(stage: Stage) -> None:
    pool_id = parameters(stage.new("--apply", "--yes", "--json"))["UserPoolId"]
    stage.cloud.client("secretsmanager", PRIMARY).delete_secret(SecretId=f"cognito-failover/{pool_id}")
    stage.writes()

    refused(stage.replicate(pool_id), stage, "can't be read", "Restore it")


def test_a_new_issuer_that_nobody_accepted(stage: Stage) -> None:
    pool_id = stage.pool()
    stage.writes()

    result = stage.run("--pool", pool_id, "--apply", "--yes")

    refused(
        result, stage, "iss of every new token changes", "don't work with the new issuer at all", "--accept-new-issuer"
    )


def test_nobody_to_ask(stage: Stage) -> None:
    result = stage.new("--apply")

    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert stage.writes() == []


def test_a_person_who_says_no(stage: Stage) -> None:
    stage.terminal = True

    refused(stage.new("--apply", types="n\n"), stage, "replica: no replica in us-east-1", "nothing was changed")


def test_a_person_who_says_yes(stage: Stage) -> None:
    stage.terminal = True

    assert stage.new("--apply", types="y\n").exit_code == 0


@pytest.mark.parametrize("operation", ["UpdateUserPool", "CreateUserPoolReplica"])
def test_a_pool_that_cognito_refuses_without_a_reason_of_ours(stage: Stage, operation: str) -> None:
    stage.refuse(operation, "InvalidParameterException", "Not supported for this user pool.")

    result = stage.replicate(stage.pool())

    assert result.exit_code == 1
    assert "Not supported for this user pool" in result.stderr
    assert "older infrastructure" in result.stderr


@pytest.mark.parametrize(
    ("code", "words", "exit_code"),
    [
        ("AccessDeniedException", "docs/policies/replicate.json", 3),
        ("LimitExceededException", "one replica at most", 1),
        ("FeatureUnavailableInTierException", "Essentials or Plus", 1),
        ("NotAuthorizedException", "run the same command again", 4),
        ("TooManyRequestsException", "throttles the call", 3),
    ],
)
def test_a_refusal_of_aws_is_told_with_the_way_out(stage: Stage, code: str, words: str, exit_code: int) -> None:
    stage.refuse("CreateUserPoolReplica", code)

    result = stage.new("--apply", "--yes")

    assert (result.exit_code, words in result.stderr) == (exit_code, True), result.stderr
    stage.allow()
    assert stage.new("--apply", "--yes").exit_code == 0


def test_a_secret_of_that_name_in_the_standby_region(stage: Stage) -> None:
    there = stage.cloud.client("secretsmanager", STANDBY)
    there.create_secret(Name="canary", SecretString="somebody else's")

    result = stage.new("--apply", "--yes", "--secret-name", "canary")

    assert result.exit_code == 4
    assert "already exists" in result.stderr
    there.delete_secret(SecretId="canary", ForceDeleteWithoutRecovery=True)
    assert stage.new("--apply", "--yes", "--secret-name", "canary").exit_code == 0
