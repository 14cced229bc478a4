"""Properties of the records lever for all record pairs, plans and concurrent edits."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_failover.common.errors import LeverRefusedError, LeverUnavailableError
from cognito_failover.common.region import PerRole, Weights
from cognito_failover.core.model.records import ChangeStatus, RecordSet, RecordsSnapshot
from cognito_failover.routing.record_set import are_equal, get_record_key
from cognito_failover.routing.records.hosted_zone import RecordChange
from cognito_failover.routing.records.weighted_records import WeightedRecords
from cognito_failover_testing.memory_hosted_zone import MemoryZone
from tests.unit.routing.records.examples import (
    DOMAIN,
    REGION_RECORD_NAME,
    TOKYO,
    VIRGINIA,
    make_group,
    make_record,
    make_region_record_pair,
)

NAMES = (DOMAIN, REGION_RECORD_NAME)
WEIGHT = st.integers(0, 255)
WEIGHTS = st.builds(lambda primary, standby: PerRole(primary=primary, standby=standby), WEIGHT, WEIGHT)
USABLE_WEIGHTS = WEIGHTS.filter(lambda weights: weights.primary + weights.standby > 0)
OTHER_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "HealthCheckId": st.sampled_from(["check-1", "check-2"]),
        "FutureField": st.dictionaries(st.text(), st.integers()),
    },
)


@st.composite
def draw_zones(draw: st.DrawFn) -> list[RecordSet]:
    """Draw supported records of a name: none, a pair, or a pair with its region TXT record."""
    if draw(st.booleans()):
        return []
    ttl = draw(st.integers(1, 3600))
    weights = draw(WEIGHTS)
    records = [
        make_record(TOKYO, weights.primary, TTL=ttl, **draw(OTHER_FIELDS)),
        make_record(VIRGINIA, weights.standby, TTL=ttl, **draw(OTHER_FIELDS)),
    ]
    region_weights = draw(WEIGHTS)
    has_region_record = draw(st.booleans())
    region_records = (
        make_region_record_pair(region_weights.primary, region_weights.standby) if has_region_record else []
    )
    return [*records, *region_records]


def make_lever(zone: MemoryZone) -> WeightedRecords:
    return WeightedRecords(group=make_group(), zone=zone)


def strip_weights(record_sets: Sequence[RecordSet]) -> list[RecordSet]:
    return [{**record_set, "Weight": 0} for record_set in record_sets]


@given(draw_zones(), USABLE_WEIGHTS)
def test_plan_changes_only_weights_of_the_domain(record_sets: list[RecordSet], weights: Weights) -> None:
    lever = make_lever(MemoryZone("example.com", record_sets))
    snapshot = lever.read_records()
    intent = lever.plan(snapshot, weights)
    assert are_equal(intent.before, record_sets)
    planned = [*snapshot.record_sets, *snapshot.missing]
    at_domain = [record_set for record_set in intent.after if record_set["Name"] == DOMAIN]
    assert are_equal(strip_weights(at_domain), strip_weights([each for each in planned if each["Name"] == DOMAIN]))
    assert {get_record_key(each) for each in intent.after} == {get_record_key(each) for each in planned}


@given(draw_zones(), USABLE_WEIGHTS)
def test_submitted_plan_sets_its_weights_and_creates_missing_records(
    record_sets: list[RecordSet], weights: Weights
) -> None:
    lever = make_lever(MemoryZone("example.com", record_sets))
    lever.submit(lever.plan(lever.read_records(), weights), lever.read_records())
    snapshot = lever.read_records()
    assert snapshot.weights == weights
    assert snapshot.missing == ()
    assert snapshot.region_record_problem == ""


@given(draw_zones(), USABLE_WEIGHTS)
def test_submitting_twice_equals_submitting_once(record_sets: list[RecordSet], weights: Weights) -> None:
    zone = MemoryZone("example.com", record_sets)
    lever = make_lever(zone)
    intent = lever.plan(lever.read_records(), weights)
    lever.submit(intent, lever.read_records())
    once = zone.list_record_sets(NAMES)
    lever.submit(intent, lever.read_records())
    assert are_equal(zone.list_record_sets(NAMES), once)


@given(draw_zones(), draw_zones(), USABLE_WEIGHTS)
def test_change_status_is_conflicting_unless_equal_to_intent(
    record_sets: list[RecordSet], other: list[RecordSet], weights: Weights
) -> None:
    lever = make_lever(MemoryZone("example.com", record_sets))
    intent = lever.plan(lever.read_records(), weights)
    snapshot = make_lever(MemoryZone("example.com", other)).read_records()
    expected = (
        ChangeStatus.APPLIED
        if are_equal(other, intent.after)
        else ChangeStatus.NOT_APPLIED
        if are_equal(other, record_sets)
        else ChangeStatus.CONFLICTING
    )
    assert lever.get_change_status(intent, snapshot) is expected


class ConcurrentlyEditedZone(MemoryZone):
    """A zone that a person edits at the n-th call of the lever."""

    def __init__(self, record_sets: Sequence[RecordSet], edited: Sequence[RecordSet], at_call: int) -> None:
        super().__init__("example.com", record_sets)
        self._edited = edited
        self._calls_until_edit = at_call

    def list_record_sets(self, names: Sequence[str]) -> tuple[RecordSet, ...]:
        self._count_call()
        return super().list_record_sets(names)

    def submit(self, changes: Sequence[RecordChange], *, comment: str) -> str:
        self._count_call()
        return super().submit(changes, comment=comment)

    def _count_call(self) -> None:
        if self._calls_until_edit == 0:
            self.remove_by_hand(*super().list_record_sets(NAMES))
            self.set_by_hand(*self._edited)
        self._calls_until_edit -= 1


@given(draw_zones(), draw_zones(), USABLE_WEIGHTS, st.integers(0, 1))
def test_external_edit_between_plan_and_batch_is_never_overwritten(
    record_sets: list[RecordSet], edited: list[RecordSet], weights: Weights, at_call: int
) -> None:
    zone = ConcurrentlyEditedZone(record_sets, edited, at_call)
    snapshot: RecordsSnapshot = make_group().parse(record_sets, zone_name="example.com.")
    lever = make_lever(zone)
    intent = lever.plan(snapshot, weights)
    try:
        lever.submit(intent, lever.read_records())
    except LeverUnavailableError:
        # Edited between the read and the batch. The next round finds out how.
        assert are_equal(zone.list_record_sets(NAMES), edited)
        if are_equal(edited, intent.after):
            lever.submit(intent, lever.read_records())
            assert are_equal(zone.list_record_sets(NAMES), intent.after)
        else:
            with pytest.raises(LeverRefusedError):
                lever.submit(intent, lever.read_records())
    except LeverRefusedError:
        assert not are_equal(edited, intent.before)
        assert not are_equal(edited, intent.after)
        assert are_equal(zone.list_record_sets(NAMES), edited)
    else:
        assert are_equal(edited, intent.before) or are_equal(edited, intent.after)
        assert are_equal(zone.list_record_sets(NAMES), intent.after)
