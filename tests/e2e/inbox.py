"""Receives all notifications: a queue subscribed to the topic, and one behind a rule on the event bus."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.client import SandboxClient
from tests.support import load_scaling
from tests.support.event_schema import validate_event

_BATCH_SIZE = 10
_POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMessage:
    """One message of the topic. ``kind`` and ``incident`` are empty for an alarm."""

    kind: str
    incident: str
    subject: str
    body: str
    arrived_at: float

    @property
    def headline(self) -> str:
        """The first line, which a phone shows next to the subject."""
        return self.body.split("\n", 1)[0]


def read_moment(detail: Mapping[str, Any]) -> float:
    """Return the time of an event, which is in whole seconds."""
    return datetime.fromisoformat(detail["at"]).timestamp()


class NotificationInbox:
    """A subscriber to a topic and to the controller's events.

    Parameters
    ----------
    sandbox, region
        The sandbox, and the Region of the topic and the bus.
    topic_arn
        The topic.

    """

    def __init__(self, sandbox: SandboxClient, region: str, topic_arn: str) -> None:
        self._queues = sandbox.client("sqs", region)
        self._messages_url = self._open_queue("e2e-messages", "sns.amazonaws.com")
        self._events_url = self._open_queue("e2e-events", "events.amazonaws.com")
        sandbox.client("sns", region).subscribe(
            TopicArn=topic_arn, Protocol="sqs", Endpoint=self._get_queue_arn(self._messages_url)
        )
        bus = sandbox.client("events", region)
        bus.put_rule(Name="e2e", EventPattern=json.dumps({"source": ["cognito-failover"]}))
        bus.put_targets(Rule="e2e", Targets=[{"Id": "queue", "Arn": self._get_queue_arn(self._events_url)}])
        self._messages: list[ReceivedMessage] = []
        self._events: list[dict[str, Any]] = []

    def read_messages(self) -> tuple[ReceivedMessage, ...]:
        """Return all messages received until now."""
        for raw in self._drain(self._messages_url):
            envelope = json.loads(raw)
            attributes = envelope.get("MessageAttributes", {})
            self._messages.append(
                ReceivedMessage(
                    kind=attributes.get("kind", {}).get("Value", ""),
                    incident=attributes.get("incident", {}).get("Value", ""),
                    subject=envelope.get("Subject") or "",
                    body=envelope["Message"],
                    arrived_at=time.time(),
                )
            )
        return tuple(self._messages)

    def read_events(self) -> tuple[dict[str, Any], ...]:
        """Return all events received until now. Validate each against the documented schema."""
        arrived = [json.loads(raw) for raw in self._drain(self._events_url)]
        for event in arrived:
            validate_event(event["detail"])
        self._events += arrived
        return tuple(self._events)

    def wait_for_message(self, kind: str, *, since: float, at_most_seconds: float) -> ReceivedMessage:
        """Return the first message of a kind since a moment. Wait for it.

        Raises
        ------
        AssertionError
            If none arrives in time.

        """
        return self._wait_for_match(lambda message: message.kind == kind, kind, since, at_most_seconds)

    def wait_for_headline(self, words: str, *, since: float, at_most_seconds: float) -> ReceivedMessage:
        """Return the first message whose headline contains these words. Wait for it."""
        return self._wait_for_match(lambda message: words in message.headline, words, since, at_most_seconds)

    def wait_for_event(self, *kinds: str, since: float, at_most_seconds: float) -> dict[str, Any]:
        """Return the detail of the first event of these kinds that happened since a moment. Wait for it.

        Raises
        ------
        AssertionError
            If none arrives in time.

        """
        limit_seconds = load_scaling.get_wait_limit(at_most_seconds)
        until = time.monotonic() + limit_seconds
        while True:
            details = [event["detail"] for event in self.read_events() if read_moment(event["detail"]) >= int(since)]
            if found := [detail for detail in details if detail["kind"] in kinds]:
                return min(found, key=read_moment)
            in_time = time.monotonic() < until
            assert in_time, f"no event {kinds} within {limit_seconds:.0f} s; received: {details}"
            time.sleep(_POLL_SECONDS)

    def _wait_for_match(
        self, matches: Callable[[ReceivedMessage], bool], description: str, since: float, at_most_seconds: float
    ) -> ReceivedMessage:
        limit_seconds = load_scaling.get_wait_limit(at_most_seconds)
        until = time.monotonic() + limit_seconds
        while True:
            for message in self.read_messages():
                if message.arrived_at >= since and matches(message):
                    return message
            if time.monotonic() > until:
                received = [
                    f"{message.kind or 'alarm'}: {message.subject}: {message.headline}" for message in self._messages
                ]
                raise AssertionError(f"no message {description!r} within {limit_seconds:.0f} s; received: {received}")
            time.sleep(_POLL_SECONDS)

    def _open_queue(self, name: str, sender: str) -> str:
        """Create a queue that a service may send to, and return its URL."""
        url = str(self._queues.create_queue(QueueName=name)["QueueUrl"])
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": sender},
            "Action": "sqs:SendMessage",
            "Resource": self._get_queue_arn(url),
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return url

    def _get_queue_arn(self, url: str) -> str:
        answer = self._queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    def _drain(self, url: str) -> list[str]:
        bodies: list[str] = []
        while batch := self._queues.receive_message(QueueUrl=url, MaxNumberOfMessages=_BATCH_SIZE).get("Messages"):
            for message in batch:
                bodies.append(message["Body"])
                self._queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies
