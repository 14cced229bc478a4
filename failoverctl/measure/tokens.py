"""Measures whether tokens of one Region work in the other, and how soon a revoked one stops working."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from failoverctl.measure.cognito import SUCCESS, CognitoCallResult, SignInTokens, call_cognito, sign_in
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import Assumption, Measurement, MeasurementError, MeasurementSample

EQUAL = "alike"
NO_REFRESH = "the app client allows no refresh"

_COMPARED_CLAIMS = ("iss", "sub", "aud", "client_id")
_POLL_INTERVAL_SECONDS = 0.5
_TIMEOUT_SECONDS = 120.0


@contextmanager
def _open_session(context: MeasurementContext) -> Iterator[Callable[[], MeasurementSample]]:
    yield lambda: _take_sample(context)


def _take_sample(context: MeasurementContext) -> MeasurementSample:
    primary, standby = context.deployment.regions
    primary_tokens, standby_tokens = sign_in(context, primary), sign_in(context, standby)
    seconds: dict[str, float] = {}
    answers = {
        "claims": _compare_claims(primary_tokens, standby_tokens),
        "lifetimes": _compare_lifetimes(primary_tokens, standby_tokens),
        "access token of the primary on the standby": _get_user_code(context, standby, primary_tokens),
        "access token of the standby on the primary": _get_user_code(context, primary, standby_tokens),
    }
    refresh_result = _refresh(context, primary, primary_tokens)
    if refresh_result.is_success:
        answers["refresh"] = "in both Regions"
        seconds["refresh token of the primary on the standby"] = _wait_until(
            context,
            lambda: _refresh(context, standby, primary_tokens).is_success,
            "the standby accepts a refresh token of the primary",
        )
        seconds["refresh token of the standby on the primary"] = _wait_until(
            context,
            lambda: _refresh(context, primary, standby_tokens).is_success,
            "the primary accepts a refresh token of the standby",
        )
        seconds["revoked on the primary, refused on the standby"] = _measure_revocation(
            context, primary, standby, primary_tokens
        )
        seconds["revoked on the standby, refused on the primary"] = _measure_revocation(
            context, standby, primary, standby_tokens
        )
    else:
        answers["refresh"] = NO_REFRESH if _is_client_configuration_error(refresh_result) else refresh_result.code
    return MeasurementSample(seconds=seconds, answers=answers)


def _refresh(context: MeasurementContext, region: str, tokens: SignInTokens) -> CognitoCallResult:
    request = {
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "ClientId": context.deployment.client_id,
        "AuthParameters": {"REFRESH_TOKEN": tokens.refresh_token},
    }
    return call_cognito(context, region, "InitiateAuth", request)


def _is_client_configuration_error(result: CognitoCallResult) -> bool:
    return result.code in {"InvalidParameterException", "UnauthorizedException", "UnsupportedOperationException"}


def _measure_revocation(
    context: MeasurementContext, revoking_region: str, other_region: str, tokens: SignInTokens
) -> float:
    request = {"Token": tokens.refresh_token, "ClientId": context.deployment.client_id}
    result = call_cognito(context, revoking_region, "RevokeToken", request)
    if not result.is_success:
        raise MeasurementError(
            f"RevokeToken in {revoking_region} failed with {result.code}: {result.message} Enable token revocation for "
            f"the canary's app client, or leave out tokens."
        )
    return _wait_until(
        context,
        lambda: not _refresh(context, other_region, tokens).is_success,
        f"{other_region} refuses a token revoked in {revoking_region}",
    )


def _wait_until(context: MeasurementContext, is_met: Callable[[], bool], description: str) -> float:
    started_at = context.monotonic()
    while not is_met():
        seconds = context.monotonic() - started_at
        if seconds > _TIMEOUT_SECONDS:
            raise MeasurementError(
                f"Not observed within {seconds:.0f} s: {description}. This is a result: the assumption does not hold."
            )
        context.sleep(_POLL_INTERVAL_SECONDS)
    return context.monotonic() - started_at


def _get_user_code(context: MeasurementContext, region: str, tokens: SignInTokens) -> str:
    return call_cognito(context, region, "GetUser", {"AccessToken": tokens.access_token}).code


def _decode_claims(token: str) -> Mapping[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _compare_claims(primary_tokens: SignInTokens, standby_tokens: SignInTokens) -> str:
    different_claims = [
        f"{kind} {name}"
        for kind, pair in (
            ("id", (primary_tokens.id_token, standby_tokens.id_token)),
            ("access", (primary_tokens.access_token, standby_tokens.access_token)),
        )
        for name in _COMPARED_CLAIMS
        if _decode_claims(pair[0]).get(name) != _decode_claims(pair[1]).get(name)
    ]
    return f"differing: {', '.join(different_claims)}" if different_claims else EQUAL


def _compare_lifetimes(primary_tokens: SignInTokens, standby_tokens: SignInTokens) -> str:
    def compute_lifetimes(tokens: SignInTokens) -> tuple[int, int]:
        claims_by_token = [_decode_claims(token) for token in (tokens.id_token, tokens.access_token)]
        identity, access = (int(claims["exp"]) - int(claims["iat"]) for claims in claims_by_token)
        return identity, access

    primary_lifetimes, standby_lifetimes = compute_lifetimes(primary_tokens), compute_lifetimes(standby_tokens)
    return (
        EQUAL
        if primary_lifetimes == standby_lifetimes
        else f"{primary_lifetimes} s on the primary, {standby_lifetimes} s on the standby"
    )


def _create_assumption(name: str, rationale: str, *, max_p95_seconds: float) -> Assumption:
    return Assumption(
        name=name,
        rationale=rationale,
        max_p95_seconds=max_p95_seconds,
        if_violated="docs/clients.md",
    )


_STAYS_SIGNED_IN = "users stay signed in after a move"
_SIGNED_OUT_EVERYWHERE = "sign-out is valid in both Regions"

TOKENS = Measurement(
    name="tokens",
    question="Do tokens of one Region work in the other, how soon, and until when after they are revoked?",
    creates="sign-ins of the canary, and the revocation of their tokens",
    cost="nothing",
    duration_seconds=(0, 10),
    assumptions=(
        Assumption(
            name="claims",
            rationale="otherwise apps refuse tokens or confuse users",
            expected_answer=EQUAL,
            if_violated="do not fail over; probes report wrong tokens as sick",
        ),
        Assumption(
            name="lifetimes",
            rationale="apps rely on lifetimes",
            expected_answer=EQUAL,
            if_violated="inform apps; no effect on the controller",
        ),
        Assumption(
            name="access token of the primary on the standby",
            rationale=_STAYS_SIGNED_IN,
            expected_answer=SUCCESS,
            if_violated="docs/clients.md: get new tokens after a move",
        ),
        Assumption(
            name="access token of the standby on the primary",
            rationale="writes go to the primary with the user's token",
            expected_answer=SUCCESS,
            if_violated="the same",
        ),
        Assumption(
            name="refresh",
            rationale="the rows below need it",
            expected_answer="in both Regions",
            if_violated="allow ALLOW_REFRESH_TOKEN_AUTH in a test client",
        ),
        _create_assumption("refresh token of the primary on the standby", _STAYS_SIGNED_IN, max_p95_seconds=60.0),
        _create_assumption("refresh token of the standby on the primary", _STAYS_SIGNED_IN, max_p95_seconds=60.0),
        _create_assumption(
            "revoked on the primary, refused on the standby", _SIGNED_OUT_EVERYWHERE, max_p95_seconds=60.0
        ),
        _create_assumption(
            "revoked on the standby, refused on the primary", _SIGNED_OUT_EVERYWHERE, max_p95_seconds=60.0
        ),
    ),
    open_session=_open_session,
)
