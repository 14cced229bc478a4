import pytest

from bench.policies import health_checks, keycloak, minute_lambda, oracle, region_switch
from bench.policies.all import ORACLE, POLICIES
from bench.scenarios.outages import SCENARIOS as OUTAGES
from bench.scenarios.scenario import Scenario
from bench.score import score
from bench.world.health import WELL
from bench.world.timeline import during
from bench.world.world import ControlPlane
from failover.region import Side
from tests.unit.bench.worlds import DOWN, ONSET, outage, world

HARD = [each for each in OUTAGES if each.name.startswith(("hard outage", "outage of"))]


@pytest.mark.parametrize("scenario", HARD, ids=[each.name for each in HARD])
def test_nobody_loses_fewer_sign_ins_than_the_oracle_in_a_hard_outage(scenario: Scenario) -> None:
    for seed in range(2):
        there = scenario.world(seed)
        lost = {policy: score(there, play(there)).lost for policy, play in POLICIES.items()}
        assert min(lost.values()) == pytest.approx(lost[ORACLE])


def test_the_oracle_sends_users_away_at_once_and_leaves_a_glitch_alone() -> None:
    (move,) = oracle.play(outage(600)).moves
    assert move.decided_at == ONSET
    assert oracle.play(outage(0.5)).moves == ()


def test_route_53_goes_back_at_once_when_the_primary_is_well() -> None:
    away, back = health_checks.play(outage(600), threshold=1).moves

    assert (away.to, back.to) == (Side.STANDBY, Side.PRIMARY)
    assert back.automatic
    assert 600 < back.decided_at - ONSET < 611


def test_route_53_answers_the_primary_while_both_are_unhealthy() -> None:
    both = during(WELL, (ONSET, ONSET + 600, DOWN))

    played = health_checks.play(world(both, during(WELL, (ONSET - 60, ONSET + 700, DOWN))), threshold=1)

    assert played.moves == ()


def test_keycloak_s_latch_holds_users_on_the_standby_until_a_person_comes() -> None:
    away, back = keycloak.play(outage(600, end=3 * 3600.0)).moves

    assert away.to is Side.STANDBY
    assert not back.automatic
    assert back.decided_at == ONSET + 600 + 3600


def test_keycloak_s_latch_does_not_hold_while_route_53_takes_no_changes() -> None:
    down = during(ControlPlane(), (ONSET, ONSET + 3000, ControlPlane(up=False)))

    away, back = keycloak.play(outage(600, end=3 * 3600.0, control_plane=down)).moves

    assert away.decided_at < ONSET + 60
    assert back.automatic
    assert back.decided_at < ONSET + 660


def test_a_login_a_minute_takes_three_of_them() -> None:
    (move,) = minute_lambda.play(outage(1200)).moves

    assert 120 < move.decided_at - ONSET < 190


def test_a_login_a_minute_waits_for_a_control_plane_that_is_down() -> None:
    down = during(ControlPlane(), (ONSET, ONSET + 900, ControlPlane(up=False)))

    played = minute_lambda.play(outage(1800, control_plane=down))

    assert played.moves[0].decided_at < ONSET + 190
    assert played.answers[1][0] > ONSET + 900


def test_whoever_takes_any_failure_for_the_region_s_moves_for_a_broken_canary() -> None:
    there = world(canary_accepted=during(True, (ONSET, ONSET + 900, False)))

    assert minute_lambda.play(there).moves
    assert region_switch.play(there).moves
    assert not health_checks.play(there, threshold=1).moves


def test_region_switch_moves_on_the_data_plane_after_two_failing_minutes() -> None:
    down = during(ControlPlane(), (ONSET, ONSET + 3000, ControlPlane(up=False)))

    played = region_switch.play(outage(1200, control_plane=down))

    assert 60 < played.moves[0].decided_at - ONSET < 140
    assert played.answers[1][0] < ONSET + 240
