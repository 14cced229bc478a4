from dataclasses import dataclass, field

import pytest

from sandbox.cognito.stream import Change, Stream


@dataclass
class Log:
    """A stream between two Regions, and what has arrived at either end."""

    stream: Stream = field(default_factory=Stream)
    arrived: list[str] = field(default_factory=list)

    def send(self, name: str, *, at: float, made_in: str = "primary", standby: str = "standby") -> None:
        self.stream.record(
            Change(
                made_at=at,
                primary="primary",
                standby=standby,
                made_in=made_in,
                deliver=lambda: self.arrived.append(name),
            ),
        )

    def at(self, now: float, *, lag: float = 10, cut_off: str = "") -> list[str]:
        self.stream.deliver(now, lag, lambda _primary, standby: standby != cut_off)
        return self.arrived


@pytest.fixture
def log() -> Log:
    return Log()


def test_a_change_arrives_once_after_the_lag(log: Log) -> None:
    log.send("a", at=0)

    assert log.at(9.9) == []
    assert log.at(10) == ["a"]
    assert log.at(20) == ["a"]


def test_changes_arrive_in_order(log: Log) -> None:
    log.send("a", at=0)
    log.send("b", at=1)

    assert log.at(100) == ["a", "b"]


def test_a_shorter_lag_applies_to_what_is_on_its_way(log: Log) -> None:
    log.send("a", at=0)

    assert log.at(2, lag=2) == ["a"]


def test_nothing_travels_between_regions_that_are_cut_off(log: Log) -> None:
    log.send("a", at=0)
    log.send("b", at=0, standby="another")

    assert log.at(100, cut_off="standby") == ["b"]
    assert log.at(100) == ["b", "a"]


def test_a_change_does_not_overtake_one_that_is_held_up(log: Log) -> None:
    log.send("later", at=50)
    log.send("earlier", at=0)

    assert log.at(20) == []
    assert log.at(60) == ["later", "earlier"]


def test_the_two_directions_do_not_wait_for_each_other(log: Log) -> None:
    log.send("there", at=50)
    log.send("back", at=0, made_in="standby")

    assert log.at(20) == ["back"]
