"""What arrives where people and programs are told: a queue behind the topic, and one behind a rule on the bus."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.attached import Sandbox
from tests.support import patience
from tests.support.event_schema import hold_to_schema

_BATCH = 10
_POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of the topic; ``kind`` and ``incident`` are empty for an alarm's."""

    kind: str
    incident: str
    subject: str
    body: str
    arrived_at: float

    @property
    def headline(self) -> str:
        """The first line, which a phone shows beside the subject."""
        return self.body.split("\n", 1)[0]


class Inbox:
    """A subscriber of a topic and of the controller's events.

    Parameters
    ----------
    sandbox, region
        Where topic and bus are.
    topic_arn
        The topic.

    """

    def __init__(self, sandbox: Sandbox, region: str, topic_arn: str) -> None:
        self._queues = sandbox.client("sqs", region)
        self._messages_url = self._open_queue("e2e-messages", "sns.amazonaws.com")
        self._events_url = self._open_queue("e2e-events", "events.amazonaws.com")
        sandbox.client("sns", region).subscribe(
            TopicArn=topic_arn, Protocol="sqs", Endpoint=self._arn(self._messages_url)
        )
        bus = sandbox.client("events", region)
        bus.put_rule(Name="e2e", EventPattern=json.dumps({"source": ["cognito-failover"]}))
        bus.put_targets(Rule="e2e", Targets=[{"Id": "queue", "Arn": self._arn(self._events_url)}])
        self._messages: list[Message] = []
        self._events: list[dict[str, Any]] = []

    def messages(self) -> tuple[Message, ...]:
        """Return every message that has arrived so far."""
        for raw in self._drain(self._messages_url):
            envelope = json.loads(raw)
            attributes = envelope.get("MessageAttributes", {})
            self._messages.append(
                Message(
                    kind=attributes.get("kind", {}).get("Value", ""),
                    incident=attributes.get("incident", {}).get("Value", ""),
                    subject=envelope.get("Subject") or "",
                    body=envelope["Message"],
                    arrived_at=time.time(),
                )
            )
        return tuple(self._messages)

    def events(self) -> tuple[dict[str, Any], ...]:
        """Return every event that has arrived so far, each held to the documented schema."""
        arrived = [json.loads(raw) for raw in self._drain(self._events_url)]
        for event in arrived:
            hold_to_schema(event["detail"])
        self._events += arrived
        return tuple(self._events)

    def wait_for(self, kind: str, *, since: float, at_most_seconds: float) -> Message:
        """Wait for the first message of a kind that arrived after a moment.

        Raises
        ------
        AssertionError
            If none arrives in time.

        """
        return self._wait(lambda message: message.kind == kind, kind, since, at_most_seconds)

    def wait_for_headline(self, words: str, *, since: float, at_most_seconds: float) -> Message:
        """Wait for the first message whose first line holds these words, such as a Region and its verdict."""
        return self._wait(lambda message: words in message.headline, words, since, at_most_seconds)

    def _wait(self, is_it: Callable[[Message], bool], what: str, since: float, at_most_seconds: float) -> Message:
        limit_seconds = patience.wait_limit(at_most_seconds)
        until = time.monotonic() + limit_seconds
        while True:
            for message in self.messages():
                if message.arrived_at >= since and is_it(message):
                    return message
            if time.monotonic() > until:
                got = [
                    f"{message.kind or 'alarm'}: {message.subject}: {message.headline}" for message in self._messages
                ]
                raise AssertionError(f"no message {what!r} within {limit_seconds:.0f} s; there were {got}")
            time.sleep(_POLL_SECONDS)

    def _open_queue(self, name: str, sender: str) -> str:
        """Make a queue that a service may send to, and return its URL."""
        url = str(self._queues.create_queue(QueueName=name)["QueueUrl"])
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": sender},
            "Action": "sqs:SendMessage",
            "Resource": self._arn(url),
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return url

    def _arn(self, url: str) -> str:
        answer = self._queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    def _drain(self, url: str) -> list[str]:
        bodies: list[str] = []
        while found := self._queues.receive_message(QueueUrl=url, MaxNumberOfMessages=_BATCH).get("Messages"):
            for message in found:
                bodies.append(message["Body"])
                self._queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bodies
