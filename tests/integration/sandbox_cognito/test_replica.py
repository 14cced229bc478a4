"""A replica's life: what it takes to create one, its statuses over time, and its end."""

from typing import Any

from tests.integration.sandbox_cognito.cloud import (
    PRIMARY,
    STANDBY,
    Cloud,
    SignedUpPool,
    allow_cognito,
    customer_key,
    multi_region_key,
    refused,
    replicate,
)


def updated_pool(cloud: Cloud, **settings: Any) -> str:
    """Create a pool with the UPDATED issuer."""
    created = cloud.client("cognito-idp", PRIMARY).create_user_pool(
        PoolName="test", IssuerConfiguration={"Type": "UPDATED"}, **settings
    )
    return str(created["UserPool"]["Id"])


def refused_replica(cloud: Cloud, pool_id: str, region: str = STANDBY) -> tuple[str, str, int]:
    cognito = cloud.client("cognito-idp", PRIMARY)
    return refused(lambda: cognito.create_user_pool_replica(UserPoolId=pool_id, RegionName=region))


def test_key_and_issuer_are_kept_and_described(cloud: Cloud) -> None:
    key = customer_key(multi_region_key(cloud))
    pool_id = updated_pool(cloud, KeyConfiguration=key)

    pool = cloud.client("cognito-idp", PRIMARY).describe_user_pool(UserPoolId=pool_id)["UserPool"]

    assert (pool["KeyConfiguration"], pool["IssuerConfiguration"]) == (key, {"Type": "UPDATED"})


def test_a_pool_has_an_owned_key_and_the_original_issuer_by_default(cloud: Cloud) -> None:
    pool = cloud.client("cognito-idp", PRIMARY).create_user_pool(PoolName="test")["UserPool"]

    assert pool["KeyConfiguration"] == {"KeyType": "AWS_OWNED_KEY"}
    assert pool["IssuerConfiguration"] == {"Type": "ORIGINAL"}


def test_an_update_resets_what_it_does_not_repeat(cloud: Cloud) -> None:
    cognito = cloud.client("cognito-idp", PRIMARY)
    key = customer_key(multi_region_key(cloud))
    pool_id = updated_pool(
        cloud, KeyConfiguration=key, UserPoolTier="PLUS", DeletionProtection="ACTIVE", UserPoolTags={"a": "b"}
    )

    cognito.update_user_pool(UserPoolId=pool_id, KeyConfiguration=key)

    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert pool["KeyConfiguration"] == key
    assert pool["IssuerConfiguration"] == {"Type": "ORIGINAL"}
    assert (pool["DeletionProtection"], pool["UserPoolTags"]) == ("INACTIVE", {})
    assert (pool["Name"], pool["UserPoolTier"]) == ("test", "PLUS")


def test_a_key_that_does_not_exist_is_refused_by_name(cloud: Cloud) -> None:
    arn = f"arn:aws:kms:{PRIMARY}:{cloud.account}:key/mrk-{'0' * 32}"

    code, message, _ = refused(lambda: updated_pool(cloud, KeyConfiguration=customer_key(arn)))

    assert code == "InvalidParameterException"
    assert message == f"KMS key {arn} does not exist in {PRIMARY}."


def test_a_disabled_key_is_refused(cloud: Cloud) -> None:
    arn = multi_region_key(cloud)
    cloud.client("kms", PRIMARY).disable_key(KeyId=arn)

    code, message, _ = refused(lambda: updated_pool(cloud, KeyConfiguration=customer_key(arn)))

    assert (code, message) == ("InvalidParameterException", f"KMS key {arn} is Disabled; it must be Enabled.")


def test_a_key_whose_policy_says_nothing_of_cognito_is_refused_with_what_is_missing(cloud: Cloud) -> None:
    arn = multi_region_key(cloud, regions=())

    code, message, _ = refused(lambda: updated_pool(cloud, KeyConfiguration=customer_key(arn)))

    assert code == "InvalidParameterException"
    assert "does not allow cognito-idp.amazonaws.com: kms:Encrypt, kms:Decrypt" in message


def test_a_replica_needs_the_policy_of_the_key_in_its_own_region_too(cloud: Cloud) -> None:
    arn = multi_region_key(cloud, regions=(PRIMARY,))
    pool_id = updated_pool(cloud, KeyConfiguration=customer_key(arn))

    code, message, _ = refused_replica(cloud, pool_id)

    assert code == "InvalidParameterException"
    assert f"arn:aws:kms:{STANDBY}" in message
    allow_cognito(cloud, STANDBY, arn.rpartition("/")[2])
    cloud.client("cognito-idp", PRIMARY).create_user_pool_replica(UserPoolId=pool_id, RegionName=STANDBY)


def test_a_replica_needs_the_key_in_its_region(cloud: Cloud) -> None:
    pool_id = updated_pool(cloud, KeyConfiguration=customer_key(multi_region_key(cloud)))

    code, message, _ = refused_replica(cloud, pool_id, "eu-west-1")

    assert code == "InvalidParameterException"
    assert message.endswith("does not exist in eu-west-1.")


def test_a_replica_needs_a_multi_region_key(cloud: Cloud) -> None:
    key = cloud.client("kms", PRIMARY).create_key()["KeyMetadata"]
    allow_cognito(cloud, PRIMARY, key["KeyId"])
    pool_id = updated_pool(cloud, KeyConfiguration=customer_key(key["Arn"]))

    code, message, _ = refused_replica(cloud, pool_id)

    assert (code, message) == (
        "InvalidParameterException",
        f"KMS key {key['Arn']} is not a multi-Region key.",
    )


def test_a_replica_needs_a_customer_managed_key(cloud: Cloud) -> None:
    code, message, _ = refused_replica(cloud, updated_pool(cloud))

    assert code == "InvalidParameterException"
    assert "customer managed multi-Region key" in message


def test_a_replica_needs_the_updated_issuer(cloud: Cloud) -> None:
    key = customer_key(multi_region_key(cloud))
    pool = cloud.client("cognito-idp", PRIMARY).create_user_pool(PoolName="test", KeyConfiguration=key)

    code, message, _ = refused_replica(cloud, pool["UserPool"]["Id"])

    assert code == "InvalidParameterException"
    assert "IssuerConfiguration Type UPDATED" in message


def test_a_replica_is_not_available_in_the_lite_tier(cloud: Cloud) -> None:
    key = customer_key(multi_region_key(cloud))

    code, _, _ = refused_replica(cloud, updated_pool(cloud, UserPoolTier="LITE", KeyConfiguration=key))

    assert code == "FeatureUnavailableInTierException"


def test_a_second_replica_is_refused_with_limit_exceeded(replicated: SignedUpPool) -> None:
    assert refused_replica(replicated.cloud, replicated.id, "eu-west-1") == (
        "LimitExceededException",
        "User pool has reached the maximum allowed number of replicas",
        400,
    )


def test_a_replica_in_the_pools_own_region_is_refused(pool: SignedUpPool) -> None:
    assert refused_replica(pool.cloud, pool.id, PRIMARY)[0] == "InvalidParameterException"


def test_a_replica_of_an_unknown_pool_is_refused(cloud: Cloud) -> None:
    assert refused_replica(cloud, f"{PRIMARY}_unknown")[0] == "ResourceNotFoundException"


def test_a_replica_is_creating_then_inactive_and_active_only_by_hand(pool: SignedUpPool) -> None:
    created = pool.primary.create_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY)

    assert created["UserPoolReplica"] == {
        "RegionName": STANDBY,
        "Status": "CREATING",
        "Role": "SECONDARY",
        "UserPoolArn": f"arn:aws:cognito-idp:{STANDBY}:{pool.cloud.account}:userpool/{pool.id}",
    }
    pool.cloud.clock.pass_seconds(119)
    assert pool.status() == "CREATING"
    pool.cloud.clock.pass_seconds(1)
    assert pool.status() == "INACTIVE"
    pool.cloud.clock.pass_seconds(100_000)
    assert pool.status() == "INACTIVE"
    pool.primary.update_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY, Status="ACTIVE")
    assert pool.status() == "ACTIVE"


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


def test_the_status_can_be_set_in_the_replicas_own_region(replicated: SignedUpPool) -> None:
    replicated.standby.update_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY, Status="INACTIVE")

    assert replicated.status() == "INACTIVE"


def test_a_replica_that_is_creating_can_not_be_activated(pool: SignedUpPool) -> None:
    pool.primary.create_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY)

    code, message, _ = refused(
        lambda: pool.primary.update_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY, Status="ACTIVE"),
    )

    assert code == "InvalidParameterException"
    assert "CREATING" in message


def test_the_primary_has_no_status_to_set(replicated: SignedUpPool) -> None:
    code, _, _ = refused(
        lambda: replicated.primary.update_user_pool_replica(
            UserPoolId=replicated.id, RegionName=PRIMARY, Status="INACTIVE"
        ),
    )

    assert code == "ResourceNotFoundException"


def test_a_replica_of_an_unreachable_region_can_not_be_activated_from_the_primary(
    replicated: SignedUpPool,
) -> None:
    replicated.cloud.are_linked = False

    code, _, status = refused(
        lambda: replicated.primary.update_user_pool_replica(
            UserPoolId=replicated.id, RegionName=STANDBY, Status="INACTIVE"
        ),
    )

    assert (code, status) == ("InternalErrorException", 500)
    assert replicated.status(STANDBY) == "ACTIVE"


def test_a_replica_has_pool_and_client_id_of_the_primary_and_an_arn_of_its_own(
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

    code, message, _ = refused(delete)
    assert code == "InvalidParameterException"
    assert "ACTIVE; it must be INACTIVE" in message

    replicated.primary.update_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY, Status="INACTIVE")
    delete()
    assert replicated.status() == "DELETING"
    replicated.cloud.clock.pass_seconds(60)
    assert replicated.status() is None
    code, _, _ = refused(lambda: replicated.standby.describe_user_pool(UserPoolId=replicated.id))
    assert code == "ResourceNotFoundException"


def test_a_replica_is_deleted_from_the_primary_region_only(replicated: SignedUpPool) -> None:
    code, _, _ = refused(
        lambda: replicated.standby.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY),
    )

    assert code == "OperationNotEnabledException"


def test_a_new_replica_can_follow_a_deleted_one(replicated: SignedUpPool) -> None:
    replicated.primary.update_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY, Status="INACTIVE")
    replicated.primary.delete_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY)
    replicated.cloud.clock.pass_seconds(60)

    assert replicate(replicated).status() == "ACTIVE"


def test_a_replicated_pool_can_not_be_deleted(replicated: SignedUpPool) -> None:
    code, message, _ = refused(lambda: replicated.primary.delete_user_pool(UserPoolId=replicated.id))

    assert code == "InvalidParameterException"
    assert STANDBY in message


def test_a_replicated_pool_can_not_lose_its_key_or_issuer(replicated: SignedUpPool) -> None:
    code, message, _ = refused(lambda: replicated.primary.update_user_pool(UserPoolId=replicated.id))

    assert code == "InvalidParameterException"
    assert "KeyConfiguration" in message
    assert "IssuerConfiguration" in message
