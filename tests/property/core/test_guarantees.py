"""What holds over a whole story: nothing acts twice, and a real outage is over in time."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from failover.decision.announcement import Kind
from failover.decision.pace import next_round_seconds
from failover.probe.backoff import Backoffs
from failover.probe.observation import Observation
from failover.probe.verdict import Verdict
from failover.rounds.look import Levers
from failover.rounds.round import Rounds
from failover.timing import HANDOVER_SECONDS
from tests.exhaustive.events import EVENTS, Event
from tests.exhaustive.walk import happen
from tests.support.world import World

requests = st.sampled_from([{"action": "failover"}, {"action": "failback"}, {"action": "failback", "pace": "in-one"}])
harmless = st.sampled_from(
    [event for event in EVENTS if "request" not in event.name and "state is lost" not in event.name]
)


@given(request=requests, in_between=st.lists(harmless, max_size=15), repeats=st.integers(1, 3))
@settings(max_examples=60)
def test_a_repeated_token_never_acts_twice(request: dict[str, Any], in_between: list[Event], repeats: int) -> None:
    world = World(weights=(0, 255) if request["action"] == "failback" else (255, 0)).settle()
    assert world.request(reason="drill", token="t", **request)["done"]
    for event in in_between:
        happen(world, event)
    before = world.memory.load()
    for _ in range(repeats):
        answer = world.request(reason="drill", token="t", **request)
        assert answer["message"].startswith("Already done at")
    assert world.memory.load() == before


@given(calls=st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=5, max_size=12))
@settings(max_examples=60)
def test_two_rounds_at_once_never_both_act(calls: list[tuple[int, bool]]) -> None:
    world = World().settle().primary(Verdict.SICK)
    other = Rounds(
        settings=world.settings,
        ledger=world.ledger,
        probe=world.probe,
        levers=Levers(records=world.lever),
        clock=world.clock,
    )
    for at, before in calls:
        _with_a_round_in_the_middle(world, other, at, before=before)
    world.run(5)
    decided = [each for each in world.memory.history(limit=1000) if each.kind is Kind.MOVE_DECIDED]
    assert len(decided) == 1
    assert world.zone.traffic == [(0, 255)]


def _with_a_round_in_the_middle(world: World, other: Rounds, at: int, *, before: bool) -> None:
    left = iter(range(at))

    def intrude(_: str) -> None:
        if next(left, None) is None:
            world.tap.clear()
            other.run()

    if before:
        world.tap.asked = intrude
    else:
        world.tap.answered = intrude
    world.run(1)
    world.tap.clear()


class SlowProbe:
    """Sees what a world's probe sees, and takes its time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.takes_seconds = 0.0

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        self._world.clock.sleep(self.takes_seconds)
        return self._world.probe.observe(backoffs)


@given(
    suspect_rounds=st.integers(2, 5),
    suspect_interval_seconds=st.integers(2, 10),
    fault_after_seconds=st.floats(0.0, 10.0),
    probes_take_seconds=st.floats(0.0, 5.0),
    handed_over_before=st.integers(0, 6),
    seen_before=st.lists(st.sampled_from(Verdict), max_size=6),
)
@settings(max_examples=150)
def test_when_the_primary_is_down_and_the_replica_good_traffic_has_moved_within_the_promised_bound(
    suspect_rounds: int,
    suspect_interval_seconds: int,
    fault_after_seconds: float,
    probes_take_seconds: float,
    handed_over_before: int,
    seen_before: list[Verdict],
) -> None:
    world = World(suspect_rounds=suspect_rounds, suspect_interval_seconds=suspect_interval_seconds).settle()
    for verdict in seen_before:
        world.primary(verdict).run(1)
    world.primary(Verdict.HEALTHY).run(1)
    if world.zone.traffic:  # what was seen before was outage enough
        return
    probe = SlowProbe(world)
    rounds = Rounds(
        settings=world.settings, ledger=world.ledger, probe=probe, levers=Levers(records=world.lever), clock=world.clock
    )
    next_at = world.clock.now
    fault_at = next_at - world.settings.round_interval_seconds + fault_after_seconds
    world.primary(Verdict.SICK)
    probe.takes_seconds = probes_take_seconds
    for number in range(suspect_rounds + 1):
        late_seconds = HANDOVER_SECONDS if number == handed_over_before else 0.0
        world.clock.now = began_at = max(world.clock.now, next_at + late_seconds)
        rounds.run()
        next_at = began_at + next_round_seconds(world.state, world.settings)
        if world.zone.traffic:
            break
    assert world.zone.traffic == [(0, 255)]
    assert world.clock.now - fault_at <= world.settings.decided_within_seconds
