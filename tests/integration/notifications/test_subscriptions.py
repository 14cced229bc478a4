"""Subscriptions of the topic, filtered and delivered by SNS in the sandbox."""

import json
from collections.abc import Iterator

import pytest

from cognito_failover.core.model.event import EventKind
from cognito_failover.core.rules import Rule
from cognito_failover.notifications.channels import SnsChannel
from sandbox.client import SandboxClient
from sandbox.testing import run_sandbox
from tests.unit.notifications.examples import VIRGINIA, make_event, make_settings, make_state

BLOCKED = make_event(EventKind.BLOCKED, rule=Rule.TARGET_HEALTHY.value, incident_id="incident-1782899938")
PAUSED = make_event(EventKind.PAUSED)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxClient]:
    with run_sandbox() as sandbox:
        yield sandbox


class SubscribedTopic:
    """A topic with queues as subscribers."""

    def __init__(self, sandbox: SandboxClient) -> None:
        self._sns, self._sqs = sandbox.client("sns", VIRGINIA), sandbox.client("sqs", VIRGINIA)
        self.arn = str(self._sns.create_topic(Name="notifications")["TopicArn"])

    def create_queue(self, name: str, **attributes: str) -> str:
        url = str(self._sqs.create_queue(QueueName=name)["QueueUrl"])
        arn = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow | {"Resource": arn}]})
        self._sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self._sns.subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        return url

    def receive_messages(self, url: str) -> list[dict[str, object]]:
        messages = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]


@pytest.fixture
def topic(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> SubscribedTopic:
    address = f"https://{sandbox.network.get_api_address(VIRGINIA)}:{sandbox.description['ports']['https']}"
    endpoint = {"AWS_ENDPOINT_URL": address, "AWS_CA_BUNDLE": str(sandbox.certificate)}
    for name, value in {**endpoint, **sandbox.description["credentials"]}.items():
        monkeypatch.setenv(name, value)
    return SubscribedTopic(sandbox)


def test_critical_only_subscriber_gets_only_critical_messages(topic: SubscribedTopic) -> None:
    everything = topic.create_queue("everything")
    critical = topic.create_queue("critical", FilterPolicy=json.dumps({"severity": ["critical"]}))
    channel = SnsChannel(make_settings(topic_arn=topic.arn))

    for event in (PAUSED, BLOCKED):
        channel.send(event, make_state())

    assert len(topic.receive_messages(everything)) == 2
    [message] = topic.receive_messages(critical)
    assert message["Subject"] == "Sign-in incident 1 Jul 09:58:58 UTC - auth.example.com"
    assert str(message["Message"]).startswith(
        "Sign-in is failing; move blocked (target-healthy). See why: failoverctl status.\n"
    )
