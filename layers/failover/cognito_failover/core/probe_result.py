"""The possible results of a login attempt: a closed set, without passwords or tokens in any text."""

from dataclasses import dataclass, field
from enum import StrEnum

from cognito_failover.common.region import Instant


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
    CHALLENGED = "challenged"
    TARGET_REFUSED = "target-refused"
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
class UnexpectedClaims:
    """Only this product's own expectation differs: the ``sub``, issuer or client. The tokens are correct otherwise."""

    reason: str
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """There is no key to verify the signature. The claims, which need no key, are correct."""

    reason: str
    subject: str = ""


type TokenCheck = Verified | TokenProblem | UnexpectedClaims | Unverified

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
class IntermediaryResponse:
    """An answer that Cognito never gives, such as a challenge of AWS WAF. Something in front of it answered.

    Attributes
    ----------
    code
        The action of AWS WAF, such as ``waf-challenge``, or ``HTTP 202``.
    http_status, latency_seconds
        The status, and the response time.

    """

    code: str
    http_status: int
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

    @property
    def has_service_code(self) -> bool:
        """Whether the response names an error, as each of Cognito's does."""
        return not self.code.startswith(STATUS_PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoResponse:
    """There was no HTTP response."""

    kind: FailureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """There was no login attempt.

    Attributes
    ----------
    reason
        Why there was none.
    http_status
        The status of the answer to a request without a user. None if there was no such request.
    retry_at
        When the canary tries again; None if it is not resting.

    """

    reason: SkipReason
    http_status: int | None = None
    retry_at: Instant | None = None


type ProbeResult = (
    SignInSuccess | HttpOk | Challenged | EmptySuccess | IntermediaryResponse | ErrorResponse | NoResponse | Skipped
)

STATUS_PREFIX = "HTTP "
"""The beginning of the code of a response that names no error."""

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
