"""Who can't reach whom, one by one, with three observers; docs/partitions.md tells the same in a table."""

from collections.abc import Callable

import pytest

from failover.errors import LedgerUnavailableError
from failover.region import Side
from tests.support.observers import (
    ALL_WELL,
    BLIND,
    HEALTHY,
    IRELAND,
    OREGON,
    PRIMARY_SICK,
    SICK,
    UNKNOWN,
    Together,
)
from tests.support.settings import VIRGINIA
from tests.unit.docs.pages import ROOT, table

STAYS, MOVES = "stays", "moves"
SETTLED_SECONDS = 125.0
LONG_SECONDS = 200.0


def nobody(_: Together) -> None:
    """Leave everything as it is."""


def one_observer_from_everything(together: Together) -> None:
    together.see(BLIND, IRELAND)
    together.mute = {IRELAND}


def one_observer_from_the_table(together: Together) -> None:
    together.mute = {IRELAND}


def one_observer_from_the_primary(together: Together) -> None:
    together.see(PRIMARY_SICK, IRELAND)


def one_observer_from_third_regions(together: Together) -> None:
    sees = together.eyes[IRELAND].sees
    together.eyes[IRELAND].sees = lambda at: (UNKNOWN, sees(at)[1], False) if sees(at)[0] is SICK else sees(at)


def one_observer_lies_that_the_primary_is_dead(together: Together) -> None:
    together.see(PRIMARY_SICK, OREGON)


def one_observer_lies_that_all_is_well(together: Together) -> None:
    together.see(ALL_WELL, OREGON)


def one_observers_clock_is_wrong(together: Together) -> None:
    together.eyes[OREGON].clock_error_seconds = 3600.0


def both_further_observers_from_the_table(together: Together) -> None:
    together.mute = {IRELAND, OREGON}


def both_further_observers_from_the_primary(together: Together) -> None:
    together.see(PRIMARY_SICK, IRELAND, OREGON)


def the_controller_from_the_primary(together: Together) -> None:
    together.see(PRIMARY_SICK, VIRGINIA)


def the_controller_and_one_observer_from_the_primary(together: Together) -> None:
    together.see(PRIMARY_SICK, VIRGINIA, IRELAND)


def the_controller_from_third_regions(together: Together) -> None:
    sees = together.eyes[VIRGINIA].sees
    together.eyes[VIRGINIA].sees = lambda at: (UNKNOWN if sees(at)[0] is SICK else sees(at)[0], sees(at)[1], False)


def the_controller_from_everything(together: Together) -> None:
    together.see((UNKNOWN, HEALTHY, False), VIRGINIA)
    together.mute = {IRELAND, OREGON}


def the_controller_from_what_the_observers_wrote(together: Together) -> None:
    def refuse(call_name: str) -> None:
        if call_name == "ledger.observations":
            raise LedgerUnavailableError("The table failed to read the observations")

    together.world.tap.asked = refuse


type Cut = Callable[[Together], None]

CUTS: dict[str, tuple[Cut, str, str]] = {
    "nobody": (nobody, STAYS, MOVES),
    "one further observer, from everything": (one_observer_from_everything, STAYS, MOVES),
    "one further observer, from the table": (one_observer_from_the_table, STAYS, MOVES),
    "one further observer, from the primary": (one_observer_from_the_primary, STAYS, MOVES),
    "one further observer, from third Regions": (one_observer_from_third_regions, STAYS, MOVES),
    "one further observer says that the primary is dead": (one_observer_lies_that_the_primary_is_dead, STAYS, MOVES),
    "one further observer says that all is well": (one_observer_lies_that_all_is_well, STAYS, MOVES),
    "one further observer's clock is an hour wrong": (one_observers_clock_is_wrong, STAYS, MOVES),
    "both further observers, from the table": (both_further_observers_from_the_table, STAYS, STAYS),
    "both further observers, from the primary": (both_further_observers_from_the_primary, MOVES, MOVES),
    "the controller, from the primary": (the_controller_from_the_primary, STAYS, MOVES),
    "the controller and one observer, from the primary": (
        the_controller_and_one_observer_from_the_primary,
        MOVES,
        MOVES,
    ),
    "the controller, from third Regions": (the_controller_from_third_regions, STAYS, MOVES),
    "the controller, from everything": (the_controller_from_everything, STAYS, STAYS),
    "the controller, from what the observers wrote": (the_controller_from_what_the_observers_wrote, STAYS, STAYS),
}


@pytest.mark.parametrize(("cut", "well", "_dead"), CUTS.values(), ids=CUTS)
def test_where_users_go_while_the_primary_is_well(cut: Cut, well: str, _dead: str) -> None:
    together = Together().run(SETTLED_SECONDS)
    cut(together)
    together.run(LONG_SECONDS)
    assert together.world.weights == {STAYS: (255, 0), MOVES: (0, 255)}[well]


@pytest.mark.parametrize(("cut", "_well", "dead"), CUTS.values(), ids=CUTS)
def test_where_users_go_once_the_primary_has_died(cut: Cut, _well: str, dead: str) -> None:
    together = Together().run(SETTLED_SECONDS)
    together.see(PRIMARY_SICK)
    cut(together)
    together.run(LONG_SECONDS)
    assert together.world.weights == {STAYS: (255, 0), MOVES: (0, 255)}[dead]


def test_the_documentation_tells_the_same() -> None:
    rows = table(ROOT / "docs" / "partitions.md", "cut off, of three", "primary well", "primary dead", "why")
    assert {row[0]: (row[1], row[2]) for row in rows} == {name: (well, dead) for name, (_, well, dead) in CUTS.items()}


def test_a_controller_left_alone_says_so_and_how_to_go_on() -> None:
    together = Together().run(SETTLED_SECONDS)
    both_further_observers_from_the_table(together)
    reason = together.run(60).world.state.reason
    assert "Only one of the 3 configured observers reports" in reason
    assert "override target-serves" in reason
    status = together.world.request("status")["status"]
    assert status["cut_off"]
    refused = together.world.request("failover", reason="I see it", token="t")
    assert (refused["done"], refused["refused_by"]) == (False, "target-serves")
    assert together.world.request("failover", reason="I see it", token="t", override=["target-serves"])["done"]


def test_observers_that_come_back_are_heard_again() -> None:
    together = Together().run(SETTLED_SECONDS)
    together.see(PRIMARY_SICK)
    both_further_observers_from_the_table(together)
    together.run(60)
    together.mute = set()
    together.run(60)
    assert together.world.state.active is Side.STANDBY
