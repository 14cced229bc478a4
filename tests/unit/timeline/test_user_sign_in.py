"""The sign-in through the domain, which never locks the canary out."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.region import PerRole
from cognito_failover.core.canary_backoff import CHALLENGE_PAUSES_SECONDS, REFUSAL_PAUSES_SECONDS, compute_next_backoff
from cognito_failover.core.probe_result import (
    Challenged,
    EmptySuccess,
    ErrorResponse,
    FailureKind,
    HttpOk,
    NoResponse,
    ProbeResult,
    Skipped,
    SkipReason,
)
from cognito_failover.probe.canary_credentials import Canary, SecretValue
from cognito_failover.probe.https_client import HttpResponse, HttpsClient, HttpsEndpoint, NoResponseError, Timeouts
from cognito_failover.probe.login import LoginClient
from cognito_failover.timeline.sample import SignInSample
from cognito_failover.timeline.user_sign_in import UserSignInCheck, is_sign_in_working
from tests.support.controller_harness import ControllerHarness, VirtualClock
from tests.support.settings import COGNITO_DOMAIN_ONLY, make_settings

TOKENS = {"AuthenticationResult": {"IdToken": "id.1", "AccessToken": "access.1"}}
AMPLE_SECONDS = 5.0


class ScriptedHttps(HttpsClient):
    """Returns the response that a test sets, and keeps the requests."""

    def __init__(self) -> None:
        super().__init__(Timeouts(connect_seconds=1, read_seconds=1))
        self.response: HttpResponse | FailureKind = HttpResponse(
            status=200, headers={}, body=json.dumps(TOKENS).encode()
        )
        self.is_hanging = threading.Event()
        self.is_hanging.set()
        self.requests: list[str] = []

    def get(self, endpoint: HttpsEndpoint, path: str = "/") -> HttpResponse:
        return self._respond(f"GET {endpoint.host}{path}", endpoint)

    def post(self, endpoint: HttpsEndpoint, **_request: Any) -> HttpResponse:
        return self._respond(f"POST {endpoint.host}", endpoint)

    def set_error_response(self, code: str, status: int = 400) -> None:
        self.response = HttpResponse(status=status, headers={}, body=json.dumps({"__type": code}).encode())

    def _respond(self, request: str, endpoint: HttpsEndpoint) -> HttpResponse:
        self.requests.append(request)
        self.is_hanging.wait()
        if isinstance(self.response, FailureKind):
            raise NoResponseError(self.response, endpoint.host)
        return self.response


class StaticSecretReader:
    def read(self) -> SecretValue:
        return SecretValue(version="1", text=json.dumps({"username": "canary", "password": "hunter-2"}))


class SignInCheckHarness:
    """A sign-in check with its dependencies."""

    def __init__(self, changes: dict[str, str] | None = None, *, read_secret: bool = True) -> None:
        self.clock = VirtualClock()
        self.https = ScriptedHttps()
        canary = Canary(StaticSecretReader())
        if read_secret:
            canary.read()
        login = LoginClient(client_id="client", https=self.https, monotonic=self.clock)
        self.check = UserSignInCheck(make_settings(**(changes or {})), login=login, canary=canary, clock=self.clock)
        self.state = ControllerHarness().settle().state

    def run_check(self, seconds: float = AMPLE_SECONDS) -> SignInSample:
        return self.check.run(self.state, Deadline(seconds))


@pytest.fixture
def harness() -> Iterator[SignInCheckHarness]:
    harness = SignInCheckHarness()
    yield harness
    harness.https.is_hanging.set()


def test_canary_signs_in_at_domain_by_name(harness: SignInCheckHarness) -> None:
    assert harness.run_check() == SignInSample(at=harness.clock.now, ok=True, latency_seconds=0.0)
    assert harness.https.requests == ["POST auth.example.com"]


def test_configured_path_is_requested_instead_of_a_sign_in() -> None:
    domain = SignInCheckHarness({"target_probe_path": "/health"})
    assert domain.run_check().ok
    assert domain.https.requests == ["GET auth.example.com/health"]


def test_cognito_domain_is_requested_at_its_root() -> None:
    domain = SignInCheckHarness(COGNITO_DOMAIN_ONLY)
    assert domain.run_check().ok
    domain.https.response = FailureKind.REFUSED
    assert domain.run_check().ok is False
    assert domain.https.requests == ["GET login.example.com/"] * 2


def test_hanging_sign_in_fails_at_deadline(harness: SignInCheckHarness) -> None:
    harness.https.is_hanging.clear()
    assert harness.run_check(0.01) == SignInSample(at=harness.clock.now, ok=False, code="deadline")


def test_refused_password_says_nothing_and_pauses_sign_ins(harness: SignInCheckHarness) -> None:
    harness.https.set_error_response("NotAuthorizedException")
    assert harness.run_check() == SignInSample(
        at=harness.clock.now, ok=None, code="NotAuthorizedException", latency_seconds=0.0
    )
    harness.clock.sleep(max(REFUSAL_PAUSES_SECONDS) - 1)
    assert harness.run_check() == SignInSample(at=harness.clock.now, ok=None, code="canary-refused")
    harness.clock.sleep(1)
    harness.run_check()
    assert harness.https.requests == ["POST auth.example.com"] * 3


def test_half_open_canary_only_checks_reachability(harness: SignInCheckHarness) -> None:
    half_open = compute_next_backoff(
        harness.state.backoffs.standby, now=harness.clock.now, reason=SkipReason.CANARY_REFUSED
    )
    harness.state = replace(harness.state, backoffs=PerRole(primary=harness.state.backoffs.primary, standby=half_open))
    harness.https.response = FailureKind.CONNECT_TIMEOUT
    assert harness.run_check() == SignInSample(at=harness.clock.now, ok=False, code="connect-timeout")
    assert harness.https.requests == ["POST auth.example.com"]


def test_server_error_while_the_canary_rests_is_a_failure(harness: SignInCheckHarness) -> None:
    harness.https.set_error_response("NotAuthorizedException")
    harness.run_check()
    harness.https.response = HttpResponse(status=503, headers={}, body=b"")
    assert harness.run_check() == SignInSample(at=harness.clock.now, ok=False, code="HTTP 503")


def test_without_secret_no_sign_in_is_tried() -> None:
    domain = SignInCheckHarness(read_secret=False)
    assert domain.run_check() == SignInSample(at=domain.clock.now, ok=None, code="no-credentials")
    assert domain.https.requests == []


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (HttpOk(http_status=204, latency_seconds=0.1), True),
        (NoResponse(kind=FailureKind.TLS), False),
        (EmptySuccess(latency_seconds=0.1), False),
        (ErrorResponse(code="InternalErrorException", http_status=500, message="", latency_seconds=0.1), False),
        (ErrorResponse(code="TooManyRequestsException", http_status=400, message="", latency_seconds=0.1), False),
        (ErrorResponse(code="UnexpectedLambdaException", http_status=400, message="", latency_seconds=0.1), False),
        (ErrorResponse(code="HTTP 429", http_status=429, message="", latency_seconds=0.1), False),
        (ErrorResponse(code="HTTP 404", http_status=404, message="", latency_seconds=0.1), False),
        (ErrorResponse(code="UserNotFoundException", http_status=400, message="", latency_seconds=0.1), None),
        (Challenged(name="SMS_MFA", latency_seconds=0.1), None),
        (Skipped(reason=SkipReason.PROBE_ERROR), None),
    ],
)
def test_only_user_visible_failures_count(result: ProbeResult, *, expected: bool | None) -> None:
    assert is_sign_in_working(result) is expected


def test_challenge_or_empty_answer_has_its_code(harness: SignInCheckHarness) -> None:
    harness.https.response = HttpResponse(status=200, headers={}, body=b'{"ChallengeName": "SMS_MFA"}')
    assert harness.run_check().code == "SMS_MFA"
    harness.clock.sleep(max(CHALLENGE_PAUSES_SECONDS))
    harness.https.response = HttpResponse(status=200, headers={}, body=b"{}")
    assert harness.run_check().code == "empty-answer"
