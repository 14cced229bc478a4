"""Network partitions with three observers: each row of the table in docs/partitions.md."""

from collections.abc import Callable

import pytest

from cognito_failover.common.errors import LedgerUnavailableError
from cognito_failover.common.region import RegionRole
from tests.support.multi_observer import (
    ALL_HEALTHY,
    HEALTHY,
    IRELAND,
    ISOLATED,
    OREGON,
    PRIMARY_SICK,
    SICK,
    UNKNOWN,
    MultiObserver,
)
from tests.support.settings import VIRGINIA
from tests.unit.docs.pages import ROOT, read_table

STAYS, MOVES = "stays", "moves"
SETTLING_SECONDS = 125.0
LONG_SECONDS = 200.0


def cut_nothing(_: MultiObserver) -> None:
    """Change nothing."""


def cut_one_observer_from_everything(together: MultiObserver) -> None:
    together.set_view(ISOLATED, IRELAND)
    together.disconnected = {IRELAND}


def cut_one_observer_from_ledger(together: MultiObserver) -> None:
    together.disconnected = {IRELAND}


def cut_one_observer_from_primary(together: MultiObserver) -> None:
    together.set_view(PRIMARY_SICK, IRELAND)


def cut_one_observer_from_third_regions(together: MultiObserver) -> None:
    sees = together.views[IRELAND].state_at
    together.views[IRELAND].state_at = lambda at: (UNKNOWN, sees(at)[1], False) if sees(at)[0] is SICK else sees(at)


def make_one_observer_report_primary_dead(together: MultiObserver) -> None:
    together.set_view(PRIMARY_SICK, OREGON)


def make_one_observer_report_all_healthy(together: MultiObserver) -> None:
    together.set_view(ALL_HEALTHY, OREGON)


def skew_one_observers_clock(together: MultiObserver) -> None:
    together.views[OREGON].clock_error_seconds = 3600.0


def cut_both_remote_observers_from_ledger(together: MultiObserver) -> None:
    together.disconnected = {IRELAND, OREGON}


def cut_both_remote_observers_from_primary(together: MultiObserver) -> None:
    together.set_view(PRIMARY_SICK, IRELAND, OREGON)


def cut_controller_from_primary(together: MultiObserver) -> None:
    together.set_view(PRIMARY_SICK, VIRGINIA)


def cut_controller_and_one_observer_from_primary(together: MultiObserver) -> None:
    together.set_view(PRIMARY_SICK, VIRGINIA, IRELAND)


def cut_controller_from_third_regions(together: MultiObserver) -> None:
    sees = together.views[VIRGINIA].state_at
    together.views[VIRGINIA].state_at = lambda at: (UNKNOWN if sees(at)[0] is SICK else sees(at)[0], sees(at)[1], False)


def cut_controller_from_everything(together: MultiObserver) -> None:
    together.set_view((UNKNOWN, HEALTHY, False), VIRGINIA)
    together.disconnected = {IRELAND, OREGON}


def cut_controller_from_observations(together: MultiObserver) -> None:
    def refuse(call_name: str) -> None:
        if call_name == "ledger.load_observations":
            raise LedgerUnavailableError("The table failed to read the observations")

    together.world.fault_injector.before_call = refuse


type PartitionScenario = Callable[[MultiObserver], None]

PARTITIONS: dict[str, tuple[PartitionScenario, str, str]] = {
    "none": (cut_nothing, STAYS, MOVES),
    "one remote observer, from everything": (cut_one_observer_from_everything, STAYS, MOVES),
    "one remote observer, from the table": (cut_one_observer_from_ledger, STAYS, MOVES),
    "one remote observer, from the primary": (cut_one_observer_from_primary, STAYS, MOVES),
    "one remote observer, from witness Regions": (cut_one_observer_from_third_regions, STAYS, MOVES),
    "one remote observer reports that the primary is dead": (make_one_observer_report_primary_dead, STAYS, MOVES),
    "one remote observer reports that the primary is healthy": (make_one_observer_report_all_healthy, STAYS, MOVES),
    "one remote observer's clock is an hour wrong": (skew_one_observers_clock, STAYS, MOVES),
    "both remote observers, from the table": (cut_both_remote_observers_from_ledger, STAYS, STAYS),
    "both remote observers, from the primary": (cut_both_remote_observers_from_primary, MOVES, MOVES),
    "the controller, from the primary": (cut_controller_from_primary, STAYS, MOVES),
    "the controller and one observer, from the primary": (
        cut_controller_and_one_observer_from_primary,
        MOVES,
        MOVES,
    ),
    "the controller, from witness Regions": (cut_controller_from_third_regions, STAYS, MOVES),
    "the controller, from everything": (cut_controller_from_everything, STAYS, STAYS),
    "the controller, from the observers' items": (cut_controller_from_observations, STAYS, STAYS),
}


@pytest.mark.parametrize(("cut", "expected", "_other"), PARTITIONS.values(), ids=PARTITIONS)
def test_partition_with_healthy_primary_has_expected_outcome(
    cut: PartitionScenario, expected: str, _other: str
) -> None:
    together = MultiObserver().run(SETTLING_SECONDS)
    cut(together)
    together.run(LONG_SECONDS)
    assert together.world.weights == {STAYS: (255, 0), MOVES: (0, 255)}[expected]


@pytest.mark.parametrize(("cut", "_other", "expected"), PARTITIONS.values(), ids=PARTITIONS)
def test_partition_with_dead_primary_has_expected_outcome(cut: PartitionScenario, _other: str, expected: str) -> None:
    together = MultiObserver().run(SETTLING_SECONDS)
    together.set_view(PRIMARY_SICK)
    cut(together)
    together.run(LONG_SECONDS)
    assert together.world.weights == {STAYS: (255, 0), MOVES: (0, 255)}[expected]


def test_documentation_matches_partitions() -> None:
    rows = read_table(ROOT / "docs" / "partitions.md", "cut off, of three", "primary healthy", "primary dead", "why")
    assert {row[0]: (row[1], row[2]) for row in rows} == {
        name: (healthy_outcome, dead_outcome) for name, (_, healthy_outcome, dead_outcome) in PARTITIONS.items()
    }


def test_isolated_controller_reports_it_with_next_steps() -> None:
    together = MultiObserver().run(SETTLING_SECONDS)
    cut_both_remote_observers_from_ledger(together)
    reason = together.run(60).world.state.round_message
    assert "Only one of the 3 configured observers reports" in reason
    assert "override target-healthy" in reason
    status = together.world.request("status")["status"]
    assert status["isolated"]
    refused = together.world.request("failover", reason="I see it", token="t")
    assert (refused["done"], refused["refused_by"]) == (False, "target-healthy")
    assert together.world.request("failover", reason="I see it", token="t", override=["target-healthy"])["done"]


def test_returning_observers_count_again() -> None:
    together = MultiObserver().run(SETTLING_SECONDS)
    together.set_view(PRIMARY_SICK)
    cut_both_remote_observers_from_ledger(together)
    together.run(60)
    together.disconnected = set()
    together.run(60)
    assert together.world.state.active_role is RegionRole.STANDBY
