"""Delivery through one channel: each event once, in order."""

import threading
from concurrent.futures import wait

from cognito_failover.common.deadlines import Deadline
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.notifications.delivery import ChannelDelivery
from tests.support import load_scaling
from tests.unit.notifications.examples import NOW, RecordingChannel, make_event, refuse_event

FIRST_EVENT, SECOND_EVENT = make_event(at=NOW), make_event(EventKind.PAUSED, at=NOW + 1)


def send_events(delivery: ChannelDelivery, *events: Event) -> None:
    attempt = delivery.start_sending(events, None, Deadline(5))
    wait([attempt] if attempt else [], timeout=load_scaling.get_wait_limit())


def test_events_are_sent_oldest_first() -> None:
    channel = RecordingChannel()
    send_events(ChannelDelivery(channel), FIRST_EVENT, SECOND_EVENT)
    assert channel.sent == [FIRST_EVENT, SECOND_EVENT]


def test_delivered_event_is_not_sent_again() -> None:
    channel = RecordingChannel()
    delivery = ChannelDelivery(channel)
    send_events(delivery, FIRST_EVENT)
    send_events(delivery, FIRST_EVENT, SECOND_EVENT)
    assert channel.sent == [FIRST_EVENT, SECOND_EVENT]


def test_undelivered_event_is_retried() -> None:
    channel = RecordingChannel(before=refuse_event)
    delivery = ChannelDelivery(channel)
    send_events(delivery, FIRST_EVENT)
    assert not delivery.is_done(FIRST_EVENT)
    assert delivery.problem == "recorder: ConnectionError: refused"
    channel.before_send = lambda _: None
    send_events(delivery, FIRST_EVENT)
    assert delivery.is_done(FIRST_EVENT)
    assert delivery.problem == ""


def test_failing_event_does_not_block_the_next() -> None:
    channel = RecordingChannel(before=lambda event: refuse_event(event) if event is FIRST_EVENT else None)
    delivery = ChannelDelivery(channel)
    send_events(delivery, FIRST_EVENT, SECOND_EVENT)
    assert channel.sent == [SECOND_EVENT]
    assert not delivery.is_done(FIRST_EVENT)


def test_event_not_accepted_by_channel_is_done_without_sending() -> None:
    channel = RecordingChannel()
    channel.rejected_kinds = frozenset({EventKind.PAUSED})
    delivery = ChannelDelivery(channel)
    send_events(delivery, SECOND_EVENT)
    assert delivery.is_done(SECOND_EVENT)
    assert channel.attempted == []


def test_hanging_attempt_blocks_new_ones_and_may_still_succeed() -> None:
    released = threading.Event()
    channel = RecordingChannel(before=lambda _: None if released.wait() else refuse_event(_))
    delivery = ChannelDelivery(channel)
    attempt = delivery.start_sending((FIRST_EVENT,), None, Deadline(5))
    assert delivery.start_sending((FIRST_EVENT,), None, Deadline(5)) is None
    assert delivery.problem == "recorder: no answer yet"
    released.set()
    assert attempt
    wait([attempt], timeout=load_scaling.get_wait_limit())
    send_events(delivery, FIRST_EVENT)
    assert channel.sent == [FIRST_EVENT]


def test_nothing_is_sent_after_deadline() -> None:
    channel = RecordingChannel()
    delivery = ChannelDelivery(channel)
    attempt = delivery.start_sending((FIRST_EVENT,), None, Deadline(0))
    assert attempt
    wait([attempt], timeout=load_scaling.get_wait_limit())
    assert channel.attempted == []
    assert delivery.problem == "recorder: no time left"


def test_obsolete_deliveries_are_forgotten() -> None:
    channel = RecordingChannel()
    delivery = ChannelDelivery(channel)
    send_events(delivery, FIRST_EVENT)
    send_events(delivery, SECOND_EVENT)
    assert not delivery.is_done(FIRST_EVENT)
