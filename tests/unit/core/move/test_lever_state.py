"""The saved state of each lever, and decisions that depend on it."""

from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.region import RegionRole, route_all_to, split_traffic
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import LeverName, Move, MoveMode, Progress
from cognito_failover.core.model.records import Confirmation, DnsWatch, Intent
from cognito_failover.core.model.state import ControllerState, Hold, LatchState, PendingWeightSync, SavedRecords
from cognito_failover.core.move.latch_transitions import on_latch_effective, record_latch_intent
from cognito_failover.core.move.latches import (
    can_latch_move_all_users,
    find_weights_blocker,
    get_pending_confirmation,
    reset_pending_latches,
)
from cognito_failover.core.move.transitions import (
    abandon_weight_sync,
    cancel_move,
    complete_move,
    describe_step,
    finish_in_one_step,
    on_submitted,
    start_rollback,
    stop_for_external_change,
)
from cognito_failover.core.reconciliation.external_changes import LatchReading, RoutingSnapshot, reconcile
from tests.support.drill_fixtures import NOW, make_context
from tests.support.settings import make_settings

SETTINGS = make_settings()
DOMAIN_ONLY_SETTINGS = make_settings(
    domain_name="",
    primary_target="",
    standby_target="",
    managed_login_domain="login.example.com",
    domain_latch_check_id="a1b2",
    latch_bucket="latch-us-east-1",
)
CONTEXT = make_context(settings=SETTINGS)
DOMAIN_ONLY_CONTEXT = make_context(settings=DOMAIN_ONLY_SETTINGS)
RECORDS, DOMAIN = SteeredName.RECORDS, SteeredName.DOMAIN
DNS_WATCH = DnsWatch(record_sets=({"Name": "_latch.auth.example.com."},), name_servers=("ns-1.example.net",))
OTHER_DNS_WATCH = replace(DNS_WATCH, name_servers=("ns-2.example.net",))
ATTACHED = LatchState(is_thrown=False, set_at=NOW - 60, dns_watch=DNS_WATCH)
THROWN = replace(ATTACHED, is_thrown=True)
CHANGE = Intent(before=({"Weight": 0},), after=({"Weight": 255},), weights=route_all_to(RegionRole.PRIMARY))


def make_move(source: RegionRole = RegionRole.STANDBY, mode: MoveMode = MoveMode.ALL_AT_ONCE, **changes: Any) -> Move:
    defaults: dict[str, Any] = {
        "id": "m",
        "source": source,
        "target": source.opposite,
        "is_automatic": False,
        "reason": "well again",
        "requested_by": "Aiko",
        "suspected_at": NOW - 30,
        "decided_at": NOW - 30,
        "step_started_at": NOW - 30,
        "mode": mode,
        "steps": mode.steps,
    }
    return Move(**{**defaults, **changes})


def make_state(active: RegionRole = RegionRole.STANDBY, **changes: Any) -> ControllerState:
    defaults: dict[str, Any] = {
        "created_at": NOW - 9_000,
        "active_role": active,
        "active_since": NOW - 9_000,
        "weights": route_all_to(active),
        "records": SavedRecords(read_at=NOW - 10, weights=route_all_to(active), ttl_seconds=60),
    }
    return ControllerState(**{**defaults, **changes})


def reconcile_latch(reading: LatchReading, before: LatchState, **changes: Any) -> LatchState:
    """Return the latch of Cognito's domain after a read."""
    state = make_state(RegionRole.PRIMARY, latches={DOMAIN: before}, **changes)
    updated_state = reconcile(
        state, RoutingSnapshot(records=None, latches={DOMAIN: reading}), DOMAIN_ONLY_CONTEXT
    ).state
    return updated_state.latches[DOMAIN]


def test_pending_latch_stays_pending_however_it_is_read() -> None:
    pending = LatchState(
        is_thrown=True, read_failing_since=NOW - 20, problem="SlowDown", set_failed_at=NOW - 20, dns_watch=DNS_WATCH
    )
    after = reconcile_latch(LatchReading(is_thrown=False, dns_watch=OTHER_DNS_WATCH), pending)
    assert after == replace(pending, read_failing_since=None, dns_watch=OTHER_DNS_WATCH)


def test_pending_latch_is_adopted_while_automation_is_held() -> None:
    pending = LatchState(is_thrown=True, dns_watch=DNS_WATCH)
    after = reconcile_latch(
        LatchReading(is_thrown=False, dns_watch=DNS_WATCH), pending, hold=Hold(since=NOW - 60, reason="edited")
    )
    assert after == LatchState(is_thrown=False, set_at=NOW, dns_watch=DNS_WATCH)


@pytest.mark.parametrize(
    ("before", "dns_watch", "recovery"),
    [
        (replace(ATTACHED, read_failing_since=NOW - 400), DNS_WATCH, "can be read again"),
        (replace(ATTACHED, read_failing_since=NOW - 400), None, "can be read again"),
        (LatchState(is_thrown=True, read_failing_since=NOW - 400), DNS_WATCH, "can be read again"),
        (ATTACHED, DNS_WATCH, "is attached again"),
        (ATTACHED, None, ""),
        (LatchState(is_thrown=True), DNS_WATCH, ""),
    ],
    ids=["unread", "unread and loose", "unread and to be set", "loose", "still loose", "to be set"],
)
def test_recovery_or_reattachment_of_failing_latch_is_notified(
    before: LatchState, dns_watch: DnsWatch | None, recovery: str
) -> None:
    state = make_state(RegionRole.PRIMARY, latches={DOMAIN: replace(before, problem="SlowDown")})
    snapshot = RoutingSnapshot(
        records=None, latches={DOMAIN: LatchReading(is_thrown=before.is_thrown, dns_watch=dns_watch)}
    )
    events = reconcile(state, snapshot, DOMAIN_ONLY_CONTEXT).events
    messages = [event.message for event in events if event.kind is EventKind.LATCH_RECOVERED]
    assert messages == ([f"The latch of the domain {recovery}."] if recovery else [])


def test_read_failure_is_saved_only_for_a_latch_read_before() -> None:
    state = make_state(RegionRole.PRIMARY, latches={DOMAIN: ATTACHED})
    snapshot = RoutingSnapshot(records=None, latch_read_errors={RECORDS: "S3 is silent", DOMAIN: "S3 is silent"})
    updated_state = reconcile(state, snapshot, DOMAIN_ONLY_CONTEXT).state
    assert updated_state.latches == {DOMAIN: replace(ATTACHED, read_failing_since=NOW)}


def test_unchanged_latch_keeps_its_effective_time() -> None:
    unchanged = replace(ATTACHED, effective_at=NOW - 40, read_failing_since=NOW - 20, problem="SlowDown")
    after = reconcile_latch(LatchReading(is_thrown=False, dns_watch=OTHER_DNS_WATCH), unchanged)
    assert after == replace(unchanged, read_failing_since=None, problem="", dns_watch=OTHER_DNS_WATCH)


def test_externally_changed_latch_is_set_now_and_not_yet_effective() -> None:
    after = reconcile_latch(LatchReading(is_thrown=True, dns_watch=DNS_WATCH), replace(ATTACHED, effective_at=NOW - 40))
    assert after == replace(ATTACHED, is_thrown=True, set_at=NOW, effective_at=None)


def test_domain_with_unread_latch_is_assumed_on_primary() -> None:
    state = make_state(RegionRole.PRIMARY, weights=route_all_to(RegionRole.PRIMARY))
    updated_state = reconcile(
        state, RoutingSnapshot(records=None, latch_read_errors={DOMAIN: "S3 is silent"}), DOMAIN_ONLY_CONTEXT
    ).state
    assert updated_state.weights == route_all_to(RegionRole.PRIMARY)
    assert updated_state.latches == {}


def test_desired_latch_state_is_saved_before_first_reading() -> None:
    assert record_latch_intent(make_state(), DOMAIN, thrown=True).latches == {DOMAIN: LatchState(is_thrown=True)}
    assert record_latch_intent(make_state(latches={DOMAIN: ATTACHED}), DOMAIN, thrown=True).latches == {
        DOMAIN: LatchState(is_thrown=True, dns_watch=DNS_WATCH)
    }


def test_superseded_move_leaves_no_weight_sync() -> None:
    after = stop_for_external_change(
        make_state(move=make_move(), pending_weight_sync=PendingWeightSync(intent=CHANGE)), "an external change", NOW
    ).state
    assert after.pending_weight_sync is None


def test_users_moved_externally_are_returned_only_manually() -> None:
    state = make_state(
        move=make_move(), pending_weight_sync=PendingWeightSync(intent=CHANGE), is_auto_failback_pending=True
    )
    after_move = stop_for_external_change(state, "an external change", NOW).state
    after_weight_sync = abandon_weight_sync(replace(state, move=None), "an external change", NOW).state
    assert after_move.is_auto_failback_pending is False
    assert after_weight_sync.is_auto_failback_pending is False


def test_next_step_is_neither_late_nor_confirmed() -> None:
    confirmed_step = make_move(
        mode=MoveMode.STEPPED, is_delay_notified=True, records_confirmed_at=NOW - 60, levers=(LeverName.WEIGHTS,)
    )
    next_step = replace(confirmed_step, step_started_at=NOW, is_delay_notified=False, records_confirmed_at=None)
    assert confirmed_step.with_next_step(NOW) == replace(next_step, steps=(50, 100))
    at_once = replace(next_step, mode=MoveMode.ALL_AT_ONCE, steps=(100,))
    rollback = replace(next_step, mode=MoveMode.ROLLBACK, steps=(0,))
    assert confirmed_step.with_single_step(NOW) == at_once
    assert confirmed_step.with_rollback(NOW, "wrong day") == replace(rollback, rollback_reason="wrong day")
    assert confirmed_step.with_rollback(NOW) == rollback
    assert confirmed_step.without_return(NOW) == replace(at_once, levers=tuple(LeverName))


def test_rolled_back_move_keeps_the_reason() -> None:
    after = start_rollback(make_state(move=make_move()), "wrong day", CONTEXT).state
    assert after.move
    assert after.move.rollback_reason == "wrong day"


def test_event_of_accelerated_move_shows_its_new_plan() -> None:
    accelerated = finish_in_one_step(
        make_state(move=make_move(mode=MoveMode.STEPPED)), "us-east-1 became sick", CONTEXT
    )
    after = accelerated.state
    assert after.move
    assert (after.move.mode, after.move.step_started_at) == (MoveMode.ALL_AT_ONCE, NOW)
    event = Event(kind=EventKind.MOVE_ACCELERATED, at=NOW, message=accelerated.message, move=after.move)
    assert accelerated.events == (event,)


@pytest.mark.parametrize(
    ("levers", "suffix"),
    [
        ((LeverName.WEIGHTS,), ", by the weights alone"),
        ((LeverName.WEIGHTS, LeverName.RECORDS_LATCH), ", by the weights and the records-latch alone"),
        (tuple(LeverName), ""),
    ],
)
def test_step_by_some_levers_names_them(levers: tuple[LeverName, ...], suffix: str) -> None:
    assert describe_step(make_move(levers=levers), SETTINGS) == f"all users on ap-northeast-1{suffix}"


def test_accepted_change_starts_move_even_without_effect() -> None:
    no_change = replace(CHANGE, before=CHANGE.after)
    state = on_submitted(make_state(move=make_move(progress=Progress(intent=no_change))), "C1", CONTEXT).state
    assert state.move
    assert state.move.first_submitted_at == NOW


@pytest.mark.parametrize(
    ("progress", "pending_weight_sync"),
    [(None, PendingWeightSync(intent=CHANGE, failed_at=NOW - 5)), (Progress(intent=CHANGE), None)],
    ids=["of an earlier move", "of this move"],
)
def test_saved_intent_becomes_the_pending_weight_sync(
    progress: Progress | None, pending_weight_sync: PendingWeightSync | None
) -> None:
    moved_by_latch = make_move(first_submitted_at=NOW - 20, progress=progress)
    after = complete_move(
        make_state(move=moved_by_latch, pending_weight_sync=pending_weight_sync), "Seen.", CONTEXT
    ).state
    assert after.pending_weight_sync == PendingWeightSync(intent=CHANGE)


def test_cognito_domain_is_not_awaited_before_its_latch_step() -> None:
    released_by_hand = {DOMAIN: ATTACHED}
    first_step = make_move(mode=MoveMode.STEPPED)
    assert get_pending_confirmation(make_state(move=first_step, latches=released_by_hand), DOMAIN) is None
    assert get_pending_confirmation(make_state(move=make_move(), latches=released_by_hand), DOMAIN) == DNS_WATCH


@pytest.mark.parametrize(
    ("latch", "must_wait"),
    [
        (replace(THROWN, effective_at=NOW - 40), True),
        (replace(ATTACHED, set_at=None, effective_at=NOW - 40), True),
        (ATTACHED, True),
        (replace(ATTACHED, effective_at=NOW - 40), False),
    ],
    ids=["thrown", "not released yet", "not seen to be followed", "settled"],
)
def test_first_step_waits_for_latch_release_and_settled_check(latch: LatchState, *, must_wait: bool) -> None:
    reason = "The first step waits until the latch of the records is released and its health check has settled."
    state = make_state(move=make_move(mode=MoveMode.STEPPED), latches={RECORDS: latch})
    assert find_weights_blocker(state) == (reason if must_wait else "")


@pytest.mark.parametrize(
    ("state", "is_possible"),
    [
        (
            {"active_role": RegionRole.PRIMARY, "move": make_move(RegionRole.PRIMARY), "latches": {RECORDS: THROWN}},
            True,
        ),
        (
            {"active_role": RegionRole.PRIMARY, "move": make_move(RegionRole.PRIMARY), "latches": {RECORDS: ATTACHED}},
            False,
        ),
        ({"move": make_move(), "latches": {RECORDS: ATTACHED}}, False),
        ({"move": make_move(), "latches": {RECORDS: ATTACHED}, "weights": route_all_to(RegionRole.PRIMARY)}, True),
        ({"move": make_move(), "latches": {RECORDS: THROWN}, "weights": route_all_to(RegionRole.PRIMARY)}, False),
        (
            {"move": make_move(), "latches": {RECORDS: ATTACHED}, "weights": split_traffic(RegionRole.STANDBY, 10)},
            False,
        ),
        (
            {
                "move": make_move(progress=Progress(intent=CHANGE)),
                "latches": {RECORDS: ATTACHED},
                "weights": route_all_to(RegionRole.PRIMARY),
            },
            False,
        ),
        (
            {
                "move": make_move(),
                "latches": {RECORDS: ATTACHED},
                "weights": route_all_to(RegionRole.PRIMARY),
                "pending_weight_sync": PendingWeightSync(intent=CHANGE),
            },
            False,
        ),
        (
            {
                "move": make_move(),
                "latches": {RECORDS: ATTACHED},
                "weights": route_all_to(RegionRole.PRIMARY),
                "pending_weight_sync": PendingWeightSync(),
            },
            True,
        ),
    ],
)
def test_latch_alone_can_move_all_users_while_weights_stay_on_primary(
    state: dict[str, Any], *, is_possible: bool
) -> None:
    assert can_latch_move_all_users(make_state(**state)) is is_possible


def test_every_overridden_rule_awaits_acknowledgement() -> None:
    move = make_move(first_submitted_at=NOW - 20, overridden_rules=("target-healthy", "lag-within-limit"))
    after = complete_move(make_state(move=move), "Seen.", CONTEXT).state
    assert after.hold
    assert after.hold.reason == "Aiko overrode the rule target-healthy, lag-within-limit."


@pytest.mark.parametrize(
    ("mode", "latch", "arrived_at"),
    [(MoveMode.ROUND_TRIP, DOMAIN, NOW), (MoveMode.ROUND_TRIP, RECORDS, None), (MoveMode.ALL_AT_ONCE, DOMAIN, None)],
)
def test_only_domain_latch_of_a_round_trip_marks_arrival(
    mode: MoveMode, latch: SteeredName, arrived_at: float | None
) -> None:
    confirmation = Confirmation(moved=True, unresponsive=(), stale=(), detail="Seen.")
    state = make_state(RegionRole.PRIMARY, move=make_move(RegionRole.PRIMARY, mode), latches={latch: THROWN})
    after = on_latch_effective(state, latch, confirmation, CONTEXT).state
    assert after.move
    assert after.move.arrived_at == arrived_at


@pytest.mark.parametrize(("target", "thrown"), [(RegionRole.STANDBY, True), (RegionRole.PRIMARY, False)])
def test_detached_latch_follows_users_at_end_of_move(target: RegionRole, thrown: bool) -> None:
    state = make_state(latches={RECORDS: LatchState(is_thrown=not thrown)})
    after = reset_pending_latches(state, make_move(target.opposite), target)
    assert after == {RECORDS: LatchState(is_thrown=thrown)}


@pytest.mark.parametrize("role", RegionRole)
def test_unset_latch_follows_end_of_move_and_others_are_unchanged(role: RegionRole) -> None:
    thrown = role is RegionRole.STANDBY
    unset = replace(ATTACHED, is_thrown=not thrown, set_at=None)
    set_against_users, unset_with_users = (
        replace(ATTACHED, is_thrown=not thrown),
        replace(ATTACHED, is_thrown=thrown, set_at=None),
    )
    for before, after in (
        (unset, LatchState(is_thrown=thrown, dns_watch=DNS_WATCH)),
        (set_against_users, set_against_users),
        (unset_with_users, unset_with_users),
    ):
        assert reset_pending_latches(make_state(latches={RECORDS: before}), make_move(), role) == {RECORDS: after}
    weights_only_move = make_move(levers=(LeverName.WEIGHTS,))
    assert reset_pending_latches(make_state(latches={RECORDS: unset}), weights_only_move, role) == {RECORDS: unset}


def test_cancelled_move_leaves_no_latch_to_throw() -> None:
    unset, unread = replace(THROWN, set_at=None), replace(ATTACHED, set_at=None, set_failed_at=NOW - 5)
    state = make_state(RegionRole.PRIMARY, move=make_move(RegionRole.PRIMARY), latches={RECORDS: unset, DOMAIN: unread})
    after = cancel_move(state, "the primary is well again.", NOW).state
    assert after.latches == {RECORDS: LatchState(is_thrown=False, dns_watch=DNS_WATCH), DOMAIN: unread}
