"""A transition as it is told: with what is remembered at that moment. Pure."""

from dataclasses import dataclass
from typing import Any, assert_never

from failover.decision.announcement import Announcement, Kind
from failover.decision.request import Action, Pace
from failover.decision.rules import Rule
from failover.decision.state import State
from failover.region import Side
from failover.settings import Settings
from failover.signals.by_hand import how_to_ask

_GOES_ON = frozenset(
    {
        Kind.SUSPECTED,
        Kind.SUSPICION_CLEARED,
        Kind.BLOCKED,
        Kind.WOULD_MOVE,
        Kind.MOVE_DECIDED,
        Kind.MOVE_SUBMITTED,
        Kind.LATCH_SET,
        Kind.LATCH_ARRIVED,
        Kind.STEP_CONFIRMED,
        Kind.MOVE_CONFIRMED,
        Kind.MOVE_WITHDRAWN,
        Kind.MOVE_REVERTING,
    }
)
"""What a drill causes and takes care of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A transition, and what is remembered now that it is told; None where that isn't at hand."""

    announcement: Announcement
    settings: Settings
    state: State | None

    @property
    def primary(self) -> str:
        """The primary's Region."""
        return self.settings.regions.primary

    @property
    def standby(self) -> str:
        """The standby's Region."""
        return self.settings.regions.standby

    @property
    def goes_on_by_itself(self) -> bool:
        """Whether it is a step of the drill that is on, which takes care of what follows."""
        drill = self.state.drill if self.state else None
        return drill is not None and drill.id == self.announcement.drill_id and self.announcement.kind in _GOES_ON

    @property
    def users_are_away(self) -> bool:
        """Whether users are on the standby, with no move under way."""
        return self.state is not None and self.state.active is Side.STANDBY and self.state.move is None

    def ask(self, action: Action, **further: Any) -> str:
        """Say how to ask the controller for something, with a token that is this occasion's own."""
        return how_to_ask(action, self.settings, at=self.announcement.at, further=further)

    def move_to(self, side: Side, *, override: Rule | None = None) -> str:
        """Say how to move all users at once by hand."""
        further: dict[str, Any] = {"override": [override]} if override else {}
        match side:
            case Side.STANDBY:
                return self.ask(Action.FAILOVER, **further)
            case Side.PRIMARY:
                return self.ask(Action.FAILBACK, pace=Pace.IN_ONE, **further)
            case _:
                assert_never(side)
