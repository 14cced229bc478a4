"""The observation of one observer in one round."""

from dataclasses import dataclass

from cognito_failover.common.region import Instant, PerRole
from cognito_failover.core.probe_result import SkipReason
from cognito_failover.core.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The reading of one Region.

    Attributes
    ----------
    verdict
        The verdict on the Region: on its Cognito and, if there is one, its target.
    detail
        A sentence for people, without secrets: what answered, how, and what that means.
    code
        The error code or the kind of failure behind the verdict, such as ``InternalErrorException`` or
        ``connect-timeout``; empty for a healthy Region.
    login_verdict, target_verdict
        The verdicts on both parts. The target's is None if no target is configured.
    login_latency_seconds, target_latency_seconds
        The response times; None without a response.
    resting_reason
        Why the canary rests in this Region after this round; None if it does not. Other observers let it rest, too.

    """

    verdict: Verdict
    detail: str
    code: str = ""
    login_verdict: Verdict
    target_verdict: Verdict | None = None
    login_latency_seconds: float | None = None
    target_latency_seconds: float | None = None
    resting_reason: SkipReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The observation of one observer.

    Attributes
    ----------
    observer
        The Region of the observer.
    observed_at
        When all probes of the round had a result.
    readings
        The reading of each Region.
    witness_answered
        Whether an endpoint in a third Region answered. Without that, a missing response proves nothing.

    """

    observer: str
    observed_at: Instant
    readings: PerRole[Reading]
    witness_answered: bool
