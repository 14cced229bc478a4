"""What is worth telling: the transitions, each once."""

from dataclasses import dataclass
from enum import StrEnum

from failover.decision.move import Move
from failover.probe.verdict import Verdict
from failover.region import Instant, Side


class Kind(StrEnum):
    """The transitions that are told, in the words of events, history and messages."""

    ADOPTED = "adopted"
    SUSPECTED = "suspected"
    SUSPICION_CLEARED = "suspicion-cleared"
    BLOCKED = "blocked"
    WOULD_MOVE = "would-move"
    MOVE_DECIDED = "move-decided"
    MOVE_SUBMITTED = "move-submitted"
    LATCH_SET = "latch-set"
    LATCH_ARRIVED = "latch-arrived"
    STEP_CONFIRMED = "step-confirmed"
    MOVE_CONFIRMED = "move-confirmed"
    MOVE_DELAYED = "move-delayed"
    MOVE_WITHDRAWN = "move-withdrawn"
    MOVE_REVERTING = "move-reverting"
    MOVE_OVERTAKEN = "move-overtaken"
    WEIGHTS_FOLLOWED = "weights-followed"
    HELD = "held"
    ACKNOWLEDGED = "acknowledged"
    PAUSED = "paused"
    RESUMED = "resumed"
    OBSERVE_ONLY_SET = "observe-only-set"
    ATTACHMENT = "attachment"
    CONCERN = "concern"
    RECOVERED = "recovered"
    LEVER_PROBLEM = "lever-problem"
    LEVER_MENDED = "lever-mended"
    LATCH_PROBLEM = "latch-problem"
    LATCH_MENDED = "latch-mended"
    PREFLIGHT_FAILED = "preflight-failed"
    PREFLIGHT_MENDED = "preflight-mended"


QUIET = frozenset(
    {
        Kind.SUSPECTED,
        Kind.SUSPICION_CLEARED,
        Kind.MOVE_SUBMITTED,
        Kind.LATCH_SET,
        Kind.LATCH_ARRIVED,
        Kind.STEP_CONFIRMED,
    }
)
"""Transitions that wake nobody: they become events and history, not messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One transition.

    Attributes
    ----------
    kind
        Which.
    at
        When it happened.
    sentence
        What happened and why, for people.
    move
        The move it belongs to, as it then was.
    side, verdict
        Of a concern or a recovery: whose, and what it was found to be.
    rule
        Of a move that did not begin: the rule that kept it.

    """

    kind: Kind
    at: Instant
    sentence: str
    move: Move | None = None
    side: Side | None = None
    verdict: Verdict | None = None
    rule: str = ""
