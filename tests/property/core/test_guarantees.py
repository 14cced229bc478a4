"""Guarantees over several rounds: no request acts twice, and users move within the promised time."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cognito_failover.common.time_budget import HANDOVER_SECONDS
from cognito_failover.controller.round import RoundRunner
from cognito_failover.core.canary_backoff import Backoffs
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.observation import Observation
from cognito_failover.core.round_pacing import compute_next_round_seconds
from cognito_failover.core.verdict import Verdict
from tests.exhaustive.events import EVENTS, WalkEvent
from tests.exhaustive.state_space import apply_event
from tests.support.controller_harness import ControllerHarness

requests = st.sampled_from(
    [{"action": "failover"}, {"action": "failback"}, {"action": "failback", "mode": "all-at-once"}]
)
harmless = st.sampled_from([event for event in EVENTS if "request" not in event.name and event.name != "state lost"])


@given(request=requests, in_between=st.lists(harmless, max_size=15), repeats=st.integers(1, 3))
@settings(max_examples=60)
def test_repeated_token_never_acts_twice(request: dict[str, Any], in_between: list[WalkEvent], repeats: int) -> None:
    world = ControllerHarness(weights=(0, 255) if request["action"] == "failback" else (255, 0)).settle()
    assert world.request(reason="drill", token="t", **request)["done"]
    for event in in_between:
        apply_event(world, event)
    before = world.memory.load()
    for _ in range(repeats):
        answer = world.request(reason="drill", token="t", **request)
        assert answer["message"].startswith("Already done at")
    assert world.memory.load() == before


@given(calls=st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=5, max_size=12))
@settings(max_examples=60)
def test_concurrent_rounds_never_both_act(calls: list[tuple[int, bool]]) -> None:
    world = ControllerHarness().settle().set_primary(Verdict.SICK)
    other = RoundRunner(
        settings=world.settings,
        ledger=world.ledger,
        prober=world.prober,
        levers=world.levers,
        clock=world.clock,
    )
    for at, before in calls:
        _run_with_nested_round(world, other, at, before=before)
    world.run(5)
    decided = [event for event in world.memory.load_history(limit=1000).events if event.kind is EventKind.MOVE_DECIDED]
    assert len(decided) == 1
    assert world.zone.weight_history == [(0, 255)]


def _run_with_nested_round(world: ControllerHarness, other: RoundRunner, at: int, *, before: bool) -> None:
    left = iter(range(at))

    def run_other_round(_: str) -> None:
        if next(left, None) is None:
            world.fault_injector.clear()
            other.run()

    if before:
        world.fault_injector.before_call = run_other_round
    else:
        world.fault_injector.after_call = run_other_round
    world.run(1)
    world.fault_injector.clear()


class SlowProbe:
    """A world's probe that takes a given time."""

    def __init__(self, world: ControllerHarness) -> None:
        self._world = world
        self.takes_seconds = 0.0

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        self._world.clock.sleep(self.takes_seconds)
        return self._world.prober.observe(backoffs)


@given(
    suspect_rounds=st.integers(2, 5),
    suspect_interval_seconds=st.integers(2, 10),
    fault_after_seconds=st.floats(0.0, 10.0),
    probes_take_seconds=st.floats(0.0, 5.0),
    handed_over_before=st.integers(0, 6),
    seen_before=st.lists(st.sampled_from(Verdict), max_size=6),
)
@settings(max_examples=150)
def test_dead_primary_with_healthy_replica_moves_within_promised_time(
    suspect_rounds: int,
    suspect_interval_seconds: int,
    fault_after_seconds: float,
    probes_take_seconds: float,
    handed_over_before: int,
    seen_before: list[Verdict],
) -> None:
    world = ControllerHarness(suspect_rounds=suspect_rounds, suspect_interval_seconds=suspect_interval_seconds).settle()
    for verdict in seen_before:
        world.set_primary(verdict).run(1)
    world.set_primary(Verdict.HEALTHY).run(1)
    if world.zone.weight_history:  # the earlier verdicts already moved users
        return
    probe = SlowProbe(world)
    rounds = RoundRunner(
        settings=world.settings,
        ledger=world.ledger,
        prober=probe,
        levers=world.levers,
        clock=world.clock,
    )
    next_at = world.clock.now
    fault_at = next_at - world.settings.round_interval_seconds + fault_after_seconds
    world.set_primary(Verdict.SICK)
    probe.takes_seconds = probes_take_seconds
    for number in range(suspect_rounds + 1):
        late_seconds = HANDOVER_SECONDS if number == handed_over_before else 0.0
        world.clock.now = began_at = max(world.clock.now, next_at + late_seconds)
        rounds.run()
        next_at = began_at + compute_next_round_seconds(world.state, world.settings)
        if world.zone.weight_history:
            break
    assert world.zone.weight_history == [(0, 255)]
    assert world.clock.now - fault_at <= world.settings.max_detection_seconds
