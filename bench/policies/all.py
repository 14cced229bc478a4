"""Every policy, in the order of the tables."""

from collections.abc import Callable, Mapping
from functools import partial

from bench.policies import controller, health_checks, keycloak, oracle, region_switch, scheduled_lambda
from bench.simulation_result import SimulationResult
from bench.world.simulated_world import SimulatedWorld

OURS = "ours"
ORACLE = "oracle"

POLICIES: Mapping[str, Callable[[SimulatedWorld], SimulationResult]] = {
    OURS: partial(controller.simulate, overrides=controller.DEFAULT_SETTINGS),
    "ours, latch": partial(controller.simulate, overrides=controller.DEFAULT_SETTINGS, has_latch=True),
    "ours, 3 observers": partial(controller.simulate, overrides=controller.MULTI_OBSERVER_SETTINGS, has_latch=True),
    "ours, fastest": partial(controller.simulate, overrides=controller.FASTEST_SETTINGS),
    "Route 53, threshold 1": partial(health_checks.simulate, threshold=1),
    "Route 53, threshold 3": partial(health_checks.simulate, threshold=3),
    "Keycloak's latch": keycloak.simulate,
    "login a minute": scheduled_lambda.simulate,
    "ARC Region switch": region_switch.simulate,
    ORACLE: oracle.simulate,
}
