"""Each alarm of an observer rings for its cause, and for nothing else."""

import pytest

from tests.support.alarm_causes import AlarmCauses
from tests.support.observer_alarm_simulation import ObserverAlarmSimulation, start_observer_alarm_simulation
from tests.unit.template.rendering import has_alarm_actions, list_alarms
from tests.unit.template.test_observer import OBSERVER, render_stack

CAUSES = AlarmCauses[ObserverAlarmSimulation]()
EXPECTED_ALARMS, triggers = CAUSES.by_name, CAUSES.register


def start_simulation() -> ObserverAlarmSimulation:
    return start_observer_alarm_simulation(render_stack())


@triggers()
def normal_operation() -> ObserverAlarmSimulation:
    return start_simulation().run(24 * 60)


@triggers("controller-heartbeat")
def controller_silent() -> ObserverAlarmSimulation:
    night = start_simulation()
    night.table.is_controller_running = False
    return night.run(30)


@triggers()
def controller_silent_for_two_minutes() -> ObserverAlarmSimulation:
    night = start_simulation()
    night.table.is_controller_running = False
    night.run(2)
    night.table.is_controller_running = True
    return night.run(20)


@triggers("observer-silent")
def observer_not_starting() -> ObserverAlarmSimulation:
    return start_simulation().run_without_invocations(30)


@triggers("observer-silent")
def observer_recovers_after_half_an_hour() -> ObserverAlarmSimulation:
    return start_simulation().run_without_invocations(30).run(20)


@triggers()
def one_start_missed() -> ObserverAlarmSimulation:
    return start_simulation().run_without_invocations(1).run(20)


@triggers("observer-errors", "controller-heartbeat")
def ledger_unreachable_with_standby_region_down() -> ObserverAlarmSimulation:
    night = start_simulation()
    night.table.is_available = False
    return night.run(30)


@pytest.mark.parametrize("cause", EXPECTED_ALARMS)
def test_cause_triggers_only_its_alarms(cause: str) -> None:
    alarms, happens = EXPECTED_ALARMS[cause]
    assert set(happens().alarms.triggered) == alarms


def test_every_alarm_has_a_cause() -> None:
    notified_alarms = {name for logical, name in list_alarms(OBSERVER).items() if has_alarm_actions(OBSERVER, logical)}
    assert {alarm for alarms, _ in EXPECTED_ALARMS.values() for alarm in alarms} == notified_alarms
    assert len(notified_alarms) == 3


def test_restored_heartbeat_clears_alarm() -> None:
    night = start_simulation()
    night.table.is_controller_running = False
    assert night.run(10).alarms.active == {"controller-heartbeat"}
    night.table.is_controller_running = True
    assert night.run(5).alarms.active == set()
