"""An observer in a further Region: its minute, its look, its settings."""

import io
import json
from collections.abc import Sequence
from typing import Any

import pytest

from failover.bounded import Deadline
from failover.errors import LedgerUnavailableError, SettingsError
from failover.ledger.memory import MemoryLedger
from failover.probe.backoff import NONE, Backoff, Backoffs
from failover.probe.observation import Observation
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.rounds.observing import FurtherObserver, Look, ObserverInvocation, next_look_at
from failover.rounds.punctual import Timekeeper
from failover.signals.looks import LookSignals
from tests.support.observers import ALL_WELL, IRELAND, PRIMARY_SICK, Sight, observer_settings, seen
from tests.support.settings import TOKYO, VIRGINIA
from tests.support.world import Clock

SETTINGS = observer_settings(IRELAND)
BEAT = 1_800_000_000.0  # a multiple of nine


class Eyes:
    """Sees what it is told, and remembers how it was to treat the canary."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.sees: Sight = ALL_WELL
        self.takes_seconds = 0.5
        self.looked_at: list[float] = []
        self.treated: list[Backoffs] = []
        self.refused = False

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        self.looked_at.append(self._clock.now - BEAT)
        self.treated.append(backoffs)
        self._clock.now += self.takes_seconds
        after = NONE.replace(Side.PRIMARY, Backoff(strikes=1)) if self.refused else backoffs
        return seen(IRELAND, self.sees, self._clock.now), after


class Table(MemoryLedger):
    """A table that can be out of reach."""

    def __init__(self) -> None:
        super().__init__()
        self.works = True

    def put_observation(self, observation: Observation) -> None:
        self._reach()
        super().put_observation(observation)

    def observations(self, observers: Sequence[str]) -> tuple[Observation, ...]:
        self._reach()
        return super().observations(observers)

    def _reach(self) -> None:
        if not self.works:
            raise LedgerUnavailableError("The table ledger is out of reach")


class Told:
    """Remembers the looks that were told, and is never behind."""

    def __init__(self) -> None:
        self.looks: list[Look] = []
        self.warmed_up = 0

    def look(self, look: Look, *, took_seconds: float) -> None:  # noqa: ARG002 - nobody asks here
        self.looks.append(look)

    def warm_up(self, deadline: Deadline) -> None:  # noqa: ARG002 - it takes no time
        self.warmed_up += 1

    def refresh(self, deadline: Deadline) -> None:  # noqa: ARG002 - it takes no time
        self.warmed_up += 1


class Minute:
    """An observer's invocations."""

    def __init__(self, began_after: float = 1.0) -> None:
        self.clock = Clock(BEAT + began_after)
        self.table = Table()
        self.eyes = Eyes(self.clock)
        self.told = Told()
        self.invocation = ObserverInvocation(
            settings=SETTINGS,
            observer=FurtherObserver(settings=SETTINGS, board=self.table, probe=self.eyes, clock=self.clock),
            signals=self.told,
            refresher=self.told,
            timekeeper=Timekeeper(),
            clock=self.clock,
            sleep=self.clock.sleep,
        )

    def run(self, allowed_seconds: float = 120) -> tuple[str, ...]:
        until = self.clock.now + allowed_seconds
        return self.invocation.run(lambda: until - self.clock.now)


def test_it_looks_at_every_ninth_second_of_its_minute() -> None:
    minute = Minute()
    assert minute.run() == ()
    assert minute.eyes.looked_at == [9, 18, 27, 36, 45, 54]
    assert minute.told.warmed_up == 2


@pytest.mark.parametrize("late_seconds", [0.0, 1.3, 4.0])
def test_invocations_follow_each_other_without_a_gap(late_seconds: float) -> None:
    minute = Minute()
    minute.run()
    minute.clock.now = BEAT + 61 + late_seconds
    minute.run()
    gaps = [later - earlier for earlier, later in zip(minute.eyes.looked_at, minute.eyes.looked_at[1:], strict=False)]
    assert set(gaps) <= {9} | ({18} if late_seconds > 2 else set())


def test_it_looks_sooner_for_as_long_as_a_suspicion_takes() -> None:
    minute = Minute()
    minute.eyes.sees = PRIMARY_SICK
    minute.run()
    assert minute.eyes.looked_at == [9, 14, 18, 27, 36, 45, 54]


def test_a_look_that_hangs_is_followed_by_the_next_beat() -> None:
    assert next_look_at(BEAT, BEAT + 10, 0, SETTINGS) == BEAT + 18
    assert next_look_at(BEAT, BEAT + 6, 1, SETTINGS) == BEAT + 6


def test_it_begins_no_look_that_it_could_not_finish() -> None:
    minute = Minute()
    minute.run(allowed_seconds=30)
    assert minute.eyes.looked_at == [9, 18]


def test_what_it_saw_is_in_the_table_and_the_heartbeats_age_is_told() -> None:
    minute = Minute()
    minute.table.put_observation(seen(VIRGINIA, ALL_WELL, BEAT))
    minute.run()
    assert [each.observer for each in minute.table.observations((IRELAND,))] == [IRELAND]
    assert [look.heartbeat_age_seconds for look in minute.told.looks] == [9, 18, 27, 36, 45, 54]


def test_a_controller_never_heard_of_has_no_heartbeat() -> None:
    minute = Minute()
    assert minute.run() == ()
    assert {look.heartbeat_age_seconds for look in minute.told.looks} == {None}


def test_a_table_out_of_reach_fails_every_look_and_stops_none() -> None:
    minute = Minute()
    minute.table.works = False
    assert minute.run() == 6 * ("The table ledger is out of reach",)
    assert len(minute.eyes.looked_at) == 6


@pytest.mark.parametrize("at", ["warm_up", "refresh"])
def test_whatever_fails_before_the_looks_all_of_them_are_made_and_the_fault_is_returned(
    at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    minute = Minute()
    monkeypatch.setattr(minute.told, at, _failing)
    [failure] = minute.run()
    assert "failed by a fault of its own: KeyError in tests.unit.core.test_further_observer, line" in failure
    assert minute.eyes.looked_at == [9, 18, 27, 36, 45, 54]


def test_a_look_that_fails_by_a_fault_of_its_own_stops_none_of_the_later_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    minute = Minute()
    monkeypatch.setattr(minute.told, "look", _failing)
    failures = minute.run()
    assert [failure.partition(":")[0] for failure in failures] == ["A look failed by a fault of its own"] * 6
    assert minute.eyes.looked_at == [9, 18, 27, 36, 45, 54]


def _failing(*_: object, **__: object) -> None:
    raise KeyError("whatever")


def test_a_heartbeat_too_old_says_nothing_of_the_canary() -> None:
    minute = Minute()
    minute.table.put_observation(seen(VIRGINIA, (Verdict.CANARY_BROKEN, Verdict.HEALTHY, True), BEAT))
    minute.run()
    assert [treated.primary.on_trial for treated in minute.eyes.treated] == [True, True, False, False, False, False]


def test_after_a_refusal_it_leaves_the_canary_alone() -> None:
    minute = Minute()
    minute.eyes.refused = True
    minute.run()
    assert [treated.primary.on_trial for treated in minute.eyes.treated] == [False] + 5 * [True]


def test_a_look_is_logged_and_the_heartbeat_measured() -> None:
    stream = io.StringIO()
    look = Look(observation=seen(IRELAND, PRIMARY_SICK, BEAT), heartbeat_age_seconds=7.5)
    LookSignals(SETTINGS, service="observer-that-looks", stream=stream).look(look, took_seconds=0.5)
    line, metrics = map(json.loads, stream.getvalue().splitlines())
    assert (line["level"], line["heartbeat_age_seconds"]) == ("INFO", 7.5)
    assert line["regions"][TOKYO]["verdict"] == "sick"
    assert (metrics["service"], metrics["HeartbeatAge"], metrics["LookErrors"]) == (
        "observer-that-looks",
        [7.5],
        [0.0],
    )


def test_without_a_heartbeat_there_is_no_age_and_a_failure_is_an_error() -> None:
    stream = io.StringIO()
    look = Look(observation=seen(IRELAND, ALL_WELL, BEAT), heartbeat_age_seconds=None, failure="out of reach")
    LookSignals(SETTINGS, service="observer-in-error", stream=stream).look(look, took_seconds=0.5)
    line, metrics = map(json.loads, stream.getvalue().splitlines())
    assert (line["level"], line["failure"]) == ("ERROR", "out of reach")
    assert "HeartbeatAge" not in metrics
    assert metrics["LookErrors"] == [1.0]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"observer_region": TOKYO}, f"This is {TOKYO}, the primary Region"),
    ({"observer_region": VIRGINIA}, f"This is {VIRGINIA}, the standby Region"),
    ({"canary_secret_arn": f"arn:aws:secretsmanager:{VIRGINIA}:1:secret:c"}, f"names a secret in {VIRGINIA}"),
    ({"named_witness_regions": (IRELAND,)}, "WITNESS_REGIONS is empty"),
    ({"named_witness_regions": (TOKYO,)}, f"WITNESS_REGIONS names {TOKYO}"),
    ({"named_witness_regions": ("Ireland",)}, "WITNESS_REGIONS is 'Ireland'"),
    ({"round_interval_seconds": 25}, "ROUND_INTERVAL_SECONDS is 25"),
    ({"suspect_rounds": 1}, "SUSPECT_ROUNDS is 1; it must be from 2 to 30"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_a_contradiction_is_refused_with_names_and_numbers(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        observer_settings(IRELAND, **changes)


def test_its_own_region_is_no_witness() -> None:
    assert SETTINGS.witness_regions == ("us-west-2", "ap-southeast-1")
