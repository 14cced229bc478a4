"""The ways in which transitions are told: events for programs, messages for people."""

import json
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, cast

from cognito_failover.common.aws_client import create_short_timeout_client
from cognito_failover.common.errors import FailoverError
from cognito_failover.core.model.event import NOT_NOTIFIED_KINDS, Event
from cognito_failover.core.model.state import ControllerState
from cognito_failover.notifications.eventbridge_event import SOURCE, build_detail, format_detail_type
from cognito_failover.notifications.message import compose_message
from cognito_failover.settings.controller import Settings

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sns import SNSClient


class DeliveryError(FailoverError):
    """A channel answered that it did not take an announcement; the message says why, in the service's words."""


class Channel(Protocol):
    """One way to tell."""

    @property
    def name(self) -> str:
        """What it is called in the log."""
        ...

    def accepts(self, event: Event) -> bool:
        """Whether this announcement is told this way at all."""
        ...

    def send(self, event: Event, state: ControllerState | None) -> None:
        """Tell it; any error raised means that it may not have arrived."""
        ...


class EventBridgeChannel:
    """EventBridge: every transition, for programs.

    Parameters
    ----------
    settings
        The bus, and the Region it is in: the controller's own.

    """

    name = "EventBridge"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def accepts(self, event: Event) -> bool:  # noqa: ARG002 - a channel may choose; this one takes all
        """Take every transition."""
        return True

    def send(self, event: Event, state: ControllerState | None) -> None:
        """Put one event.

        Raises
        ------
        NotToldError
            If EventBridge answered, but did not take it.

        """
        response = self._client.put_events(
            Entries=[
                {
                    "Source": SOURCE,
                    "DetailType": format_detail_type(event.kind),
                    "Detail": json.dumps(build_detail(event, self._settings, state)),
                    "EventBusName": self._settings.event_bus_name,
                    "Resources": [],
                }
            ]
        )
        if response["FailedEntryCount"]:
            refusal = response["Entries"][0]
            raise DeliveryError(f"{refusal.get('ErrorCode')}: {refusal.get('ErrorMessage')}")

    @cached_property
    def _client(self) -> "EventBridgeClient":
        return cast("EventBridgeClient", create_short_timeout_client("events", self._settings.standby_region))


class SnsChannel:
    """SNS: the transitions that a person should know of.

    Parameters
    ----------
    settings
        The topic, and the Region it is in: the controller's own.

    """

    name = "SNS"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def accepts(self, event: Event) -> bool:
        """Leave out what should wake nobody."""
        return event.kind not in NOT_NOTIFIED_KINDS

    def send(self, event: Event, state: ControllerState | None) -> None:
        """Publish one message. By its attributes subscribers choose, thread what belongs together, and drop repeats."""
        message = compose_message(event, self._settings, state)
        self._client.publish(
            TopicArn=self._settings.topic_arn,
            Subject=message.subject,
            MessageStructure="json",  # each kind of subscription gets its own text
            Message=json.dumps({"default": message.body, "sms": message.sms, "https": message.chat}),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in message.attributes.items()
            },
        )

    @cached_property
    def _client(self) -> "SNSClient":
        return cast("SNSClient", create_short_timeout_client("sns", self._settings.standby_region))
