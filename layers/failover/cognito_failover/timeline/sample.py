"""One moment of the timeline of a move or a drill: what a round knew, and what anybody outside saw. Pure."""

from dataclasses import dataclass, field

from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import Instant, PerRole, RegionRole, Weights
from cognito_failover.core.phase import Phase
from cognito_failover.core.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCounts:
    """The answers that one server gave in one look, by where they send users.

    Attributes
    ----------
    primary, standby
        Answers that lead to that side alone.
    unclear
        Answers that lead to neither of them, or that both give.
    missing
        Questions that were not answered in time.

    """

    primary: int = 0
    standby: int = 0
    unclear: int = 0
    missing: int = 0

    def count_for(self, role: RegionRole) -> int:
        """Return how many answers lead to a side."""
        return self.primary if role is RegionRole.PRIMARY else self.standby

    @property
    def total(self) -> int:
        """How many answers were given at all."""
        return self.primary + self.standby + self.unclear


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInSample:
    """One attempt through the domain, wherever its name led.

    Attributes
    ----------
    at
        When it was begun.
    ok
        Whether it succeeded; None where none was made, which says nothing of the users' luck.
    code
        What came instead: an error's name, a kind of silence, or why none was made; empty if it succeeded.
    seconds
        How long the answer took; None without one.

    """

    at: Instant
    ok: bool | None
    code: str = ""
    latency_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView:
    """What was seen from outside beside one round.

    Attributes
    ----------
    at
        When the look began.
    took_seconds
        How long it took.
    name_servers, resolvers
        What each authoritative name server, and each public resolver, answered.
    sign_in
        The attempt to sign in; None where no answer had come when the time was up.

    """

    at: Instant
    duration_seconds: float
    name_servers: dict[str, AnswerCounts] = field(default_factory=dict)
    resolvers: dict[str, AnswerCounts] = field(default_factory=dict)
    sign_in: SignInSample | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictSample:
    """What one observer saw of one Region: its verdict, and the code behind it."""

    verdict: Verdict
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchSample:
    """One latch: whether it is to be thrown, and whether it was seen from outside to have followed."""

    thrown: bool
    is_effective: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSample:
    """One moment of the timeline.

    Attributes
    ----------
    at
        When the round observed.
    phase
        Where the controller stood after the round.
    active
        The side last confirmed to serve.
    reason
        What the round did or why it did nothing, shortened.
    known
        The verdict that the observers agree on, of each side.
    seen
        What each observer saw, by its Region; those that have fallen silent are left out.
    cut_off
        Whether the controller may have been cut off from the world.
    weights
        The weights that the round wanted.
    found
        The weights last read; None where they weren't understood.
    latches
        Every latch there is.
    move_id
        The move under way, or that ended in this round; empty without one.
    drill_id
        The drill that is on; empty without one.
    configuration
        The fingerprint of the settings that the round went by.
    outside
        What was seen from outside after the round; None where nothing was, or nothing in time.

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
    latches: dict[LatchName, LatchSample] = field(default_factory=dict)
    move_id: str = ""
    drill_id: str = ""
    settings_fingerprint: str = ""
    user_view: UserView | None = None
