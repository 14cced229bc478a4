"""Every response parses to a result that does not show the canary's password."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cognito_failover.core.canary_backoff import CLOSED, MAX_PAUSE_SECONDS, compute_next_backoff
from cognito_failover.core.probe_result import (
    Challenged,
    EmptySuccess,
    ErrorResponse,
    IntermediaryResponse,
    SignInSuccess,
    SkipReason,
)
from cognito_failover.probe.canary_credentials import CanarySecretError, Credentials, SecretValue, parse_secret
from cognito_failover.probe.https_client import HttpResponse
from cognito_failover.probe.jwks_cache import EMPTY_JWKS, CachedJwks, merge_keys, parse_jwks
from cognito_failover.probe.login import parse_login_response

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "AuthenticationResult",
                    "IdToken",
                    "AccessToken",
                    "ChallengeName",
                    "__type",
                    "message",
                    "keys",
                    "kid",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
BODIES = st.one_of(st.binary(max_size=200), JSON.map(lambda value: json.dumps(value).encode()))
PASSWORD = "0123456789-pass"


@given(status=st.integers(200, 599), body=BODIES, error_type=st.text(max_size=30))
def test_every_response_parses_to_a_result(status: int, body: bytes, error_type: str) -> None:
    response = HttpResponse(status=status, headers={"x-amzn-errortype": error_type}, body=body)
    credentials = Credentials(version="1", username="canary-user", password=PASSWORD)

    result = parse_login_response(response, latency_seconds=0.1, credentials=credentials)

    if status < 300:
        assert isinstance(result, SignInSuccess | Challenged | EmptySuccess | IntermediaryResponse)
    else:
        assert isinstance(result, ErrorResponse)
        assert result.http_status == status
        assert result.code


@given(before=st.text(max_size=300), after=st.text(max_size=300))
def test_message_never_contains_password(before: str, after: str) -> None:
    body = json.dumps({"__type": "X", "message": f"{before}{PASSWORD}{after}"}).encode()
    credentials = Credentials(version="1", username="canary-user", password=PASSWORD)

    result = parse_login_response(
        HttpResponse(status=400, headers={}, body=body), latency_seconds=0.1, credentials=credentials
    )

    assert PASSWORD not in repr(result)


@given(text=st.text(max_size=60) | JSON.map(json.dumps))
def test_every_secret_is_rejected_or_has_username_and_password(text: str) -> None:
    try:
        credentials = parse_secret(SecretValue(version="1", text=text))
    except CanarySecretError:
        return
    assert credentials.username
    assert credentials.password


@given(bodies=st.lists(BODIES, max_size=4))
def test_malformed_key_set_never_removes_cached_key(bodies: list[bytes]) -> None:
    good: dict[str, Any] = {"kty": "RSA", "kid": "good", "n": "n", "e": "AQAB"}
    cached: CachedJwks = merge_keys(EMPTY_JWKS, {"good": good}, now=0.0)

    for body in bodies:
        cached = merge_keys(cached, parse_jwks(body), now=1.0)

    assert cached.keys["good"].jwk == good


@given(refusals=st.integers(1, 5000), now=st.floats(0, 4e9))
def test_backoff_never_shrinks_and_is_bounded(refusals: int, now: float) -> None:
    backoff, last = CLOSED, 0.0
    for _ in range(min(refusals, 40)):
        backoff = compute_next_backoff(backoff, now=now, reason=SkipReason.CANARY_REFUSED)
        assert last <= backoff.blocked_until <= now + MAX_PAUSE_SECONDS
        assert backoff.is_blocked(now)
        last = backoff.blocked_until
