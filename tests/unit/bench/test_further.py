"""Further observers in the simulation: what each sees, when it is known, and what a majority makes of it."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from bench.policies.controller import DEFAULT, OBSERVED, Controller, play, settings_with
from bench.policies.further import Lookout, SharedLedger
from bench.scenarios.all import BY_NAME
from bench.world.health import Health, Manner
from bench.world.timeline import during
from bench.world.world import World
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.unit.bench.worlds import ONSET, outage, world

SETTINGS = settings_with(OBSERVED)


def lookout(there: World) -> Lookout:
    return Lookout("eu-west-1", settings=SETTINGS, world=there, standby_load=lambda: 0.0)


def test_it_looks_at_every_beat_and_sooner_once_it_has_seen_something() -> None:
    looker = lookout(outage(600))
    seen = [looker.latest(ONSET - 30 + second) for second in range(90)]
    moments = sorted({each.observed_at for each in seen if each})
    gaps = [round(after - before) for before, after in pairwise(moments)]
    assert SETTINGS.suspect_interval_seconds in gaps
    assert max(gaps) <= SETTINGS.round_interval_seconds
    assert gaps.index(SETTINGS.suspect_interval_seconds) >= 2, "not before the outage"


def test_what_it_sees_is_known_only_when_its_look_is_over() -> None:
    looker = lookout(outage(600, Health(failing=1.0, manner=Manner.HANGS_LATER)))
    known = [(ONSET + tenth / 10, looker.latest(ONSET + tenth / 10)) for tenth in range(200)]
    assert all(each and each.observed_at <= asked_at for asked_at, each in known)
    first_sick_at = next(at for at, each in known if each and each.readings.primary.verdict is Verdict.SICK)
    assert first_sick_at >= ONSET + SETTINGS.read_timeout_seconds


def test_it_sees_what_is_cut_off_from_the_standby_region_only() -> None:
    there = world(path_to_primary=during(True, (ONSET, ONSET + 600, False)))
    seen = lookout(there).latest(ONSET + 30)
    assert seen
    assert (seen.observer, seen.readings.primary.verdict, seen.witness_answered) == (
        "eu-west-1",
        Verdict.HEALTHY,
        True,
    )


def test_nothing_arrives_in_a_region_that_is_cut_off() -> None:
    there = world(observer_online=during(True, (ONSET, ONSET + 600, False)))
    now = ONSET - 1
    ledger = SharedLedger([lookout(there)], world=there, clock=lambda: now)
    (before,) = ledger.observations(["eu-west-1"])
    now = ONSET + 300
    assert ledger.observations(["eu-west-1"]) == (before,)
    now = ONSET + 700
    assert ledger.observations(["eu-west-1"]) != (before,)


def test_a_single_observer_takes_its_own_path_for_the_primary_and_three_do_not() -> None:
    there = world(path_to_primary=during(True, (ONSET, ONSET + 600, False)))
    (move,) = play(there, DEFAULT).moves
    assert move.to is Side.STANDBY
    assert play(there, OBSERVED).moves == ()


def test_three_observers_decide_an_outage_within_an_interval_more_than_one() -> None:
    for seed in range(2):
        alone, together = (play(outage(1200, seed=seed), changes).moves[0] for changes in (DEFAULT, OBSERVED))
        assert together.decided_at - alone.decided_at <= SETTINGS.round_interval_seconds


SKIPPED = [
    pytest.param(lambda: outage(25 * 60, end=3 * 3600.0), id="an outage"),
    pytest.param(lambda: BY_NAME["hard outage: refused"].world(36), id="one that one observer sees first"),
]


@pytest.mark.parametrize("there", SKIPPED)
def test_leaving_out_quiet_time_changes_nothing_with_them_either(there: Callable[[], World]) -> None:
    skipping, watching = Controller(there(), OBSERVED), Controller(there(), OBSERVED, skip_quiet=False)
    assert skipping.play() == watching.play()
    assert skipping.rounds_made < watching.rounds_made
