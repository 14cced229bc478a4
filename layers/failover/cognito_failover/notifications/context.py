"""A transition as it is told: with what is remembered at that moment. Pure."""

from dataclasses import dataclass
from typing import Any, assert_never

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.operator.request import FailbackMode, OperatorAction
from cognito_failover.core.rules import Rule
from cognito_failover.notifications.operator_commands import format_operator_command
from cognito_failover.settings.controller import Settings

_DRILL_STEP_KINDS = frozenset(
    {
        EventKind.SUSPECTED,
        EventKind.SUSPICION_CLEARED,
        EventKind.BLOCKED,
        EventKind.WOULD_MOVE,
        EventKind.MOVE_DECIDED,
        EventKind.MOVE_SUBMITTED,
        EventKind.LATCH_SET,
        EventKind.LATCH_EFFECTIVE,
        EventKind.STEP_CONFIRMED,
        EventKind.MOVE_CONFIRMED,
        EventKind.MOVE_CANCELLED,
        EventKind.MOVE_ROLLING_BACK,
    }
)
"""What a drill causes and takes care of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventContext:
    """A transition, and what is remembered now that it is told; None where that isn't at hand."""

    event: Event
    settings: Settings
    state: ControllerState | None

    @property
    def primary(self) -> str:
        """The primary's Region."""
        return self.settings.regions.primary

    @property
    def standby(self) -> str:
        """The standby's Region."""
        return self.settings.regions.standby

    @property
    def is_drill_step(self) -> bool:
        """Whether it is a step of the drill that is on, which takes care of what follows."""
        drill = self.state.drill if self.state else None
        return drill is not None and drill.id == self.event.drill_id and self.event.kind in _DRILL_STEP_KINDS

    @property
    def is_failed_over(self) -> bool:
        """Whether users are on the standby, with no move under way."""
        return self.state is not None and self.state.active_role is RegionRole.STANDBY and self.state.move is None

    def format_command(self, action: OperatorAction, **extra_fields: Any) -> str:
        """Say how to ask the controller for something, with a token that is this occasion's own."""
        return format_operator_command(action, self.settings, at=self.event.at, extra_fields=extra_fields)

    def format_move_command(self, role: RegionRole, *, override: Rule | None = None) -> str:
        """Say how to move all users at once by hand."""
        extra_fields: dict[str, Any] = {"override": [override]} if override else {}
        match role:
            case RegionRole.STANDBY:
                return self.format_command(OperatorAction.FAILOVER, **extra_fields)
            case RegionRole.PRIMARY:
                return self.format_command(OperatorAction.FAILBACK, mode=FailbackMode.ALL_AT_ONCE, **extra_fields)
            case _:
                assert_never(role)
