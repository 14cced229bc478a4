"""Everything that can happen to a controller, each as one event that a walk can make happen in any state."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, product
from typing import TYPE_CHECKING, Any

from cognito_failover.common.region import RegionRole
from cognito_failover.core.rules import DAY_SECONDS
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness

if TYPE_CHECKING:
    from cognito_failover.core.ports.lever import RecordSet

VERDICT_CLASSES = {"well": Verdict.HEALTHY, "sick": Verdict.SICK, "in doubt": Verdict.CANARY_BROKEN}
"""A verdict for each way in which verdicts are treated: it can serve, it moves traffic, it does neither."""

_numbers = count()


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkEvent:
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
    trigger: Callable[[ControllerHarness], None]
    is_move_specific: bool = False
    is_isolated: bool = False
    edits_records: bool = False


def _list_rounds() -> Iterator[WalkEvent]:
    for serving, other in product(VERDICT_CLASSES, repeat=2):
        yield WalkEvent(name=f"round: serving {serving}, other {other}", trigger=_make_round(serving, other))
    yield WalkEvent(
        name="round: serving sick, other well, no third Region answers", trigger=_run_isolated_round, is_isolated=True
    )


def _list_failing_rounds() -> Iterator[WalkEvent]:
    troubles: dict[str, Callable[[ControllerHarness], object]] = {
        "Route 53 is out of reach": lambda world: world.fail_route_53(),
        "Route 53 takes no change": lambda world: world.fail_route_53(calls="zone.submit"),
        "Route 53's answer is lost": lambda world: world.lose_response("zone.submit"),
        "the records are protected": lambda world: world.zone.protect(DOMAIN_RECORD_NAME, "CNAME"),
        "a name server is behind": _freeze_name_server,
        "the change does not spread": lambda world: setattr(world, "propagates_changes", False),
    }
    for trouble, cause in troubles.items():
        yield WalkEvent(
            name=f"round: serving sick, other well, {trouble}",
            trigger=_make_round("sick", "well", cause),
            is_move_specific=True,
        )


def _freeze_name_server(world: ControllerHarness) -> None:
    saved = world.memory.load()
    progress = saved.state.move.progress if saved and saved.state.move else None
    before = (
        progress.intent.before
        if progress
        else world.zone.list_record_sets((DOMAIN_RECORD_NAME, f"_region.{DOMAIN_RECORD_NAME}"))
    )
    world.name_servers.stale_records["ns-1.example.net"] = before


def _list_requests() -> Iterator[WalkEvent]:
    asked: dict[str, dict[str, Any]] = {
        "failover": {"action": "failover"},
        "failover, overriding target-healthy": {"action": "failover", "override": ["target-healthy"]},
        "failback in steps": {"action": "failback"},
        "failback in one": {"action": "failback", "mode": "all-at-once"},
        "pause": {"action": "pause", "minutes": 5},
        "resume": {"action": "resume"},
        "acknowledge": {"action": "acknowledge"},
        "observe-only": {"action": "observe-only"},
    }
    for name, fields in asked.items():
        yield WalkEvent(name=f"request: {name}", trigger=_make_request(fields))
    yield WalkEvent(name="request: abort", trigger=_make_request({"action": "abort"}), is_move_specific=True)


def _list_external_events() -> Iterator[WalkEvent]:
    for side in RegionRole:
        edit = (255, 0) if side is RegionRole.PRIMARY else (0, 255)
        yield WalkEvent(name=f"somebody sends everybody to the {side}", trigger=_make_edit(*edit), edits_records=True)
    yield WalkEvent(name="somebody shares the users out", trigger=_make_edit(128, 127), edits_records=True)
    yield WalkEvent(name="somebody deletes the records", trigger=_delete_records, edits_records=True)
    yield WalkEvent(name="the state is lost", trigger=lambda world: world.memory.lose_state())
    yield WalkEvent(name="nobody looks for five minutes", trigger=_make_wait(300))
    yield WalkEvent(name="nobody looks for a day", trigger=_make_wait(DAY_SECONDS))


def _make_round(
    serving: str, other: str, cause: Callable[[ControllerHarness], object] | None = None
) -> Callable[[ControllerHarness], None]:
    def run_round(world: ControllerHarness) -> None:
        saved = world.memory.load()
        active = saved.state.active_role if saved else RegionRole.PRIMARY
        world.prober.verdicts = {active: VERDICT_CLASSES[serving], active.opposite: VERDICT_CLASSES[other]}
        if cause:
            cause(world)
        world.run(1)

    return run_round


def _run_isolated_round(world: ControllerHarness) -> None:
    world.prober.is_witness_reachable = False
    _make_round("sick", "well")(world)


def _make_request(fields: dict[str, Any]) -> Callable[[ControllerHarness], None]:
    tokened = fields["action"] in {"failover", "failback", "abort"}

    def submit(world: ControllerHarness) -> None:
        token = {"token": f"token-{next(_numbers)}"} if tokened else {}
        world.request(reason="so decided", **fields, **token)

    return submit


def _make_edit(primary: int, standby: int) -> Callable[[ControllerHarness], None]:
    return lambda world: world.edit_weights(primary, standby)


def _delete_records(world: ControllerHarness) -> None:
    pair: tuple[RecordSet, ...] = world.zone.list_record_sets((DOMAIN_RECORD_NAME,))
    world.zone.remove_by_hand(*pair)


def _make_wait(seconds: float) -> Callable[[ControllerHarness], None]:
    return lambda world: world.clock.sleep(seconds)


EVENTS: tuple[WalkEvent, ...] = (*_list_rounds(), *_list_failing_rounds(), *_list_requests(), *_list_external_events())
