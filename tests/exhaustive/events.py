"""All events that can happen to a controller. A walk can trigger each one in any state."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, product
from typing import TYPE_CHECKING, Any

from cognito_failover.common.region import RegionRole
from cognito_failover.core.rules import DAY_SECONDS
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness

if TYPE_CHECKING:
    from cognito_failover.core.model.records import RecordSet

VERDICT_CLASSES = {"healthy": Verdict.HEALTHY, "sick": Verdict.SICK, "inconclusive": Verdict.CANARY_BROKEN}
"""One verdict for each class: the Region can serve, the verdict can move users, or neither."""

_numbers = count()


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkEvent:
    """An event.

    Attributes
    ----------
    name
        The name in the table. ``active`` is the active Region, ``other`` the other one.
    trigger
        Causes the event.
    is_move_specific
        Whether it has an effect only while a move is in progress or may start.
    is_isolated
        Whether no witness answers.
    edits_records
        Whether it is an external change of the records.

    """

    name: str
    trigger: Callable[[ControllerHarness], None]
    is_move_specific: bool = False
    is_isolated: bool = False
    edits_records: bool = False


def _list_rounds() -> Iterator[WalkEvent]:
    for active, other in product(VERDICT_CLASSES, repeat=2):
        yield WalkEvent(name=f"round: active {active}, other {other}", trigger=_make_round(active, other))
    yield WalkEvent(
        name="round: active sick, other healthy, no witness answers", trigger=_run_isolated_round, is_isolated=True
    )


def _list_failing_rounds() -> Iterator[WalkEvent]:
    faults: dict[str, Callable[[ControllerHarness], object]] = {
        "Route 53 is unavailable": lambda world: world.fail_route_53(),
        "Route 53 rejects changes": lambda world: world.fail_route_53(calls="zone.submit"),
        "Route 53's response is lost": lambda world: world.lose_response("zone.submit"),
        "the records are protected": lambda world: world.zone.protect(DOMAIN_RECORD_NAME, "CNAME"),
        "a name server is stale": _freeze_name_server,
        "the change does not propagate": lambda world: setattr(world, "propagates_changes", False),
    }
    for fault, cause in faults.items():
        yield WalkEvent(
            name=f"round: active sick, other healthy, {fault}",
            trigger=_make_round("sick", "healthy", cause),
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
    requests: dict[str, dict[str, Any]] = {
        "failover": {"action": "failover"},
        "failover, overriding target-healthy": {"action": "failover", "override": ["target-healthy"]},
        "stepped failback": {"action": "failback"},
        "failback all at once": {"action": "failback", "mode": "all-at-once"},
        "pause": {"action": "pause", "minutes": 5},
        "resume": {"action": "resume"},
        "acknowledge": {"action": "acknowledge"},
        "observe-only": {"action": "observe-only"},
    }
    for name, fields in requests.items():
        yield WalkEvent(name=f"request: {name}", trigger=_make_request(fields))
    yield WalkEvent(name="request: abort", trigger=_make_request({"action": "abort"}), is_move_specific=True)


def _list_external_events() -> Iterator[WalkEvent]:
    for side in RegionRole:
        edit = (255, 0) if side is RegionRole.PRIMARY else (0, 255)
        yield WalkEvent(name=f"external change: all users to the {side}", trigger=_make_edit(*edit), edits_records=True)
    yield WalkEvent(name="external change: users split", trigger=_make_edit(128, 127), edits_records=True)
    yield WalkEvent(name="external change: records deleted", trigger=_delete_records, edits_records=True)
    yield WalkEvent(name="state lost", trigger=lambda world: world.memory.lose_state())
    yield WalkEvent(name="no round for five minutes", trigger=_make_wait(300))
    yield WalkEvent(name="no round for a day", trigger=_make_wait(DAY_SECONDS))


def _make_round(
    verdict: str, other: str, cause: Callable[[ControllerHarness], object] | None = None
) -> Callable[[ControllerHarness], None]:
    def run_round(world: ControllerHarness) -> None:
        saved = world.memory.load()
        active = saved.state.active_role if saved else RegionRole.PRIMARY
        world.prober.verdicts = {active: VERDICT_CLASSES[verdict], active.opposite: VERDICT_CLASSES[other]}
        if cause:
            cause(world)
        world.run(1)

    return run_round


def _run_isolated_round(world: ControllerHarness) -> None:
    world.prober.is_witness_reachable = False
    _make_round("sick", "healthy")(world)


def _make_request(fields: dict[str, Any]) -> Callable[[ControllerHarness], None]:
    needs_token = fields["action"] in {"failover", "failback", "abort"}

    def submit(world: ControllerHarness) -> None:
        token = {"token": f"token-{next(_numbers)}"} if needs_token else {}
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
