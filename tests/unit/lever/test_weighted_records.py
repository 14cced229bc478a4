"""The lever, from survey to confirmation, over a zone in memory."""

import json

import pytest

from failover.errors import LeverRefusedError, LeverUnavailableError, UnknownChangeError
from failover.levers.lever import Intent, Sight, Standing
from failover.levers.records import same
from failover.levers.weighted_records import WeightedRecords
from failover.levers.zone_memory import MemoryZone
from failover.region import PerSide, Side, all_to, share_to
from tests.unit.lever.examples import (
    BEACON,
    DOMAIN,
    TOKYO,
    VIRGINIA,
    Servers,
    beacon_of,
    group,
    pair,
    record,
)

NAMES = (DOMAIN, BEACON)
TO_STANDBY = all_to(Side.STANDBY)


def planned(lever: WeightedRecords) -> Intent:
    return lever.plan(lever.survey(), TO_STANDBY)


def test_a_move_swaps_the_weights_of_the_name_and_its_beacon(lever: WeightedRecords, zone: MemoryZone) -> None:
    lever.submit(planned(lever), lever.survey())
    assert same(zone.record_sets(NAMES), [*pair(0, 255), *beacon_of(0, 255)])


def test_a_move_creates_the_beacon_that_was_lacking(servers: Servers) -> None:
    zone = MemoryZone("example.com", pair())
    lever = WeightedRecords(group=group(), zone=zone, authority=servers)
    lever.submit(planned(lever), lever.survey())
    assert same(zone.record_sets(NAMES), [*pair(0, 255), *beacon_of(0, 255)])


def test_records_are_created_where_none_were(servers: Servers) -> None:
    zone = MemoryZone("example.com")
    lever = WeightedRecords(group=group(), zone=zone, authority=servers)
    intent = lever.plan(lever.survey(), all_to(Side.PRIMARY))
    assert intent.before == ()
    lever.submit(intent, lever.survey())
    assert same(zone.record_sets(NAMES), [*pair(255, 0), *beacon_of(255, 0)])
    assert lever.standing(intent, lever.survey()) is Standing.AFTER


def test_fields_nobody_here_knows_survive(servers: Servers) -> None:
    primary = record(TOKYO, 255, HealthCheckId="check-1", FutureField={"Deep": [1]})
    zone = MemoryZone("example.com", [primary, record(VIRGINIA, 0)])
    lever = WeightedRecords(group=group(), zone=zone, authority=servers)
    lever.submit(planned(lever), lever.survey())
    moved = next(each for each in zone.record_sets([DOMAIN]) if each["SetIdentifier"] == TOKYO)
    assert moved == {**primary, "Weight": 0}


def test_an_intent_survives_being_saved_as_json(lever: WeightedRecords) -> None:
    intent = planned(lever)
    restored = Intent(
        before=tuple(json.loads(json.dumps(intent.before))),
        after=tuple(json.loads(json.dumps(intent.after))),
        weights=intent.weights,
    )
    lever.submit(restored, lever.survey())
    assert lever.survey().weights == TO_STANDBY


def test_submitting_again_changes_nothing_and_gives_an_id_to_wait_for(lever: WeightedRecords, zone: MemoryZone) -> None:
    intent = planned(lever)
    first = lever.submit(intent, lever.survey())
    second = lever.submit(intent, lever.survey())
    assert first != second
    assert same(zone.record_sets(NAMES), intent.after)
    zone.spread()
    assert lever.in_sync(second)


def test_a_change_is_not_in_sync_until_it_has_spread(lever: WeightedRecords) -> None:
    assert not lever.in_sync(lever.submit(planned(lever), lever.survey()))


def test_an_unknown_change_is_an_error_that_allows_a_retry(lever: WeightedRecords) -> None:
    with pytest.raises(UnknownChangeError):
        lever.in_sync("C999")


def test_records_edited_since_the_plan_are_refused_and_left_alone(lever: WeightedRecords, zone: MemoryZone) -> None:
    intent = planned(lever)
    zone.edit(record(TOKYO, 128))
    with pytest.raises(LeverRefusedError, match=r"weight 255.*Found: .*weight 128") as refused:
        lever.submit(intent, lever.survey())
    assert "acknowledge" in str(refused.value)
    assert same(zone.record_sets(NAMES), [record(TOKYO, 128), record(VIRGINIA, 0), *beacon_of()])


def test_a_removed_beacon_is_somebody_elses_change(lever: WeightedRecords, zone: MemoryZone) -> None:
    intent = planned(lever)
    zone.remove(*beacon_of())
    assert lever.standing(intent, lever.survey()) is Standing.FOREIGN


def test_a_world_as_found_and_a_world_as_wanted_are_told_apart(lever: WeightedRecords) -> None:
    intent = planned(lever)
    assert lever.standing(intent, lever.survey()) is Standing.BEFORE
    lever.submit(intent, lever.survey())
    assert lever.standing(intent, lever.survey()) is Standing.AFTER


def test_a_protected_record_is_refused_with_the_way_out(lever: WeightedRecords, zone: MemoryZone) -> None:
    zone.protect(DOMAIN, "CNAME")
    with pytest.raises(LeverRefusedError, match="DeleteResourceRecordSetProtections"):
        lever.submit(planned(lever), lever.survey())
    assert lever.survey().weights == all_to(Side.PRIMARY)


class EditedMeanwhile(MemoryZone):
    """A zone that somebody edits between our reading and our batch, once."""

    edit_to: int | None = 128

    def submit(self, changes, *, comment):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 - as the base
        if self.edit_to is not None:
            self.edit(record(TOKYO, self.edit_to))
            self.edit_to = None
        return super().submit(changes, comment=comment)


def test_an_edit_between_reading_and_batch_makes_the_batch_fail_and_survives(servers: Servers) -> None:
    zone = EditedMeanwhile("example.com", [*pair(), *beacon_of()])
    lever = WeightedRecords(group=group(), zone=zone, authority=servers)
    with pytest.raises(LeverRefusedError, match="Somebody else changed the records"):
        lever.submit(planned(lever), lever.survey())
    assert same(zone.record_sets(NAMES), [record(TOKYO, 128), record(VIRGINIA, 0), *beacon_of()])


def test_a_rejected_batch_in_a_world_as_expected_is_tried_again(servers: Servers) -> None:
    zone = MemoryZone("example.com", [*pair(), *beacon_of()])
    lever = WeightedRecords(group=group(), zone=zone, authority=servers)
    intent = planned(lever)
    stray = {"Name": BEACON, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example.com"}]}
    lacking_beacon = Intent(before=tuple(pair()), after=intent.after, weights=intent.weights)
    zone.remove(*beacon_of())
    original = zone.submit

    def busy(changes, *, comment):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - as the method it replaces
        zone.edit(stray)
        try:
            return original(changes, comment=comment)
        finally:
            zone.remove(stray)

    zone.submit = busy  # type: ignore[method-assign] # a moment that a real zone has and a memory hasn't
    with pytest.raises(LeverUnavailableError, match="tries again"):
        lever.submit(lacking_beacon, lever.survey())


@pytest.mark.parametrize(("primary", "standby"), [(256, 0), (-1, 255), (0, 300)])
def test_weights_out_of_range_are_refused(lever: WeightedRecords, primary: int, standby: int) -> None:
    with pytest.raises(LeverRefusedError, match="Route 53 accepts 0 to 255"):
        lever.plan(lever.survey(), PerSide(primary=primary, standby=standby))


def test_weights_that_are_all_zero_are_refused(lever: WeightedRecords) -> None:
    with pytest.raises(LeverRefusedError, match="equal shares"):
        lever.plan(lever.survey(), PerSide(primary=0, standby=0))


def test_a_private_zone_is_refused(servers: Servers) -> None:
    lever = WeightedRecords(group=group(), zone=MemoryZone("example.com", pair(), private=True), authority=servers)
    with pytest.raises(LeverRefusedError, match=r"example\.com\. is private"):
        lever.survey()


@pytest.mark.parametrize("zone_name", ["example.org", "th.example.com", "www.auth.example.com"])
def test_a_zone_that_does_not_hold_the_domain_is_refused(servers: Servers, zone_name: str) -> None:
    lever = WeightedRecords(group=group(), zone=MemoryZone(zone_name), authority=servers)
    with pytest.raises(LeverRefusedError, match="is no part of it"):
        lever.survey()


def test_shared_traffic_is_confirmed_by_reading_the_records_back(lever: WeightedRecords) -> None:
    intent = lever.plan(lever.survey(), share_to(Side.STANDBY, 10))
    assert not lever.read_back(intent).moved
    lever.submit(intent, lever.survey())
    confirmation = lever.read_back(intent)
    assert confirmation.moved
    assert "229 and 26" in confirmation.detail


def test_a_full_move_is_confirmed_by_all_name_servers(lever: WeightedRecords, servers: Servers) -> None:
    sight = Sight(record_sets=planned(lever).after, name_servers=lever.survey().name_servers)
    for server in ("ns-1.example.net", "ns-2.example.org"):
        servers.say(server, "CNAME", ["d-virginia.example.net."], ["d-virginia.example.net."])
        servers.say(server, "TXT", [VIRGINIA], [VIRGINIA])
    assert lever.answers(sight, Side.STANDBY).moved
    assert lever.answers(sight, Side.STANDBY).detail == "2 of 2 name servers answer with us-east-1 only."
