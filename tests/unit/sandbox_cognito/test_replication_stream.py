from dataclasses import dataclass, field

import pytest

from sandbox.cognito.replication_stream import ReplicatedChange, ReplicationStream


@dataclass
class StreamHarness:
    """A stream between two Regions, and the changes delivered at either end."""

    stream: ReplicationStream = field(default_factory=ReplicationStream)
    arrived: list[str] = field(default_factory=list)

    def record_change(self, name: str, *, at: float, source_region: str = "primary", standby: str = "standby") -> None:
        self.stream.record(
            ReplicatedChange(
                changed_at=at,
                primary="primary",
                standby=standby,
                source_region=source_region,
                deliver=lambda: self.arrived.append(name),
            ),
        )

    def deliver_at(self, now: float, *, lag: float = 10, cut_off: str = "") -> list[str]:
        self.stream.deliver_due(now, lag, lambda _primary, standby: standby != cut_off)
        return self.arrived


@pytest.fixture
def log() -> StreamHarness:
    return StreamHarness()


def test_change_arrives_once_after_the_lag(log: StreamHarness) -> None:
    log.record_change("a", at=0)

    assert log.deliver_at(9.9) == []
    assert log.deliver_at(10) == ["a"]
    assert log.deliver_at(20) == ["a"]


def test_changes_arrive_in_order(log: StreamHarness) -> None:
    log.record_change("a", at=0)
    log.record_change("b", at=1)

    assert log.deliver_at(100) == ["a", "b"]


def test_shorter_lag_applies_to_pending_changes(log: StreamHarness) -> None:
    log.record_change("a", at=0)

    assert log.deliver_at(2, lag=2) == ["a"]


def test_no_change_is_delivered_between_separated_regions(log: StreamHarness) -> None:
    log.record_change("a", at=0)
    log.record_change("b", at=0, standby="another")

    assert log.deliver_at(100, cut_off="standby") == ["b"]
    assert log.deliver_at(100) == ["b", "a"]


def test_change_does_not_overtake_a_blocked_change(log: StreamHarness) -> None:
    log.record_change("later", at=50)
    log.record_change("earlier", at=0)

    assert log.deliver_at(20) == []
    assert log.deliver_at(60) == ["later", "earlier"]


def test_two_directions_do_not_wait_for_each_other(log: StreamHarness) -> None:
    log.record_change("there", at=50)
    log.record_change("back", at=0, source_region="standby")

    assert log.deliver_at(20) == ["back"]
