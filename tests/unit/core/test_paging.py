"""People get each piece of news once, few messages an hour, and in the end everything critical."""

from collections import Counter
from dataclasses import replace

import msgspec
import pytest

from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.core.model.event import Audience, Event, EventKind, EventSeverity
from cognito_failover.core.model.move import Move, Progress
from cognito_failover.core.model.records import Intent
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.paging import (
    MAX_MESSAGES_PER_HOUR,
    MAX_UNDELIVERED_EVENTS,
    MAX_WAITING_EVENTS,
    MESSAGE_BURSTS,
    MESSAGE_INTERVAL_SECONDS,
    queue_events,
)
from cognito_failover.core.rules import Rule
from cognito_failover.core.severity import is_notified
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness

NOW = 1_800_000_000.0
DAY_SECONDS = 86_400
SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
STATE = ControllerState(
    created_at=NOW, active_role=RegionRole.PRIMARY, active_since=NOW, weights=route_all_to(RegionRole.PRIMARY)
)


def make_event(kind: EventKind = EventKind.BLOCKED, *, at: float = NOW, rule: str = "", text: str = "News.") -> Event:
    return Event(kind=kind, at=at, message=text, rule=rule)


def list_messages(state: ControllerState) -> list[Event]:
    """Return the undelivered events that people get a message about."""
    return [
        event
        for event in state.undelivered_events
        if is_notified(event.kind) and event.audience is not Audience.PROGRAMS
    ]


def queue_each(events: list[Event], state: ControllerState = STATE) -> ControllerState:
    """Return the state after each event was saved in a round."""
    for event in events:
        state = queue_events(replace(state, last_round_at=event.at), [event])
    return state


def run_with_alternating_rules(world: ControllerHarness, rounds: int) -> None:
    """Run rounds in which two rules block the due move in turn."""
    for number in range(rounds):
        world.prober.is_witness_reachable = number % 2 == 0
        world.run(1)


def test_two_rules_that_alternate_are_each_reported_once() -> None:
    world = ControllerHarness().settle()
    world.request("observe-only", reason="trial")
    world.set_primary(SICK).run(2)
    run_with_alternating_rules(world, 360)

    reported = Counter(event.kind for event in world.notifier.events)
    assert (reported[EventKind.WOULD_MOVE], reported[EventKind.BLOCKED]) == (1, 1)
    assert set(reported.values()) == {1}


def test_blocking_rule_is_reported_again_in_the_next_outage() -> None:
    world = ControllerHarness().settle()
    world.prober.is_witness_reachable = False
    for _ in range(2):
        world.set_primary(SICK).run(5)
        world.set_primary(HEALTHY).run(20)

    blocked = [event for event in world.notifier.events if event.kind is EventKind.BLOCKED]
    assert len(blocked) == len({event.incident_id for event in blocked}) == 2


def test_hold_is_delivered_after_silent_hours_of_alternating_rules() -> None:
    world = ControllerHarness().settle()
    world.notifier.is_available = False
    world.edit_weights(0, 255)
    world.run(7)
    world.set_standby(SICK).run(2)
    run_with_alternating_rules(world, 360)
    world.notifier.is_available = True
    world.run(1)

    assert EventKind.AUTOMATION_HELD in world.event_kinds
    assert len(world.notifier.events) < 15


def test_burst_is_sent_at_once_and_the_rest_waits() -> None:
    rules = list(Rule)
    state = queue_each([make_event(rule=rule) for rule in rules])

    burst = MESSAGE_BURSTS[EventSeverity.CRITICAL]
    assert [event.rule for event in list_messages(state)] == rules[:burst]
    assert [event.rule for event in state.paging.waiting] == rules[burst:]


def test_programs_get_an_event_at_once_whose_message_waits() -> None:
    state = queue_each([make_event(rule=rule) for rule in Rule])

    assert [event.rule for event in state.undelivered_events] == list(Rule)
    assert {event.audience for event in state.undelivered_events} == {Audience.ALL, Audience.PROGRAMS}
    assert {event.audience for event in state.paging.waiting} == {Audience.PEOPLE}


def test_waiting_message_follows_when_the_allowance_covers_it() -> None:
    state = replace(queue_each([make_event(rule=rule) for rule in Rule]), undelivered_events=())
    first_waiting = state.paging.waiting[0]

    early = queue_events(replace(state, last_round_at=NOW + MESSAGE_INTERVAL_SECONDS - 1), [])
    late = queue_events(replace(state, last_round_at=NOW + MESSAGE_INTERVAL_SECONDS), [])

    assert early.undelivered_events == ()
    assert late.undelivered_events == (first_waiting,)


def test_only_the_newest_of_repeated_news_waits_and_counts_the_others() -> None:
    burst = MESSAGE_BURSTS[EventSeverity.CRITICAL]
    state = queue_each([make_event(at=NOW + second, rule="no-hold") for second in range(burst + 5)])

    assert [event.at for event in state.paging.waiting] == [NOW + burst + 4]
    released = queue_events(replace(state, last_round_at=NOW + MESSAGE_INTERVAL_SECONDS, undelivered_events=()), [])
    assert [event.unsent_count for event in released.undelivered_events] == [4]
    assert released.paging.unsent_count == 0


def test_waiting_message_that_is_over_is_dropped_and_counted() -> None:
    waiting = queue_each([make_event(rule=rule) for rule in Rule])
    state = queue_each([make_event(EventKind.SUSPICION_CLEARED)], waiting)

    assert state.paging.waiting == ()
    assert state.paging.unsent_count == len(waiting.paging.waiting)


def test_allowance_of_one_severity_leaves_the_others() -> None:
    flood = [make_event(EventKind.PAUSED, text=f"Pause {number}.") for number in range(200)]
    state = queue_each([*flood, make_event(rule="no-hold"), make_event(EventKind.LEVER_PROBLEM)])

    assert [event.kind for event in list_messages(state)[-2:]] == [EventKind.BLOCKED, EventKind.LEVER_PROBLEM]


def test_end_of_a_failover_is_reported_in_spite_of_many_warnings() -> None:
    world = ControllerHarness().settle()
    now = world.clock.now
    flood = [make_event(EventKind.LEVER_PROBLEM, at=now, text=f"Problem {number}.") for number in range(20)]
    world.memory.save(queue_each(flood, world.state), expected=world.memory.version)

    world.set_primary(SICK).run(10)

    assert world.state.paging.waiting != ()
    assert [event.audience for event in world.notifier.events if event.kind is EventKind.MOVE_CONFIRMED] == [
        Audience.ALL
    ]


@pytest.mark.parametrize("severity_kind", [EventKind.BLOCKED, EventKind.LEVER_PROBLEM, EventKind.PAUSED])
def test_messages_of_any_hour_are_bounded_in_an_endless_flood(severity_kind: EventKind) -> None:
    state, sent = STATE, list[float]()
    for second in range(0, 4 * 3600, 10):
        at = NOW + second
        state = queue_each([make_event(severity_kind, at=at, text=f"News {second % 70}.")], state)
        sent += [at] * len(list_messages(state))
        state = replace(state, undelivered_events=())
        severity = state.paging.waiting[0].severity if state.paging.waiting else None
        assert severity is None or sum(at - other < 3600 for other in sent) <= MAX_MESSAGES_PER_HOUR[severity]
    assert len(sent) > 20


def test_full_queue_keeps_every_critical_message_in_order() -> None:
    critical = [make_event(at=NOW + hour * 3600, rule=rule) for hour, rule in enumerate(Rule)]
    noise = [
        make_event(EventKind.LATCH_PROBLEM, at=NOW + 60 * minute, text=f"Problem {minute}.") for minute in range(900)
    ]
    state = queue_each(sorted([*critical, *noise], key=lambda event: event.at))

    assert len(state.undelivered_events) == MAX_UNDELIVERED_EVENTS
    assert [event.rule for event in list_messages(state) if event.kind is EventKind.BLOCKED] == list(Rule)


@pytest.mark.parametrize("kind", [EventKind.MOVE_SUPERSEDED, EventKind.AUTOMATION_HELD])
def test_full_queue_drops_repeats_before_news_sent_once(kind: EventKind) -> None:
    hours = 80
    hold = make_event(kind, text="Held.")
    repeats = [make_event(at=NOW + 3600 * hour, rule="cool-down") for hour in range(1, hours)]
    state = queue_each([hold, *repeats])

    kept = list_messages(state)
    assert (kept[0].kind, kept[-1].at) == (kind, repeats[-1].at)
    assert len(kept) + sum(event.unsent_count for event in kept) + state.paging.unsent_count == hours


def test_clock_that_was_ahead_does_not_keep_messages_back() -> None:
    ahead = queue_each([make_event(at=NOW + DAY_SECONDS, rule=rule) for rule in Rule])
    state = replace(ahead, paging=replace(ahead.paging, waiting=()), undelivered_events=())

    longest_seconds = MESSAGE_INTERVAL_SECONDS * MESSAGE_BURSTS[EventSeverity.CRITICAL]
    state = queue_events(replace(state, last_round_at=NOW), [make_event(rule="no-hold")])
    state = queue_events(replace(state, last_round_at=NOW + longest_seconds), [])

    assert [event.rule for event in list_messages(state)] == ["no-hold"]


def test_largest_queue_fits_into_a_quarter_of_a_table_item() -> None:
    text = "x" * 700
    record_sets = tuple({"Name": text, "Value": text} for _ in range(4))
    move = Move(
        id="to-us-east-1-1800000000",
        source=RegionRole.PRIMARY,
        target=RegionRole.STANDBY,
        is_automatic=True,
        reason=text,
        requested_by="controller",
        suspected_at=NOW,
        decided_at=NOW,
        step_started_at=NOW,
        last_error=text,
        progress=Progress(intent=Intent(before=record_sets, after=record_sets, weights=STATE.weights)),
    )
    kinds = [kind for kind in EventKind if kind is not EventKind.BLOCKED]
    events = [
        replace(make_event(kinds[number % len(kinds)], at=NOW + number, text=f"{number} {text}"), move=move)
        for number in range(500)
    ]
    state = queue_each(events)

    assert len(state.paging.waiting) <= MAX_WAITING_EVENTS
    queue = {"undelivered": state.undelivered_events, "waiting": state.paging}
    assert len(msgspec.json.encode(queue)) < 250_000
