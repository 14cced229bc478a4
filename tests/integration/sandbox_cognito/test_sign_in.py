"""Sign-in in both Regions: equal tokens, one set of keys, and regional state."""

import json
from typing import Any

import jwt
import pytest

from tests.integration.sandbox_cognito import srp
from tests.integration.sandbox_cognito.cloud import (
    PRIMARY,
    STANDBY,
    InProcessCloud,
    SignedUpPool,
    add_user,
    expect_error,
)

REGIONS = (PRIMARY, STANDBY)


def decode_claims(token: str) -> dict[str, Any]:
    decoded: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return decoded


def fetch_jwks(cloud: InProcessCloud, host: str, pool_id: str) -> Any:
    response = cloud.fetch(host, f"/{pool_id}/.well-known/jwks.json")
    assert response.status == 200
    return json.loads(response.body)


def test_verified_claims_are_equal_in_both_regions(replicated: SignedUpPool) -> None:
    primary, standby = (replicated.request_tokens(region) for region in REGIONS)

    for token, audience in (("IdToken", "aud"), ("AccessToken", "client_id")):
        one, other = decode_claims(primary[token]), decode_claims(standby[token])
        assert one["iss"] == f"https://issuer-cognito-idp.{PRIMARY}.amazonaws.com/{replicated.id}"
        assert one[audience] == replicated.client_id
        for name in ("iss", "sub", audience, "token_use"):
            assert one[name] == other[name]
        assert one["jti"] != other["jti"]


def test_one_key_set_verifies_tokens_of_both_regions(replicated: SignedUpPool) -> None:
    issuer = fetch_jwks(replicated.cloud, f"issuer-cognito-idp.{PRIMARY}.amazonaws.com", replicated.id)
    keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(issuer).keys}

    for region in REGIONS:
        assert fetch_jwks(replicated.cloud, f"cognito-idp.{region}.amazonaws.com", replicated.id) == issuer
        for token in (replicated.request_tokens(region)[name] for name in ("IdToken", "AccessToken")):
            key = keys[jwt.get_unverified_header(token)["kid"]]
            assert jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False})["sub"]


def test_issuer_host_of_replicas_region_does_not_serve_pool(replicated: SignedUpPool) -> None:
    response = replicated.cloud.fetch(
        f"issuer-cognito-idp.{STANDBY}.amazonaws.com", f"/{replicated.id}/.well-known/jwks.json"
    )

    assert response.status == 404


def test_openid_configuration_names_the_issuer_of_the_tokens(replicated: SignedUpPool) -> None:
    response = replicated.cloud.fetch(
        f"issuer-cognito-idp.{PRIMARY}.amazonaws.com", f"/{replicated.id}/.well-known/openid-configuration"
    )

    configuration = json.loads(response.body)
    assert configuration["issuer"] == decode_claims(replicated.request_tokens(STANDBY)["IdToken"])["iss"]
    assert configuration["jwks_uri"] == f"{configuration['issuer']}/.well-known/jwks.json"


def test_original_issuer_is_the_regions_endpoint(cloud: InProcessCloud) -> None:
    cognito = cloud.client("cognito-idp", PRIMARY)
    pool_id = cognito.create_user_pool(PoolName="original")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="c", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]
    pool = SignedUpPool(cloud, pool_id, client["ClientId"])
    add_user(pool, "testuser01")

    issuer = decode_claims(pool.request_tokens(PRIMARY)["IdToken"])["iss"]

    assert issuer == f"https://cognito-idp.{PRIMARY}.amazonaws.com/{pool_id}"
    host = f"issuer-cognito-idp.{PRIMARY}.amazonaws.com"
    assert cloud.fetch(host, f"/{pool_id}/.well-known/jwks.json").status == 404


def test_access_token_is_valid_in_other_region(replicated: SignedUpPool) -> None:
    for made_in, used_in in (REGIONS, REGIONS[::-1]):
        token = replicated.request_tokens(made_in)["AccessToken"]
        user = replicated.cloud.client("cognito-idp", used_in).get_user(AccessToken=token)
        assert user["Username"] == "testuser01"


@pytest.mark.parametrize(("made_in", "used_in"), [REGIONS, REGIONS[::-1]])
def test_refresh_token_is_accepted_in_the_other_region_after_the_lag(
    replicated: SignedUpPool, made_in: str, used_in: str
) -> None:
    token = replicated.request_tokens(made_in)["RefreshToken"]
    cognito = replicated.cloud.client("cognito-idp", used_in)

    def refresh() -> Any:
        return cognito.get_tokens_from_refresh_token(RefreshToken=token, ClientId=replicated.client_id)

    def refresh_by_flow() -> Any:
        return cognito.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH",
            ClientId=replicated.client_id,
            AuthParameters={"REFRESH_TOKEN": token},
        )

    for call in (refresh, refresh_by_flow):
        assert expect_error(call) == ("NotAuthorizedException", "Invalid Refresh Token", 400)
    replicated.cloud.clock.advance(20)
    for call in (refresh, refresh_by_flow):
        assert "AccessToken" in call()["AuthenticationResult"]


def test_refresh_token_is_accepted_at_once_where_it_was_issued(replicated: SignedUpPool) -> None:
    for region in REGIONS:
        token = replicated.request_tokens(region)["RefreshToken"]
        answer = replicated.cloud.client("cognito-idp", region).get_tokens_from_refresh_token(
            RefreshToken=token, ClientId=replicated.client_id
        )
        assert "AccessToken" in answer["AuthenticationResult"]


@pytest.mark.parametrize("region", REGIONS)
def test_global_sign_out_revokes_the_regions_tokens(replicated: SignedUpPool, region: str) -> None:
    tokens = replicated.request_tokens(region)
    cognito = replicated.cloud.client("cognito-idp", region)

    cognito.global_sign_out(AccessToken=tokens["AccessToken"])

    assert expect_error(lambda: cognito.get_user(AccessToken=tokens["AccessToken"])) == (
        "NotAuthorizedException",
        "Access Token has been revoked",
        400,
    )


def test_replica_answers_from_its_own_copy_of_user(replicated: SignedUpPool) -> None:
    token = replicated.request_tokens(STANDBY)["AccessToken"]
    replicated.primary.admin_delete_user(UserPoolId=replicated.id, Username="testuser01")

    assert replicated.standby.get_user(AccessToken=token)["Username"] == "testuser01"
    replicated.cloud.clock.advance(20)
    assert expect_error(lambda: replicated.standby.get_user(AccessToken=token))[0] == "UserNotFoundException"


def open_new_password_session(pool: SignedUpPool, region: str) -> str:
    """Return the session of a user who must set a password, started in one Region."""
    pool.primary.admin_create_user(
        UserPoolId=pool.id, Username="new", TemporaryPassword="TempPass1!", MessageAction="SUPPRESS"
    )
    pool.cloud.clock.advance(20)
    session: str = pool.sign_in(region, "TempPass1!", "new")["Session"]
    return session


def choose_password(pool: SignedUpPool, region: str, session: str) -> Any:
    return pool.cloud.client("cognito-idp", region).respond_to_auth_challenge(
        ClientId=pool.client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=session,
        ChallengeResponses={"USERNAME": "new", "NEW_PASSWORD": "TestPass123!"},
    )


def test_session_of_the_replica_is_rejected_on_the_primary(replicated: SignedUpPool) -> None:
    session = open_new_password_session(replicated, STANDBY)

    assert expect_error(lambda: choose_password(replicated, PRIMARY, session)) == (
        "NotAuthorizedException",
        "Invalid session for the user.",
        400,
    )


def test_session_is_valid_in_its_region_until_it_expires(replicated: SignedUpPool) -> None:
    session = open_new_password_session(replicated, PRIMARY)
    replicated.cloud.clock.advance(180)
    assert expect_error(lambda: choose_password(replicated, PRIMARY, session))[1] == (
        "Invalid session for the user, session is expired."
    )

    session = replicated.sign_in(PRIMARY, "TempPass1!", "new")["Session"]
    assert "AuthenticationResult" in choose_password(replicated, PRIMARY, session)


def test_challenge_cannot_be_answered_without_its_session(replicated: SignedUpPool) -> None:
    open_new_password_session(replicated, PRIMARY)

    code, message, _ = expect_error(
        lambda: replicated.primary.respond_to_auth_challenge(
            ClientId=replicated.client_id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            ChallengeResponses={"USERNAME": "new", "NEW_PASSWORD": "TestPass123!"},
        ),
    )

    assert (code, message) == ("InvalidParameterException", "Missing required parameter Session")


def test_first_password_cannot_be_chosen_on_the_replica(replicated: SignedUpPool) -> None:
    session = open_new_password_session(replicated, STANDBY)

    code, _, _ = expect_error(lambda: choose_password(replicated, STANDBY, session))

    assert code == "OperationNotEnabledException"


def request_srp_challenge(pool: SignedUpPool, region: str) -> dict[str, str]:
    challenge: dict[str, str] = pool.cloud.client("cognito-idp", region).initiate_auth(
        AuthFlow="USER_SRP_AUTH",
        ClientId=pool.client_id,
        AuthParameters={"USERNAME": "testuser01", "SRP_A": srp.PUBLIC},
    )["ChallengeParameters"]
    return challenge


def answer_srp_challenge(
    pool: SignedUpPool, region: str, challenge: dict[str, str], password: str = SignedUpPool.PASSWORD
) -> Any:
    return pool.cloud.client("cognito-idp", region).respond_to_auth_challenge(
        ClientId=pool.client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=srp.build_proof(pool.id, password, challenge),
    )


@pytest.mark.parametrize("region", REGIONS)
def test_srp_exchange_signs_in_in_either_region(replicated: SignedUpPool, region: str) -> None:
    answer = answer_srp_challenge(replicated, region, request_srp_challenge(replicated, region))

    assert "AccessToken" in answer["AuthenticationResult"]


def test_srp_exchange_cannot_change_regions(replicated: SignedUpPool) -> None:
    challenge = request_srp_challenge(replicated, PRIMARY)

    assert expect_error(lambda: answer_srp_challenge(replicated, STANDBY, challenge)) == (
        "NotAuthorizedException",
        "Invalid session for the user.",
        400,
    )


def test_wrong_srp_passwords_lock_out(replicated: SignedUpPool) -> None:
    challenge = request_srp_challenge(replicated, STANDBY)
    for _ in range(5):
        expect_error(lambda: answer_srp_challenge(replicated, STANDBY, challenge, "Wrong123!"))

    assert expect_error(lambda: answer_srp_challenge(replicated, STANDBY, challenge))[1] == "Password attempts exceeded"


def fail_sign_in(pool: SignedUpPool, region: str, times: int = 1) -> tuple[str, str, int]:
    for _ in range(times - 1):
        expect_error(lambda: pool.sign_in(region, "Wrong123!"))
    return expect_error(lambda: pool.sign_in(region, "Wrong123!"))


def test_five_wrong_passwords_lock_out_the_right_password(replicated: SignedUpPool) -> None:
    assert fail_sign_in(replicated, PRIMARY, 5)[1] == "Incorrect username or password."

    assert expect_error(lambda: replicated.sign_in(PRIMARY)) == (
        "NotAuthorizedException",
        "Password attempts exceeded",
        400,
    )
    replicated.cloud.clock.advance(1)
    assert "AuthenticationResult" in replicated.sign_in(PRIMARY)


def test_lockout_applies_to_one_region_and_one_user(replicated: SignedUpPool) -> None:
    add_user(replicated, "other")
    fail_sign_in(replicated, STANDBY, 5)

    assert expect_error(lambda: replicated.sign_in(STANDBY))[1] == "Password attempts exceeded"
    assert "AuthenticationResult" in replicated.sign_in(PRIMARY)
    assert "AuthenticationResult" in replicated.sign_in(PRIMARY, username="other")


def test_admin_sign_ins_count_toward_lockout(replicated: SignedUpPool) -> None:
    def attempt() -> object:
        return replicated.primary.admin_initiate_auth(
            UserPoolId=replicated.id,
            ClientId=replicated.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "testuser01", "PASSWORD": "Wrong123!"},
        )

    for _ in range(5):
        expect_error(attempt)

    assert expect_error(lambda: replicated.sign_in(PRIMARY))[1] == "Password attempts exceeded"


def test_totp_user_signs_in_on_the_primary_only(replicated: SignedUpPool) -> None:
    token = replicated.request_tokens(PRIMARY)["AccessToken"]
    replicated.primary.associate_software_token(AccessToken=token)
    replicated.primary.set_user_pool_mfa_config(
        UserPoolId=replicated.id,
        SoftwareTokenMfaConfiguration={"Enabled": True},
        MfaConfiguration="OPTIONAL",
    )
    replicated.primary.admin_set_user_mfa_preference(
        UserPoolId=replicated.id,
        Username="testuser01",
        SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True},
    )
    replicated.cloud.clock.advance(20)

    assert replicated.sign_in(PRIMARY)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert expect_error(lambda: replicated.sign_in(STANDBY))[0] == "OperationNotEnabledException"
    assert fail_sign_in(replicated, STANDBY)[1] == "Incorrect username or password."


def test_app_client_of_another_region_is_unknown(pool: SignedUpPool) -> None:
    assert expect_error(lambda: pool.sign_in(STANDBY)) == (
        "ResourceNotFoundException",
        f"User pool client {pool.client_id} does not exist.",
        400,
    )
