"""Every policy, in the order of the tables."""

from collections.abc import Callable, Mapping
from functools import partial

from bench.played import Played
from bench.policies import controller, health_checks, keycloak, minute_lambda, oracle, region_switch
from bench.world.world import World

OURS = "ours"
ORACLE = "oracle"

POLICIES: Mapping[str, Callable[[World], Played]] = {
    OURS: partial(controller.play, changes=controller.DEFAULT),
    "ours, latch": partial(controller.play, changes=controller.DEFAULT, latched=True),
    "ours, 3 observers": partial(controller.play, changes=controller.OBSERVED, latched=True),
    "ours, fastest": partial(controller.play, changes=controller.FASTEST),
    "Route 53, threshold 1": partial(health_checks.play, threshold=1),
    "Route 53, threshold 3": partial(health_checks.play, threshold=3),
    "Keycloak's latch": keycloak.play,
    "login a minute": minute_lambda.play,
    "ARC Region switch": region_switch.play,
    ORACLE: oracle.play,
}
