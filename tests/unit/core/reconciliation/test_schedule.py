"""Reconciliation is due about once a minute, and never shortly before a decision."""

from itertools import pairwise
from typing import Any

import pytest

from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.failure_detector import Suspicion
from cognito_failover.core.model.location import Location, LocationDifference, LocationSource
from cognito_failover.core.model.state import ControllerState, Hold, PendingWeightSync, SavedRecords
from cognito_failover.core.reconciliation.schedule import should_look, should_reconcile
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.drill_fixtures import NOW, make_consensus, make_context, make_move

LONG_AGO = NOW - 3_600
LOCATION = Location(observed_at=NOW, source=LocationSource.NAME, servers={})
SUSPICION = Suspicion(role=RegionRole.PRIMARY, score=3, rounds=1, sick_rounds=1, since=NOW - 10)


def is_reconciliation_due(*, seen: Consensus | None = None, **changes: Any) -> bool:
    defaults: dict[str, Any] = {
        "created_at": LONG_AGO,
        "active_role": RegionRole.PRIMARY,
        "active_since": LONG_AGO,
        "weights": route_all_to(RegionRole.PRIMARY),
        "records": SavedRecords(read_at=LONG_AGO),
        "last_round_at": NOW - 10,
    }
    return should_reconcile(ControllerState(**{**defaults, **changes}), make_context(seen))


@pytest.mark.parametrize(("seconds", "is_time"), [(58.9, False), (59, True), (3_600, True)])
def test_reconciliation_is_due_after_almost_a_minute(seconds: float, is_time: bool) -> None:
    assert is_reconciliation_due(records=SavedRecords(read_at=NOW - seconds)) is is_time
    assert is_reconciliation_due(records=SavedRecords(read_at=LONG_AGO, read_failed_at=NOW - seconds)) is is_time, (
        "a failed read counts, too"
    )


def test_unknown_routing_is_reconciled_immediately() -> None:
    assert is_reconciliation_due(records=None, suspicion=SUSPICION, seen=make_consensus(Verdict.SICK))


@pytest.mark.parametrize(("ended_at", "is_time"), [(NOW - 11, False), (NOW - 10, False), (NOW - 9, True)])
def test_reconciliation_runs_once_after_a_move(ended_at: float, is_time: bool) -> None:
    assert is_reconciliation_due(records=SavedRecords(read_at=NOW - 10), last_move_ended_at=ended_at) is is_time


@pytest.mark.parametrize(("seconds", "is_time"), [(99.9, False), (100, True)])
def test_near_decision_postpones_reconciliation_until_it_can_be_made(seconds: float, is_time: bool) -> None:
    records = SavedRecords(read_at=NOW - seconds)
    assert is_reconciliation_due(seen=make_consensus(Verdict.SICK), records=records) is is_time
    assert is_reconciliation_due(suspicion=SUSPICION, records=records) is is_time


def test_reconciliation_follows_a_new_hold_at_once() -> None:
    hold = Hold(since=NOW - 1, reason="a move was superseded")
    records = SavedRecords(read_at=NOW - 2)
    assert is_reconciliation_due(hold=hold, records=records, seen=make_consensus(Verdict.SICK))
    assert not is_reconciliation_due(hold=hold, records=SavedRecords(read_at=NOW - 1))


def test_stale_suspicion_does_not_postpone_reconciliation() -> None:
    assert is_reconciliation_due(suspicion=SUSPICION, last_round_at=NOW - 600)


def test_suspicion_at_threshold_without_move_does_not_postpone() -> None:
    at_threshold = Suspicion(role=RegionRole.PRIMARY, score=9, rounds=3, sick_rounds=3, since=NOW - 30)
    assert is_reconciliation_due(suspicion=at_threshold, seen=make_consensus(Verdict.SICK))


def test_sick_standby_does_not_postpone_reconciliation() -> None:
    assert is_reconciliation_due(seen=make_consensus(standby=Verdict.SICK))


def test_pending_weight_sync_does_not_postpone_reconciliation() -> None:
    assert is_reconciliation_due(pending_weight_sync=PendingWeightSync())


def look_is_due(*, seen: Consensus | None = None, **changes: Any) -> bool:
    defaults: dict[str, Any] = {
        "created_at": LONG_AGO,
        "active_role": RegionRole.PRIMARY,
        "active_since": LONG_AGO,
        "weights": route_all_to(RegionRole.PRIMARY),
        "last_round_at": NOW - 10,
        "looked_at": NOW - 10,
    }
    return should_look(ControllerState(**{**defaults, **changes}), make_context(seen))


@pytest.mark.parametrize(("seconds", "is_time"), [(58.9, False), (59, True)])
def test_look_is_due_after_almost_a_minute_at_rest(seconds: float, is_time: bool) -> None:
    assert look_is_due(looked_at=NOW - seconds) is is_time


def test_look_is_due_in_each_round_of_suspicion_and_motion() -> None:
    assert not look_is_due()
    assert look_is_due(seen=make_consensus(Verdict.SICK))
    assert not look_is_due(seen=make_consensus(Verdict.TRIGGER))
    assert look_is_due(suspicion=SUSPICION)
    assert not look_is_due(suspicion=SUSPICION, last_round_at=NOW - 600)
    assert look_is_due(move=make_move())
    assert look_is_due(pending_weight_sync=PendingWeightSync())
    assert look_is_due(differences={SteeredName.RECORDS: LocationDifference(since=NOW, location=LOCATION)})
    assert look_is_due(active_since=NOW - 5)
    assert not look_is_due(active_since=NOW - 10)
    assert look_is_due(looked_at=None)
    assert look_is_due(hold=Hold(since=NOW - 119, reason="a latch was set externally"))
    assert not look_is_due(hold=Hold(since=NOW - 120, reason="a latch was set externally"))


@pytest.mark.parametrize("healthy_rounds", [1, 2, 3, 4])
def test_routing_is_read_within_two_minutes_however_often_a_region_is_sick(healthy_rounds: int) -> None:
    world = ControllerHarness(observe_only=True).settle()
    read_at = [world.clock.now]
    world.fault_injector.before_call = lambda call: (
        read_at.append(world.clock.now) if call == "zone.list_record_sets" else None
    )
    for _ in range(100):
        world.set_primary(Verdict.SICK).run(1)
        world.set_primary(Verdict.HEALTHY).run(healthy_rounds)
    assert max(later - earlier for earlier, later in pairwise([*read_at, world.clock.now])) <= 120
