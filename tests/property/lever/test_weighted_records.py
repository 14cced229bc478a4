"""What holds for every pair of records, every plan and every human who edits at a bad moment."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from failover.errors import LeverRefusedError, LeverUnavailableError
from failover.levers.lever import RecordSet, Standing, Survey
from failover.levers.records import key_of, same
from failover.levers.weighted_records import WeightedRecords
from failover.levers.zone import Change
from failover.levers.zone_memory import MemoryZone
from failover.region import PerSide, Weights
from tests.unit.lever.examples import (
    BEACON,
    DOMAIN,
    TOKYO,
    VIRGINIA,
    Servers,
    beacon_of,
    group,
    record,
)

NAMES = (DOMAIN, BEACON)
WEIGHT = st.integers(0, 255)
WEIGHTS = st.builds(lambda primary, standby: PerSide(primary=primary, standby=standby), WEIGHT, WEIGHT)
USABLE_WEIGHTS = WEIGHTS.filter(lambda weights: weights.primary + weights.standby > 0)
OTHER_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "HealthCheckId": st.sampled_from(["check-1", "check-2"]),
        "FutureField": st.dictionaries(st.text(), st.integers()),
    },
)


@st.composite
def worlds(draw: st.DrawFn) -> list[RecordSet]:
    """Draw the records of a name that the lever understands: none, a pair, or a pair with its beacon."""
    if draw(st.booleans()):
        return []
    ttl = draw(st.integers(1, 3600))
    weights = draw(WEIGHTS)
    records = [
        record(TOKYO, weights.primary, TTL=ttl, **draw(OTHER_FIELDS)),
        record(VIRGINIA, weights.standby, TTL=ttl, **draw(OTHER_FIELDS)),
    ]
    beacon_weights = draw(WEIGHTS)
    lit = beacon_of(beacon_weights.primary, beacon_weights.standby) if draw(st.booleans()) else []
    return [*records, *lit]


def lever_over(zone: MemoryZone) -> WeightedRecords:
    return WeightedRecords(group=group(), zone=zone, authority=Servers())


def without_weight(record_sets: Sequence[RecordSet]) -> list[RecordSet]:
    return [{**each, "Weight": 0} for each in record_sets]


@given(worlds(), USABLE_WEIGHTS)
def test_a_plan_changes_weights_and_nothing_else(world: list[RecordSet], weights: Weights) -> None:
    lever = lever_over(MemoryZone("example.com", world))
    survey = lever.survey()
    intent = lever.plan(survey, weights)
    assert same(intent.before, world)
    ours = [*survey.record_sets, *survey.lacking]
    assert same(without_weight(intent.after), without_weight(ours))
    existing = {key_of(each) for each in world}
    kept = [each for each in intent.after if key_of(each) in existing]
    assert without_weight(kept) == without_weight(survey.record_sets)


@given(worlds(), USABLE_WEIGHTS)
def test_a_submitted_plan_leads_to_its_weights_with_nothing_lacking(world: list[RecordSet], weights: Weights) -> None:
    lever = lever_over(MemoryZone("example.com", world))
    lever.submit(lever.plan(lever.survey(), weights), lever.survey())
    survey = lever.survey()
    assert survey.weights == weights
    assert survey.lacking == ()


@given(worlds(), USABLE_WEIGHTS)
def test_submitting_twice_is_submitting_once(world: list[RecordSet], weights: Weights) -> None:
    zone = MemoryZone("example.com", world)
    lever = lever_over(zone)
    intent = lever.plan(lever.survey(), weights)
    lever.submit(intent, lever.survey())
    once = zone.record_sets(NAMES)
    lever.submit(intent, lever.survey())
    assert same(zone.record_sets(NAMES), once)


@given(worlds(), worlds(), USABLE_WEIGHTS)
def test_a_world_has_one_standing_and_it_is_foreign_unless_equal_to_a_side_of_the_intent(
    world: list[RecordSet], other: list[RecordSet], weights: Weights
) -> None:
    lever = lever_over(MemoryZone("example.com", world))
    intent = lever.plan(lever.survey(), weights)
    survey = lever_over(MemoryZone("example.com", other)).survey()
    expected = (
        Standing.AFTER if same(other, intent.after) else Standing.BEFORE if same(other, world) else Standing.FOREIGN
    )
    assert lever.standing(intent, survey) is expected


class Interrupted(MemoryZone):
    """A zone that a human edits at the n-th call of the lever."""

    def __init__(self, record_sets: Sequence[RecordSet], edited: Sequence[RecordSet], at_call: int) -> None:
        super().__init__("example.com", record_sets)
        self._edited = edited
        self._calls_until_edit = at_call

    def record_sets(self, names: Sequence[str]) -> tuple[RecordSet, ...]:
        self._step()
        return super().record_sets(names)

    def submit(self, changes: Sequence[Change], *, comment: str) -> str:
        self._step()
        return super().submit(changes, comment=comment)

    def _step(self) -> None:
        if self._calls_until_edit == 0:
            self.remove(*super().record_sets(NAMES))
            self.edit(*self._edited)
        self._calls_until_edit -= 1


@given(worlds(), worlds(), USABLE_WEIGHTS, st.integers(0, 1))
def test_a_humans_edit_between_plan_and_batch_is_never_overwritten(
    world: list[RecordSet], edited: list[RecordSet], weights: Weights, at_call: int
) -> None:
    zone = Interrupted(world, edited, at_call)
    survey: Survey = group().understand(world, zone_name="example.com.")
    lever = lever_over(zone)
    intent = lever.plan(survey, weights)
    try:
        lever.submit(intent, lever.survey())
    except LeverUnavailableError:
        # Somebody made our very change between our reading and our batch: the next round finds it made.
        assert same(edited, intent.after)
        lever.submit(intent, lever.survey())
        assert same(zone.record_sets(NAMES), intent.after)
    except LeverRefusedError:
        assert not same(edited, intent.before)
        assert not same(edited, intent.after)
        assert same(zone.record_sets(NAMES), edited)
    else:
        assert same(edited, intent.before) or same(edited, intent.after)
        assert same(zone.record_sets(NAMES), intent.after)
