"""The messages that wait until people may get the next one."""

from dataclasses import dataclass, field

from cognito_failover.common.region import Instant
from cognito_failover.core.model.event import Event, EventSeverity


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """What limits the messages to people.

    Attributes
    ----------
    full_at
        When the allowance of each severity is full again.
    waiting
        The events whose message waits for the allowance, oldest first.
    unsent_count
        The number of messages that were dropped and that no later message has reported yet.

    """

    full_at: dict[EventSeverity, Instant] = field(default_factory=dict)
    waiting: tuple[Event, ...] = ()
    unsent_count: int = 0
