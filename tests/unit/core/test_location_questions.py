"""The questions to the location: an old or missing answer is no answer, and then the levers say where users are."""

from typing import Any

import pytest

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.location import AnswerCounts, Location, LocationSource
from cognito_failover.core.model.records import DnsWatch
from cognito_failover.core.model.state import ControllerState, LatchState, SavedRecords
from cognito_failover.core.user_location import (
    MAX_LOCATION_AGE_SECONDS,
    are_all_users_on,
    confirm_users_on,
    has_lever_left,
    is_seen_on,
    list_watches,
)
from cognito_failover.settings.controller import Settings
from tests.support.drill_fixtures import NOW, SETTINGS, make_context
from tests.support.memory_latch import LATCH_DNS_WATCH
from tests.support.settings import COGNITO_DOMAIN_ONLY, make_settings

RECORDS, DOMAIN = SteeredName.RECORDS, SteeredName.DOMAIN
PRIMARY, STANDBY = RegionRole.PRIMARY, RegionRole.STANDBY
DOMAIN_ONLY = make_settings(**COGNITO_DOMAIN_ONLY)


def make_location(role: RegionRole | None = STANDBY, *, age: float = 0.0) -> Location:
    """Return a location with all users in one Region; without one, no name server answers."""
    counts = AnswerCounts(primary=int(role is PRIMARY), standby=int(role is STANDBY), missing=int(role is None))
    return Location(observed_at=NOW - age, source=LocationSource.NAME, servers={"ns-1": counts})


def make_latch(*, is_thrown: bool = False, is_attached: bool = True) -> LatchState:
    return LatchState(is_thrown=is_thrown, dns_watch=LATCH_DNS_WATCH if is_attached else None)


def make_state(role: RegionRole = PRIMARY, **changes: Any) -> ControllerState:
    usual: dict[str, Any] = {
        "created_at": NOW - 10_000,
        "active_role": role,
        "active_since": NOW - 9_000,
        "weights": route_all_to(role),
    }
    return ControllerState(**{**usual, **changes})


def find_role(state: ControllerState, settings: Settings = SETTINGS) -> RegionRole | None:
    """Return the only Region that all users are on."""
    roles = [role for role in RegionRole if are_all_users_on(state, role, make_context(settings=settings))]
    return roles[0] if len(roles) == 1 else None


@pytest.mark.parametrize(("age", "counts"), [(MAX_LOCATION_AGE_SECONDS, True), (MAX_LOCATION_AGE_SECONDS + 1, False)])
def test_location_answers_until_it_is_three_minutes_old(age: float, counts: bool) -> None:
    location = make_location(age=age)
    assert is_seen_on(location, STANDBY, NOW) is counts
    assert find_role(make_state(locations={RECORDS: location})) is (STANDBY if counts else PRIMARY)


def test_location_shows_users_only_in_its_region() -> None:
    assert not is_seen_on(make_location(PRIMARY), STANDBY, NOW)
    assert not is_seen_on(make_location(None), STANDBY, NOW)
    assert not is_seen_on(None, STANDBY, NOW)


def test_location_without_an_answer_leaves_the_levers_to_answer() -> None:
    assert find_role(make_state(locations={RECORDS: make_location(None)})) is PRIMARY
    assert find_role(make_state(STANDBY)) is STANDBY


@pytest.mark.parametrize(("decided_seconds_ago", "role"), [(11, STANDBY), (10, PRIMARY), (9, PRIMARY)])
def test_location_from_before_the_decided_side_changed_is_no_answer(
    decided_seconds_ago: float, role: RegionRole
) -> None:
    state = make_state(active_since=NOW - decided_seconds_ago, locations={RECORDS: make_location(age=10)})
    assert find_role(state) is role


def test_attached_latch_answers_before_the_weights_once_it_is_thrown() -> None:
    assert find_role(make_state(latches={RECORDS: make_latch(is_thrown=True)})) is STANDBY
    assert find_role(make_state(latches={RECORDS: make_latch(is_thrown=True, is_attached=False)})) is PRIMARY
    assert find_role(make_state(STANDBY, latches={RECORDS: make_latch()})) is STANDBY


def test_all_users_are_on_a_region_only_if_each_name_is() -> None:
    domain_thrown = {DOMAIN: make_latch(is_thrown=True)}
    assert find_role(make_state(latches=domain_thrown)) is None
    assert find_role(make_state(STANDBY, latches=domain_thrown)) is STANDBY
    assert find_role(make_state(STANDBY, latches={DOMAIN: make_latch()})) is None
    assert find_role(make_state(latches={DOMAIN: make_latch(is_thrown=True, is_attached=False)})) is PRIMARY


def test_domain_without_records_is_asked_alone() -> None:
    state = make_state(latches={DOMAIN: make_latch(is_thrown=True)})
    assert find_role(state, DOMAIN_ONLY) is STANDBY


@pytest.mark.parametrize(
    ("state", "target", "is_left"),
    [
        (make_state(PRIMARY), STANDBY, True),
        (make_state(STANDBY), STANDBY, False),
        (make_state(weights=PerRole(primary=1, standby=1)), PRIMARY, True),
        (make_state(STANDBY, latches={RECORDS: make_latch()}), STANDBY, True),
        (make_state(STANDBY, latches={RECORDS: make_latch(is_attached=False)}), STANDBY, False),
        (make_state(STANDBY, latches={RECORDS: make_latch(is_thrown=True)}), STANDBY, False),
    ],
    ids=["weights", "weights-there", "split", "latch", "unattached-latch", "all-there"],
)
def test_lever_is_left_while_one_does_not_send_users_there(
    state: ControllerState, target: RegionRole, is_left: bool
) -> None:
    assert has_lever_left(state, target, SETTINGS) is is_left


def test_weights_are_no_lever_without_records() -> None:
    assert not has_lever_left(make_state(PRIMARY), STANDBY, DOMAIN_ONLY)


def test_each_name_is_watched_where_dns_shows_it() -> None:
    records, domain = (DnsWatch(record_sets=({},), name_servers=(server,)) for server in ("ns-1", "ns-2"))
    seen: dict[str, Any] = {
        "records": SavedRecords(read_at=NOW, dns_watch=records),
        "latches": {DOMAIN: LatchState(is_thrown=False, dns_watch=domain), RECORDS: make_latch()},
    }
    assert list_watches(make_state(**seen)) == {RECORDS: records, DOMAIN: domain}
    unseen: dict[str, Any] = {"records": SavedRecords(read_at=NOW), "latches": {DOMAIN: make_latch(is_attached=False)}}
    assert list_watches(make_state(**unseen)) == list_watches(make_state()) == {}
    without_records = LatchState(is_thrown=False, dns_watch=domain.without_records)
    assert list_watches(make_state(latches={DOMAIN: without_records})) == {}


def test_confirmation_names_each_server_that_does_not_agree() -> None:
    servers = {
        "ns-1": AnswerCounts(standby=3),
        "ns-2": AnswerCounts(standby=2, primary=1),
        "ns-3": AnswerCounts(primary=1),
        "ns-4": AnswerCounts(missing=1),
        "ns-5": AnswerCounts(unclear=1),
        "ns-6": AnswerCounts(missing=1, empty=1),
    }
    location = Location(observed_at=NOW, source=LocationSource.NAME, servers=servers)
    confirmation = confirm_users_on(location, STANDBY, region="us-east-1")
    assert confirmation.detail == (
        "1 of 6 name servers answer with us-east-1 only; not yet: ns-2, ns-3; no answer from ns-4; "
        "no Region in the answers of ns-5, ns-6."
    )
    assert (confirmation.stale, confirmation.unresponsive) == (("ns-2", "ns-3"), ("ns-4", "ns-5", "ns-6"))
    assert not confirmation.moved


def test_confirmation_needs_one_server_and_no_contradiction() -> None:
    def confirm(*counts: AnswerCounts) -> bool:
        servers = {f"ns-{number}": count for number, count in enumerate(counts)}
        location = Location(observed_at=NOW, source=LocationSource.NAME, servers=servers)
        return confirm_users_on(location, STANDBY, region="us-east-1").moved

    assert confirm(AnswerCounts(standby=1), AnswerCounts(missing=1))
    assert not confirm(AnswerCounts(standby=1), AnswerCounts(standby=1, primary=1))
    assert not confirm(AnswerCounts(unclear=1))
    assert not confirm()
