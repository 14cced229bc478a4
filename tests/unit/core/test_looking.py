"""When the world is looked at: about once a minute, and never on the way to a decision."""

from typing import Any

import pytest

from failover.decision.knowledge import Knowledge
from failover.decision.looking import is_due
from failover.decision.state import Hold, State, Surveyed, Trailing
from failover.decision.suspicion import Suspicion
from failover.probe.verdict import Verdict
from failover.region import Side, all_to
from tests.support.drill_values import knowledge
from tests.support.settings import settings

NOW = 1_800_000_000.0
LONG_AGO = NOW - 3_600
SETTINGS = settings()
SUSPECTED = Suspicion(side=Side.PRIMARY, evidence=3, rounds=1, sick_rounds=1, since=NOW - 10)


def due(*, seen: Knowledge | None = None, **changes: Any) -> bool:
    usual: dict[str, Any] = {
        "born_at": LONG_AGO,
        "active": Side.PRIMARY,
        "active_since": LONG_AGO,
        "weights": all_to(Side.PRIMARY),
        "surveyed": Surveyed(at=LONG_AGO),
        "last_round_at": NOW - 10,
    }
    return is_due(State(**{**usual, **changes}), seen or knowledge(), SETTINGS, NOW)


@pytest.mark.parametrize(("seconds", "is_time"), [(58.9, False), (59, True), (3_600, True)])
def test_a_second_less_than_a_minute_after_the_last_look_it_is_time_again(seconds: float, is_time: bool) -> None:
    assert due(surveyed=Surveyed(at=NOW - seconds)) is is_time
    assert due(surveyed=Surveyed(at=LONG_AGO, tried_at=NOW - seconds)) is is_time, "one in vain counts, too"


def test_nothing_known_of_the_world_is_reason_enough() -> None:
    assert due(surveyed=None, suspicion=SUSPECTED, seen=knowledge(Verdict.SICK))


@pytest.mark.parametrize(("ended_at", "is_time"), [(NOW - 11, False), (NOW - 10, False), (NOW - 9, True)])
def test_after_a_move_it_is_looked_at_once_more(ended_at: float, is_time: bool) -> None:
    assert due(surveyed=Surveyed(at=NOW - 10), last_move_ended_at=ended_at) is is_time


def test_a_round_that_sees_the_serving_region_sick_does_not_look() -> None:
    assert not due(seen=knowledge(Verdict.SICK))


def test_nor_does_a_well_one_in_the_middle_of_a_suspicion() -> None:
    assert not due(suspicion=SUSPECTED)


def test_a_suspicion_from_before_a_long_silence_keeps_nobody_from_looking() -> None:
    assert due(suspicion=SUSPECTED, last_round_at=NOW - 600)


def test_one_that_has_been_enough_and_moved_nobody_keeps_nobody_from_looking_either() -> None:
    enough = Suspicion(side=Side.PRIMARY, evidence=9, rounds=3, sick_rounds=3, since=NOW - 30)
    assert due(suspicion=enough, seen=knowledge(Verdict.SICK))


def test_a_standby_that_is_sick_is_no_reason_to_wait() -> None:
    assert due(seen=knowledge(standby=Verdict.SICK))


def test_while_weights_follow_their_driver_looks_unless_they_wait_for_a_person() -> None:
    trailing = Trailing()
    assert not due(trailing=trailing)
    assert due(trailing=trailing, hold=Hold(since=LONG_AGO, reason="a rule was overridden"))
