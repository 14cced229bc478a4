"""The records lever on an in-memory zone, from reading to confirmation."""

import json

import pytest

from cognito_failover.common.errors import (
    LeverRefusedError,
    LeverUnavailableError,
    RecordsChangedError,
    UnknownChangeError,
)
from cognito_failover.common.region import PerRole, RegionRole, Weights, route_all_to, split_traffic
from cognito_failover.core.model.records import ChangeStatus, Intent, RecordSet
from cognito_failover.routing.record_set import are_equal
from cognito_failover.routing.records.hosted_zone import ChangeRejectedError
from cognito_failover.routing.records.weighted_records import WeightedRecords
from cognito_failover_testing.memory_hosted_zone import MemoryZone
from tests.unit.routing.records.examples import (
    DOMAIN,
    FENCE_NAME,
    REGION_RECORD_NAME,
    TOKYO,
    VIRGINIA,
    make_group,
    make_record,
    make_record_pair,
    make_region_record_pair,
)

NAMES = (DOMAIN, REGION_RECORD_NAME)
TO_STANDBY = route_all_to(RegionRole.STANDBY)


def plan_move(lever: WeightedRecords) -> Intent:
    return lever.plan(lever.read_records(), TO_STANDBY)


def test_move_swaps_weights_of_name_and_region_record(lever: WeightedRecords, zone: MemoryZone) -> None:
    lever.submit(plan_move(lever), lever.read_records())
    assert are_equal(zone.list_record_sets(NAMES), [*make_record_pair(0, 255), *make_region_record_pair(0, 255)])


def test_move_creates_missing_region_record() -> None:
    zone = MemoryZone("example.com", make_record_pair())
    lever = WeightedRecords(group=make_group(), zone=zone)
    lever.submit(plan_move(lever), lever.read_records())
    assert are_equal(zone.list_record_sets(NAMES), [*make_record_pair(0, 255), *make_region_record_pair(0, 255)])


def test_missing_records_are_created() -> None:
    zone = MemoryZone("example.com")
    lever = WeightedRecords(group=make_group(), zone=zone)
    intent = lever.plan(lever.read_records(), route_all_to(RegionRole.PRIMARY))
    assert intent.before == ()
    lever.submit(intent, lever.read_records())
    assert are_equal(zone.list_record_sets(NAMES), [*make_record_pair(255, 0), *make_region_record_pair(255, 0)])
    assert lever.get_change_status(intent, lever.read_records()) is ChangeStatus.APPLIED


def test_unknown_fields_are_preserved() -> None:
    primary = make_record(TOKYO, 255, HealthCheckId="check-1", FutureField={"Deep": [1]})
    zone = MemoryZone("example.com", [primary, make_record(VIRGINIA, 0)])
    lever = WeightedRecords(group=make_group(), zone=zone)
    lever.submit(plan_move(lever), lever.read_records())
    moved = next(record_set for record_set in zone.list_record_sets([DOMAIN]) if record_set["SetIdentifier"] == TOKYO)
    assert moved == {**primary, "Weight": 0}


def test_intent_json_round_trips(lever: WeightedRecords) -> None:
    intent = plan_move(lever)
    restored = Intent(
        before=tuple(json.loads(json.dumps(intent.before))),
        after=tuple(json.loads(json.dumps(intent.after))),
        weights=intent.weights,
    )
    lever.submit(restored, lever.read_records())
    assert lever.read_records().weights == TO_STANDBY


def test_resubmission_changes_nothing_and_returns_change_id(lever: WeightedRecords, zone: MemoryZone) -> None:
    intent = plan_move(lever)
    first = lever.submit(intent, lever.read_records())
    second = lever.submit(intent, lever.read_records())
    assert first != second
    assert are_equal(zone.list_record_sets(NAMES), intent.after)
    zone.propagate()
    assert lever.is_in_sync(second)


def test_change_is_not_in_sync_before_propagation(lever: WeightedRecords) -> None:
    assert not lever.is_in_sync(lever.submit(plan_move(lever), lever.read_records()))


def test_unknown_change_id_raises_an_error(lever: WeightedRecords) -> None:
    with pytest.raises(UnknownChangeError):
        lever.is_in_sync("C999")


def test_records_edited_after_plan_are_left_unchanged(lever: WeightedRecords, zone: MemoryZone) -> None:
    intent = plan_move(lever)
    zone.set_by_hand(make_record(TOKYO, 128))
    with pytest.raises(LeverRefusedError, match=r"weight 255.*Found: .*weight 128") as refused:
        lever.submit(intent, lever.read_records())
    assert "acknowledge" in str(refused.value)
    assert are_equal(
        zone.list_record_sets(NAMES), [make_record(TOKYO, 128), make_record(VIRGINIA, 0), *make_region_record_pair()]
    )


def test_removed_region_record_makes_intent_conflicting(lever: WeightedRecords, zone: MemoryZone) -> None:
    intent = plan_move(lever)
    zone.remove_by_hand(*make_region_record_pair())
    assert lever.get_change_status(intent, lever.read_records()) is ChangeStatus.CONFLICTING


def test_intent_is_not_applied_before_submit_and_applied_after(lever: WeightedRecords) -> None:
    intent = plan_move(lever)
    assert lever.get_change_status(intent, lever.read_records()) is ChangeStatus.NOT_APPLIED
    lever.submit(intent, lever.read_records())
    assert lever.get_change_status(intent, lever.read_records()) is ChangeStatus.APPLIED


def test_each_change_replaces_the_fence(lever: WeightedRecords, zone: MemoryZone) -> None:
    contents = []
    for role in (RegionRole.STANDBY, RegionRole.PRIMARY, RegionRole.PRIMARY):
        lever.submit(lever.plan(lever.read_records(), route_all_to(role)), lever.read_records())
        (fence,) = zone.list_record_sets((FENCE_NAME,))
        contents.append(fence["ResourceRecords"][0]["Value"])
    assert contents == [f'"cognito-failover: change {number}"' for number in (1, 2, 3)]


@pytest.mark.parametrize("weights", [TO_STANDBY, route_all_to(RegionRole.PRIMARY)], ids=["as-after", "as-before"])
def test_records_of_a_later_change_are_not_those_of_the_intent(lever: WeightedRecords, weights: Weights) -> None:
    stale = plan_move(lever)
    for role in (RegionRole.STANDBY, RegionRole.PRIMARY):
        lever.submit(lever.plan(lever.read_records(), route_all_to(role)), lever.read_records())
    lever.submit(lever.plan(lever.read_records(), weights), lever.read_records())
    assert lever.get_change_status(stale, lever.read_records()) is ChangeStatus.CONFLICTING
    with pytest.raises(LeverRefusedError, match=r"Expected: .*after change 0\. Found: .*after change 3"):
        lever.submit(stale, lever.read_records())


@pytest.mark.parametrize(("changes", "above", "number"), [(0, 0, 1), (1, 0, 1), (1, 1, 2), (2, 5, 6)])
def test_raised_fence_is_above_the_change_and_moves_no_user(
    lever: WeightedRecords, zone: MemoryZone, changes: int, above: int, number: int
) -> None:
    for _ in range(changes):
        lever.submit(plan_move(lever), lever.read_records())
    before = zone.list_record_sets(NAMES)
    lever.raise_fence(lever.read_records(), above=above)
    (fence,) = zone.list_record_sets((FENCE_NAME,))
    assert fence["ResourceRecords"] == [{"Value": f'"cognito-failover: change {number}"'}]
    assert zone.list_record_sets(NAMES) == before


def test_fence_that_another_process_has_raised_is_not_replaced(lever: WeightedRecords) -> None:
    stale = lever.read_records()
    lever.raise_fence(stale, above=0)
    with pytest.raises(LeverUnavailableError, match="Route 53 rejected the next fence"):
        lever.raise_fence(stale, above=0)


def test_person_who_deletes_the_fence_changes_no_status(lever: WeightedRecords, zone: MemoryZone) -> None:
    lever.submit(plan_move(lever), lever.read_records())
    intent = lever.plan(lever.read_records(), route_all_to(RegionRole.PRIMARY))
    zone.remove_by_hand(*zone.list_record_sets((FENCE_NAME,)))
    assert lever.get_change_status(intent, lever.read_records()) is ChangeStatus.NOT_APPLIED
    lever.submit(intent, lever.read_records())
    assert lever.get_change_status(intent, lever.read_records()) is ChangeStatus.APPLIED


@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param({"Type": "CNAME", "ResourceRecords": [{"Value": "x.example.com."}]}, id="cname"),
        pytest.param({"Type": "TXT", "ResourceRecords": [{"Value": '"mine"'}]}, id="other-text"),
        pytest.param(
            {"Type": "TXT", "ResourceRecords": [{"Value": '"cognito-failover: change 1"'}, {"Value": '"mine"'}]},
            id="second-value",
        ),
        pytest.param(
            {
                "Type": "TXT",
                "SetIdentifier": "a",
                "Weight": 1,
                "ResourceRecords": [{"Value": '"cognito-failover: change 1"'}],
            },
            id="weighted",
        ),
    ],
)
def test_foreign_record_at_the_name_of_the_fence_is_refused(
    lever: WeightedRecords, zone: MemoryZone, foreign: RecordSet
) -> None:
    zone.set_by_hand({"Name": FENCE_NAME, "TTL": 60, **foreign})
    with pytest.raises(LeverRefusedError, match=r"The name of the fence.* is taken: .*Delete these record sets"):
        lever.read_records()


def test_fence_beside_another_record_is_refused(lever: WeightedRecords, zone: MemoryZone) -> None:
    lever.submit(plan_move(lever), lever.read_records())
    zone.set_by_hand({"Name": FENCE_NAME, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]})
    with pytest.raises(LeverRefusedError, match=r"The name of the fence.* is taken: .*192\.0\.2\.1"):
        lever.read_records()


def test_protected_record_is_rejected_with_hint(lever: WeightedRecords, zone: MemoryZone) -> None:
    zone.protect(DOMAIN, "CNAME")
    with pytest.raises(LeverRefusedError, match="DeleteResourceRecordSetProtections"):
        lever.submit(plan_move(lever), lever.read_records())
    assert lever.read_records().weights == route_all_to(RegionRole.PRIMARY)


def test_rejection_that_names_a_domain_with_protect_is_retried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reject(*_: object, **__: object) -> str:
        raise ChangeRejectedError("InvalidChangeBatch: auth.protect.example.com. is being changed")

    zone = MemoryZone("example.com", [*make_record_pair(), *make_region_record_pair()])
    lever = WeightedRecords(group=make_group(), zone=zone)
    intent = plan_move(lever)
    monkeypatch.setattr(zone, "submit", reject)
    with pytest.raises(LeverUnavailableError, match="The next round reads them again"):
        lever.submit(intent, lever.read_records())


class ZoneEditedBeforeSubmit(MemoryZone):
    """A zone that is edited once, between the lever's read and its batch."""

    edited_weight: int | None = 128

    def submit(self, changes, *, comment):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 - as the base
        if self.edited_weight is not None:
            self.set_by_hand(make_record(TOKYO, self.edited_weight))
            self.edited_weight = None
        return super().submit(changes, comment=comment)


def test_edit_between_read_and_batch_fails_batch_and_is_preserved() -> None:
    zone = ZoneEditedBeforeSubmit("example.com", [*make_record_pair(), *make_region_record_pair()])
    lever = WeightedRecords(group=make_group(), zone=zone)
    intent = plan_move(lever)
    with pytest.raises(LeverUnavailableError, match="Another process or person has changed the records"):
        lever.submit(intent, lever.read_records())
    with pytest.raises(LeverRefusedError, match="The records were changed externally"):
        lever.submit(intent, lever.read_records())
    assert are_equal(
        zone.list_record_sets(NAMES), [make_record(TOKYO, 128), make_record(VIRGINIA, 0), *make_region_record_pair()]
    )


def test_rejected_batch_on_expected_records_can_be_retried() -> None:
    zone = MemoryZone("example.com", [*make_record_pair(), *make_region_record_pair()])
    lever = WeightedRecords(group=make_group(), zone=zone)
    intent = plan_move(lever)
    stray = {"Name": REGION_RECORD_NAME, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example.com"}]}
    intent_without_region_record = Intent(before=tuple(make_record_pair()), after=intent.after, weights=intent.weights)
    zone.remove_by_hand(*make_region_record_pair())
    original = zone.submit

    def reject_once(changes, *, comment):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - as the method it replaces
        zone.set_by_hand(stray)
        try:
            return original(changes, comment=comment)
        finally:
            zone.remove_by_hand(stray)

    zone.submit = reject_once  # type: ignore[method-assign] # the twin cannot be edited at this moment
    with pytest.raises(LeverUnavailableError, match="The next round reads them again"):
        lever.submit(intent_without_region_record, lever.read_records())


@pytest.mark.parametrize(("primary", "standby"), [(256, 0), (-1, 255), (0, 300)])
def test_weights_out_of_range_are_rejected(lever: WeightedRecords, primary: int, standby: int) -> None:
    with pytest.raises(LeverRefusedError, match="Route 53 accepts 0 to 255"):
        lever.plan(lever.read_records(), PerRole(primary=primary, standby=standby))


def test_all_zero_weights_are_rejected(lever: WeightedRecords) -> None:
    with pytest.raises(LeverRefusedError, match="equal shares"):
        lever.plan(lever.read_records(), PerRole(primary=0, standby=0))


def test_private_zone_is_rejected() -> None:
    lever = WeightedRecords(group=make_group(), zone=MemoryZone("example.com", make_record_pair(), is_private=True))
    with pytest.raises(LeverRefusedError, match=r"example\.com\. is private"):
        lever.read_records()


@pytest.mark.parametrize("zone_name", ["example.org", "th.example.com", "www.auth.example.com"])
def test_zone_without_domain_is_rejected(zone_name: str) -> None:
    lever = WeightedRecords(group=make_group(), zone=MemoryZone(zone_name))
    with pytest.raises(LeverRefusedError, match="is not part of it"):
        lever.read_records()


def test_split_traffic_is_confirmed_by_record_readback(lever: WeightedRecords) -> None:
    intent = lever.plan(lever.read_records(), split_traffic(RegionRole.STANDBY, 10))
    assert not lever.read_back(intent).moved
    lever.submit(intent, lever.read_records())
    confirmation = lever.read_back(intent)
    assert confirmation.moved
    assert "229 and 26" in confirmation.detail


def test_planned_change_is_made_without_another_read_and_only_once(lever: WeightedRecords) -> None:
    intent = plan_move(lever)
    lever.submit(intent)
    assert lever.get_change_status(intent, lever.read_records()) is ChangeStatus.APPLIED
    with pytest.raises(RecordsChangedError, match="Route 53 rejected the change"):
        lever.submit(intent)
