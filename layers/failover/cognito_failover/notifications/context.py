"""An event together with the settings and the state at the time of the message. Pure."""

from dataclasses import dataclass
from typing import Any, assert_never

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.operator.request import FailbackMode, OperatorAction
from cognito_failover.core.rules import Rule
from cognito_failover.notifications.operator_commands import format_operator_command
from cognito_failover.settings.controller import Settings

_LATE_AFTER_SECONDS = 60.0
"""Age from which a message describes the past. A round that could not send its events tries again within seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventContext:
    """Input of all message texts.

    Attributes
    ----------
    event
        The event that the message is about.
    settings
        The names of Regions, domain and pool.
    state
        The state when the message is composed; None if it is unknown.

    """

    event: Event
    settings: Settings
    state: ControllerState | None

    @property
    def primary(self) -> str:
        """The primary Region."""
        return self.settings.regions.primary

    @property
    def standby(self) -> str:
        """The standby Region."""
        return self.settings.regions.standby

    @property
    def is_late(self) -> bool:
        """Whether the message is sent so long after the event that it may no longer be true."""
        last_round_at = self.state.last_round_at if self.state else None
        return last_round_at is not None and last_round_at - self.event.at >= _LATE_AFTER_SECONDS

    @property
    def is_failed_over(self) -> bool:
        """Whether users are on the standby, with no move in progress."""
        return self.state is not None and self.state.users_role is RegionRole.STANDBY and self.state.move is None

    @property
    def is_route53_unreadable(self) -> bool:
        """Whether the last attempts to read the records failed."""
        records = self.state.records if self.state else None
        return records is not None and bool(records.read_error)

    def format_command(self, action: OperatorAction, **extra_fields: Any) -> str:
        """Return how to request an action, with an idempotency token for this event."""
        return format_operator_command(action, self.settings, at=self.event.at, extra_fields=extra_fields)

    def format_move_command(self, role: RegionRole, *, override: Rule | None = None) -> str:
        """Return how to move all users at once by hand, if necessary against a rule."""
        extra_fields: dict[str, Any] = {"override": [override]} if override else {}
        match role:
            case RegionRole.STANDBY:
                return self.format_command(OperatorAction.FAILOVER, **extra_fields)
            case RegionRole.PRIMARY:
                return self.format_command(OperatorAction.FAILBACK, mode=FailbackMode.ALL_AT_ONCE, **extra_fields)
            case _:
                assert_never(role)
