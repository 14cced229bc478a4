import pytest

from bench.policies import health_checks, keycloak, oracle, region_switch, scheduled_lambda
from bench.policies.all import ORACLE, POLICIES
from bench.scenarios.outages import SCENARIOS as OUTAGES
from bench.scenarios.scenario import BenchScenario
from bench.score import compute_score
from bench.world.region_health import HEALTHY
from bench.world.simulated_world import ControlPlaneHealth
from bench.world.step_function import with_episodes
from cognito_failover.common.region import RegionRole
from tests.unit.bench.simulated_worlds import DOWN, ONSET, make_outage, make_world

HARD_OUTAGES = [scenario for scenario in OUTAGES if scenario.name.startswith(("hard outage", "outage of"))]


@pytest.mark.parametrize("scenario", HARD_OUTAGES, ids=[scenario.name for scenario in HARD_OUTAGES])
def test_oracle_loses_fewest_sign_ins_in_hard_outage(scenario: BenchScenario) -> None:
    for seed in range(2):
        world = scenario.build_world(seed)
        lost = {policy: compute_score(world, run_policy(world)).lost for policy, run_policy in POLICIES.items()}
        assert min(lost.values()) == pytest.approx(lost[ORACLE])


def test_oracle_moves_immediately_and_ignores_a_glitch() -> None:
    (move,) = oracle.simulate(make_outage(600)).moves
    assert move.decided_at == ONSET
    assert oracle.simulate(make_outage(0.5)).moves == ()


def test_route_53_fails_back_immediately_when_the_primary_recovers() -> None:
    away, back = health_checks.simulate(make_outage(600), threshold=1).moves

    assert (away.destination, back.destination) == (RegionRole.STANDBY, RegionRole.PRIMARY)
    assert back.is_automatic
    assert 600 < back.decided_at - ONSET < 611


def test_route_53_answers_the_primary_while_both_are_unhealthy() -> None:
    both = with_episodes(HEALTHY, (ONSET, ONSET + 600, DOWN))

    result = health_checks.simulate(
        make_world(both, with_episodes(HEALTHY, (ONSET - 60, ONSET + 700, DOWN))), threshold=1
    )

    assert result.moves == ()


def test_keycloak_latch_keeps_users_on_standby_until_manual_failback() -> None:
    away, back = keycloak.simulate(make_outage(600, end=3 * 3600.0)).moves

    assert away.destination is RegionRole.STANDBY
    assert not back.is_automatic
    assert back.decided_at == ONSET + 600 + 3600


def test_keycloak_latch_fails_without_control_plane() -> None:
    down = with_episodes(ControlPlaneHealth(), (ONSET, ONSET + 3000, ControlPlaneHealth(is_available=False)))

    away, back = keycloak.simulate(make_outage(600, end=3 * 3600.0, control_plane=down)).moves

    assert away.decided_at < ONSET + 60
    assert back.is_automatic
    assert back.decided_at < ONSET + 660


def test_scheduled_login_moves_after_three_failures() -> None:
    (move,) = scheduled_lambda.simulate(make_outage(1200)).moves

    assert 120 < move.decided_at - ONSET < 190


def test_scheduled_login_waits_for_the_control_plane() -> None:
    down = with_episodes(ControlPlaneHealth(), (ONSET, ONSET + 900, ControlPlaneHealth(is_available=False)))

    result = scheduled_lambda.simulate(make_outage(1800, control_plane=down))

    assert result.moves[0].decided_at < ONSET + 190
    assert result.answers[1][0] > ONSET + 900


def test_naive_policies_move_for_a_broken_canary() -> None:
    world = make_world(canary_accepted=with_episodes(True, (ONSET, ONSET + 900, False)))

    assert scheduled_lambda.simulate(world).moves
    assert region_switch.simulate(world).moves
    assert not health_checks.simulate(world, threshold=1).moves


def test_region_switch_moves_on_the_data_plane_after_two_failures() -> None:
    down = with_episodes(ControlPlaneHealth(), (ONSET, ONSET + 3000, ControlPlaneHealth(is_available=False)))

    result = region_switch.simulate(make_outage(1200, control_plane=down))

    assert 60 < result.moves[0].decided_at - ONSET < 140
    assert result.answers[1][0] < ONSET + 240
