"""A sample of the timeline: what a round knew, and what users saw at that time. Pure."""

import hashlib
import json
from dataclasses import asdict, dataclass, field

from cognito_failover.common.region import Instant, PerRole, RegionRole, Weights
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.location import AnswerCounts
from cognito_failover.core.phase import Phase
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings

FINGERPRINT_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInSample:
    """One sign-in through the domain, in the Region that its name led to.

    Attributes
    ----------
    at
        When it started.
    ok
        Whether it succeeded; None if it says nothing about users: it was not made, or the canary itself failed.
    code
        The error, the kind of failure, or why it was not made; empty if it succeeded.
    latency_seconds
        How long the answer took; None without an answer.

    """

    at: Instant
    ok: bool | None
    code: str = ""
    latency_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView:
    """What users saw at the time of one round.

    Attributes
    ----------
    at
        When the observation started.
    duration_seconds
        How long it took.
    name_servers, resolvers
        The answers of each authoritative name server and each public resolver.
    sign_in
        The sign-in; None if it did not end in time.

    """

    at: Instant
    duration_seconds: float
    name_servers: dict[str, AnswerCounts] = field(default_factory=dict)
    resolvers: dict[str, AnswerCounts] = field(default_factory=dict)
    sign_in: SignInSample | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictSample:
    """The verdict of one observer on one Region, and the code of its cause."""

    verdict: Verdict
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchSample:
    """One latch: whether it should be set, and whether DNS shows that."""

    thrown: bool
    is_effective: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSample:
    """One recorded round.

    Attributes
    ----------
    at
        When the round observed.
    phase
        The phase of the controller after the round.
    active
        The active Region.
    reason
        What the round did, or why it did nothing, shortened.
    consensus
        The verdict on each Region that the observers agree on.
    verdicts_by_observer
        The verdicts of each observer, by its Region. Outdated ones are left out.
    is_isolated
        Whether the controller was isolated.
    weights
        The weights that the round wanted.
    observed_weights
        The weights last read; None if they were not readable.
    latches
        The latches by name.
    move_id
        The move in progress, or that ended in this round; empty for none.
    drill_id
        The current drill; empty for none.
    settings_fingerprint
        The fingerprint of the settings that the round used.
    user_view
        What users saw after the round; None if it was not observed, or not in time.

    """

    at: Instant
    phase: Phase
    active: RegionRole
    reason: str
    consensus: PerRole[Verdict]
    verdicts_by_observer: dict[str, PerRole[VerdictSample]]
    is_isolated: bool
    weights: Weights
    observed_weights: Weights | None = None
    latches: dict[SteeredName, LatchSample] = field(default_factory=dict)
    move_id: str = ""
    drill_id: str = ""
    settings_fingerprint: str = ""
    user_view: UserView | None = None


def compute_fingerprint(settings: Settings) -> str:
    """Return the first hexadecimal digits of the SHA-256 of all settings. It identifies a configuration in reports."""
    text = json.dumps(asdict(settings), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:FINGERPRINT_DIGITS]
