"""A replica: requirements, statuses over time, and deletion."""

from typing import Any

from tests.integration.sandbox_cognito.cloud import (
    PRIMARY,
    STANDBY,
    InProcessCloud,
    SignedUpPool,
    allow_cognito,
    build_key_configuration,
    create_active_replica,
    create_multi_region_key,
    expect_error,
)


def create_updated_pool(cloud: InProcessCloud, **settings: Any) -> str:
    """Create a pool with the UPDATED issuer."""
    created = cloud.client("cognito-idp", PRIMARY).create_user_pool(
        PoolName="test", IssuerConfiguration={"Type": "UPDATED"}, **settings
    )
    return str(created["UserPool"]["Id"])


def expect_replica_error(cloud: InProcessCloud, pool_id: str, region: str = STANDBY) -> tuple[str, str, int]:
    cognito = cloud.client("cognito-idp", PRIMARY)
    return expect_error(lambda: cognito.create_user_pool_replica(UserPoolId=pool_id, RegionName=region))


def test_key_and_issuer_are_stored_and_described(cloud: InProcessCloud) -> None:
    key = build_key_configuration(create_multi_region_key(cloud))
    pool_id = create_updated_pool(cloud, KeyConfiguration=key)

    pool = cloud.client("cognito-idp", PRIMARY).describe_user_pool(UserPoolId=pool_id)["UserPool"]

    assert (pool["KeyConfiguration"], pool["IssuerConfiguration"]) == (key, {"Type": "UPDATED"})


def test_pool_defaults_to_aws_owned_key_and_original_issuer(cloud: InProcessCloud) -> None:
    pool = cloud.client("cognito-idp", PRIMARY).create_user_pool(PoolName="test")["UserPool"]

    assert pool["KeyConfiguration"] == {"KeyType": "AWS_OWNED_KEY"}
    assert pool["IssuerConfiguration"] == {"Type": "ORIGINAL"}


def test_update_resets_settings_it_does_not_repeat(cloud: InProcessCloud) -> None:
    cognito = cloud.client("cognito-idp", PRIMARY)
    key = build_key_configuration(create_multi_region_key(cloud))
    pool_id = create_updated_pool(
        cloud, KeyConfiguration=key, UserPoolTier="PLUS", DeletionProtection="ACTIVE", UserPoolTags={"a": "b"}
    )

    cognito.update_user_pool(UserPoolId=pool_id, KeyConfiguration=key)

    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert pool["KeyConfiguration"] == key
    assert pool["IssuerConfiguration"] == {"Type": "ORIGINAL"}
    assert (pool["DeletionProtection"], pool["UserPoolTags"]) == ("INACTIVE", {})
    assert (pool["Name"], pool["UserPoolTier"]) == ("test", "PLUS")


def test_missing_key_error_names_the_key(cloud: InProcessCloud) -> None:
    arn = f"arn:aws:kms:{PRIMARY}:{cloud.account}:key/mrk-{'0' * 32}"

    code, message, _ = expect_error(lambda: create_updated_pool(cloud, KeyConfiguration=build_key_configuration(arn)))

    assert code == "InvalidParameterException"
    assert message == f"KMS key {arn} does not exist in {PRIMARY}."


def test_disabled_key_is_rejected(cloud: InProcessCloud) -> None:
    arn = create_multi_region_key(cloud)
    cloud.client("kms", PRIMARY).disable_key(KeyId=arn)

    code, message, _ = expect_error(lambda: create_updated_pool(cloud, KeyConfiguration=build_key_configuration(arn)))

    assert (code, message) == ("InvalidParameterException", f"KMS key {arn} is Disabled; it must be Enabled.")


def test_key_policy_without_cognito_is_rejected_with_missing_actions(cloud: InProcessCloud) -> None:
    arn = create_multi_region_key(cloud, regions=())

    code, message, _ = expect_error(lambda: create_updated_pool(cloud, KeyConfiguration=build_key_configuration(arn)))

    assert code == "InvalidParameterException"
    assert "does not allow cognito-idp.amazonaws.com: kms:Encrypt, kms:Decrypt" in message


def test_replica_needs_the_policy_of_the_key_in_its_own_region_too(cloud: InProcessCloud) -> None:
    arn = create_multi_region_key(cloud, regions=(PRIMARY,))
    pool_id = create_updated_pool(cloud, KeyConfiguration=build_key_configuration(arn))

    code, message, _ = expect_replica_error(cloud, pool_id)

    assert code == "InvalidParameterException"
    assert f"arn:aws:kms:{STANDBY}" in message
    allow_cognito(cloud, STANDBY, arn.rpartition("/")[2])
    cloud.client("cognito-idp", PRIMARY).create_user_pool_replica(UserPoolId=pool_id, RegionName=STANDBY)


def test_replica_needs_the_key_in_its_region(cloud: InProcessCloud) -> None:
    pool_id = create_updated_pool(cloud, KeyConfiguration=build_key_configuration(create_multi_region_key(cloud)))

    code, message, _ = expect_replica_error(cloud, pool_id, "eu-west-1")

    assert code == "InvalidParameterException"
    assert message.endswith("does not exist in eu-west-1.")


def test_replica_needs_a_multi_region_key(cloud: InProcessCloud) -> None:
    key = cloud.client("kms", PRIMARY).create_key()["KeyMetadata"]
    allow_cognito(cloud, PRIMARY, key["KeyId"])
    pool_id = create_updated_pool(cloud, KeyConfiguration=build_key_configuration(key["Arn"]))

    code, message, _ = expect_replica_error(cloud, pool_id)

    assert (code, message) == (
        "InvalidParameterException",
        f"KMS key {key['Arn']} is not a multi-Region key.",
    )


def test_replica_needs_a_customer_managed_key(cloud: InProcessCloud) -> None:
    code, message, _ = expect_replica_error(cloud, create_updated_pool(cloud))

    assert code == "InvalidParameterException"
    assert "customer managed multi-Region key" in message


def test_replica_needs_the_updated_issuer(cloud: InProcessCloud) -> None:
    key = build_key_configuration(create_multi_region_key(cloud))
    pool = cloud.client("cognito-idp", PRIMARY).create_user_pool(PoolName="test", KeyConfiguration=key)

    code, message, _ = expect_replica_error(cloud, pool["UserPool"]["Id"])

    assert code == "InvalidParameterException"
    assert "IssuerConfiguration Type UPDATED" in message


def test_replica_is_not_available_in_the_lite_tier(cloud: InProcessCloud) -> None:
    key = build_key_configuration(create_multi_region_key(cloud))

    code, _, _ = expect_replica_error(cloud, create_updated_pool(cloud, UserPoolTier="LITE", KeyConfiguration=key))

    assert code == "FeatureUnavailableInTierException"


def test_second_replica_is_rejected_with_limit_exceeded(replicated: SignedUpPool) -> None:
    assert expect_replica_error(replicated.cloud, replicated.id, "eu-west-1") == (
        "LimitExceededException",
        "User pool has reached the maximum allowed number of replicas",
        400,
    )


def test_replica_in_the_pools_own_region_is_rejected(pool: SignedUpPool) -> None:
    assert expect_replica_error(pool.cloud, pool.id, PRIMARY)[0] == "InvalidParameterException"


def test_replica_of_an_unknown_pool_is_rejected(cloud: InProcessCloud) -> None:
    assert expect_replica_error(cloud, f"{PRIMARY}_unknown")[0] == "ResourceNotFoundException"


def test_replica_status_creating_then_inactive_until_activated(pool: SignedUpPool) -> None:
    created = pool.primary.create_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY)

    assert created["UserPoolReplica"] == {
        "RegionName": STANDBY,
        "Status": "CREATING",
        "Role": "SECONDARY",
        "UserPoolArn": f"arn:aws:cognito-idp:{STANDBY}:{pool.cloud.account}:userpool/{pool.id}",
    }
    pool.cloud.clock.advance(119)
    assert pool.read_replica_status() == "CREATING"
    pool.cloud.clock.advance(1)
    assert pool.read_replica_status() == "INACTIVE"
    pool.cloud.clock.advance(100_000)
    assert pool.read_replica_status() == "INACTIVE"
    pool.primary.update_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY, Status="ACTIVE")
    assert pool.read_replica_status() == "ACTIVE"


def test_both_regions_list_the_same_replicas(replicated: SignedUpPool) -> None:
    lists = [
        cognito.list_user_pool_replicas(UserPoolId=replicated.id)["UserPoolReplicas"]
        for cognito in (replicated.primary, replicated.standby)
    ]

    assert lists[0] == lists[1]
    assert [(r["RegionName"], r["Role"], r["Status"]) for r in lists[0]] == [
        (STANDBY, "SECONDARY", "ACTIVE"),
        (PRIMARY, "PRIMARY", "ACTIVE"),
    ]


def test_status_can_be_set_in_the_replicas_own_region(replicated: SignedUpPool) -> None:
    replicated.standby.update_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY, Status="INACTIVE")

    assert replicated.read_replica_status() == "INACTIVE"


def test_replica_that_is_creating_cannot_be_activated(pool: SignedUpPool) -> None:
    pool.primary.create_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY)

    code, message, _ = expect_error(
        lambda: pool.primary.update_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY, Status="ACTIVE"),
    )

    assert code == "InvalidParameterException"
    assert "CREATING" in message


def test_primary_status_cannot_be_set(replicated: SignedUpPool) -> None:
    code, _, _ = expect_error(
        lambda: replicated.primary.update_user_pool_replica(
            UserPoolId=replicated.id, RegionName=PRIMARY, Status="INACTIVE"
        ),
    )

    assert code == "ResourceNotFoundException"


def test_replica_in_unreachable_region_cannot_be_updated_from_primary(
    replicated: SignedUpPool,
) -> None:
    replicated.cloud.are_linked = False

    code, _, status = expect_error(
        lambda: replicated.primary.update_user_pool_replica(
            UserPoolId=replicated.id, RegionName=STANDBY, Status="INACTIVE"
        ),
    )

    assert (code, status) == ("InternalErrorException", 500)
    assert replicated.read_replica_status(STANDBY) == "ACTIVE"


def test_replica_shares_pool_and_client_ids_but_has_own_arn(
    replicated: SignedUpPool,
) -> None:
    replica = replicated.standby.describe_user_pool(UserPoolId=replicated.id)["UserPool"]
    client = replicated.standby.describe_user_pool_client(UserPoolId=replicated.id, ClientId=replicated.client_id)

    assert replica["Id"] == replicated.id
    assert replica["Arn"].split(":")[3:6] == [STANDBY, replicated.cloud.account, f"userpool/{replicated.id}"]
    assert client["UserPoolClient"]["ClientName"] == "test-client"


def test_only_an_inactive_replica_can_be_deleted(replicated: SignedUpPool) -> None:
    def delete() -> object:
        return replicated.primary.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY)

    code, message, _ = expect_error(delete)
    assert code == "InvalidParameterException"
    assert "ACTIVE; it must be INACTIVE" in message

    replicated.primary.update_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY, Status="INACTIVE")
    delete()
    assert replicated.read_replica_status() == "DELETING"
    replicated.cloud.clock.advance(60)
    assert replicated.read_replica_status() is None
    code, _, _ = expect_error(lambda: replicated.standby.describe_user_pool(UserPoolId=replicated.id))
    assert code == "ResourceNotFoundException"


def test_replica_is_deleted_from_the_primary_region_only(replicated: SignedUpPool) -> None:
    code, _, _ = expect_error(
        lambda: replicated.standby.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY),
    )

    assert code == "OperationNotEnabledException"


def test_new_replica_can_follow_a_deleted_one(replicated: SignedUpPool) -> None:
    replicated.primary.update_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY, Status="INACTIVE")
    replicated.primary.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY)
    replicated.cloud.clock.advance(60)

    assert create_active_replica(replicated).read_replica_status() == "ACTIVE"


def test_replicated_pool_cannot_be_deleted(replicated: SignedUpPool) -> None:
    code, message, _ = expect_error(lambda: replicated.primary.delete_user_pool(UserPoolId=replicated.id))

    assert code == "InvalidParameterException"
    assert STANDBY in message


def test_replicated_pool_cannot_lose_its_key_or_issuer(replicated: SignedUpPool) -> None:
    code, message, _ = expect_error(lambda: replicated.primary.update_user_pool(UserPoolId=replicated.id))

    assert code == "InvalidParameterException"
    assert "KeyConfiguration" in message
    assert "IssuerConfiguration" in message
