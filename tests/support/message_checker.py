"""Compares every message with the world at the moment of the message, and counts what people get."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cognito_failover.core.incident import contradicts, get_news_key
from cognito_failover.core.model.event import Audience, Event, EventSeverity
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.paging import find_allowance
from cognito_failover.core.ports.stores import VersionedState
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.severity import is_notified, rate_severity
from cognito_failover.notifications.message import compose_message
from tests.support.claims import Moment, list_false_claims, makes_a_claim
from tests.support.controller_harness import ControllerHarness
from tests.support.dns_view import read_dns_view

if TYPE_CHECKING:
    from cognito_failover.common.region import RegionRole

HOUR_SECONDS = 3600


class MessageChecker:
    """Observes a harness: what it saves, sends and changes.

    Parameters
    ----------
    world
        The harness. Its ledger and its notifier are observed from now on.

    Attributes
    ----------
    errors
        Each text that is not true, with what is wrong in it.
    saved
        Each new event, rated.
    sent
        When each message was sent to people, with its event.

    """

    def __init__(self, world: ControllerHarness) -> None:
        self.world = world
        self.errors: list[str] = []
        self.saved: list[Event] = []
        self.sent: list[tuple[float, Event]] = []
        self._dns = self._previous_dns = read_dns_view(world)
        self._write_count = self._count_writes()
        self._writing_moves: set[str] = set()
        self._roles_moved_to: dict[str, set[RegionRole]] = {}
        self._moved_until_saved: dict[str, dict[str, set[RegionRole]]] = {}
        self._save, self._publish = world.memory.save, world.notifier.publish
        self._record_round = world.notifier.record_round
        vars(world.memory)["save"] = self._on_save
        vars(world.notifier)["publish"] = self._on_publish
        vars(world.notifier)["record_round"] = self._on_round

    def _count_writes(self) -> int:
        return len(self.world.zone.weight_history) + sum(len(latch.set_calls) for latch in self.world.latches.values())

    def _observe(self, state: ControllerState) -> None:
        """Read what clients are answered now, and whether the current move has changed a lever."""
        self._previous_dns, self._dns = self._dns, read_dns_view(self.world)
        has_written, self._write_count = self._count_writes() > self._write_count, self._count_writes()
        if state.move and has_written:
            self._writing_moves.add(state.move.id)
        if state.move and state.move.id in self._writing_moves:
            moved_to = self._roles_moved_to.setdefault(state.move.id, set())
            moved_to |= self._dns.roles
            moved_to |= {self._dns.domain} if self._dns.domain else set()

    def _on_save(self, state: ControllerState, *, expected: int | None, events: Sequence[Event] = ()) -> VersionedState:
        before = self.world.memory.load()
        self._observe(before.state if before else state)
        saved = self._save(state, expected=expected, events=events)
        for event in events:
            self.saved.append(replace(event, severity=rate_severity(event, state)))
            self._moved_until_saved[event.id] = {move_id: set(roles) for move_id, roles in self._roles_moved_to.items()}
            self._check(event.message, state, event)
            if not makes_a_claim(event):
                self.errors.append(f"{event.kind}: {event.message!r} makes no claim of its kind")
        return saved

    def _on_round(self, result: RoundResult, *, took_seconds: float) -> None:
        self._record_round(result, took_seconds=took_seconds)
        if result.state:
            self._observe(result.state)
            text = result.reason
            for event in self.saved:
                if event.at >= result.observation.observed_at:
                    text = text.replace(event.message, "")  # it was checked at its own moment
            self._check(text, result.state, None)

    def _on_publish(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        state = self.world.state
        try:
            return self._publish(events)
        finally:
            if self.world.notifier.is_available:
                self._record_messages(events, state)

    def _record_messages(self, events: tuple[Event, ...], state: ControllerState) -> None:
        for event in events:
            if not is_notified(event.kind) or event.audience is Audience.PROGRAMS:
                continue
            self.sent.append((self.world.clock.now, event))
            if state.last_round_at is None or event.at < state.last_round_at:
                continue  # it is about an earlier round
            body = compose_message(replace(event, message="-"), self.world.settings, state).body
            self._check(body.replace("\n", " "), state, event)

    def _check(self, text: str, state: ControllerState, event: Event | None) -> None:
        moment = Moment(
            world=self.world,
            state=state,
            dns=self._dns,
            previous_dns=self._previous_dns,
            event=event,
            roles_moved_to=self._moved_until_saved.get(event.id, {}) if event else self._roles_moved_to,
        )
        kind = event.kind if event else "round"
        self.errors += [
            f"{kind}: {claim!r} is not true. DNS answers {self._dns}. {text}"
            for claim in list_false_claims(text, moment)
        ]

    def find_busiest_hours(self) -> dict[EventSeverity, int]:
        """Return the highest number of different messages in each allowance in any hour."""
        first_sent = {(event.id, find_allowance(event)): at for at, event in reversed(self.sent)}
        busiest = Counter[EventSeverity]()
        for severity in EventSeverity:
            times = sorted(at for (_, allowance), at in first_sent.items() if allowance is severity)
            busiest[severity] = max(
                (sum(at <= other < at + HOUR_SECONDS for other in times) for at in times), default=0
            )
        return busiest

    def list_lost_critical_news(self) -> set[str]:
        """Return critical news that is not over, and that no message has reported since."""
        last_saved: dict[str, float] = {}
        for event in self.saved:
            last_saved = {key: at for key, at in last_saved.items() if not contradicts(event, key)}
            if event.severity is EventSeverity.CRITICAL:
                last_saved[get_news_key(event)] = event.at
        last_sent: dict[str, float] = {}
        for _, event in self.sent:  # a repeat of an older message may come last
            key = get_news_key(event)
            last_sent[key] = max(event.at, last_sent.get(key, 0.0))
        return {key for key, at in last_saved.items() if last_sent.get(key, 0.0) < at}

    def count_unreported(self) -> int:
        """Return the number of messages that were neither sent nor counted in one that was."""
        expected = {event.id for event in self.saved if is_notified(event.kind)}
        sent = {(event.id, event.unsent_count) for _, event in self.sent}
        counted = sum(count for _, count in sent) + self.world.state.paging.unsent_count
        return len(expected - {event_id for event_id, _ in sent}) - counted
