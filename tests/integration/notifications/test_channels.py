"""EventBridge and SNS through the real clients, and their failures."""

import io
import json

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.event import Audience, EventKind
from cognito_failover.notifications.channels import DeliveryError, EventBridgeChannel, SnsChannel
from cognito_failover.notifications.publisher import Signals
from tests.integration.notifications.endpoints import NotificationEndpoints
from tests.support import load_scaling
from tests.unit.notifications.examples import make_event, make_settings, make_state


def make_publisher(service: str, *, timeout_seconds: float) -> Signals:
    channels = EventBridgeChannel(make_settings()), SnsChannel(make_settings())
    return Signals(
        settings=make_settings(),
        service=service,
        channels=channels,
        stream=io.StringIO(),
        publish_timeout_seconds=timeout_seconds,
    )


def test_event_has_source_detail_type_bus_and_detail(endpoints: NotificationEndpoints) -> None:
    EventBridgeChannel(make_settings(event_bus_name="operations")).send(
        make_event(), make_state(active_role=RegionRole.STANDBY)
    )
    [event] = endpoints.events
    assert (event["Source"], event["DetailType"], event["EventBusName"]) == (
        "cognito-failover",
        "Move confirmed",
        "operations",
    )
    assert json.loads(event["Detail"])["active_region"] == "us-east-1"


def test_event_rejected_by_eventbridge_is_undelivered(endpoints: NotificationEndpoints) -> None:
    endpoints.eventbridge_response = {
        "FailedEntryCount": 1,
        "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "try later"}],
    }
    with pytest.raises(DeliveryError, match="InternalFailure: try later"):
        EventBridgeChannel(make_settings()).send(make_event(), None)


def read_attributes(message: dict[str, str]) -> dict[str, str]:
    prefix = "MessageAttributes.entry"
    numbers = [name.split(".")[2] for name in message if name.startswith(prefix) and name.endswith(".Name")]
    return {message[f"{prefix}.{n}.Name"]: message[f"{prefix}.{n}.Value.StringValue"] for n in numbers}


def test_message_has_topic_subject_and_text_per_protocol(endpoints: NotificationEndpoints) -> None:
    event = make_event(incident_id="incident-1782899938")
    SnsChannel(make_settings()).send(event, None)
    [message] = endpoints.messages
    assert (message["TopicArn"], message["MessageStructure"]) == (make_settings().topic_arn, "json")
    assert message["Subject"] == "Sign-in incident 1 Jul 09:58:58 UTC - auth.example.com"
    texts = json.loads(message["Message"])
    assert set(texts) == {"default", "sms", "https"}
    assert all(isinstance(text, str) for text in texts.values())  # SNS accepts no other values
    assert texts["default"].startswith(
        "Sign-in moved to us-east-1 (automatic). Check that users can sign in.\n\nWHAT HAPPENED\n"
    )
    assert texts["sms"] == "Sign-in moved to us-east-1 (automatic). Check that users can sign in. auth.example.com"
    assert json.loads(texts["https"])["metadata"]["threadId"] == "incident-1782899938"


def test_message_has_filter_thread_and_deduplication_attributes(endpoints: NotificationEndpoints) -> None:
    event = make_event(incident_id="incident-1782899938")
    SnsChannel(make_settings()).send(event, make_state(active_role=RegionRole.STANDBY))
    [message] = endpoints.messages
    attributes = read_attributes(message)
    assert attributes["kind"] == "move-confirmed"
    assert attributes["incident"] == "incident-1782899938"
    assert attributes["id"] == event.id
    assert attributes["severity"] == "warning"
    assert attributes["active_region"] == "us-east-1"


def test_program_only_events_do_not_notify_people(endpoints: NotificationEndpoints) -> None:
    assert make_publisher("quiet", timeout_seconds=load_scaling.get_wait_limit()).publish(
        (make_event(EventKind.SUSPECTED),)
    )
    assert len(endpoints.events) == 1
    assert endpoints.messages == []


def test_failing_sns_is_tried_once_a_round_without_duplicates(endpoints: NotificationEndpoints) -> None:
    publisher = make_publisher("failing", timeout_seconds=load_scaling.get_wait_limit())
    endpoints.sns_status = 503
    assert publisher.publish((make_event(),)) == ()
    assert len(endpoints.messages) == 1
    endpoints.sns_status = 200
    assert publisher.publish((make_event(),)) == (make_event(),)
    assert (len(endpoints.events), len(endpoints.messages)) == (1, 2)


def test_hanging_sns_times_out_and_event_is_still_sent(endpoints: NotificationEndpoints) -> None:
    endpoints.sns_hangs = True
    assert make_publisher("hanging", timeout_seconds=load_scaling.get_wait_limit()).publish((make_event(),)) == ()
    assert len(endpoints.events) == 1


def test_refused_connection_raises_no_exception(
    monkeypatch: pytest.MonkeyPatch, endpoints: NotificationEndpoints
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert make_publisher("refused", timeout_seconds=load_scaling.get_wait_limit()).publish((make_event(),)) == ()
    assert endpoints.events == endpoints.messages == []


def test_each_channel_takes_only_the_events_of_its_audience() -> None:
    programs, people = EventBridgeChannel(make_settings()), SnsChannel(make_settings())
    accepting = {
        audience: [channel.name for channel in (programs, people) if channel.accepts(make_event(audience=audience))]
        for audience in Audience
    }
    assert accepting == {
        Audience.ALL: ["EventBridge", "SNS"],
        Audience.PROGRAMS: ["EventBridge"],
        Audience.PEOPLE: ["SNS"],
    }
