"""The reference article's table of rejected writes, and the developer guide's lists of a replica's operations."""

from collections.abc import Callable
from functools import partial

import pytest

from tests.integration.sandbox_cognito.cloud import STANDBY, SignedUpPool, expect_error

NOT_ENABLED_ERROR = (
    "OperationNotEnabledException",
    "This operation is not enabled in this region for this User Pool",
    400,
)

WRITES: dict[str, Callable[[SignedUpPool], object]] = {
    "AdminCreateUser": lambda pool: pool.standby.admin_create_user(
        UserPoolId=pool.id,
        Username="testuser02",
        TemporaryPassword="TempPass1!",
        MessageAction="SUPPRESS",
    ),
    "SignUp": lambda pool: pool.standby.sign_up(
        ClientId=pool.client_id, Username="testuser03", Password="TestPass123!"
    ),
    "AdminSetUserPassword": lambda pool: pool.standby.admin_set_user_password(
        UserPoolId=pool.id, Username="testuser01", Password="NewPass456!", Permanent=True
    ),
    "ChangePassword": lambda pool: pool.standby.change_password(
        PreviousPassword="TestPass123!",
        ProposedPassword="NewPass789!",
        AccessToken=pool.request_tokens(STANDBY)["AccessToken"],
    ),
    "ForgotPassword": lambda pool: pool.standby.forgot_password(ClientId=pool.client_id, Username="testuser01"),
    "AdminUpdateUserAttributes": lambda pool: pool.standby.admin_update_user_attributes(
        UserPoolId=pool.id,
        Username="testuser01",
        UserAttributes=[{"Name": "email", "Value": "test@example.com"}],
    ),
    "AdminDeleteUser": lambda pool: pool.standby.admin_delete_user(UserPoolId=pool.id, Username="testuser01"),
    "CreateGroup": lambda pool: pool.standby.create_group(UserPoolId=pool.id, GroupName="staff"),
    "CreateUserPoolClient": lambda pool: pool.standby.create_user_pool_client(UserPoolId=pool.id, ClientName="another"),
    "DeleteUserPool": lambda pool: pool.standby.delete_user_pool(UserPoolId=pool.id),
    "UpdateUserAttributes": lambda pool: pool.standby.update_user_attributes(
        AccessToken=pool.request_tokens(STANDBY)["AccessToken"],
        UserAttributes=[{"Name": "email", "Value": "test@example.com"}],
    ),
    "DeleteUser": lambda pool: pool.standby.delete_user(AccessToken=pool.request_tokens(STANDBY)["AccessToken"]),
    "AssociateSoftwareToken": lambda pool: pool.standby.associate_software_token(
        AccessToken=pool.request_tokens(STANDBY)["AccessToken"]
    ),
    "CreateUserPoolReplica": lambda pool: pool.standby.create_user_pool_replica(
        UserPoolId=pool.id, RegionName="eu-west-1"
    ),
}

READS: dict[str, Callable[[SignedUpPool], object]] = {
    "AdminGetUser": lambda pool: pool.standby.admin_get_user(UserPoolId=pool.id, Username="testuser01"),
    "DescribeUserPool": lambda pool: pool.standby.describe_user_pool(UserPoolId=pool.id),
    "DescribeUserPoolClient": lambda pool: pool.standby.describe_user_pool_client(
        UserPoolId=pool.id, ClientId=pool.client_id
    ),
    "ListUsers": lambda pool: pool.standby.list_users(UserPoolId=pool.id),
    "ListGroups": lambda pool: pool.standby.list_groups(UserPoolId=pool.id),
    "ListUserPoolClients": lambda pool: pool.standby.list_user_pool_clients(UserPoolId=pool.id),
    "GetUserPoolMfaConfig": lambda pool: pool.standby.get_user_pool_mfa_config(UserPoolId=pool.id),
}

END_USER_CALLS: dict[str, Callable[[SignedUpPool, dict[str, str]], object]] = {
    "GetUser": lambda pool, tokens: pool.standby.get_user(AccessToken=tokens["AccessToken"]),
    "GetTokensFromRefreshToken": lambda pool, tokens: pool.standby.get_tokens_from_refresh_token(
        RefreshToken=tokens["RefreshToken"], ClientId=pool.client_id
    ),
    "GlobalSignOut": lambda pool, tokens: pool.standby.global_sign_out(AccessToken=tokens["AccessToken"]),
    "RevokeToken": lambda pool, tokens: pool.standby.revoke_token(
        Token=tokens["RefreshToken"], ClientId=pool.client_id
    ),
    "InitiateAuth": lambda pool, _tokens: pool.sign_in(STANDBY),
    "AdminInitiateAuth": lambda pool, _tokens: pool.standby.admin_initiate_auth(
        UserPoolId=pool.id,
        ClientId=pool.client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "testuser01", "PASSWORD": SignedUpPool.PASSWORD},
    ),
    "AdminUserGlobalSignOut": lambda pool, _tokens: pool.standby.admin_user_global_sign_out(
        UserPoolId=pool.id, Username="testuser01"
    ),
}


def deactivate_replica(pool: SignedUpPool) -> None:
    pool.standby.update_user_pool_replica(UserPoolId=pool.id, RegionName=STANDBY, Status="INACTIVE")


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_write_is_rejected_with_documented_error(
    replicated: SignedUpPool, write: Callable[[SignedUpPool], object]
) -> None:
    assert expect_error(lambda: write(replicated)) == NOT_ENABLED_ERROR


def test_active_replica_reads_and_serves_its_users(replicated: SignedUpPool) -> None:
    for read in READS.values():
        read(replicated)
    for call in END_USER_CALLS.values():
        call(replicated, replicated.request_tokens(STANDBY))


def test_inactive_replica_reads_and_rejects_its_users(replicated: SignedUpPool) -> None:
    tokens = replicated.request_tokens(STANDBY)
    deactivate_replica(replicated)

    for read in READS.values():
        read(replicated)
    for name, call in END_USER_CALLS.items():
        assert (name, expect_error(partial(call, replicated, tokens))) == (name, NOT_ENABLED_ERROR)
