"""One invocation: six rounds a minute, never two invocations' at once, over in time to hand over."""

import itertools
from typing import Any

import pytest

from failover.bounded import Deadline
from failover.probe.verdict import Verdict
from failover.rounds.invocation import Invocation
from failover.rounds.punctual import Timekeeper
from failover.rounds.round import Report
from tests.support.refresher import Refresher
from tests.support.world import World

SICK = Verdict.SICK


class Bystander:
    """Remembers which rounds it was told of, and how long it was waited for."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.allowed_seconds: list[float] = []

    def after(self, report: Report) -> None:
        self.reports.append(report)

    def finish(self, deadline: Deadline) -> None:
        self.allowed_seconds.append(deadline.remaining_seconds)


class Minute:
    """A world whose rounds are made by invocations.

    Attributes
    ----------
    round_seconds
        How long each round takes.
    observed_at
        When the rounds made so far observed.

    """

    def __init__(self, **changes: Any) -> None:
        self.world = World(**changes)
        self.refresher = Refresher()
        self.beside = Bystander()
        self.round_seconds = 0.5
        self._began_at = self.world.clock.now
        self.invocation = Invocation(
            settings=self.world.settings,
            rounds=self.world.rounds,
            ledger=self.world.ledger,
            signals=self.world.told,
            refresher=self.refresher,
            timekeeper=Timekeeper(),
            clock=self.world.clock,
            monotonic=self.world.clock,
            sleep=self.world.clock.sleep,
            beside=[self.beside],
        )
        self.world.tap.asked = self.take_time

    @property
    def observed_at(self) -> list[float]:
        return [report.observation.observed_at - self._began_at for report in self.world.told.reports]

    @property
    def now(self) -> float:
        return self.world.clock.now - self._began_at

    def run(self, owner: str = "this", *, allowed_seconds: float = 70) -> tuple[str, ...]:
        until = self.world.clock.now + allowed_seconds
        return self.invocation.run(owner, lambda: until - self.world.clock.now)

    def take_time(self, call_name: str) -> None:
        if call_name == "ledger.put_observation":
            self.world.clock.now += self.round_seconds


@pytest.fixture
def minute() -> Minute:
    return Minute()


def test_six_rounds_are_made_ten_seconds_apart(minute: Minute) -> None:
    assert minute.run() == ()
    assert minute.observed_at == [0, 10, 20, 30, 40, 50]


def test_it_ends_before_the_next_begins(minute: Minute) -> None:
    minute.run()
    assert minute.now < 60
    assert minute.world.memory.take_lease("next", now=minute.world.clock.now, seconds=20)


@pytest.mark.parametrize(("interval", "rounds"), [(12, 5), (15, 4), (20, 3), (30, 2), (60, 1)])
def test_any_interval_fills_its_minute(interval: int, rounds: int) -> None:
    minute = Minute(round_interval_seconds=interval)
    minute.run()
    assert len(minute.observed_at) == rounds


def test_an_earlier_invocation_is_waited_for(minute: Minute) -> None:
    minute.world.memory.take_lease("earlier", now=minute.world.clock.now, seconds=7)
    minute.run()
    assert minute.observed_at == [7, 17, 27, 37, 47, 57]


def test_the_lease_of_an_invocation_that_died_is_outlasted(minute: Minute) -> None:
    minute.world.memory.take_lease("dead", now=minute.world.clock.now, seconds=20)
    minute.run()
    assert minute.observed_at == [20, 30, 40, 50]


def test_rounds_stay_an_interval_apart_after_the_wait(minute: Minute) -> None:
    minute.world.settle()
    minute.world.told.reports.clear()
    minute.world.tap.asked = minute.take_time  # settling told the tap nothing
    minute.world.primary(SICK)
    minute.world.memory.take_lease("dead", now=minute.world.clock.now, seconds=20)
    minute.run()
    times = minute.observed_at
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [5, 5, 10, 10]


def test_a_suspect_region_is_looked_at_again_sooner_until_it_is_decided(minute: Minute) -> None:
    minute.world.settle().primary(SICK).standby(SICK)
    minute.world.told.reports.clear()
    minute.run()
    assert [round(at - minute.observed_at[0]) for at in minute.observed_at] == [0, 5, 10, 20, 30, 40, 50]


def test_slow_rounds_about_a_suspect_region_follow_each_other_at_once(minute: Minute) -> None:
    minute.world.settle().primary(SICK).standby(SICK)
    minute.world.told.reports.clear()
    minute.world.tap.asked = minute.take_time  # settling told the tap nothing
    minute.round_seconds = 5
    minute.run()
    assert [round(at - minute.observed_at[0]) for at in minute.observed_at][:4] == [0, 5, 10, 20]


def test_a_move_on_its_way_is_looked_at_sooner_until_it_is_confirmed(minute: Minute) -> None:
    minute.world.settle()
    minute.world.told.reports.clear()
    minute.world.servers.hold_back("ns-1.example.net")
    assert minute.world.request("failover", reason="Drill", token="drill")["done"]
    minute.run()
    assert [round(at - minute.observed_at[0]) for at in minute.observed_at][:4] == [0, 5, 10, 15]


def test_under_a_lease_that_goes_on_no_round_is_made(minute: Minute, caplog: pytest.LogCaptureFixture) -> None:
    minute.world.memory.take_lease("other", now=minute.world.clock.now, seconds=1000)
    minute.run()
    assert minute.observed_at == []
    assert "Another invocation still holds the lease after 22 s" in caplog.text


def test_rounds_that_take_longer_than_their_interval_skip_a_beat(minute: Minute) -> None:
    minute.round_seconds = 12
    minute.run()
    assert minute.observed_at == [0, 20, 40]


def test_the_time_that_the_process_is_allowed_is_kept(minute: Minute) -> None:
    minute.run(allowed_seconds=35)
    assert minute.observed_at == [0, 10, 20]
    assert minute.now <= 35


def test_the_lease_lost_in_the_middle_stops_the_rounds(minute: Minute) -> None:
    def steal(call_name: str) -> None:
        if call_name == "ledger.put_observation" and minute.now >= 20:
            minute.world.memory.give_up_lease("this")
            minute.world.memory.take_lease("thief", now=minute.world.clock.now, seconds=1000)

    minute.world.tap.asked = steal
    minute.run()
    assert minute.observed_at == [0, 10, 20]


def test_the_gap_between_two_invocations_is_measured(minute: Minute) -> None:
    minute.run("first")
    minute.world.clock.now += 60 - minute.now + 4
    minute.run("second")
    assert [report.silence_seconds for report in minute.world.told.reports][6] == 13.5


def test_a_ledger_out_of_reach_stops_no_round_and_every_failure_is_returned(minute: Minute) -> None:
    minute.world.ledger_fails()
    failures = minute.run()
    assert len(minute.observed_at) == 6
    assert len(failures) == 6
    assert "The table failed at ledger.load" in failures[0]


def test_what_later_rounds_need_is_made_ready_once_and_refreshed_after_the_first(minute: Minute) -> None:
    minute.refresher.works = False
    assert minute.run() == ()
    assert minute.refresher.asked == ["warm-up", "refresh"]
    assert len(minute.observed_at) == 6


def test_between_two_rounds_about_a_suspect_region_nothing_is_refreshed(minute: Minute) -> None:
    minute.world.settle().primary(SICK).standby(SICK)
    minute.world.tap.asked = minute.take_time  # settling told the tap nothing
    minute.round_seconds = 5
    asked_at_round: dict[int, list[str]] = {}

    def note(call_name: str) -> None:
        if call_name == "ledger.take_lease":
            asked_at_round[len(asked_at_round)] = list(minute.refresher.asked)

    minute.world.tap.answered = note
    minute.run()
    # The first lease is the invocation's, the others its rounds': the first three follow each other at once.
    assert [("refresh" in asked_at_round[number]) for number in range(5)] == [False, False, False, False, True]


def test_where_no_pause_comes_it_is_refreshed_in_the_end() -> None:
    minute = Minute(round_interval_seconds=60)
    minute.run()
    assert minute.refresher.asked == ["warm-up", "refresh"]


def test_a_failover_happens_across_two_invocations(minute: Minute) -> None:
    minute.run("first")
    minute.world.primary(SICK)
    minute.world.clock.now += 60 - minute.now
    minute.run("second")
    assert minute.world.weights == (0, 255)


def test_what_goes_on_beside_the_rounds_is_told_of_each_and_waited_for_a_second_at_the_end(minute: Minute) -> None:
    minute.run()
    assert minute.beside.reports == minute.world.told.reports
    [allowed_seconds] = minute.beside.allowed_seconds
    assert 0 < allowed_seconds <= 1
