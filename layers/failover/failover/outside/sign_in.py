"""One sign-in through the domain, wherever its name leads at that moment: what a user goes through."""

from collections.abc import Callable
from functools import partial

from failover.bounded import Deadline, result_by, start
from failover.decision.state import State
from failover.levers.managed_login import pass_through
from failover.outside.sample import SignIn
from failover.probe.answer import (
    Answer,
    Challenged,
    EmptyAnswer,
    NotTried,
    Reached,
    Refused,
    SignedIn,
    Silence,
    Silent,
    Untried,
    latency_of,
    password_refused,
)
from failover.probe.backoff import LONGEST_SECONDS
from failover.probe.canary import Canary
from failover.probe.https import Endpoint
from failover.probe.login import Login
from failover.probe.target import Target
from failover.probe.verdict import INTERNAL_CODES, THROTTLING_CODES, TRIGGER_CODES
from failover.region import Instant, Side
from failover.settings import Settings

_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_USERS_FAIL_TOO = INTERNAL_CODES | THROTTLING_CODES | TRIGGER_CODES


class Door:
    """The domain's front door.

    Parameters
    ----------
    settings
        The domain's name, and what is asked of it.
    login
        Signs the canary in.
    canary
        Holds its credentials.
    clock
        Seconds since the epoch.

    """

    def __init__(self, settings: Settings, *, login: Login, canary: Canary, clock: Callable[[], Instant]) -> None:
        name = settings.sign_in_name
        self._target = Target(endpoint=Endpoint(host=name, server_name=name), path=settings.target_probe_path)
        self._takes_sign_ins = settings.moves_records and not settings.target_probe_path
        self._managed = not settings.moves_records
        self._login = login
        self._canary = canary
        self._clock = clock
        self._refused_at: Instant | None = None

    def try_it(self, state: State, deadline: Deadline) -> SignIn:
        """Try the door once, no longer than the deadline; a request takes the place of a sign-in where none passes.

        The canary is left alone where its password was refused in either Region lately, as the door may lead to it.
        """
        at = self._clock()
        attempt = start(partial(self._attempt, state, at), name="outside-sign-in")
        answer = result_by(deadline, attempt, late=Silent(kind=Silence.DEADLINE))
        if password_refused(answer):
            self._refused_at = at
        return SignIn(at=at, ok=users_get_in(answer), code=_code(answer), seconds=latency_of(answer))

    def _attempt(self, state: State, now: Instant) -> Answer:
        if self._managed:
            return self._pass_through()
        if not self._takes_sign_ins:
            return self._target.ask(self._login)
        credentials = self._canary.held
        if credentials is None:
            return NotTried(reason=Untried.NO_CREDENTIALS)
        refused_lately = self._refused_at is not None and now - self._refused_at < LONGEST_SECONDS
        if refused_lately or any(state.backoffs[side].on_trial for side in Side):
            # A broken canary must not hide a closed door: it is still heard whether anybody is there.
            return self._login.knock(self._target.endpoint) or NotTried(reason=Untried.CANARY_REFUSED)
        return self._login.attempt(self._target.endpoint, credentials)

    def _pass_through(self) -> Answer:
        began = self._login.monotonic()
        passage = pass_through(self._login.https, self._target.endpoint.server_name)
        latency_seconds = self._login.monotonic() - began
        if passage.passed:
            return Reached(http_status=200, latency_seconds=latency_seconds)
        return Refused(code=passage.sentence, http_status=_SERVER_ERROR, message="", latency_seconds=latency_seconds)


def users_get_in(answer: Answer) -> bool | None:
    """Tell whether users get in, by what the canary was answered; None where that is the canary's own trouble."""
    match answer:
        case SignedIn() | Reached():
            return True
        case Silent() | EmptyAnswer():
            return False
        case Refused():
            down = answer.http_status >= _SERVER_ERROR or answer.http_status == _TOO_MANY_REQUESTS
            return False if down or answer.code in _USERS_FAIL_TOO or answer.code.startswith("HTTP ") else None
        case Challenged() | NotTried():
            return None


def _code(answer: Answer) -> str:
    match answer:
        case SignedIn() | Reached():
            return ""
        case Silent():
            return answer.kind.value
        case Refused():
            return answer.code
        case EmptyAnswer():
            return "empty-answer"
        case Challenged():
            return answer.name
        case NotTried():
            return answer.reason.value
