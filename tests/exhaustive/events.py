"""Everything that can happen to a controller, each as one event that a walk can make happen in any state."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, product
from typing import TYPE_CHECKING, Any

from failover.decision.rules import DAY_SECONDS
from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.world import NAME, World

if TYPE_CHECKING:
    from failover.levers.lever import RecordSet

SEEN = {"well": Verdict.HEALTHY, "sick": Verdict.SICK, "in doubt": Verdict.CANARY_BROKEN}
"""A verdict for each way in which verdicts are treated: it can serve, it moves traffic, it does neither."""

_numbers = count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens.

    Attributes
    ----------
    name
        What, as the table says it. ``serving`` is the side last confirmed to serve, ``other`` the other one.
    happen
        Makes it happen.
    about_a_move
        Whether it makes a difference only while a move is under way or may begin.
    cut_off
        Whether no third Region answers in it.
    edits
        Whether somebody else changes the records in it.

    """

    name: str
    happen: Callable[[World], None]
    about_a_move: bool = False
    cut_off: bool = False
    edits: bool = False


def _rounds() -> Iterator[Event]:
    for serving, other in product(SEEN, repeat=2):
        yield Event(name=f"round: serving {serving}, other {other}", happen=_round(serving, other))
    yield Event(name="round: serving sick, other well, no third Region answers", happen=_cut_off_round, cut_off=True)


def _rounds_in_trouble() -> Iterator[Event]:
    troubles: dict[str, Callable[[World], object]] = {
        "Route 53 is out of reach": lambda world: world.route_53_fails(),
        "Route 53 takes no change": lambda world: world.route_53_fails(calls="zone.submit"),
        "Route 53's answer is lost": lambda world: world.answer_is_lost("zone.submit"),
        "the records are protected": lambda world: world.zone.protect(NAME, "CNAME"),
        "a name server is behind": _name_server_is_behind,
        "the change does not spread": lambda world: setattr(world, "spreads", False),
    }
    for trouble, cause in troubles.items():
        yield Event(
            name=f"round: serving sick, other well, {trouble}", happen=_round("sick", "well", cause), about_a_move=True
        )


def _name_server_is_behind(world: World) -> None:
    saved = world.memory.load()
    progress = saved.state.move.progress if saved and saved.state.move else None
    before = progress.intent.before if progress else world.zone.record_sets((NAME, f"_region.{NAME}"))
    world.servers.behind["ns-1.example.net"] = before


def _requests() -> Iterator[Event]:
    asked: dict[str, dict[str, Any]] = {
        "failover": {"action": "failover"},
        "failover, overriding target-serves": {"action": "failover", "override": ["target-serves"]},
        "failback in steps": {"action": "failback"},
        "failback in one": {"action": "failback", "pace": "in-one"},
        "pause": {"action": "pause", "minutes": 5},
        "resume": {"action": "resume"},
        "acknowledge": {"action": "acknowledge"},
        "observe-only": {"action": "observe-only"},
    }
    for name, fields in asked.items():
        yield Event(name=f"request: {name}", happen=_request(fields))
    yield Event(name="request: abort", happen=_request({"action": "abort"}), about_a_move=True)


def _elsewhere() -> Iterator[Event]:
    for side in Side:
        edit = (255, 0) if side is Side.PRIMARY else (0, 255)
        yield Event(name=f"somebody sends everybody to the {side}", happen=_edit(*edit), edits=True)
    yield Event(name="somebody shares the users out", happen=_edit(128, 127), edits=True)
    yield Event(name="somebody deletes the records", happen=_delete, edits=True)
    yield Event(name="the state is lost", happen=lambda world: world.memory.lose_state())
    yield Event(name="nobody looks for five minutes", happen=_wait(300))
    yield Event(name="nobody looks for a day", happen=_wait(DAY_SECONDS))


def _round(serving: str, other: str, cause: Callable[[World], object] | None = None) -> Callable[[World], None]:
    def happen(world: World) -> None:
        saved = world.memory.load()
        active = saved.state.active if saved else Side.PRIMARY
        world.probe.verdicts = {active: SEEN[serving], active.other: SEEN[other]}
        if cause:
            cause(world)
        world.run(1)

    return happen


def _cut_off_round(world: World) -> None:
    world.probe.witness_answers = False
    _round("sick", "well")(world)


def _request(fields: dict[str, Any]) -> Callable[[World], None]:
    tokened = fields["action"] in {"failover", "failback", "abort"}

    def happen(world: World) -> None:
        token = {"token": f"token-{next(_numbers)}"} if tokened else {}
        world.request(reason="so decided", **fields, **token)

    return happen


def _edit(primary: int, standby: int) -> Callable[[World], None]:
    return lambda world: world.someone_sets(primary, standby)


def _delete(world: World) -> None:
    pair: tuple[RecordSet, ...] = world.zone.record_sets((NAME,))
    world.zone.remove(*pair)


def _wait(seconds: float) -> Callable[[World], None]:
    return lambda world: world.clock.sleep(seconds)


EVENTS: tuple[Event, ...] = (*_rounds(), *_rounds_in_trouble(), *_requests(), *_elsewhere())
