"""The lever, from survey to confirmation, over a zone in memory."""

import json

import pytest

from cognito_failover.common.errors import LeverRefusedError, LeverUnavailableError, UnknownChangeError
from cognito_failover.common.region import PerRole, RegionRole, route_all_to, split_traffic
from cognito_failover.core.model.records import ChangeStatus, DnsWatch, Intent
from cognito_failover.routing.record_set import are_equal
from cognito_failover.routing.records.weighted_records import WeightedRecords
from cognito_failover_testing.memory_hosted_zone import MemoryZone
from tests.unit.routing.records.examples import (
    DOMAIN,
    REGION_RECORD_NAME,
    TOKYO,
    VIRGINIA,
    ScriptedAuthoritativeDns,
    make_group,
    make_record,
    make_record_pair,
    make_region_record_pair,
)

NAMES = (DOMAIN, REGION_RECORD_NAME)
TO_STANDBY = route_all_to(RegionRole.STANDBY)


def submit_plan(lever: WeightedRecords) -> Intent:
    return lever.plan(lever.read_records(), TO_STANDBY)


def test_move_swaps_weights_of_name_and_region_record(lever: WeightedRecords, zone: MemoryZone) -> None:
    lever.submit(submit_plan(lever), lever.read_records())
    assert are_equal(zone.list_record_sets(NAMES), [*make_record_pair(0, 255), *make_region_record_pair(0, 255)])


def test_move_creates_missing_region_record(name_servers: ScriptedAuthoritativeDns) -> None:
    zone = MemoryZone("example.com", make_record_pair())
    lever = WeightedRecords(group=make_group(), zone=zone, authority=name_servers)
    lever.submit(submit_plan(lever), lever.read_records())
    assert are_equal(zone.list_record_sets(NAMES), [*make_record_pair(0, 255), *make_region_record_pair(0, 255)])


def test_missing_records_are_created(name_servers: ScriptedAuthoritativeDns) -> None:
    zone = MemoryZone("example.com")
    lever = WeightedRecords(group=make_group(), zone=zone, authority=name_servers)
    intent = lever.plan(lever.read_records(), route_all_to(RegionRole.PRIMARY))
    assert intent.before == ()
    lever.submit(intent, lever.read_records())
    assert are_equal(zone.list_record_sets(NAMES), [*make_record_pair(255, 0), *make_region_record_pair(255, 0)])
    assert lever.get_change_status(intent, lever.read_records()) is ChangeStatus.APPLIED


def test_unknown_fields_are_preserved(name_servers: ScriptedAuthoritativeDns) -> None:
    primary = make_record(TOKYO, 255, HealthCheckId="check-1", FutureField={"Deep": [1]})
    zone = MemoryZone("example.com", [primary, make_record(VIRGINIA, 0)])
    lever = WeightedRecords(group=make_group(), zone=zone, authority=name_servers)
    lever.submit(submit_plan(lever), lever.read_records())
    moved = next(each for each in zone.list_record_sets([DOMAIN]) if each["SetIdentifier"] == TOKYO)
    assert moved == {**primary, "Weight": 0}


def test_intent_json_round_trips(lever: WeightedRecords) -> None:
    intent = submit_plan(lever)
    restored = Intent(
        before=tuple(json.loads(json.dumps(intent.before))),
        after=tuple(json.loads(json.dumps(intent.after))),
        weights=intent.weights,
    )
    lever.submit(restored, lever.read_records())
    assert lever.read_records().weights == TO_STANDBY


def test_resubmission_changes_nothing_and_returns_change_id(lever: WeightedRecords, zone: MemoryZone) -> None:
    intent = submit_plan(lever)
    first = lever.submit(intent, lever.read_records())
    second = lever.submit(intent, lever.read_records())
    assert first != second
    assert are_equal(zone.list_record_sets(NAMES), intent.after)
    zone.propagate()
    assert lever.is_in_sync(second)


def test_change_is_not_in_sync_before_propagation(lever: WeightedRecords) -> None:
    assert not lever.is_in_sync(lever.submit(submit_plan(lever), lever.read_records()))


def test_unknown_change_is_retryable(lever: WeightedRecords) -> None:
    with pytest.raises(UnknownChangeError):
        lever.is_in_sync("C999")


def test_records_edited_since_plan_are_rejected_unchanged(lever: WeightedRecords, zone: MemoryZone) -> None:
    intent = submit_plan(lever)
    zone.set_by_hand(make_record(TOKYO, 128))
    with pytest.raises(LeverRefusedError, match=r"weight 255.*Found: .*weight 128") as refused:
        lever.submit(intent, lever.read_records())
    assert "acknowledge" in str(refused.value)
    assert are_equal(
        zone.list_record_sets(NAMES), [make_record(TOKYO, 128), make_record(VIRGINIA, 0), *make_region_record_pair()]
    )


def test_removed_region_record_is_an_external_change(lever: WeightedRecords, zone: MemoryZone) -> None:
    intent = submit_plan(lever)
    zone.remove_by_hand(*make_region_record_pair())
    assert lever.get_change_status(intent, lever.read_records()) is ChangeStatus.CONFLICTING


def test_initial_and_desired_records_are_distinguished(lever: WeightedRecords) -> None:
    intent = submit_plan(lever)
    assert lever.get_change_status(intent, lever.read_records()) is ChangeStatus.NOT_APPLIED
    lever.submit(intent, lever.read_records())
    assert lever.get_change_status(intent, lever.read_records()) is ChangeStatus.APPLIED


def test_protected_record_is_rejected_with_hint(lever: WeightedRecords, zone: MemoryZone) -> None:
    zone.protect(DOMAIN, "CNAME")
    with pytest.raises(LeverRefusedError, match="DeleteResourceRecordSetProtections"):
        lever.submit(submit_plan(lever), lever.read_records())
    assert lever.read_records().weights == route_all_to(RegionRole.PRIMARY)


class ZoneEditedBeforeSubmit(MemoryZone):
    """A zone that somebody edits between our reading and our batch, once."""

    edited_record_sets: int | None = 128

    def submit(self, changes, *, comment):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 - as the base
        if self.edited_record_sets is not None:
            self.set_by_hand(make_record(TOKYO, self.edited_record_sets))
            self.edited_record_sets = None
        return super().submit(changes, comment=comment)


def test_edit_between_read_and_batch_fails_batch_and_is_preserved(name_servers: ScriptedAuthoritativeDns) -> None:
    zone = ZoneEditedBeforeSubmit("example.com", [*make_record_pair(), *make_region_record_pair()])
    lever = WeightedRecords(group=make_group(), zone=zone, authority=name_servers)
    with pytest.raises(LeverRefusedError, match="Somebody else changed the records"):
        lever.submit(submit_plan(lever), lever.read_records())
    assert are_equal(
        zone.list_record_sets(NAMES), [make_record(TOKYO, 128), make_record(VIRGINIA, 0), *make_region_record_pair()]
    )


def test_rejected_batch_on_expected_records_is_retried(name_servers: ScriptedAuthoritativeDns) -> None:
    zone = MemoryZone("example.com", [*make_record_pair(), *make_region_record_pair()])
    lever = WeightedRecords(group=make_group(), zone=zone, authority=name_servers)
    intent = submit_plan(lever)
    stray = {"Name": REGION_RECORD_NAME, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example.com"}]}
    lacking_beacon = Intent(before=tuple(make_record_pair()), after=intent.after, weights=intent.weights)
    zone.remove_by_hand(*make_region_record_pair())
    original = zone.submit

    def reject_once(changes, *, comment):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - as the method it replaces
        zone.set_by_hand(stray)
        try:
            return original(changes, comment=comment)
        finally:
            zone.remove_by_hand(stray)

    zone.submit = reject_once  # type: ignore[method-assign] # a moment that a real zone has and a memory hasn't
    with pytest.raises(LeverUnavailableError, match="tries again"):
        lever.submit(lacking_beacon, lever.read_records())


@pytest.mark.parametrize(("primary", "standby"), [(256, 0), (-1, 255), (0, 300)])
def test_weights_out_of_range_are_rejected(lever: WeightedRecords, primary: int, standby: int) -> None:
    with pytest.raises(LeverRefusedError, match="Route 53 accepts 0 to 255"):
        lever.plan(lever.read_records(), PerRole(primary=primary, standby=standby))


def test_all_zero_weights_are_rejected(lever: WeightedRecords) -> None:
    with pytest.raises(LeverRefusedError, match="equal shares"):
        lever.plan(lever.read_records(), PerRole(primary=0, standby=0))


def test_private_zone_is_rejected(name_servers: ScriptedAuthoritativeDns) -> None:
    lever = WeightedRecords(
        group=make_group(), zone=MemoryZone("example.com", make_record_pair(), is_private=True), authority=name_servers
    )
    with pytest.raises(LeverRefusedError, match=r"example\.com\. is private"):
        lever.read_records()


@pytest.mark.parametrize("zone_name", ["example.org", "th.example.com", "www.auth.example.com"])
def test_zone_without_domain_is_rejected(name_servers: ScriptedAuthoritativeDns, zone_name: str) -> None:
    lever = WeightedRecords(group=make_group(), zone=MemoryZone(zone_name), authority=name_servers)
    with pytest.raises(LeverRefusedError, match="is no part of it"):
        lever.read_records()


def test_split_traffic_is_confirmed_by_record_readback(lever: WeightedRecords) -> None:
    intent = lever.plan(lever.read_records(), split_traffic(RegionRole.STANDBY, 10))
    assert not lever.read_back(intent).moved
    lever.submit(intent, lever.read_records())
    confirmation = lever.read_back(intent)
    assert confirmation.moved
    assert "229 and 26" in confirmation.detail


def test_full_move_is_confirmed_by_all_name_servers(
    lever: WeightedRecords, name_servers: ScriptedAuthoritativeDns
) -> None:
    sight = DnsWatch(record_sets=submit_plan(lever).after, name_servers=lever.read_records().name_servers)
    for server in ("ns-1.example.net", "ns-2.example.org"):
        name_servers.set_answers(server, "CNAME", ["d-virginia.example.net."], ["d-virginia.example.net."])
        name_servers.set_answers(server, "TXT", [VIRGINIA], [VIRGINIA])
    assert lever.confirm(sight, RegionRole.STANDBY).moved
    assert lever.confirm(sight, RegionRole.STANDBY).detail == "2 of 2 name servers answer with us-east-1 only."
