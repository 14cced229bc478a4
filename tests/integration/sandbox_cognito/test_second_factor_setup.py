"""A pool that requires a second factor, and users who have none. Codes of sign-up and forgotten passwords."""

import base64
import hmac
import json
import struct
import time
from typing import Any

import pytest

from tests.integration.sandbox_cognito.cloud import PRIMARY, STANDBY, SignedUpPool, expect_error

EMAIL = [{"Name": "email", "Value": "maria@example.com"}, {"Name": "email_verified", "Value": "true"}]


def compute_code(secret: str) -> str:
    """Return the code of an authenticator app (RFC 6238)."""
    key, step = base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(key, step, "sha1").digest()
    offset = digest[-1] & 0xF
    return f"{(int.from_bytes(digest[offset : offset + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


@pytest.fixture
def strict_pool(replicated: SignedUpPool) -> SignedUpPool:
    replicated.primary.set_user_pool_mfa_config(
        UserPoolId=replicated.id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="ON"
    )
    replicated.cloud.clock.advance(20)
    return replicated


def answer_setup(pool: SignedUpPool, session: str) -> Any:
    return pool.primary.respond_to_auth_challenge(
        ClientId=pool.client_id,
        ChallengeName="MFA_SETUP",
        Session=session,
        ChallengeResponses={"USERNAME": "testuser01"},
    )


def test_user_without_factor_sets_one_up_before_tokens(strict_pool: SignedUpPool) -> None:
    asked = strict_pool.sign_in(PRIMARY)
    assert asked["ChallengeName"] == "MFA_SETUP"
    assert "AuthenticationResult" not in asked
    assert json.loads(asked["ChallengeParameters"]["MFAS_CAN_SETUP"]) == ["SOFTWARE_TOKEN_MFA"]

    associated = strict_pool.primary.associate_software_token(Session=asked["Session"])
    code = compute_code(associated["SecretCode"])
    verified = strict_pool.primary.verify_software_token(Session=associated["Session"], UserCode=code)
    answer = answer_setup(strict_pool, verified["Session"])

    assert answer["AuthenticationResult"]["AccessToken"]
    assert answer["ChallengeParameters"] == {}
    assert strict_pool.sign_in(PRIMARY)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"


def test_challenge_is_not_answered_before_the_token_is_verified(strict_pool: SignedUpPool) -> None:
    session = strict_pool.sign_in(PRIMARY)["Session"]

    assert expect_error(lambda: answer_setup(strict_pool, session))[0] == "NotAuthorizedException"


def test_user_with_temporary_password_sets_factor_up_after_it(strict_pool: SignedUpPool) -> None:
    strict_pool.primary.admin_create_user(
        UserPoolId=strict_pool.id, Username="new", TemporaryPassword="Temporary1!", MessageAction="SUPPRESS"
    )
    asked = strict_pool.sign_in(PRIMARY, username="new", password="Temporary1!")
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"

    answer = strict_pool.primary.respond_to_auth_challenge(
        ClientId=strict_pool.client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "new", "NEW_PASSWORD": "Permanent1!"},
    )

    assert answer["ChallengeName"] == "MFA_SETUP"


def test_replica_sets_no_factor_up(strict_pool: SignedUpPool) -> None:
    assert expect_error(lambda: strict_pool.sign_in(STANDBY))[0] == "OperationNotEnabledException"


def test_optional_factor_is_not_asked_for(replicated: SignedUpPool) -> None:
    replicated.primary.set_user_pool_mfa_config(
        UserPoolId=replicated.id, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="OPTIONAL"
    )

    answer = replicated.sign_in(PRIMARY)
    assert answer["AuthenticationResult"]["AccessToken"]
    assert answer["ChallengeParameters"] == {}


@pytest.mark.parametrize(("verified", "is_sent"), [([], False), (["email"], True)])
def test_sign_up_sends_code_only_to_address_that_pool_verifies(
    pool: SignedUpPool, verified: list[str], is_sent: bool
) -> None:
    created = pool.primary.create_user_pool(PoolName="codes", AutoVerifiedAttributes=verified)["UserPool"]["Id"]
    client = pool.primary.create_user_pool_client(UserPoolId=created, ClientName="app")["UserPoolClient"]["ClientId"]
    answer = pool.primary.sign_up(ClientId=client, Username="maria", Password="Password1!", UserAttributes=EMAIL[:1])

    details = {"Destination": "m***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    assert answer.get("CodeDeliveryDetails") == (details if is_sent else None)


def test_forgotten_password_names_the_masked_address(pool: SignedUpPool) -> None:
    pool.primary.admin_update_user_attributes(UserPoolId=pool.id, Username="testuser01", UserAttributes=EMAIL)

    answer = pool.primary.forgot_password(ClientId=pool.client_id, Username="testuser01")

    assert answer["CodeDeliveryDetails"]["Destination"] == "m***@e***"
