"""A look at where users are changes the state only as far as name servers answer."""

from typing import Any

import pytest

from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.common.time_budget import CONFIRMATION_TIMEOUT_SECONDS
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.location import AnswerCounts, Location, LocationDifference, LocationSource
from cognito_failover.core.model.move import MoveMode
from cognito_failover.core.model.state import ControllerState, PendingWeightSync
from cognito_failover.core.reconciliation.location_changes import record_look
from cognito_failover.core.transition import Transition
from cognito_failover.core.user_location import describe_differences
from tests.support.drill_fixtures import NOW, make_context, make_move
from tests.support.settings import make_settings

RECORDS, DOMAIN = SteeredName.RECORDS, SteeredName.DOMAIN
PRIMARY, STANDBY = RegionRole.PRIMARY, RegionRole.STANDBY


def make_location(*servers: AnswerCounts, at: float = NOW) -> Location:
    named = {f"ns-{number}": counts for number, counts in enumerate(servers)}
    return Location(observed_at=at, source=LocationSource.NAME, servers=named)


AT_HOME = make_location(AnswerCounts(primary=1), AnswerCounts(primary=1))
PARTLY_ELSEWHERE = make_location(AnswerCounts(primary=1), AnswerCounts(standby=1))
ELSEWHERE = make_location(AnswerCounts(standby=1), AnswerCounts(standby=1))
UNANSWERED = make_location(AnswerCounts(missing=1), AnswerCounts(unclear=1))
SEEN_ONCE = LocationDifference(since=NOW - 10, location=ELSEWHERE)
SEEN_TWICE = LocationDifference(since=NOW - 20, location=ELSEWHERE, looks=2)


def make_state(**changes: Any) -> ControllerState:
    usual: dict[str, Any] = {
        "created_at": NOW - 10_000,
        "active_role": PRIMARY,
        "active_since": NOW - 9_000,
        "weights": route_all_to(PRIMARY),
    }
    return ControllerState(**{**usual, **changes})


def look(state: ControllerState, records: Location = ELSEWHERE, **others: Location) -> Transition:
    return record_look(state, {RECORDS: records, **{SteeredName(name): seen for name, seen in others.items()}}, CONTEXT)


CONTEXT = make_context()


def list_kinds(step: Transition) -> list[EventKind]:
    return [event.kind for event in step.events]


@pytest.mark.parametrize("seen", [PARTLY_ELSEWHERE, ELSEWHERE])
def test_second_look_at_users_elsewhere_is_an_event_and_the_third_is_none(seen: Location) -> None:
    first = look(make_state(), seen)
    assert list_kinds(first) == []
    assert first.state.user_roles == {PRIMARY}
    second = look(first.state, seen)
    assert list_kinds(second) == [EventKind.LOCATION_DIFFERS]
    assert STANDBY in second.state.user_roles
    third = look(second.state, seen)
    assert list_kinds(third) == []
    assert third.state.differences == {RECORDS: LocationDifference(since=NOW, location=seen, looks=3)}


def test_event_of_a_difference_names_share_region_and_name_servers() -> None:
    (event,) = look(make_state(differences={RECORDS: SEEN_ONCE}), PARTLY_ELSEWHERE).events
    assert event.message.startswith(
        "DNS sends 50 % of the users of auth.example.com to us-east-1, although ap-northeast-1 is decided "
        "(1 of 2 name servers). The controller did not move them."
    )


def test_differences_of_two_names_are_described_with_their_domains() -> None:
    settings = make_settings(
        managed_login_domain="login.example.com", domain_latch_check_id="domain-check", latch_bucket="latch-bucket"
    )
    seen = LocationDifference(since=NOW, location=AT_HOME, looks=2)
    state = make_state(active_role=STANDBY, differences={RECORDS: seen, DOMAIN: seen})
    rest = "to ap-northeast-1, although us-east-1 is decided (2 of 2 name servers)."
    assert describe_differences(state, settings) == (
        f"DNS sends 100 % of the users of auth.example.com {rest} "
        f"DNS sends 100 % of the users of login.example.com {rest}"
    )


def test_look_without_an_answer_neither_extends_nor_ends_a_difference() -> None:
    for difference in (SEEN_ONCE, SEEN_TWICE):
        step = look(make_state(differences={RECORDS: difference}), UNANSWERED)
        assert step.state.differences == {RECORDS: difference}
        assert step.events == ()
        assert step.state.looked_at == NOW


def test_end_of_a_difference_is_an_event_only_after_two_looks() -> None:
    once = look(make_state(differences={RECORDS: SEEN_ONCE}), AT_HOME)
    assert (list_kinds(once), once.state.differences) == ([], {})
    twice = look(make_state(differences={RECORDS: SEEN_TWICE}), AT_HOME)
    assert (list_kinds(twice), twice.state.differences) == ([EventKind.LOCATION_RESTORED], {})
    assert twice.events[0].message == ("DNS sends all users of auth.example.com to ap-northeast-1 again, as decided.")


def test_difference_of_one_name_does_not_change_that_of_the_other() -> None:
    state = make_state(differences={RECORDS: SEEN_TWICE, DOMAIN: SEEN_ONCE})
    ended = look(state, AT_HOME, domain=UNANSWERED)
    assert ended.state.differences == {DOMAIN: SEEN_ONCE}
    extended = look(state, UNANSWERED, domain=ELSEWHERE)
    assert extended.state.differences[RECORDS] == SEEN_TWICE
    assert extended.state.differences[DOMAIN].looks == 2
    assert extended.state.locations == {RECORDS: UNANSWERED, DOMAIN: ELSEWHERE}


def test_name_that_could_not_be_looked_at_keeps_its_last_location() -> None:
    step = record_look(make_state(locations={RECORDS: ELSEWHERE}), {DOMAIN: AT_HOME}, CONTEXT)
    assert step.state.locations == {RECORDS: ELSEWHERE, DOMAIN: AT_HOME}


@pytest.mark.parametrize("seconds", [CONFIRMATION_TIMEOUT_SECONDS - 1, CONFIRMATION_TIMEOUT_SECONDS])
def test_difference_counts_after_the_usual_time_of_a_confirmation(seconds: float) -> None:
    step = look(make_state(active_since=NOW - seconds, differences={RECORDS: SEEN_ONCE}))
    assert bool(step.events) is bool(step.state.differences) is (seconds == CONFIRMATION_TIMEOUT_SECONDS)
    assert (step.state.looked_at, step.state.locations) == (NOW, {RECORDS: ELSEWHERE})


def test_weight_sync_is_given_up_once_two_looks_show_users_elsewhere() -> None:
    sync = PendingWeightSync()
    once = look(make_state(pending_weight_sync=sync))
    assert once.state.pending_weight_sync == sync
    twice = look(once.state)
    assert twice.state.pending_weight_sync is None
    assert list_kinds(twice)[0] is EventKind.LOCATION_DIFFERS
    assert "DNS sends 100 % of the users" in twice.events[1].message
    assert twice.message == ""


def test_weight_sync_stays_while_some_users_are_where_it_leads() -> None:
    sync = PendingWeightSync()
    step = look(make_state(pending_weight_sync=sync, differences={RECORDS: SEEN_TWICE}), PARTLY_ELSEWHERE)
    assert step.state.pending_weight_sync == sync


def test_move_is_started_when_users_were_first_seen_on_its_target() -> None:
    state = make_state(move=make_move(first_submitted_at=None), differences={RECORDS: SEEN_TWICE})
    later, earlier = (
        make_location(AnswerCounts(standby=1), at=NOW - 1),
        make_location(AnswerCounts(standby=1), at=NOW - 2),
    )
    step = look(state, later, domain=earlier)
    assert step.state.move
    assert step.state.move.first_submitted_at == NOW - 2
    assert (step.state.differences, step.events) == ({}, ())


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"first_submitted_at": None}, AT_HOME),
        ({"first_submitted_at": None}, UNANSWERED),
        ({"first_submitted_at": NOW - 50}, ELSEWHERE),
        ({"first_submitted_at": None, "target": PRIMARY}, ELSEWHERE),
        ({"first_submitted_at": None, "mode": MoveMode.ROLLBACK}, ELSEWHERE),
    ],
    ids=["users-at-home", "no-answer", "already-started", "failback", "rolling-back"],
)
def test_move_is_not_started_by_a_look(changes: dict[str, Any], seen: Location) -> None:
    step = look(make_state(move=make_move(**changes)), seen)
    assert step.state.move == make_move(**changes)
