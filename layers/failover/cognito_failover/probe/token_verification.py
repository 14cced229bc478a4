"""Verification of a sign-in's tokens: claims and signature, with the given keys. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Imports cryptography, which is slow. Every round verifies tokens, so a lazy import would delay the first round.
import jwt

from cognito_failover.common.region import Instant
from cognito_failover.core.probe_result import (
    TokenCheck,
    TokenProblem,
    Tokens,
    UnexpectedClaims,
    Unverified,
    Verified,
)

ALGORITHM = "RS256"
"""The only algorithm that Cognito signs with. It is fixed so that a token can't choose another."""

LEEWAY_SECONDS = 10.0
"""Maximum time that this clock may be ahead of Cognito's."""

type Jwk = Mapping[str, Any]
"""A public key, as a JWKS lists it."""

_DECODE_ERRORS = (jwt.PyJWTError, ValueError, RecursionError)
"""PyJWT's errors, and those that it does not catch: invalid UTF-8, and JSON nested too deeply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedClaims:
    """The claims that every token must have.

    Attributes
    ----------
    issuer, client_id
        The same in both Regions.
    subject, username
        The canary's ``sub`` and user name. Empty if they are not known.
    now
        Tokens must expire later than this moment.

    """

    issuer: str
    client_id: str
    subject: str
    username: str = ""
    now: Instant


def verify_tokens(tokens: Tokens, *, keys: Mapping[str, Jwk], expected: ExpectedClaims) -> TokenCheck:
    """Verify both tokens of a sign-in.

    Parameters
    ----------
    tokens
        The tokens from Cognito.
    keys
        Public keys by ``kid``.
    expected
        The expected claims.

    Returns
    -------
    TokenCheck
        Unverified if the signing key is not among the keys. UnexpectedClaims if only the issuer, the client or the
        ``sub`` differs from the expected one, with a valid signature or an unknown key.

    """
    id_check = _verify_token(tokens.id_token, keys, expected, use="id", audience_claim="aud")
    if isinstance(id_check, TokenProblem):
        return id_check
    access_check = _verify_token(tokens.access_token, keys, expected, use="access", audience_claim="client_id")
    if isinstance(access_check, TokenProblem):
        return access_check
    if id_check.subject != access_check.subject:
        return TokenProblem(reason="the id token's sub differs from the access token's")
    unexpected = [check for check in (id_check, access_check) if isinstance(check, UnexpectedClaims)]
    if len(unexpected) == 1:  # the two tokens contradict each other, so it is not the expectation
        return TokenProblem(reason=unexpected[0].reason)
    return id_check if unexpected or isinstance(id_check, Unverified) else access_check


def _verify_token(
    token: str, keys: Mapping[str, Jwk], expected: ExpectedClaims, *, use: str, audience_claim: str
) -> TokenCheck:
    try:
        unverified = jwt.decode_complete(token, options={"verify_signature": False})
    except _DECODE_ERRORS:
        return TokenProblem(reason=f"the {use} token is not a JSON Web Token")
    header, claims = unverified["header"], unverified["payload"]
    wrong = _find_wrong_claim(claims, expected, use=use)
    if header.get("alg") != ALGORITHM:
        wrong = f"another algorithm than {ALGORITHM}"
    if wrong:
        return TokenProblem(reason=f"the {use} token has {wrong}")
    subject = str(claims["sub"])
    unexpected = _find_unexpected_claim(claims, expected, audience_claim=audience_claim)
    try:
        key = jwt.PyJWK(dict(keys[str(header.get("kid"))]), algorithm=ALGORITHM)
    except (KeyError, ValueError, jwt.PyJWTError):
        if unexpected:
            return UnexpectedClaims(reason=f"the {use} token has {unexpected}", subject=subject)
        return Unverified(reason=f"no usable cached key has the kid of the {use} token", subject=subject)
    try:
        jwt.decode(token, key, algorithms=[ALGORITHM], options=_SIGNATURE_ONLY)
    except jwt.PyJWTError:
        return TokenProblem(reason=f"the {use} token has a wrong signature")
    if unexpected:
        return UnexpectedClaims(reason=f"the {use} token has {unexpected}", subject=subject)
    return Verified(subject=subject)


_SIGNATURE_ONLY: Any = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def _find_wrong_claim(claims: Mapping[str, Any], expected: ExpectedClaims, *, use: str) -> str:
    """Return the first claim that no service accepts, or an empty string. Leaves values out: they are private."""
    subject, expires = claims.get("sub"), claims.get("exp")
    checks = (
        (claims.get("token_use") == use, f"another token_use than {use}"),
        (isinstance(subject, str) and bool(subject), "no sub"),
        (isinstance(expires, int | float) and expires > expected.now - LEEWAY_SECONDS, "no exp in the future"),
        (not _belongs_to_other_user(claims, expected), "another user than the canary"),
    )
    return next((problem for is_right, problem in checks if not is_right), "")


def _find_unexpected_claim(claims: Mapping[str, Any], expected: ExpectedClaims, *, audience_claim: str) -> str:
    """Return the first claim that differs from this product's own settings or secret, or an empty string."""
    checks = (
        (claims.get("iss") == expected.issuer, f"another iss than {expected.issuer}"),
        (claims.get(audience_claim) == expected.client_id, f"another {audience_claim} than the app client's id"),
        (not expected.subject or claims["sub"] == expected.subject, "another sub than the canary's"),
    )
    return next((problem for is_right, problem in checks if not is_right), "")


def _belongs_to_other_user(claims: Mapping[str, Any], expected: ExpectedClaims) -> bool:
    """Return whether an id token with another ``sub`` also has another user name.

    A user that was deleted and made again has another ``sub`` and the same name. A pool may generate the name, which
    then equals the ``sub``, or accept an alias.
    """
    subject, name = claims.get("sub"), claims.get("cognito:username")
    is_subject_right = not expected.subject or subject == expected.subject
    if is_subject_right or not expected.username or not isinstance(name, str) or name == subject:
        return False
    names = (name, *(claims.get(alias) for alias in ("email", "phone_number", "preferred_username")))
    return expected.username.casefold() not in {str(each).casefold() for each in names}
