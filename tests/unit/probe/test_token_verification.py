"""Tokens signed with a real key: valid ones, and ones with one defect each."""

import base64
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from cognito_failover.core.probe_result import (
    TokenCheck,
    TokenProblem,
    Tokens,
    UnexpectedClaims,
    Unverified,
    Verified,
)
from cognito_failover.probe.token_verification import ExpectedClaims, Jwk, verify_tokens

NOW = 1_800_000_000.0
ISSUER = "https://issuer-cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_abc"
EXPECTED = ExpectedClaims(issuer=ISSUER, client_id="client", subject="sub-1", now=NOW)
SHARED = {"iss": ISSUER, "sub": "sub-1", "exp": NOW + 3600}
CLAIMS: dict[str, dict[str, Any]] = {
    "id": {**SHARED, "aud": "client", "token_use": "id"},
    "access": {**SHARED, "client_id": "client", "token_use": "access"},
}


@pytest.fixture(scope="module")
def signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def foreign_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def keys(signing_key: rsa.RSAPrivateKey) -> dict[str, Jwk]:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(signing_key.public_key(), as_dict=True)
    return {"key-1": {**public, "kid": "key-1"}}


def issue_tokens(
    signer: rsa.RSAPrivateKey, changed: dict[str, dict[str, Any]] | None = None, *, kid: str = "key-1"
) -> Tokens:
    claims = {use: {**CLAIMS[use], **(changed or {}).get(use, {})} for use in CLAIMS}
    signed = {
        use: jwt.encode(claims[use], signer, algorithm="RS256", headers={"kid": kid}, sort_headers=True)
        for use in claims
    }
    return Tokens(id_token=signed["id"], access_token=signed["access"])


def get_problem(check: TokenCheck) -> str:
    assert isinstance(check, TokenProblem), check
    return check.reason


def test_valid_tokens_are_verified(signing_key: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    assert verify_tokens(issue_tokens(signing_key), keys=keys, expected=EXPECTED) == Verified(subject="sub-1")


@pytest.mark.parametrize("use", ["id", "access"])
@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"iss": "https://cognito-idp.us-east-1.amazonaws.com/ap-northeast-1_abc"}, "iss"),
        ({"iss": ""}, "iss"),
        ({"token_use": "refresh"}, "token_use"),
        ({"aud": "other", "client_id": "other"}, "the app client's id"),
        ({"sub": "sub-2"}, "the id token"),
        ({"sub": ""}, "no sub"),
        ({"exp": NOW - 10}, "exp"),
        ({"exp": "soon"}, "exp"),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_wrong_claim_is_a_problem_with_or_without_key(
    signing_key: rsa.RSAPrivateKey,
    keys: dict[str, Jwk],
    use: str,
    changed: dict[str, Any],
    problem: str,
    *,
    known: bool,
) -> None:
    check = verify_tokens(issue_tokens(signing_key, {use: changed}), keys=keys if known else {}, expected=EXPECTED)

    assert problem in get_problem(check)
    assert f"{use} token" in get_problem(check)


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        ({"iss": "https://cognito-idp.us-east-1.amazonaws.com/ap-northeast-1_abc"}, "iss"),
        ({"aud": "other", "client_id": "other"}, "the app client's id"),
        ({"sub": "sub-2"}, "another sub"),
        ({"sub": "sub-2", "cognito:username": "Canary"}, "another sub"),
        ({"sub": "sub-2", "cognito:username": "sub-2"}, "another sub"),
        ({"sub": "sub-2", "cognito:username": "u-17", "email": "canary"}, "another sub"),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_tokens_that_only_the_expectation_refuses_are_unexpected(
    signing_key: rsa.RSAPrivateKey, keys: dict[str, Jwk], changed: dict[str, Any], difference: str, *, known: bool
) -> None:
    tokens = issue_tokens(signing_key, {"id": changed, "access": changed})

    check = verify_tokens(tokens, keys=keys if known else {}, expected=replace(EXPECTED, username="canary"))

    assert isinstance(check, UnexpectedClaims)
    assert difference in check.reason
    assert check.subject == changed.get("sub", "sub-1")


@pytest.mark.parametrize(
    "defect", [{"exp": NOW - 10}, {"token_use": "refresh"}, {"sub": ""}, {"cognito:username": "somebody-else"}]
)
def test_unexpected_tokens_with_a_defect_are_a_problem(
    signing_key: rsa.RSAPrivateKey, keys: dict[str, Jwk], defect: dict[str, Any]
) -> None:
    changed = {"sub": "sub-2", **defect}
    tokens = issue_tokens(signing_key, {"id": changed, "access": changed})

    assert get_problem(verify_tokens(tokens, keys=keys, expected=replace(EXPECTED, username="canary")))


def test_unexpected_tokens_with_foreign_signature_are_a_problem(
    foreign_key: rsa.RSAPrivateKey, keys: dict[str, Jwk]
) -> None:
    changed = {"sub": "sub-2"}
    tokens = issue_tokens(foreign_key, {"id": changed, "access": changed})

    assert "wrong signature" in get_problem(verify_tokens(tokens, keys=keys, expected=EXPECTED))


def test_token_expired_within_the_leeway_is_verified(signing_key: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    late = {use: {"exp": NOW - 9} for use in CLAIMS}

    assert verify_tokens(issue_tokens(signing_key, late), keys=keys, expected=EXPECTED) == Verified(subject="sub-1")


def test_token_issued_in_the_future_is_accepted(signing_key: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    ahead = {use: {"iat": NOW * 2, "nbf": NOW * 2} for use in CLAIMS}

    assert verify_tokens(issue_tokens(signing_key, ahead), keys=keys, expected=EXPECTED) == Verified(subject="sub-1")


def test_foreign_signature_is_a_problem(foreign_key: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    assert "wrong signature" in get_problem(verify_tokens(issue_tokens(foreign_key), keys=keys, expected=EXPECTED))


def test_one_forged_token_is_a_problem(
    signing_key: rsa.RSAPrivateKey, foreign_key: rsa.RSAPrivateKey, keys: dict[str, Jwk]
) -> None:
    mixed = Tokens(id_token=issue_tokens(signing_key).id_token, access_token=issue_tokens(foreign_key).access_token)

    assert "the access token has a wrong signature" in get_problem(verify_tokens(mixed, keys=keys, expected=EXPECTED))


def test_token_cannot_choose_its_algorithm(keys: dict[str, Jwk]) -> None:
    secret = "s" * 32
    symmetric = {use: jwt.encode(CLAIMS[use], secret, algorithm="HS256", headers={"kid": "key-1"}) for use in CLAIMS}
    unsigned = {use: jwt.encode(CLAIMS[use], "", algorithm="none", headers={"kid": "key-1"}) for use in CLAIMS}

    for forged in (symmetric, unsigned):
        tokens = Tokens(id_token=forged["id"], access_token=forged["access"])
        assert "RS256" in get_problem(verify_tokens(tokens, keys=keys, expected=EXPECTED))


@pytest.mark.parametrize("token", ["", "a.b.c", "not a token"])
def test_malformed_token_is_a_problem(token: str, signing_key: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    tokens = Tokens(id_token=token, access_token=issue_tokens(signing_key).access_token)

    assert get_problem(verify_tokens(tokens, keys=keys, expected=EXPECTED)) == "the id token is not a JSON Web Token"


def test_unknown_key_leaves_tokens_unverified(signing_key: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    check = verify_tokens(issue_tokens(signing_key, kid="key-2"), keys=keys, expected=EXPECTED)

    assert isinstance(check, Unverified)
    assert check.subject == "sub-1"


def test_broken_cached_key_leaves_tokens_unverified(signing_key: rsa.RSAPrivateKey) -> None:
    broken = {"key-1": {"kty": "RSA", "kid": "key-1", "n": "%", "e": "AQAB"}}

    assert isinstance(verify_tokens(issue_tokens(signing_key), keys=broken, expected=EXPECTED), Unverified)


def test_tokens_of_two_users_are_a_problem(signing_key: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    any_subject = ExpectedClaims(issuer=ISSUER, client_id="client", subject="", now=NOW)

    check = verify_tokens(issue_tokens(signing_key, {"access": {"sub": "sub-2"}}), keys=keys, expected=any_subject)

    assert "sub differs" in get_problem(check)


def test_problem_never_quotes_a_claim(signing_key: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    check = verify_tokens(issue_tokens(signing_key, {"id": {"sub": "private-sub"}}), keys=keys, expected=EXPECTED)

    assert "private-sub" not in repr(check)


@pytest.mark.parametrize(
    "token",
    ["\ud800.\ud800.\ud800", f"e30.{base64.urlsafe_b64encode(20_000 * b'[').decode().rstrip('=')}.e30"],
    ids=["lone-surrogate", "nested-too-deep"],
)
@pytest.mark.parametrize("use", ["id", "access"])
def test_undecodable_token_is_a_problem(
    signing_key: rsa.RSAPrivateKey, keys: dict[str, Jwk], use: str, token: str
) -> None:
    valid = issue_tokens(signing_key)
    tokens = replace(valid, id_token=token) if use == "id" else replace(valid, access_token=token)
    assert (
        get_problem(verify_tokens(tokens, keys=keys, expected=EXPECTED)) == f"the {use} token is not a JSON Web Token"
    )
