"""Each announcement once through each channel."""

from concurrent.futures import wait
from threading import Event

from failover.bounded import Deadline
from failover.decision.announcement import Announcement, Kind
from failover.signals.delivery import Delivery
from tests.support import patience
from tests.unit.signals.examples import NOW, Recorder, announcement, refuse

FIRST, SECOND = announcement(at=NOW), announcement(Kind.PAUSED, at=NOW + 1)


def deliver(delivery: Delivery, *announcements: Announcement) -> None:
    attempt = delivery.begin(announcements, None, Deadline(5))
    wait([attempt] if attempt else [], timeout=patience.wait_limit())


def test_announcements_are_sent_oldest_first() -> None:
    channel = Recorder()
    deliver(Delivery(channel), FIRST, SECOND)
    assert channel.sent == [FIRST, SECOND]


def test_what_has_been_taken_is_not_sent_again() -> None:
    channel = Recorder()
    delivery = Delivery(channel)
    deliver(delivery, FIRST)
    deliver(delivery, FIRST, SECOND)
    assert channel.sent == [FIRST, SECOND]


def test_what_has_not_been_taken_is_tried_again() -> None:
    channel = Recorder(before=refuse)
    delivery = Delivery(channel)
    deliver(delivery, FIRST)
    assert not delivery.is_done(FIRST)
    assert delivery.problem == "recorder: ConnectionError: no way out"
    channel.before = lambda _: None
    deliver(delivery, FIRST)
    assert delivery.is_done(FIRST)
    assert delivery.problem == ""


def test_one_that_can_not_be_sent_does_not_hold_up_the_next() -> None:
    channel = Recorder(before=lambda each: refuse(each) if each is FIRST else None)
    delivery = Delivery(channel)
    deliver(delivery, FIRST, SECOND)
    assert channel.sent == [SECOND]
    assert not delivery.is_done(FIRST)


def test_an_announcement_that_a_channel_does_not_want_is_done_without_being_sent() -> None:
    channel = Recorder()
    channel.unwanted = frozenset({Kind.PAUSED})
    delivery = Delivery(channel)
    deliver(delivery, SECOND)
    assert delivery.is_done(SECOND)
    assert channel.tried == []


def test_nothing_further_is_begun_while_an_attempt_hangs_and_its_late_success_counts() -> None:
    let_go = Event()
    channel = Recorder(before=lambda _: None if let_go.wait() else refuse(_))
    delivery = Delivery(channel)
    attempt = delivery.begin((FIRST,), None, Deadline(5))
    assert delivery.begin((FIRST,), None, Deadline(5)) is None
    assert delivery.problem == "recorder: no answer yet"
    let_go.set()
    assert attempt
    wait([attempt], timeout=patience.wait_limit())
    deliver(delivery, FIRST)
    assert channel.sent == [FIRST]


def test_nothing_is_sent_after_the_deadline() -> None:
    channel = Recorder()
    delivery = Delivery(channel)
    attempt = delivery.begin((FIRST,), None, Deadline(0))
    assert attempt
    wait([attempt], timeout=patience.wait_limit())
    assert channel.tried == []
    assert delivery.problem == "recorder: no time left"


def test_what_nobody_asks_for_any_more_is_forgotten() -> None:
    channel = Recorder()
    delivery = Delivery(channel)
    deliver(delivery, FIRST)
    deliver(delivery, SECOND)
    assert not delivery.is_done(FIRST)
