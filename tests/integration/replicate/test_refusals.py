"""Violated requirements are reported with advice before any change."""

from typing import Any

import pytest
from click.testing import Result

from failoverctl.replicate.spec import CLIENT_NAME
from tests.integration.replicate.replicate_harness import ReplicateHarness, get_parameters
from tests.integration.sandbox_cognito.cloud import (
    PRIMARY,
    STANDBY,
    allow_cognito,
    build_key_configuration,
    create_multi_region_key,
)


def assert_refused(result: Result, harness: ReplicateHarness, *words: str) -> None:
    """Ensure that a run was refused with these words, and changed nothing."""
    assert result.exit_code == 1, result.output
    assert all(word in result.stderr for word in words), result.stderr
    assert harness.pop_write_calls() == []


def create_pool_with_key(harness: ReplicateHarness, arn: str) -> str:
    allow_cognito(harness.cloud, PRIMARY, arn)
    return harness.create_pool(KeyConfiguration=build_key_configuration(arn))


def create_key(harness: ReplicateHarness, **settings: Any) -> str:
    return str(harness.cloud.client("kms", PRIMARY).create_key(**settings)["KeyMetadata"]["Arn"])


def test_lite_tier_is_rejected(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool(UserPoolTier="LITE")
    harness.pop_write_calls()

    assert_refused(
        harness.replicate_pool(pool_id), harness, "has the tier Lite", "Change it to Essentials or Plus first"
    )


def test_pool_with_required_mfa_is_rejected(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool(MfaConfiguration="ON")
    harness.pop_write_calls()

    assert_refused(harness.replicate_pool(pool_id), harness, "a second factor, which the canary can't have", "OPTIONAL")


def test_all_problems_of_a_pool_are_reported_at_once(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool(UserPoolTier="LITE", MfaConfiguration="ON")
    harness.pop_write_calls()

    assert_refused(harness.replicate_pool(pool_id), harness, "tier Lite", "second factor")


@pytest.mark.parametrize(("standby", "is_listed"), [("ca-west-1", False), ("me-central-1", False), (STANDBY, True)])
def test_region_that_lacked_replication_is_warned_about_only(
    harness: ReplicateHarness, standby: str, is_listed: bool
) -> None:
    result = harness.run("--new-pool", "new", "--primary", PRIMARY, standby=standby)

    assert result.exit_code == 0
    assert (f"AWS offered no replication in {standby}" in result.stdout) is not is_listed


@pytest.mark.parametrize("standby", ["eu-central-7", "cn-north-1"])
def test_region_without_cognito_or_of_other_partition_is_rejected(harness: ReplicateHarness, standby: str) -> None:
    pool_id = harness.create_pool()
    harness.pop_write_calls()

    result = harness.run("--pool", pool_id, "--apply", "--yes", standby=standby)

    assert_refused(result, harness, f"no user pools in {standby}", "Choose another Region")


def test_primary_as_standby_is_rejected(harness: ReplicateHarness) -> None:
    assert_refused(harness.run("--pool", f"{PRIMARY}_abc", standby=PRIMARY), harness, "needs another Region")


def test_primary_other_than_creation_region_is_rejected(harness: ReplicateHarness) -> None:
    result = harness.run("--pool", f"{PRIMARY}_abc", "--primary", "eu-west-1")

    assert_refused(result, harness, f"was created in {PRIMARY}", "no promote operation")


def test_existing_and_new_pool_together_are_rejected(harness: ReplicateHarness) -> None:
    assert_refused(harness.replicate_new_pool("--pool", f"{PRIMARY}_abc"), harness, "--pool", "--new-pool")


def test_missing_pool_option_is_rejected(harness: ReplicateHarness) -> None:
    result = harness.run()

    assert result.exit_code == 2
    assert "--new-pool with --primary" in result.stderr


def test_unknown_pool_is_rejected(harness: ReplicateHarness) -> None:
    assert_refused(
        harness.replicate_pool(f"{PRIMARY}_unknown"), harness, f"no user pool {PRIMARY}_unknown in {PRIMARY}"
    )


def test_duplicate_pool_name_is_rejected(harness: ReplicateHarness) -> None:
    for _ in range(2):
        harness.cognito.create_user_pool(PoolName="new")
    harness.pop_write_calls()

    assert_refused(
        harness.replicate_new_pool("--apply", "--yes"), harness, "There are 2 user pools named new", "give --pool"
    )


def test_second_replica_is_rejected(harness: ReplicateHarness) -> None:
    pool_id = get_parameters(harness.replicate_new_pool("--apply", "--yes", "--json"))["UserPoolId"]
    harness.pop_write_calls()

    result = harness.run("--pool", pool_id, "--apply", "--yes", standby="eu-west-1")

    assert_refused(
        result, harness, f"has a replica in {STANDBY} (ACTIVE), and can have only one", f"--standby {STANDBY}"
    )


def test_replica_being_deleted_is_rejected(harness: ReplicateHarness) -> None:
    pool_id = get_parameters(harness.replicate_new_pool("--apply", "--yes", "--json"))["UserPoolId"]
    which = {"UserPoolId": pool_id, "RegionName": STANDBY}
    harness.cognito.update_user_pool_replica(**which, Status="INACTIVE")
    harness.cognito.delete_user_pool_replica(**which)
    harness.pop_write_calls()

    assert_refused(harness.replicate_pool(pool_id), harness, "is being deleted", "run this again")

    harness.cloud.clock.advance(60)
    assert harness.replicate_pool(pool_id).exit_code == 0


def test_pool_with_single_region_key_is_rejected(harness: ReplicateHarness) -> None:
    pool_id = create_pool_with_key(harness, create_key(harness))
    harness.pop_write_calls()

    assert_refused(harness.replicate_pool(pool_id), harness, "is a single-Region key, and can't be converted")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "single-Region key"),
        ({"MultiRegion": True, "KeySpec": "RSA_2048"}, "Cognito accepts only SYMMETRIC_DEFAULT"),
    ],
)
def test_key_of_wrong_kind_is_rejected(harness: ReplicateHarness, settings: dict[str, Any], words: str) -> None:
    key = create_key(harness, **settings)
    harness.pop_write_calls()

    assert_refused(harness.replicate_new_pool("--apply", "--yes", "--key", key), harness, words)


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        (f"arn:aws:kms:{PRIMARY}:{{account}}:key/mrk-{'0' * 32}", "There is no key"),
        (f"arn:aws:kms:{STANDBY}:{{account}}:key/mrk-{'0' * 32}", f"not a key in {PRIMARY}"),
        ("alias/mine", f"not a key in {PRIMARY}"),
    ],
)
def test_unknown_key_is_rejected(harness: ReplicateHarness, arn: str, words: str) -> None:
    assert_refused(
        harness.replicate_new_pool("--apply", "--yes", "--key", arn.format(account=harness.cloud.account)),
        harness,
        words,
    )


def test_key_other_than_pool_key_is_rejected(harness: ReplicateHarness) -> None:
    pool_id = create_pool_with_key(harness, create_multi_region_key(harness.cloud, regions=()))
    other = create_key(harness, MultiRegion=True)
    harness.pop_write_calls()

    assert_refused(
        harness.replicate_pool(pool_id, "--key", other), harness, "The pool is encrypted with", "Leave out --key"
    )


def test_disabled_key_is_rejected(harness: ReplicateHarness) -> None:
    pool_id = get_parameters(harness.replicate_new_pool("--apply", "--yes", "--json"))["UserPoolId"]
    harness.cloud.client("kms", STANDBY).disable_key(
        KeyId=harness.describe_pool(pool_id, STANDBY)["KeyConfiguration"]["KmsKeyArn"]
    )
    harness.pop_write_calls()

    assert_refused(
        harness.replicate_pool(pool_id),
        harness,
        f"arn:aws:kms:{STANDBY}",
        "is Disabled",
        "Users can't sign in without it",
    )


def test_canary_client_with_secret_is_rejected(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool()
    harness.cognito.create_user_pool_client(UserPoolId=pool_id, ClientName=CLIENT_NAME, GenerateSecret=True)
    harness.pop_write_calls()

    assert_refused(harness.run("--pool", pool_id), harness, "has a secret, which can't be removed")


def test_duplicate_canary_client_is_rejected(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool()
    for _ in range(2):
        harness.cognito.create_user_pool_client(UserPoolId=pool_id, ClientName=CLIENT_NAME)
    harness.pop_write_calls()

    assert_refused(
        harness.run("--pool", pool_id), harness, "There are 2 app clients named", "delete or rename all but one"
    )


@pytest.mark.parametrize("content", ["not JSON", '"text"', '{"username": "aiko", "password": "hers"}'])
def test_foreign_secret_is_rejected(harness: ReplicateHarness, content: str) -> None:
    pool_id = harness.create_pool()
    store = harness.cloud.client("secretsmanager", PRIMARY)
    store.create_secret(Name=f"mine-{pool_id}", SecretString=content)
    harness.pop_write_calls()

    result = harness.run("--pool", pool_id, "--secret-name", f"mine-{pool_id}")

    assert_refused(result, harness, "does not belong to this pool's canary", "--secret-name")
    assert "hers" not in result.output


def test_secret_being_deleted_is_rejected(harness: ReplicateHarness) -> None:
    pool_id = get_parameters(harness.replicate_new_pool("--apply", "--yes", "--json"))["UserPoolId"]
    harness.cloud.client("secretsmanager", PRIMARY).delete_secret(SecretId=f"cognito-failover/{pool_id}")
    harness.pop_write_calls()

    assert_refused(harness.replicate_pool(pool_id), harness, "can't be read", "Restore it")


def test_unaccepted_new_issuer_is_rejected(harness: ReplicateHarness) -> None:
    pool_id = harness.create_pool()
    harness.pop_write_calls()

    result = harness.run("--pool", pool_id, "--apply", "--yes")

    assert_refused(
        result,
        harness,
        "iss of every new token changes",
        "don't work with the new issuer at all",
        "--accept-new-issuer",
    )


def test_noninteractive_run_without_yes_is_rejected(harness: ReplicateHarness) -> None:
    result = harness.replicate_new_pool("--apply")

    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert harness.pop_write_calls() == []


def test_declined_confirmation_changes_nothing(harness: ReplicateHarness) -> None:
    harness.is_terminal = True

    assert_refused(
        harness.replicate_new_pool("--apply", types="n\n"),
        harness,
        "replica: no replica in us-east-1",
        "nothing was changed.",
    )


def test_accepted_confirmation_proceeds(harness: ReplicateHarness) -> None:
    harness.is_terminal = True

    assert harness.replicate_new_pool("--apply", types="y\n").exit_code == 0


@pytest.mark.parametrize("operation", ["UpdateUserPool", "CreateUserPoolReplica"])
def test_unexplained_cognito_rejection_is_quoted(harness: ReplicateHarness, operation: str) -> None:
    harness.refuse_operation(operation, "InvalidParameterException", "Not supported for this user pool.")

    result = harness.replicate_pool(harness.create_pool())

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
def test_aws_error_is_reported_with_hint(harness: ReplicateHarness, code: str, words: str, exit_code: int) -> None:
    harness.refuse_operation("CreateUserPoolReplica", code)

    result = harness.replicate_new_pool("--apply", "--yes")

    assert (result.exit_code, words in result.stderr) == (exit_code, True), result.stderr
    harness.allow_all()
    assert harness.replicate_new_pool("--apply", "--yes").exit_code == 0


def test_secret_of_same_name_in_standby_region_is_rejected(harness: ReplicateHarness) -> None:
    store = harness.cloud.client("secretsmanager", STANDBY)
    store.create_secret(Name="canary", SecretString="another application's")

    result = harness.replicate_new_pool("--apply", "--yes", "--secret-name", "canary")

    assert result.exit_code == 4
    assert "already exists" in result.stderr
    store.delete_secret(SecretId="canary", ForceDeleteWithoutRecovery=True)
    assert harness.replicate_new_pool("--apply", "--yes", "--secret-name", "canary").exit_code == 0
