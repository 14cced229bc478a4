"""Tells that a move or a drill has been watched to the end of its aftermath, for whoever writes its report."""

import json
from typing import TYPE_CHECKING, cast

from cognito_failover.common.aws_client import create_short_timeout_client
from cognito_failover.common.region import Instant
from cognito_failover.common.text import format_iso_utc
from cognito_failover.notifications.eventbridge_event import SOURCE
from cognito_failover.settings.controller import Settings

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

DETAIL_TYPE = "Timeline complete"


class TimelineEventPublisher:
    """Puts the event on the bus of the controller's Region.

    Parameters
    ----------
    settings
        The bus and the names.

    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def publish(self, report_id: str, now: Instant) -> None:
        """Put one event; raises what botocore raises. It may be put twice, with the same id."""
        client = cast("EventBridgeClient", create_short_timeout_client("events", self._settings.standby_region))
        client.put_events(
            Entries=[
                {
                    "Source": SOURCE,
                    "DetailType": DETAIL_TYPE,
                    "Detail": json.dumps(self.build_detail(report_id, now)),
                    "EventBusName": self._settings.event_bus_name,
                    "Resources": [],
                }
            ]
        )

    def build_detail(self, report_id: str, now: Instant) -> dict[str, object]:
        """Return what the event says; docs/events.schema.json describes it."""
        return {
            "id": f"timeline-complete-{report_id}",
            "kind": "timeline-complete",
            "at": format_iso_utc(now),
            "domain": self._settings.sign_in_name,
            "user_pool_id": self._settings.user_pool_id,
            "report": {"id": report_id},
        }
