from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bench.policies.controller import DEFAULT, FASTEST, OBSERVED, Controller, play, settings_with
from bench.scenarios.all import BY_NAME
from bench.world.health import WELL, Health, Manner, Replica
from bench.world.timeline import Timeline, during
from bench.world.users import sign_ins
from bench.world.world import ControlPlane, World
from failover.decision.state import State
from failover.region import Side
from tests.unit.bench.worlds import DOWN, ONSET, outage, world


def test_a_hard_outage_is_decided_within_what_the_settings_promise() -> None:
    played = play(outage(1200))

    (move,) = played.moves
    assert move.to is Side.STANDBY
    assert 0 < move.decided_at - ONSET <= settings_with(DEFAULT).decided_within_seconds


def test_the_answers_follow_the_decision_server_by_server() -> None:
    played = play(outage(1200))

    assert [share for _, share in played.answers] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert played.answers[1][0] > played.moves[0].decided_at


def test_the_same_seed_is_played_the_same() -> None:
    assert play(outage(1200, seed=3)) == play(outage(1200, seed=3))


def test_another_seed_is_played_otherwise() -> None:
    assert play(outage(1200, seed=3)) != play(outage(1200, seed=4))


def test_a_faster_controller_decides_sooner() -> None:
    by_default, fastest = play(outage(1200)).moves[0], play(outage(1200), FASTEST).moves[0]

    assert fastest.decided_at < by_default.decided_at


@pytest.mark.parametrize(
    "there",
    [
        pytest.param(
            lambda: world(*2 * (during(WELL, (ONSET, ONSET + 900, Health(throttled=0.5))),)), id="throttle storm"
        ),
        pytest.param(lambda: world(canary_accepted=during(True, (ONSET, ONSET + 900, False))), id="broken canary"),
        pytest.param(
            lambda: world(*2 * (during(WELL, (ONSET, ONSET + 900, Health(trigger_fails=True))),)), id="broken trigger"
        ),
        pytest.param(lambda: world(observer_online=during(True, (ONSET, ONSET + 900, False))), id="observer cut off"),
        pytest.param(lambda: world(*2 * (during(WELL, (ONSET, ONSET + 900, DOWN)),)), id="both down"),
        pytest.param(
            lambda: world(during(WELL, (ONSET, ONSET + 900, DOWN)), Timeline(Health(replica=Replica.INACTIVE))),
            id="replica INACTIVE",
        ),
    ],
)
def test_nobody_is_moved_for_what_a_move_does_not_help(there: Callable[[], World]) -> None:
    assert play(there()).moves == ()


def test_a_control_plane_that_is_down_holds_a_move_up_until_it_takes_changes() -> None:
    down = during(ControlPlane(), (ONSET, ONSET + 900, ControlPlane(up=False)))

    played = play(outage(1800, control_plane=down))

    assert played.moves[0].decided_at < ONSET + 60
    assert ONSET + 900 < played.answers[1][0] < ONSET + 1000


def test_a_person_brings_users_back_in_steps_when_the_primary_has_been_well_for_an_hour() -> None:
    played = play(outage(600, end=3 * 3600.0))

    _, back = played.moves
    assert back.to is Side.PRIMARY
    assert not back.automatic
    assert back.decided_at > ONSET + 600 + 3600
    assert played.answers[-1][1] == 0.0
    assert 0.5 in [round(share, 1) for at, share in played.answers if at > back.decided_at]


SKIPPED = [
    pytest.param(lambda: outage(40 * 60, end=4 * 3600.0), id="an outage and its failback"),
    pytest.param(lambda: outage(25, Health(failing=1.0, manner=Manner.HANGS_LATER), end=3 * 3600.0), id="a short one"),
    pytest.param(lambda: outage(600, Health(failing=0.3), end=2 * 3600.0), id="a brownout"),
    pytest.param(lambda: BY_NAME["standby fails after a failover"].world(1), id="both, one after the other"),
    pytest.param(lambda: BY_NAME["observer cut off"].world(2), id="observer cut off"),
    pytest.param(lambda: BY_NAME["canary broken"].world(3), id="canary broken"),
    pytest.param(lambda: replace(BY_NAME["a year of rough weather"].world(116), end=36 * 3600.0), id="rough days"),
]


@pytest.mark.parametrize("there", SKIPPED)
def test_leaving_out_quiet_time_changes_nothing(there: Callable[[], World]) -> None:
    skipping, watching = Controller(there()), Controller(there(), skip_quiet=False)

    played, in_full = skipping.play(), watching.play()

    assert played == in_full
    assert sign_ins(there(), played.answers) == sign_ins(there(), in_full.answers)
    assert remembered(skipping.state) == remembered(watching.state)


@pytest.mark.parametrize("changes", [OBSERVED, FASTEST], ids=["3 observers", "fastest"])
@pytest.mark.parametrize("seconds", [25, 1200], ids=["a glitch", "an outage"])
def test_nor_does_it_with_other_settings_and_the_latch(changes: Mapping[str, Any], seconds: float) -> None:
    there = outage(seconds, end=2 * 3600.0)
    skipping = Controller(there, changes, latched=True)
    watching = Controller(there, changes, latched=True, skip_quiet=False)

    assert skipping.play() == watching.play()
    assert remembered(skipping.state) == remembered(watching.state)


def test_quiet_time_is_really_left_out() -> None:
    skipping, watching = Controller(outage(60, end=86_400.0)), Controller(outage(60, end=86_400.0), skip_quiet=False)

    assert skipping.play() == watching.play()
    assert skipping.rounds_made < watching.rounds_made / 5


def remembered(state: State) -> State:
    """Leave aside what only counts quiet rounds."""
    streaks = state.streaks
    return replace(
        state,
        streaks=type(streaks)(
            primary=replace(streaks.primary, rounds=0, since=0.0), standby=replace(streaks.standby, rounds=0, since=0.0)
        ),
        surveyed=replace(state.surveyed, at=0.0) if state.surveyed else None,
    )


def test_a_played_day_says_when_trouble_was_first_seen() -> None:
    played = play(outage(1200))

    assert ONSET < played.suspected[0] < ONSET + 15
