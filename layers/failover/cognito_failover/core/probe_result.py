"""The possible results of a login attempt: a closed set, without passwords or tokens in any text."""

from dataclasses import dataclass, field
from enum import StrEnum


class FailureKind(StrEnum):
    """The way in which a Region failed to answer."""

    TCP_TIMEOUT = "tcp-timeout"
    CONNECT_TIMEOUT = "connect-timeout"
    READ_TIMEOUT = "read-timeout"
    DEADLINE = "deadline"
    REFUSED = "refused"
    RESET = "reset"
    UNREACHABLE = "unreachable"
    DNS = "dns"
    TLS = "tls"
    INVALID_HTTP = "garbled"
    CUT_OFF = "cut-off"


class SkipReason(StrEnum):
    """The reason why there was no login attempt, or none that counts."""

    CANARY_REFUSED = "canary-refused"
    NOT_REPLICATED = "not-replicated"
    NO_CREDENTIALS = "no-credentials"
    PROBE_ERROR = "probe-fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The tokens of a sign-in. Never shown in text."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Signature and claims are correct."""

    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenProblem:
    """A signature or claim is wrong: the services of users reject tokens of this Region."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """There is no key to verify the signature. The claims, which need no key, are correct."""

    reason: str
    subject: str = ""


type TokenCheck = Verified | TokenProblem | Unverified

UNCHECKED = Unverified(reason="no-keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInSuccess:
    """Sign-in returned tokens. ``check`` is the result of their verification."""

    tokens: Tokens = field(repr=False)
    latency_seconds: float
    check: TokenCheck = UNCHECKED


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOk:
    """A configured path answered 2xx or 3xx. There is no login, but the target serves."""

    http_status: int
    latency_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenged:
    """Cognito requires another step, which a canary must not need."""

    name: str
    latency_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptySuccess:
    """A success without tokens and without a challenge."""

    latency_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorResponse:
    """An error as an HTTP response.

    Attributes
    ----------
    code
        The name of the error, or ``HTTP 502`` if the response has none.
    message
        The text of the service, shortened, without the name or the password of the canary.

    """

    code: str
    http_status: int
    message: str
    latency_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NoResponse:
    """There was no HTTP response."""

    kind: FailureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """There was no login attempt, and so no new information."""

    reason: SkipReason


type ProbeResult = SignInSuccess | HttpOk | Challenged | EmptySuccess | ErrorResponse | NoResponse | Skipped

NOT_AUTHORIZED = "NotAuthorizedException"
"""The only error that counts towards a lockout of the user."""


def is_password_rejected(answer: ProbeResult) -> bool:
    """Return whether Cognito counted a failed password."""
    return isinstance(answer, ErrorResponse) and answer.code == NOT_AUTHORIZED


def get_latency(answer: ProbeResult) -> float | None:
    """Return the response time in seconds; None without a response."""
    match answer:
        case NoResponse() | Skipped():
            return None
        case _:
            return answer.latency_seconds
