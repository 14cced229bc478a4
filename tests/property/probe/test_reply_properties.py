"""Whatever bytes come back, they are one of the answers, and say nothing of the canary."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from failover.probe.answer import Challenged, EmptyAnswer, Refused, SignedIn, Untried
from failover.probe.backoff import AT_REST, LONGEST_SECONDS, next_backoff
from failover.probe.canary import CanarySecretError, Credentials, Secret, parse_secret
from failover.probe.https import Reply
from failover.probe.keys import NO_KEYS, KeptKeys, merge, parse_jwks
from failover.probe.login import read_reply

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
def test_every_reply_is_an_answer(status: int, body: bytes, error_type: str) -> None:
    reply = Reply(status=status, headers={"x-amzn-errortype": error_type}, body=body)
    credentials = Credentials(version="1", username="canary-user", password=PASSWORD)

    answer = read_reply(reply, latency_seconds=0.1, credentials=credentials)

    if status < 300:
        assert isinstance(answer, SignedIn | Challenged | EmptyAnswer)
    else:
        assert isinstance(answer, Refused)
        assert answer.http_status == status
        assert answer.code


@given(before=st.text(max_size=300), after=st.text(max_size=300))
def test_no_message_ever_holds_the_password(before: str, after: str) -> None:
    body = json.dumps({"__type": "X", "message": f"{before}{PASSWORD}{after}"}).encode()
    credentials = Credentials(version="1", username="canary-user", password=PASSWORD)

    answer = read_reply(Reply(status=400, headers={}, body=body), latency_seconds=0.1, credentials=credentials)

    assert PASSWORD not in repr(answer)


@given(text=st.text(max_size=60) | JSON.map(json.dumps))
def test_every_secret_is_understood_or_refused_by_name(text: str) -> None:
    try:
        credentials = parse_secret(Secret(version="1", text=text))
    except CanarySecretError:
        return
    assert credentials.username
    assert credentials.password


@given(bodies=st.lists(BODIES, max_size=4))
def test_no_malformed_key_set_takes_a_kept_key_away(bodies: list[bytes]) -> None:
    good: dict[str, Any] = {"kty": "RSA", "kid": "good", "n": "n", "e": "AQAB"}
    kept: KeptKeys = merge(NO_KEYS, {"good": good}, now=0.0)

    for body in bodies:
        kept = merge(kept, parse_jwks(body), now=1.0)

    assert kept.keys["good"].jwk == good


@given(refusals=st.integers(1, 5000), now=st.floats(0, 4e9))
def test_pauses_never_shrink_and_never_exceed_five_minutes(refusals: int, now: float) -> None:
    backoff, last = AT_REST, 0.0
    for _ in range(min(refusals, 40)):
        backoff = next_backoff(backoff, now=now, reason=Untried.CANARY_REFUSED)
        assert last <= backoff.until <= now + LONGEST_SECONDS
        assert backoff.holds(now)
        last = backoff.until
