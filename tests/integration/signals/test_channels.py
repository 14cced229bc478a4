"""What EventBridge and SNS are given by the real clients, and what their failures do."""

import io
import json

import pytest

from failover.decision.announcement import Kind
from failover.region import Side
from failover.signals.channels import Events, Messages, NotToldError
from failover.signals.signals import Signals
from tests.integration.signals.cloud import Cloud
from tests.support import patience
from tests.unit.signals.examples import announcement, settings, state


def signals(service: str, *, telling_seconds: float) -> Signals:
    channels = Events(settings()), Messages(settings())
    return Signals(
        settings=settings(), service=service, channels=channels, stream=io.StringIO(), telling_seconds=telling_seconds
    )


def test_an_event_carries_source_kind_bus_and_detail(cloud: Cloud) -> None:
    Events(settings(event_bus_name="operations")).send(announcement(), state(active=Side.STANDBY))
    [event] = cloud.events
    assert (event["Source"], event["DetailType"], event["EventBusName"]) == (
        "cognito-failover",
        "Move confirmed",
        "operations",
    )
    assert json.loads(event["Detail"])["active_region"] == "us-east-1"


def test_an_event_that_eventbridge_answers_but_does_not_take_has_not_been_told(cloud: Cloud) -> None:
    cloud.eventbridge_answer = {
        "FailedEntryCount": 1,
        "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "try later"}],
    }
    with pytest.raises(NotToldError, match="InternalFailure: try later"):
        Events(settings()).send(announcement(), None)


def attributes_in(message: dict[str, str]) -> dict[str, str]:
    prefix = "MessageAttributes.entry"
    numbers = [name.split(".")[2] for name in message if name.startswith(prefix) and name.endswith(".Name")]
    return {message[f"{prefix}.{n}.Name"]: message[f"{prefix}.{n}.Value.StringValue"] for n in numbers}


def test_a_message_carries_topic_subject_and_a_text_of_its_own_for_each_kind_of_subscription(cloud: Cloud) -> None:
    told = announcement(incident="incident-1782899938")
    Messages(settings()).send(told, None)
    [message] = cloud.messages
    assert (message["TopicArn"], message["MessageStructure"]) == (settings().topic_arn, "json")
    assert message["Subject"] == "Sign-in incident 1 Jul 09:58:58 UTC - auth.example.com"
    texts = json.loads(message["Message"])
    assert set(texts) == {"default", "sms", "https"}
    assert all(isinstance(text, str) for text in texts.values())  # SNS takes no other values
    assert texts["default"].startswith(
        "Sign-in moved to us-east-1 (automatic). See that users sign in.\n\nWHAT HAPPENED\n"
    )
    assert texts["sms"] == "Sign-in moved to us-east-1 (automatic). See that users sign in. auth.example.com"
    assert json.loads(texts["https"])["metadata"]["threadId"] == "incident-1782899938"


def test_a_message_carries_what_subscribers_choose_thread_and_drop_repeats_by(cloud: Cloud) -> None:
    told = announcement(incident="incident-1782899938")
    Messages(settings()).send(told, state(active=Side.STANDBY))
    [message] = cloud.messages
    attributes = attributes_in(message)
    assert attributes["kind"] == "move-confirmed"
    assert attributes["incident"] == "incident-1782899938"
    assert attributes["id"] == told.id
    assert attributes["severity"] == "warning"
    assert attributes["active_region"] == "us-east-1"


def test_people_are_not_woken_for_what_only_programs_want(cloud: Cloud) -> None:
    assert signals("quiet", telling_seconds=patience.wait_limit()).tell((announcement(Kind.SUSPECTED),))
    assert len(cloud.events) == 1
    assert cloud.messages == []


def test_while_sns_fails_it_is_asked_once_a_round_and_nobody_hears_twice(cloud: Cloud) -> None:
    speaking = signals("failing", telling_seconds=patience.wait_limit())
    cloud.sns_status = 503
    assert speaking.tell((announcement(),)) == ()
    assert len(cloud.messages) == 1
    cloud.sns_status = 200
    assert speaking.tell((announcement(),)) == (announcement(),)
    assert (len(cloud.events), len(cloud.messages)) == (1, 2)


def test_an_sns_that_hangs_is_given_up_by_its_own_client_and_the_event_is_out(cloud: Cloud) -> None:
    cloud.sns_hangs = True
    assert signals("hanging", telling_seconds=patience.wait_limit()).tell((announcement(),)) == ()
    assert len(cloud.events) == 1


def test_an_endpoint_that_refuses_connections_is_no_error(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert signals("refused", telling_seconds=patience.wait_limit()).tell((announcement(),)) == ()
    assert cloud.events == cloud.messages == []
