"""The front door, tried as a user tries it, and never so that the canary is locked out."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from failover.bounded import Deadline
from failover.outside.sample import SignIn
from failover.outside.sign_in import Door, users_get_in
from failover.probe.answer import (
    Answer,
    Challenged,
    EmptyAnswer,
    NotTried,
    Reached,
    Refused,
    Silence,
    Silent,
    Untried,
)
from failover.probe.backoff import LONGEST_SECONDS, next_backoff
from failover.probe.canary import Canary, Secret
from failover.probe.https import Endpoint, Https, Reply, SilenceError, Timeouts
from failover.probe.login import Login
from failover.region import PerSide
from tests.support.settings import DOMAIN_ONLY, settings
from tests.support.world import Clock, World

TOKENS = {"AuthenticationResult": {"IdToken": "id.1", "AccessToken": "access.1"}}
IN_TIME = 5.0


class ScriptedHttps(Https):
    """Answers what the test says, and remembers what was asked."""

    def __init__(self) -> None:
        super().__init__(Timeouts(connect_seconds=1, read_seconds=1))
        self.reply: Reply | Silence = Reply(status=200, headers={}, body=json.dumps(TOKENS).encode())
        self.hangs = threading.Event()
        self.hangs.set()
        self.asked: list[str] = []

    def get(self, endpoint: Endpoint, path: str = "/") -> Reply:
        return self._answer(f"GET {endpoint.host}{path}", endpoint)

    def post(self, endpoint: Endpoint, **_request: Any) -> Reply:
        return self._answer(f"POST {endpoint.host}", endpoint)

    def refuse(self, code: str, status: int = 400) -> None:
        self.reply = Reply(status=status, headers={}, body=json.dumps({"__type": code}).encode())

    def _answer(self, asked: str, endpoint: Endpoint) -> Reply:
        self.asked.append(asked)
        self.hangs.wait()
        if isinstance(self.reply, Silence):
            raise SilenceError(self.reply, endpoint.host)
        return self.reply


class Secrets:
    def read(self) -> Secret:
        return Secret(version="1", text=json.dumps({"username": "canary", "password": "hunter-2"}))


class Front:
    """A door with everything around it."""

    def __init__(self, changes: dict[str, str] | None = None, *, read_secret: bool = True) -> None:
        self.clock = Clock()
        self.https = ScriptedHttps()
        canary = Canary(Secrets())
        if read_secret:
            canary.read()
        login = Login(client_id="client", https=self.https, monotonic=self.clock)
        self.door = Door(settings(**(changes or {})), login=login, canary=canary, clock=self.clock)
        self.state = World().settle().state

    def try_it(self, seconds: float = IN_TIME) -> SignIn:
        return self.door.try_it(self.state, Deadline(seconds))


@pytest.fixture
def front() -> Iterator[Front]:
    made = Front()
    yield made
    made.https.hangs.set()


def test_the_canary_signs_in_at_the_domain_by_its_own_name(front: Front) -> None:
    assert front.try_it() == SignIn(at=front.clock.now, ok=True, seconds=0.0)
    assert front.https.asked == ["POST auth.example.com"]


def test_where_the_target_passes_no_sign_in_its_path_is_asked() -> None:
    front = Front({"target_probe_path": "/health"})
    assert front.try_it().ok
    assert front.https.asked == ["GET auth.example.com/health"]


def test_cognitos_own_domain_is_asked_for_its_root() -> None:
    front = Front(DOMAIN_ONLY)
    assert front.try_it().ok
    front.https.reply = Silence.REFUSED
    assert front.try_it().ok is False
    assert front.https.asked == ["GET login.example.com/"] * 2


def test_a_door_that_hangs_is_a_failed_sign_in_when_the_time_is_up(front: Front) -> None:
    front.https.hangs.clear()
    assert front.try_it(0.01) == SignIn(at=front.clock.now, ok=False, code="deadline")


def test_a_refused_password_is_no_failure_of_users_and_is_not_tried_again_soon(front: Front) -> None:
    front.https.refuse("NotAuthorizedException")
    assert front.try_it() == SignIn(at=front.clock.now, ok=None, code="NotAuthorizedException", seconds=0.0)
    front.clock.sleep(LONGEST_SECONDS - 1)
    assert front.try_it() == SignIn(at=front.clock.now, ok=None, code="canary-refused")
    front.clock.sleep(1)
    front.try_it()
    assert front.https.asked == ["POST auth.example.com", "GET auth.example.com/", "POST auth.example.com"]


def test_a_canary_on_trial_anywhere_is_left_alone_but_a_closed_door_is_told(front: Front) -> None:
    struck = next_backoff(front.state.backoffs.standby, now=front.clock.now, reason=Untried.CANARY_REFUSED)
    front.state = replace(front.state, backoffs=PerSide(primary=front.state.backoffs.primary, standby=struck))
    front.https.reply = Silence.CONNECT_TIMEOUT
    assert front.try_it() == SignIn(at=front.clock.now, ok=False, code="connect-timeout")
    assert front.https.asked == ["GET auth.example.com/"]


def test_without_the_canarys_secret_nothing_is_tried() -> None:
    front = Front(read_secret=False)
    assert front.try_it() == SignIn(at=front.clock.now, ok=None, code="no-credentials")
    assert front.https.asked == []


@pytest.mark.parametrize(
    ("answer", "get_in"),
    [
        (Reached(http_status=204, latency_seconds=0.1), True),
        (Silent(kind=Silence.TLS), False),
        (EmptyAnswer(latency_seconds=0.1), False),
        (Refused(code="InternalErrorException", http_status=500, message="", latency_seconds=0.1), False),
        (Refused(code="TooManyRequestsException", http_status=400, message="", latency_seconds=0.1), False),
        (Refused(code="UnexpectedLambdaException", http_status=400, message="", latency_seconds=0.1), False),
        (Refused(code="HTTP 429", http_status=429, message="", latency_seconds=0.1), False),
        (Refused(code="HTTP 404", http_status=404, message="", latency_seconds=0.1), False),
        (Refused(code="UserNotFoundException", http_status=400, message="", latency_seconds=0.1), None),
        (Challenged(name="SMS_MFA", latency_seconds=0.1), None),
        (NotTried(reason=Untried.PROBE_FAULT), None),
    ],
)
def test_only_what_users_would_meet_too_counts(answer: Answer, *, get_in: bool | None) -> None:
    assert users_get_in(answer) is get_in


def test_what_a_challenge_or_an_empty_answer_was_is_told(front: Front) -> None:
    front.https.reply = Reply(status=200, headers={}, body=b'{"ChallengeName": "SMS_MFA"}')
    assert front.try_it().code == "SMS_MFA"
    front.https.reply = Reply(status=200, headers={}, body=b"{}")
    assert front.try_it().code == "empty-answer"
