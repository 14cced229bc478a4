"""Tokens signed with a real key, right and wrong in one thing at a time."""

import base64
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from failover.probe.answer import TokenCheck, TokenProblem, Tokens, Unverified, Verified
from failover.probe.tokens import Expected, Jwk, verify

NOW = 1_800_000_000.0
ISSUER = "https://issuer-cognito-idp.ap-northeast-1.amazonaws.com/ap-northeast-1_abc"
EXPECTED = Expected(issuer=ISSUER, client_id="client", subject="sub-1", now=NOW)
SHARED = {"iss": ISSUER, "sub": "sub-1", "exp": NOW + 3600}
CLAIMS: dict[str, dict[str, Any]] = {
    "id": {**SHARED, "aud": "client", "token_use": "id"},
    "access": {**SHARED, "client_id": "client", "token_use": "access"},
}


@pytest.fixture(scope="module")
def signer() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def impostor() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def keys(signer: rsa.RSAPrivateKey) -> dict[str, Jwk]:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(signer.public_key(), as_dict=True)
    return {"key-1": {**public, "kid": "key-1"}}


def issue(signer: rsa.RSAPrivateKey, changed: dict[str, dict[str, Any]] | None = None, *, kid: str = "key-1") -> Tokens:
    claims = {use: {**CLAIMS[use], **(changed or {}).get(use, {})} for use in CLAIMS}
    signed = {
        use: jwt.encode(claims[use], signer, algorithm="RS256", headers={"kid": kid}, sort_headers=True)
        for use in claims
    }
    return Tokens(identity=signed["id"], access=signed["access"])


def problem(check: TokenCheck) -> str:
    assert isinstance(check, TokenProblem), check
    return check.reason


def test_right_tokens_are_verified(signer: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    assert verify(issue(signer), keys=keys, expected=EXPECTED) == Verified(subject="sub-1")


@pytest.mark.parametrize("use", ["id", "access"])
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"iss": "https://cognito-idp.us-east-1.amazonaws.com/ap-northeast-1_abc"}, "iss"),
        ({"iss": ""}, "iss"),
        ({"token_use": "refresh"}, "token_use"),
        ({"aud": "other", "client_id": "other"}, "the app client's id"),
        ({"sub": "sub-2"}, "another sub"),
        ({"sub": ""}, "no sub"),
        ({"exp": NOW - 10}, "exp"),
        ({"exp": "soon"}, "exp"),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_claim_is_a_problem_whether_or_not_the_key_is_known(
    signer: rsa.RSAPrivateKey, keys: dict[str, Jwk], use: str, changed: dict[str, Any], named: str, *, known: bool
) -> None:
    check = verify(issue(signer, {use: changed}), keys=keys if known else {}, expected=EXPECTED)

    assert named in problem(check)
    assert f"the {use} token" in problem(check)


def test_a_clock_a_little_ahead_does_not_expire_tokens(signer: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    late = {use: {"exp": NOW - 9} for use in CLAIMS}

    assert verify(issue(signer, late), keys=keys, expected=EXPECTED) == Verified(subject="sub-1")


def test_a_token_issued_in_the_future_by_this_clock_is_no_problem(
    signer: rsa.RSAPrivateKey, keys: dict[str, Jwk]
) -> None:
    ahead = {use: {"iat": NOW * 2, "nbf": NOW * 2} for use in CLAIMS}

    assert verify(issue(signer, ahead), keys=keys, expected=EXPECTED) == Verified(subject="sub-1")


def test_a_signature_by_another_key_is_a_problem(impostor: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    assert "wrong signature" in problem(verify(issue(impostor), keys=keys, expected=EXPECTED))


def test_one_forged_token_of_the_two_is_enough(
    signer: rsa.RSAPrivateKey, impostor: rsa.RSAPrivateKey, keys: dict[str, Jwk]
) -> None:
    mixed = Tokens(identity=issue(signer).identity, access=issue(impostor).access)

    assert "the access token has a wrong signature" in problem(verify(mixed, keys=keys, expected=EXPECTED))


def test_a_token_may_not_choose_its_algorithm(keys: dict[str, Jwk]) -> None:
    secret = "s" * 32
    symmetric = {use: jwt.encode(CLAIMS[use], secret, algorithm="HS256", headers={"kid": "key-1"}) for use in CLAIMS}
    unsigned = {use: jwt.encode(CLAIMS[use], "", algorithm="none", headers={"kid": "key-1"}) for use in CLAIMS}

    for forged in (symmetric, unsigned):
        tokens = Tokens(identity=forged["id"], access=forged["access"])
        assert "RS256" in problem(verify(tokens, keys=keys, expected=EXPECTED))


@pytest.mark.parametrize("token", ["", "a.b.c", "not a token"])
def test_what_is_no_token_is_a_problem(token: str, signer: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    tokens = Tokens(identity=token, access=issue(signer).access)

    assert problem(verify(tokens, keys=keys, expected=EXPECTED)) == "the id token is no JSON Web Token"


def test_an_unknown_key_leaves_tokens_unverified(signer: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    check = verify(issue(signer, kid="key-2"), keys=keys, expected=EXPECTED)

    assert isinstance(check, Unverified)
    assert check.subject == "sub-1"


def test_a_kept_key_that_is_broken_leaves_tokens_unverified(signer: rsa.RSAPrivateKey) -> None:
    broken = {"key-1": {"kty": "RSA", "kid": "key-1", "n": "%", "e": "AQAB"}}

    assert isinstance(verify(issue(signer), keys=broken, expected=EXPECTED), Unverified)


def test_both_tokens_must_be_the_same_users(signer: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    anybody = Expected(issuer=ISSUER, client_id="client", subject="", now=NOW)

    check = verify(issue(signer, {"access": {"sub": "sub-2"}}), keys=keys, expected=anybody)

    assert "sub differs" in problem(check)


def test_a_problem_never_quotes_the_token(signer: rsa.RSAPrivateKey, keys: dict[str, Jwk]) -> None:
    check = verify(issue(signer, {"id": {"sub": "private-sub"}}), keys=keys, expected=EXPECTED)

    assert "private-sub" not in repr(check)


@pytest.mark.parametrize(
    "token",
    ["\ud800.\ud800.\ud800", f"e30.{base64.urlsafe_b64encode(20_000 * b'[').decode().rstrip('=')}.e30"],
    ids=["lone-surrogate", "nested-too-deep"],
)
@pytest.mark.parametrize("use", ["id", "access"])
def test_what_is_no_token_at_all_is_one_with_a_problem(
    signer: rsa.RSAPrivateKey, keys: dict[str, Jwk], use: str, token: str
) -> None:
    right = issue(signer)
    tokens = replace(right, identity=token) if use == "id" else replace(right, access=token)
    assert problem(verify(tokens, keys=keys, expected=EXPECTED)) == f"the {use} token is no JSON Web Token"
