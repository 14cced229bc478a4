"""What one observer saw in one round."""

from dataclasses import dataclass

from cognito_failover.common.region import Instant, PerRole
from cognito_failover.core.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one observer saw of one Region.

    Attributes
    ----------
    verdict
        The Region as a whole: its Cognito and, where one is configured, its target.
    detail
        A sentence for people, without secrets: what answered, how, and what that means.
    code
        The error code or kind of silence behind the verdict, such as ``InternalErrorException`` or
        ``connect-timeout``; empty when all is well.
    login_verdict, target_verdict
        The two halves of the verdict; the target's is None where no target is configured.
    login_latency_seconds, target_latency_seconds
        How long the answer took; None without one.

    """

    verdict: Verdict
    detail: str
    code: str = ""
    login_verdict: Verdict
    target_verdict: Verdict | None = None
    login_latency_seconds: float | None = None
    target_latency_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One observer's round.

    Attributes
    ----------
    observer
        The Region it was made from.
    observed_at
        When the round's probes had answered or run out of time.
    readings
        What was seen of each side.
    witness_answered
        Whether a control endpoint in at least one third Region answered: without it silence proves nothing.

    """

    observer: str
    observed_at: Instant
    readings: PerRole[Reading]
    witness_answered: bool
