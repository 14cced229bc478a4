"""The ways in which transitions are told: events for programs, messages for people."""

import json
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, cast

from failover.decision.announcement import QUIET, Announcement
from failover.decision.state import State
from failover.errors import FailoverError
from failover.settings import Settings
from failover.signals.client import quick_client
from failover.signals.event import SOURCE, detail, detail_type
from failover.signals.messages import compose

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sns import SNSClient


class NotToldError(FailoverError):
    """A channel answered that it did not take an announcement; the message says why, in the service's words."""


class Channel(Protocol):
    """One way to tell."""

    @property
    def name(self) -> str:
        """What it is called in the log."""
        ...

    def wants(self, announcement: Announcement) -> bool:
        """Whether this announcement is told this way at all."""
        ...

    def send(self, announcement: Announcement, state: State | None) -> None:
        """Tell it; any error raised means that it may not have arrived."""
        ...


class Events:
    """EventBridge: every transition, for programs.

    Parameters
    ----------
    settings
        The bus, and the Region it is in: the controller's own.

    """

    name = "EventBridge"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def wants(self, announcement: Announcement) -> bool:  # noqa: ARG002 - a channel may choose; this one takes all
        """Take every transition."""
        return True

    def send(self, announcement: Announcement, state: State | None) -> None:
        """Put one event.

        Raises
        ------
        NotToldError
            If EventBridge answered, but did not take it.

        """
        answer = self._client.put_events(
            Entries=[
                {
                    "Source": SOURCE,
                    "DetailType": detail_type(announcement.kind),
                    "Detail": json.dumps(detail(announcement, self._settings, state)),
                    "EventBusName": self._settings.event_bus_name,
                    "Resources": [],
                }
            ]
        )
        if answer["FailedEntryCount"]:
            refusal = answer["Entries"][0]
            raise NotToldError(f"{refusal.get('ErrorCode')}: {refusal.get('ErrorMessage')}")

    @cached_property
    def _client(self) -> "EventBridgeClient":
        return cast("EventBridgeClient", quick_client("events", self._settings.standby_region))


class Messages:
    """SNS: the transitions that a person should know of.

    Parameters
    ----------
    settings
        The topic, and the Region it is in: the controller's own.

    """

    name = "SNS"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def wants(self, announcement: Announcement) -> bool:
        """Leave out what should wake nobody."""
        return announcement.kind not in QUIET

    def send(self, announcement: Announcement, state: State | None) -> None:
        """Publish one message. By its attributes subscribers choose, thread what belongs together, and drop repeats."""
        message = compose(announcement, self._settings, state)
        self._client.publish(
            TopicArn=self._settings.topic_arn,
            Subject=message.subject,
            MessageStructure="json",  # each kind of subscription gets its own text
            Message=json.dumps({"default": message.body, "sms": message.text, "https": message.chat}),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in message.attributes.items()
            },
        )

    @cached_property
    def _client(self) -> "SNSClient":
        return cast("SNSClient", quick_client("sns", self._settings.standby_region))
