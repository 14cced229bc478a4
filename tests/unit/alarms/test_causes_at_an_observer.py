"""Each alarm of an observer rings for its cause, and for nothing else."""

import pytest

from tests.support.causes import Causes
from tests.support.vigil import Vigil, vigil
from tests.unit.template.rendering import alarms_in, tells_people
from tests.unit.template.test_observer import OBSERVER, stack

CAUSES = Causes[Vigil]()
RINGS, rings = CAUSES.by_name, CAUSES.ring


def begun() -> Vigil:
    return vigil(stack())


@rings()
def a_quiet_day() -> Vigil:
    return begun().run(24 * 60)


@rings("controller-heartbeat")
def the_controller_makes_no_rounds() -> Vigil:
    night = begun()
    night.table.controller_runs = False
    return night.run(30)


@rings()
def the_controller_misses_two_minutes() -> Vigil:
    night = begun()
    night.table.controller_runs = False
    night.run(2)
    night.table.controller_runs = True
    return night.run(20)


@rings("observer-silent")
def the_observer_does_not_start() -> Vigil:
    return begun().without_starts(30)


@rings("observer-silent")
def the_observer_comes_back_after_half_an_hour() -> Vigil:
    return begun().without_starts(30).run(20)


@rings()
def one_start_is_missed() -> Vigil:
    return begun().without_starts(1).run(20)


@rings("observer-errors", "controller-heartbeat")
def the_table_is_out_of_reach_as_it_is_with_the_standby_region_gone() -> Vigil:
    night = begun()
    night.table.works = False
    return night.run(30)


@pytest.mark.parametrize("cause", RINGS)
def test_a_cause_rings_its_alarms_and_no_other(cause: str) -> None:
    alarms, happens = RINGS[cause]
    assert set(happens().alarms.rang) == alarms


def test_every_alarm_has_a_cause() -> None:
    told = {name for logical, name in alarms_in(OBSERVER).items() if tells_people(OBSERVER, logical)}
    assert {alarm for alarms, _ in RINGS.values() for alarm in alarms} == told
    assert len(told) == 3


def test_a_heartbeat_seen_again_ends_its_alarm() -> None:
    night = begun()
    night.table.controller_runs = False
    assert night.run(10).alarms.ringing == {"controller-heartbeat"}
    night.table.controller_runs = True
    assert night.run(5).alarms.ringing == set()
