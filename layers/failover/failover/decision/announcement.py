"""What is worth telling: the transitions, each once."""

from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32

from failover.decision.drill import Drill
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
    MOVE_HASTENED = "move-hastened"
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
    DRILL_STARTED = "drill-started"
    DRILL_HOLDS = "drill-holds"
    DRILL_ABORTED = "drill-aborted"
    DRILL_ENDED = "drill-ended"
    DRILL_REFUSED = "drill-refused"
    REFUSED = "refused"


QUIET = frozenset(
    {
        Kind.SUSPECTED,
        Kind.SUSPICION_CLEARED,
        Kind.MOVE_SUBMITTED,
        Kind.LATCH_SET,
        Kind.LATCH_ARRIVED,
        Kind.STEP_CONFIRMED,
        Kind.DRILL_HOLDS,
        Kind.REFUSED,
    }
)
"""Transitions that wake nobody: they become events and history, not messages."""

MOVE_ENDS = frozenset({Kind.MOVE_CONFIRMED, Kind.MOVE_WITHDRAWN, Kind.MOVE_OVERTAKEN})
"""Transitions that end a move."""

OF_DRILLS = frozenset({Kind.DRILL_STARTED, Kind.DRILL_HOLDS, Kind.DRILL_ABORTED, Kind.DRILL_ENDED, Kind.DRILL_REFUSED})
"""Transitions of a drill itself, rather than of what it causes."""


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
        Of a move or a drill that did not begin: the rule that kept it.
    drill
        The drill that caused it, as it then was: nothing real happened.
    requested_by, reason
        Who asked for it and why, where it is neither a move's nor a drill's.
    incident
        What ties it to the others of the same trouble; empty on a calm day.

    """

    kind: Kind
    at: Instant
    sentence: str
    move: Move | None = None
    side: Side | None = None
    verdict: Verdict | None = None
    rule: str = ""
    drill: Drill | None = None
    requested_by: str = ""
    reason: str = ""
    incident: str = ""

    @property
    def id(self) -> str:
        """What is the same whenever it is told again, and on no other."""
        return f"{self.kind}-{crc32(f'{self.at} {self.sentence}'.encode()):08x}"

    @property
    def drill_id(self) -> str:
        """The drill that it belongs to, itself or by its move; empty if to none."""
        if self.drill:
            return self.drill.id
        return self.move.drill if self.move else ""
