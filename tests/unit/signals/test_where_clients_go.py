"""Where clients that choose the Region are sent, through whole moves, compared with where traffic goes."""

import pytest

from failover.decision.announcement import Kind
from failover.decision.state import State
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import Side
from failover.signals.decided_region import decided_side
from tests.support.world import World

SICK, HEALTHY = Verdict.SICK, Verdict.HEALTHY
PRIMARY, STANDBY = Side.PRIMARY, Side.STANDBY


class Followed:
    """Notes every change of the decided side, and what the world was like then.

    Attributes
    ----------
    sides
        The decided side after each round in which it changed; None while it wasn't known.
    weights
        The records' weights at each of these moments.
    told_in_that_round
        Whether anything was told in that round, as each event says where to go.

    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._before = decided_side(world.state)
        self.sides: list[Side | None] = []
        self.weights: list[tuple[int, int]] = []
        self.told_in_that_round: list[bool] = []

    def run(self, rounds: int) -> None:
        for _ in range(rounds):
            told = len(self.world.told.announcements)
            self.world.run()
            self._look(self.world.state, told=len(self.world.told.announcements) > told)

    def _look(self, state: State, *, told: bool) -> None:
        if (side := decided_side(state)) is not self._before:
            self.sides.append(side)
            self.weights.append(self.world.weights)
            self.told_in_that_round.append(told)
        self._before = side


def serving(side: Side, *latches: LatchName) -> Followed:
    weights = (255, 0) if side is PRIMARY else (0, 255)
    return Followed(World(weights=weights, latches=latches).settle())


def asked_back(of: Followed) -> Followed:
    assert of.world.request("failback", reason="the primary is well", token="back")["done"]
    return of


def test_a_failover_takes_clients_along_with_the_records() -> None:
    followed = serving(PRIMARY)
    followed.world.primary(SICK)
    followed.run(8)
    assert followed.sides == [STANDBY]
    assert followed.weights == [(0, 255)]


def test_while_no_lever_takes_a_failover_clients_are_not_sent_ahead() -> None:
    followed = serving(PRIMARY)
    followed.world.primary(SICK).route_53_fails()
    followed.run(8)
    assert followed.world.state.move
    assert followed.sides == []
    followed.world.all_works()
    followed.run(1)
    assert followed.sides == [STANDBY]


def test_a_latch_takes_clients_along_while_the_control_plane_takes_nothing() -> None:
    followed = serving(PRIMARY, LatchName.RECORDS)
    followed.world.primary(SICK).route_53_fails()
    followed.run(8)
    assert followed.sides == [STANDBY]
    assert followed.world.users is STANDBY


def test_a_failback_in_steps_takes_clients_along_with_its_last_step() -> None:
    followed = asked_back(serving(STANDBY))
    followed.run(40)
    assert followed.sides == [PRIMARY]
    assert followed.weights == [(255, 0)]


def test_a_failback_that_goes_back_never_moved_the_clients() -> None:
    followed = asked_back(serving(STANDBY))
    followed.run(3)
    followed.world.primary(SICK)
    followed.run(20)
    assert Kind.MOVE_REVERTING in followed.world.kinds
    assert followed.sides == []


def test_records_that_a_person_changes_during_a_move_send_clients_where_they_are_found_to_lead() -> None:
    followed = serving(PRIMARY)
    followed.world.spreads = False
    followed.world.servers.hold_back("ns-1.example.net")
    followed.world.primary(SICK)
    while followed.sides != [STANDBY]:
        followed.run(1)
    followed.world.someone_sets(255, 0)
    followed.world.servers.behind.clear()
    followed.run(4)
    assert Kind.MOVE_OVERTAKEN in followed.world.kinds
    assert followed.sides == [STANDBY, None, PRIMARY]


@pytest.mark.parametrize("latches", [(), (LatchName.RECORDS, LatchName.DOMAIN)])
def test_whenever_clients_are_sent_elsewhere_an_event_says_so_in_the_same_round(latches: tuple[LatchName, ...]) -> None:
    followed = serving(PRIMARY, *latches)
    followed.world.primary(SICK)
    followed.run(8)
    followed.world.primary(HEALTHY)
    followed.run(40)
    asked_back(followed).run(60)
    assert followed.sides == [STANDBY, PRIMARY]
    assert followed.told_in_that_round == [True, True]
