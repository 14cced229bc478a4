"""Events: each change of state, reported once."""

from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32

from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.core.model.drill import Drill
from cognito_failover.core.model.move import Move
from cognito_failover.core.verdict import Verdict


class EventKind(StrEnum):
    """The kinds of events, in the words of EventBridge, history and messages."""

    STATE_INITIALIZED = "state-initialized"
    SUSPECTED = "suspected"
    SUSPICION_CLEARED = "suspicion-cleared"
    BLOCKED = "blocked"
    WOULD_MOVE = "would-move"
    MOVE_DECIDED = "move-decided"
    MOVE_SUBMITTED = "move-submitted"
    LATCH_SET = "latch-set"
    LATCH_EFFECTIVE = "latch-effective"
    STEP_CONFIRMED = "step-confirmed"
    MOVE_CONFIRMED = "move-confirmed"
    MOVE_DELAYED = "move-delayed"
    MOVE_CANCELLED = "move-cancelled"
    MOVE_ACCELERATED = "move-accelerated"
    MOVE_ROLLING_BACK = "move-rolling-back"
    MOVE_SUPERSEDED = "move-superseded"
    WEIGHTS_SYNCED = "weights-synced"
    LOCATION_DIFFERS = "location-differs"
    LOCATION_RESTORED = "location-restored"
    AUTOMATION_HELD = "automation-held"
    ACKNOWLEDGED = "acknowledged"
    PAUSED = "paused"
    RESUMED = "resumed"
    OBSERVE_ONLY_SET = "observe-only-set"
    ATTACHMENT = "attachment"
    REGION_DEGRADED = "region-degraded"
    REGION_RECOVERED = "region-recovered"
    LEVER_PROBLEM = "lever-problem"
    LEVER_RECOVERED = "lever-recovered"
    LATCH_PROBLEM = "latch-problem"
    LATCH_RECOVERED = "latch-recovered"
    PREFLIGHT_FAILED = "preflight-failed"
    PREFLIGHT_RECOVERED = "preflight-recovered"
    DRILL_STARTED = "drill-started"
    DRILL_ON_STANDBY = "drill-on-standby"
    DRILL_ABORTED = "drill-aborted"
    DRILL_ENDED = "drill-ended"
    DRILL_REFUSED = "drill-refused"
    REFUSED = "refused"


class EventSeverity(StrEnum):
    """The words of pagers.

    Critical: users can't sign in, or may not be able to, and a person may have to act now. Warning: look today.
    Info: good to know.
    """

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Audience(StrEnum):
    """Who still has to receive an event."""

    ALL = "all"
    PROGRAMS = "programs"
    PEOPLE = "people"


MOVE_END_KINDS = frozenset({EventKind.MOVE_CONFIRMED, EventKind.MOVE_CANCELLED, EventKind.MOVE_SUPERSEDED})
"""Kinds that end a move."""

DRILL_KINDS = frozenset(
    {
        EventKind.DRILL_STARTED,
        EventKind.DRILL_ON_STANDBY,
        EventKind.DRILL_ABORTED,
        EventKind.DRILL_ENDED,
        EventKind.DRILL_REFUSED,
    }
)
"""Kinds of a drill itself, not of what it causes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change of state.

    Attributes
    ----------
    kind
        The kind.
    at
        When it happened.
    message
        What happened and why, for people.
    move
        The move at that time, if the event belongs to one.
    role, verdict
        For a degraded or recovered Region: its role and verdict.
    rule
        For a move or a drill that did not start: the rule that does not hold.
    drill
        The drill that caused it, at that time. Then nothing real happened.
    requested_by, reason
        Who requested it and why, if it belongs to neither a move nor a drill.
    incident_id
        The id of its incident; empty if there is none.
    severity
        How much it matters, as rated when it was saved; None before.
    audience
        Who still has to receive it.
    unsent_count
        The number of earlier messages that people did not get, which this one reports.

    """

    kind: EventKind
    at: Instant
    message: str
    move: Move | None = None
    role: RegionRole | None = None
    verdict: Verdict | None = None
    rule: str = ""
    drill: Drill | None = None
    requested_by: str = ""
    reason: str = ""
    incident_id: str = ""
    severity: EventSeverity | None = None
    audience: Audience = Audience.ALL
    unsent_count: int = 0

    @property
    def id(self) -> str:
        """The id of the event, the same each time it is sent."""
        return f"{self.kind}-{crc32(f'{self.at} {self.message}'.encode()):08x}"

    @property
    def drill_id(self) -> str:
        """The id of the drill that the event or its move belongs to; empty if there is none."""
        if self.drill:
            return self.drill.id
        return self.move.drill_id if self.move else ""
