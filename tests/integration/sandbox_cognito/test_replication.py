"""Replicated and regional state, and the time of replication."""

from functools import partial

import pytest

from tests.integration.sandbox_cognito.cloud import (
    PRIMARY,
    STANDBY,
    SignedUpPool,
    add_user,
    expect_error,
)


def is_known_on_standby(pool: SignedUpPool, username: str) -> bool:
    users = pool.standby.list_users(UserPoolId=pool.id)["Users"]
    return username in {user["Username"] for user in users}


def read_replication_settings(pool: SignedUpPool) -> dict[str, object]:
    """Return the settings that an update of a replicated pool must repeat."""
    described = pool.primary.describe_user_pool(UserPoolId=pool.id)["UserPool"]
    return {name: described[name] for name in ("KeyConfiguration", "IssuerConfiguration")}


def test_users_and_clients_arrive_after_the_replica(pool: SignedUpPool) -> None:
    pool.primary.create_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY)
    pool.cloud.clock.advance(120)
    pool.primary.update_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY, Status="ACTIVE")

    assert expect_error(lambda: pool.sign_in(STANDBY))[0] == "ResourceNotFoundException"
    get_user = partial(pool.standby.admin_get_user, UserPoolId=pool.id, Username="testuser01")
    assert expect_error(get_user)[0] == "UserNotFoundException"
    pool.cloud.clock.advance(20)
    assert get_user()["UserStatus"] == "CONFIRMED"
    assert "AccessToken" in pool.request_tokens(STANDBY)


def test_pool_in_creation_is_unknown_in_the_replicas_region(pool: SignedUpPool) -> None:
    pool.primary.create_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY)

    code, _, _ = expect_error(lambda: pool.standby.describe_user_pool(UserPoolId=pool.id))

    assert code == "ResourceNotFoundException"


def test_change_arrives_after_the_lag(replicated: SignedUpPool) -> None:
    add_user(replicated, "later")

    replicated.cloud.clock.advance(19)
    assert not is_known_on_standby(replicated, "later")
    replicated.cloud.clock.advance(1)
    assert is_known_on_standby(replicated, "later")


def test_lag_can_be_changed_while_it_runs(replicated: SignedUpPool) -> None:
    replicated.cloud.cognito.timing.lag_seconds = 3
    add_user(replicated, "soon")

    replicated.cloud.clock.advance(3)
    assert is_known_on_standby(replicated, "soon")


def test_new_password_works_on_the_replica_only_after_the_lag(replicated: SignedUpPool) -> None:
    replicated.primary.admin_set_user_password(
        UserPoolId=replicated.id, Username="testuser01", Password="NewPass456!", Permanent=True
    )

    assert "AuthenticationResult" in replicated.sign_in(STANDBY)
    replicated.cloud.clock.advance(20)
    assert expect_error(lambda: replicated.sign_in(STANDBY))[0] == "NotAuthorizedException"
    assert "AuthenticationResult" in replicated.sign_in(STANDBY, "NewPass456!")


def test_groups_and_deletions_replicate(replicated: SignedUpPool) -> None:
    add_user(replicated, "leaving")
    replicated.primary.create_group(UserPoolId=replicated.id, GroupName="staff")
    replicated.primary.admin_add_user_to_group(UserPoolId=replicated.id, Username="testuser01", GroupName="staff")
    replicated.cloud.clock.advance(20)
    groups = replicated.standby.admin_list_groups_for_user(UserPoolId=replicated.id, Username="testuser01")
    assert [group["GroupName"] for group in groups["Groups"]] == ["staff"]

    replicated.primary.admin_delete_user(UserPoolId=replicated.id, Username="leaving")
    replicated.cloud.clock.advance(20)
    assert not is_known_on_standby(replicated, "leaving")


def test_changes_wait_while_regions_are_cut_off_and_arrive_afterwards(
    replicated: SignedUpPool,
) -> None:
    replicated.cloud.are_linked = False
    add_user(replicated, "first")
    replicated.cloud.clock.advance(1000)
    add_user(replicated, "second")
    assert not is_known_on_standby(replicated, "first")

    replicated.cloud.are_linked = True
    assert is_known_on_standby(replicated, "first")
    assert not is_known_on_standby(replicated, "second")
    replicated.cloud.clock.advance(20)
    assert is_known_on_standby(replicated, "second")


def test_change_due_before_cut_off_has_arrived(replicated: SignedUpPool) -> None:
    add_user(replicated, "before")
    replicated.cloud.clock.advance(20)

    replicated.cloud.cognito.deliver_changes()
    replicated.cloud.are_linked = False

    assert is_known_on_standby(replicated, "before")


def test_replica_is_not_created_while_the_regions_are_cut_off(pool: SignedUpPool) -> None:
    pool.primary.create_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY)
    pool.cloud.are_linked = False
    pool.cloud.clock.advance(1000)
    assert pool.read_replica_status() == "CREATING"

    pool.cloud.are_linked = True
    assert pool.read_replica_status() == "INACTIVE"


def test_global_settings_replicate_and_regional_settings_do_not(replicated: SignedUpPool) -> None:
    replicated.primary.update_user_pool(
        UserPoolId=replicated.id,
        **read_replication_settings(replicated),
        Policies={"PasswordPolicy": {"MinimumLength": 12}},
        EmailConfiguration={"ReplyToEmailAddress": "help@example.com"},
        LambdaConfig={"PreSignUp": f"arn:aws:lambda:{PRIMARY}:{replicated.cloud.account}:function:f"},
        SmsConfiguration={"SnsCallerArn": f"arn:aws:iam::{replicated.cloud.account}:role/sms"},
        UserPoolTags={"stage": "test"},
    )
    replicated.cloud.clock.advance(20)

    primary, replica = (
        cognito.describe_user_pool(UserPoolId=replicated.id)["UserPool"]
        for cognito in (replicated.primary, replicated.standby)
    )
    assert replica["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    assert "PreSignUp" in primary["LambdaConfig"]
    assert (replica["LambdaConfig"], replica["SmsConfiguration"], replica["UserPoolTags"]) == ({}, {}, {})
    assert replica["EmailConfiguration"] == {"EmailSendingAccount": "COGNITO_DEFAULT"}


def test_each_region_describes_the_key_in_its_own_region(replicated: SignedUpPool) -> None:
    for region in (PRIMARY, STANDBY):
        pool = replicated.cloud.client("cognito-idp", region).describe_user_pool(UserPoolId=replicated.id)
        assert pool["UserPool"]["KeyConfiguration"]["KmsKeyArn"].startswith(f"arn:aws:kms:{region}:")


def test_replica_tags_are_set_at_creation(pool: SignedUpPool) -> None:
    pool.primary.create_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY, UserPoolTags={"stage": "standby"})
    pool.cloud.clock.advance(140)

    replica = pool.standby.describe_user_pool(UserPoolId=pool.id)["UserPool"]

    assert replica["UserPoolTags"] == {"stage": "standby"}


@pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE"])
def test_regional_settings_are_set_on_replica_and_stay(replicated: SignedUpPool, status: str) -> None:
    replicated.standby.update_user_pool_replica(UserPoolId=replicated.id, RegionName=STANDBY, Status=status)

    before = replicated.standby.describe_user_pool(UserPoolId=replicated.id)["UserPool"]
    replicated.standby.update_user_pool(UserPoolId=replicated.id, UserPoolTags={"stage": "standby"})
    after = replicated.standby.describe_user_pool(UserPoolId=replicated.id)["UserPool"]
    add_user(replicated, "another")
    replicated.cloud.clock.advance(20)
    later = replicated.standby.describe_user_pool(UserPoolId=replicated.id)["UserPool"]

    modified = {"LastModifiedDate": after["LastModifiedDate"]}
    assert after == before | modified | {"UserPoolTags": {"stage": "standby"}}
    assert later["UserPoolTags"] == {"stage": "standby"}
    primary = replicated.primary.describe_user_pool(UserPoolId=replicated.id)["UserPool"]
    assert primary["UserPoolTags"] == {}


def test_global_setting_cannot_be_changed_on_replica(replicated: SignedUpPool) -> None:
    code, message, _ = expect_error(
        lambda: replicated.standby.update_user_pool(UserPoolId=replicated.id, DeletionProtection="ACTIVE"),
    )

    assert (code, message) == (
        "InvalidParameterException",
        "Can be changed in the primary Region only: DeletionProtection.",
    )


def test_replica_tags_are_set_by_its_arn(replicated: SignedUpPool) -> None:
    arn = replicated.standby.describe_user_pool(UserPoolId=replicated.id)["UserPool"]["Arn"]

    replicated.standby.tag_resource(ResourceArn=arn, Tags={"stage": "standby"})

    assert replicated.standby.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"stage": "standby"}
    primary = replicated.primary.describe_user_pool(UserPoolId=replicated.id)["UserPool"]
    assert primary["UserPoolTags"] == {}
