"""What a login attempt can answer: a closed set, and nothing in it shows a password or a token."""

from dataclasses import dataclass, field
from enum import StrEnum


class FailureKind(StrEnum):
    """How a Region failed to answer."""

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


class SkipReason(StrEnum):
    """Why no login was attempted, or none that counts."""

    CANARY_REFUSED = "canary-refused"
    NOT_REPLICATED = "not-replicated"
    NO_CREDENTIALS = "no-credentials"
    PROBE_ERROR = "probe-fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a sign-in gave; never shown."""

    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Signature and claims are right."""

    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenProblem:
    """A signature or claim is wrong: users of this Region get tokens their services refuse."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """No key to check the signature with; the claims, which need none, are right."""

    reason: str
    subject: str = ""


type TokenCheck = Verified | TokenProblem | Unverified

UNCHECKED = Unverified(reason="no-keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInSuccess:
    """Tokens came back; ``check`` says what they are worth once somebody has looked."""

    tokens: Tokens = field(repr=False)
    latency_seconds: float
    check: TokenCheck = UNCHECKED


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOk:
    """A configured path answered 2xx or 3xx: no login, but the target serves."""

    http_status: int
    latency_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenged:
    """Cognito wants another step, which a canary must not need."""

    name: str
    latency_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptySuccess:
    """Success with neither tokens nor a challenge."""

    latency_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorResponse:
    """An error, as an HTTP answer.

    Attributes
    ----------
    code
        The service's name for it, or ``HTTP 502`` where the answer names none.
    message
        The service's words, shortened, without the canary's name or password.

    """

    code: str
    http_status: int
    message: str
    latency_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NoResponse:
    """No HTTP answer."""

    kind: FailureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """No login was attempted, so this says nothing new."""

    reason: SkipReason


type ProbeResult = SignInSuccess | HttpOk | Challenged | EmptySuccess | ErrorResponse | NoResponse | Skipped

NOT_AUTHORIZED = "NotAuthorizedException"
"""The only refusal that counts towards a lockout of the user."""


def is_password_rejected(answer: ProbeResult) -> bool:
    """Whether Cognito counted a failed password."""
    return isinstance(answer, ErrorResponse) and answer.code == NOT_AUTHORIZED


def get_latency(answer: ProbeResult) -> float | None:
    """How long the answer took, in seconds; None without one."""
    match answer:
        case NoResponse() | Skipped():
            return None
        case _:
            return answer.latency_seconds
