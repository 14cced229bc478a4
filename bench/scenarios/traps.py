"""What looks like an outage of the primary and isn't, and outages in which the standby is no help."""

from collections.abc import Callable

from bench.scenarios.outages import HOUR, MINUTE, primary_fails
from bench.scenarios.scenario import AFTERWARDS_SECONDS, FEW_SEEDS, Scenario, onset_of
from bench.world.chance import Chance
from bench.world.health import WELL, Health, Manner, Replica
from bench.world.timeline import Timeline, during
from bench.world.world import ControlPlane, World
from failover.region import PerSide

DOWN = Health(failing=1.0, manner=Manner.HANGS_ON_CONNECT)


def _lasting(seconds: float) -> Callable[[Chance], tuple[float, float, float]]:
    """Return what gives onset, end of the trouble and end of the simulation."""

    def times(chance: Chance) -> tuple[float, float, float]:
        onset = onset_of(chance)
        return onset, onset + seconds, onset + seconds + AFTERWARDS_SECONDS

    return times


def _both(primary: Health, standby: Health, seconds: float) -> Callable[[Chance], World]:
    """Return a builder of worlds in which both Regions are so for a while."""

    def build(chance: Chance) -> World:
        onset, over, end = _lasting(seconds)(chance)
        return World(
            chance=chance,
            onset=onset,
            end=end,
            regions=PerSide(primary=during(WELL, (onset, over, primary)), standby=during(WELL, (onset, over, standby))),
        )

    return build


def _canary_broken(chance: Chance) -> World:
    onset, over, end = _lasting(HOUR)(chance)
    return World(chance=chance, onset=onset, end=end, canary_accepted=during(True, (onset, over, False)))


def _observer_cut(chance: Chance) -> World:
    onset, over, end = _lasting(10 * MINUTE)(chance)
    return World(chance=chance, onset=onset, end=end, observer_online=during(True, (onset, over, False)))


def _path_cut(chance: Chance) -> World:
    onset, over, end = _lasting(10 * MINUTE)(chance)
    return World(chance=chance, onset=onset, end=end, path_to_primary=during(True, (onset, over, False)))


def _replica_unfit(replica: Replica) -> Callable[[Chance], World]:
    """Return a builder of worlds with a replica that was unfit long before the primary fails."""

    def build(chance: Chance) -> World:
        onset, over, end = _lasting(30 * MINUTE)(chance)
        return World(
            chance=chance,
            onset=onset,
            end=end,
            regions=PerSide(primary=during(WELL, (onset, over, DOWN)), standby=Timeline(Health(replica=replica))),
        )

    return build


def _replica_down(chance: Chance) -> World:
    onset, over, end = _lasting(30 * MINUTE)(chance)
    return World(
        chance=chance,
        onset=onset,
        end=end,
        regions=PerSide(primary=Timeline(WELL), standby=during(WELL, (onset, over, DOWN))),
    )


def _standby_fails_later(chance: Chance) -> World:
    """Return a world whose standby fails half an hour after the primary is well again, with users still there."""
    onset = onset_of(chance)
    standby_from = onset + 60 * MINUTE
    return World(
        chance=chance,
        onset=onset,
        end=standby_from + 30 * MINUTE + AFTERWARDS_SECONDS,
        regions=PerSide(
            primary=during(WELL, (onset, onset + 30 * MINUTE, DOWN)),
            standby=during(WELL, (standby_from, standby_from + 30 * MINUTE, DOWN)),
        ),
    )


def _control_plane(plane: ControlPlane) -> Callable[[Chance], World]:
    """Return a builder of worlds in which the primary is us-east-1, and takes Route 53's control plane with it."""

    def build(chance: Chance) -> World:
        world = primary_fails(chance, 2 * HOUR, DOWN)
        return World(
            chance=chance,
            onset=world.onset,
            end=world.end,
            regions=world.regions,
            control_plane=during(ControlPlane(), (world.onset, world.onset + 2 * HOUR, plane)),
        )

    return build


def _scenario(*, name: str, group: str, build: Callable[[Chance], World]) -> Scenario:
    return Scenario(name=name, group=group, build=build, seeds=FEW_SEEDS)


_STORM = Health(throttled=0.3)
_TRIGGER = Health(trigger_fails=True)

_NOT_THE_REGION = "Looks like an outage, and isn't"
_NO_HELP = "The standby is no help"
_CONTROL_PLANE = "Route 53's control plane"

SCENARIOS = (
    _scenario(name="throttle storm", group=_NOT_THE_REGION, build=_both(_STORM, _STORM, 20 * MINUTE)),
    _scenario(name="canary broken", group=_NOT_THE_REGION, build=_canary_broken),
    _scenario(name="trigger broken in both", group=_NOT_THE_REGION, build=_both(_TRIGGER, _TRIGGER, 30 * MINUTE)),
    _scenario(name="observer cut off", group=_NOT_THE_REGION, build=_observer_cut),
    _scenario(name="observer's path to the primary cut", group=_NOT_THE_REGION, build=_path_cut),
    _scenario(name="replica down", group=_NO_HELP, build=_replica_down),
    _scenario(name="primary down, replica INACTIVE", group=_NO_HELP, build=_replica_unfit(Replica.INACTIVE)),
    _scenario(name="primary down, replica stale", group=_NO_HELP, build=_replica_unfit(Replica.STALE)),
    _scenario(name="both down", group=_NO_HELP, build=_both(DOWN, DOWN, 30 * MINUTE)),
    _scenario(name="standby fails after a failover", group=_NO_HELP, build=_standby_fails_later),
    _scenario(name="control plane down too", group=_CONTROL_PLANE, build=_control_plane(ControlPlane(up=False))),
    _scenario(
        name="control plane throttles 70 %", group=_CONTROL_PLANE, build=_control_plane(ControlPlane(throttled=0.7))
    ),
)
