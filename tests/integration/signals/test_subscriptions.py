"""What subscribers of the topic get, by their kind and by what they choose: SNS itself filters and delivers."""

import json
from collections.abc import Iterator

import pytest

from failover.decision.announcement import Kind
from failover.decision.rules import Rule
from failover.signals.channels import Messages
from sandbox.attached import Sandbox
from sandbox.testing import running
from tests.unit.signals.examples import VIRGINIA, announcement, settings, state

BLOCKED = announcement(Kind.BLOCKED, rule=Rule.TARGET_SERVES.value, incident="incident-1782899938")
PAUSED = announcement(Kind.PAUSED)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running() as sandbox:
        yield sandbox


class Topic:
    """A topic, told of a move that is blocked and of a pause."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sns, self._sqs = sandbox.client("sns", VIRGINIA), sandbox.client("sqs", VIRGINIA)
        self.arn = str(self._sns.create_topic(Name="notifications")["TopicArn"])

    def queue(self, name: str, **attributes: str) -> str:
        url = str(self._sqs.create_queue(QueueName=name)["QueueUrl"])
        arn = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow | {"Resource": arn}]})
        self._sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self._sns.subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        return url

    def arrived(self, url: str) -> list[dict[str, object]]:
        found = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(each["Body"]) for each in found]


@pytest.fixture
def topic(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Topic:
    address = f"https://{sandbox.network.api(VIRGINIA)}:{sandbox.description['ports']['https']}"
    here = {"AWS_ENDPOINT_URL": address, "AWS_CA_BUNDLE": str(sandbox.certificate)}
    for name, value in {**here, **sandbox.description["credentials"]}.items():
        monkeypatch.setenv(name, value)
    return Topic(sandbox)


def test_a_phone_that_asks_for_what_is_critical_gets_that_alone(topic: Topic) -> None:
    everything = topic.queue("everything")
    critical = topic.queue("critical", FilterPolicy=json.dumps({"severity": ["critical"]}))
    messages = Messages(settings(topic_arn=topic.arn))

    for each in (PAUSED, BLOCKED):
        messages.send(each, state())

    assert len(topic.arrived(everything)) == 2
    [only] = topic.arrived(critical)
    assert only["Subject"] == "Sign-in incident 1 Jul 09:58:58 UTC - auth.example.com"
    assert str(only["Message"]).startswith(
        "Sign-in is failing, and not moved (target-serves). See why: failoverctl status.\n"
    )
