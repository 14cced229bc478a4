"""One sign-in through the domain, as a user makes it, in the Region that the name leads to."""

from collections.abc import Callable
from functools import partial

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_result
from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.core.canary_backoff import CHALLENGE_PAUSES_SECONDS, REFUSAL_PAUSES_SECONDS
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.probe_result import (
    STATUS_PREFIX,
    Challenged,
    EmptySuccess,
    ErrorResponse,
    FailureKind,
    HttpOk,
    IntermediaryResponse,
    NoResponse,
    ProbeResult,
    SignInSuccess,
    Skipped,
    SkipReason,
    get_latency,
    is_password_rejected,
)
from cognito_failover.core.verdict import INTERNAL_CODES, THROTTLING_CODES, TRIGGER_CODES
from cognito_failover.probe.canary_credentials import Canary
from cognito_failover.probe.https_client import HttpsEndpoint
from cognito_failover.probe.login import LoginClient
from cognito_failover.probe.probe_targets import Target
from cognito_failover.routing.latch.managed_login_request import check_domain
from cognito_failover.settings.controller import Settings
from cognito_failover.timeline.sample import SignInSample

_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_USER_FACING_ERROR_CODES = INTERNAL_CODES | THROTTLING_CODES | TRIGGER_CODES


class UserSignInCheck:
    """Signs the canary in through the domain.

    Parameters
    ----------
    settings
        The name of the domain, and the request to send.
    login
        Signs the canary in.
    canary
        Has the credentials.
    clock
        Seconds since the epoch.

    """

    def __init__(self, settings: Settings, *, login: LoginClient, canary: Canary, clock: Callable[[], Instant]) -> None:
        name = settings.sign_in_name
        self._target = Target(endpoint=HttpsEndpoint(host=name, server_name=name), path=settings.target_probe_path)
        self._accepts_sign_ins = settings.has_managed_records and not settings.target_probe_path
        self._is_managed_login = not settings.has_managed_records
        self._login = login
        self._canary = canary
        self._clock = clock
        self._rests_until: Instant = 0.0

    def run(self, state: ControllerState, deadline: Deadline) -> SignInSample:
        """Sign in once, within the deadline. If the domain accepts no sign-in, send a request instead.

        The canary does not sign in if either Region refused its password recently, because the domain may lead there.
        """
        started_at = self._clock()
        attempt = run_in_thread(partial(self._attempt, state, started_at), name="user-sign-in")
        result = wait_for_result(deadline, attempt, default=NoResponse(kind=FailureKind.DEADLINE))
        if isinstance(result, Challenged):
            self._rests_until = started_at + max(CHALLENGE_PAUSES_SECONDS)
        elif is_password_rejected(result):
            self._rests_until = started_at + max(REFUSAL_PAUSES_SECONDS)
        return SignInSample(
            at=started_at, ok=is_sign_in_working(result), code=_get_code(result), latency_seconds=get_latency(result)
        )

    def _attempt(self, state: ControllerState, now: Instant) -> ProbeResult:
        if self._is_managed_login:
            return self._check_domain()
        if not self._accepts_sign_ins:
            return self._target.request_path(self._login)
        credentials = self._canary.cached
        if credentials is None:
            return Skipped(reason=SkipReason.NO_CREDENTIALS)
        if now < self._rests_until or any(state.backoffs[role].is_half_open for role in RegionRole):
            # A broken canary must not mask an outage: still ask, without the canary.
            answer = self._login.ask_without_user(self._target.endpoint)
            return (
                answer
                if isinstance(answer, NoResponse)
                else Skipped(reason=SkipReason.CANARY_REFUSED, http_status=answer)
            )
        return self._login.sign_in(self._target.endpoint, credentials)

    def _check_domain(self) -> ProbeResult:
        started_at = self._login.monotonic()
        outcome = check_domain(self._login.https, self._target.endpoint.server_name)
        latency_seconds = self._login.monotonic() - started_at
        if outcome.succeeded:
            return HttpOk(http_status=200, latency_seconds=latency_seconds)
        return ErrorResponse(
            code=outcome.message, http_status=_SERVER_ERROR, message="", latency_seconds=latency_seconds
        )


def is_sign_in_working(result: ProbeResult) -> bool | None:
    """Return whether users can sign in; None if the result concerns only the canary itself."""
    match result:
        case SignInSuccess() | HttpOk():
            return True
        case NoResponse() | EmptySuccess():
            return False
        case ErrorResponse():
            is_server_failure = result.http_status >= _SERVER_ERROR or result.http_status == _TOO_MANY_REQUESTS
            return (
                False
                if is_server_failure or result.code in _USER_FACING_ERROR_CODES or not result.has_service_code
                else None
            )
        case Skipped(http_status=int(status)) if status >= _SERVER_ERROR:
            return False
        case Challenged() | IntermediaryResponse() | Skipped():
            return None


def _get_code(result: ProbeResult) -> str:
    match result:
        case SignInSuccess() | HttpOk():
            return ""
        case NoResponse():
            return result.kind.value
        case ErrorResponse() | IntermediaryResponse():
            return result.code
        case EmptySuccess():
            return "empty-answer"
        case Challenged():
            return result.name
        case Skipped(http_status=int(status)) if status >= _SERVER_ERROR:
            return f"{STATUS_PREFIX}{status}"
        case Skipped():
            return result.reason.value
