"""The channels through which events leave: EventBridge for programs, SNS for people."""

import json
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, cast

from cognito_failover.common.aws_client import create_short_timeout_client
from cognito_failover.common.errors import FailoverError
from cognito_failover.common.region import Instant
from cognito_failover.core.model.event import Audience, Event
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.severity import is_notified
from cognito_failover.notifications.eventbridge_event import (
    SOURCE,
    TIMELINE_DETAIL_TYPE,
    build_detail,
    build_timeline_detail,
    format_detail_type,
)
from cognito_failover.notifications.message import compose_message
from cognito_failover.settings.controller import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef
    from mypy_boto3_sns import SNSClient


class DeliveryError(FailoverError):
    """A channel refused an event; the message is the service's own."""


class Channel(Protocol):
    """One way to deliver events."""

    @property
    def name(self) -> str:
        """The name in log lines."""
        ...

    def accepts(self, event: Event) -> bool:
        """Return whether this channel delivers the event at all."""
        ...

    def send(self, event: Event, state: ControllerState | None) -> None:
        """Send the event. After any exception, it may not have arrived."""
        ...


class EventBridgeChannel:
    """Puts every event on an EventBridge bus, for programs.

    Parameters
    ----------
    settings
        The bus, and the Region it is in: the controller's own.

    """

    name = "EventBridge"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def accepts(self, event: Event) -> bool:
        """Return whether programs still have to receive the event."""
        return event.audience is not Audience.PEOPLE

    def send(self, event: Event, state: ControllerState | None) -> None:
        """Put one event.

        Raises
        ------
        DeliveryError
            If EventBridge refused the event.

        """
        detail = build_detail(event, self._settings, state)
        _put_event(self._client, _build_entry(format_detail_type(event.kind), detail, self._settings))

    @cached_property
    def _client(self) -> "EventBridgeClient":
        return cast("EventBridgeClient", create_short_timeout_client("events", self._settings.standby_region))


class TimelineEventPublisher:
    """Puts an event on the bus when the timeline of a move or drill is complete, so that its report is written.

    Parameters
    ----------
    settings
        The bus, and the names of domain and pool.

    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def publish(self, report_id: str, now: Instant) -> None:
        """Put one event; a repeat has the same id.

        Raises
        ------
        DeliveryError
            If EventBridge refused the event. The rest is what botocore raises.

        """
        client = cast("EventBridgeClient", create_short_timeout_client("events", self._settings.standby_region))
        detail = build_timeline_detail(report_id, self._settings, now)
        _put_event(client, _build_entry(TIMELINE_DETAIL_TYPE, detail, self._settings))


class SnsChannel:
    """Publishes messages to an SNS topic, for people.

    Parameters
    ----------
    settings
        The topic, and the Region it is in: the controller's own.

    """

    name = "SNS"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def accepts(self, event: Event) -> bool:
        """Return whether people get a message about the event."""
        return is_notified(event.kind) and event.audience is not Audience.PROGRAMS

    def send(self, event: Event, state: ControllerState | None) -> None:
        """Publish one message, with attributes by which subscribers filter, group and drop repeats."""
        message = compose_message(event, self._settings, state)
        self._client.publish(
            TopicArn=self._settings.topic_arn,
            Subject=message.subject,
            MessageStructure="json",  # a text for each kind of subscription
            Message=json.dumps({"default": message.body, "sms": message.sms, "https": message.chat}),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in message.attributes.items()
            },
        )

    @cached_property
    def _client(self) -> "SNSClient":
        return cast("SNSClient", create_short_timeout_client("sns", self._settings.standby_region))


def _put_event(client: "EventBridgeClient", entry: "PutEventsRequestEntryTypeDef") -> None:
    """Put one event. EventBridge answers a refused entry with status 200, too."""
    response = client.put_events(Entries=[entry])
    if response["FailedEntryCount"]:
        refusal = response["Entries"][0]
        raise DeliveryError(f"{refusal.get('ErrorCode')}: {refusal.get('ErrorMessage')}")


def _build_entry(
    detail_type: str, detail: "Mapping[str, object]", settings: Settings
) -> "PutEventsRequestEntryTypeDef":
    return {
        "Source": SOURCE,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "EventBusName": settings.event_bus_name,
        "Resources": [],
    }
