"""Invariants of the controller for any events in any order, and its state after recovery."""

from contextlib import contextmanager
from functools import partial
from itertools import count, takewhile
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cognito_failover.common.region import PerRole, RegionRole, Weights, have_equal_shares
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.drill import STAGE_TIMEOUT_SECONDS, DrillKind, DrillStage
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.operator.request import FailbackMode
from cognito_failover.core.verdict import OUTAGE_VERDICTS, SERVING_VERDICTS, Verdict
from cognito_failover.settings.controller import FailbackPolicy
from tests.support.controller_harness import ControllerHarness
from tests.support.fault_injector import KilledError
from tests.support.memory_latch import MemoryLatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognito_failover.core.model.event import Event
    from cognito_failover.core.model.state import ControllerState

DAY_SECONDS = 86_400
EDITS = [(255, 0), (0, 255), (128, 127), (10, 0), (0, 0)]
EVENTS: dict[str, dict[str, Any]] = {
    "failover": {"token": ""},
    "failback": {"token": ""},
    "abort": {"token": ""},
    "pause": {"minutes": 3},
    "resume": {},
    "acknowledge": {},
    "observe-only": {},
}

verdicts = st.sampled_from([Verdict.SICK, Verdict.HEALTHY]) | st.sampled_from(Verdict)


class ControllerStateMachine(RuleBasedStateMachine):
    """A controller under random events, checked by its events and by where users go."""

    LATCHES: tuple[SteeredName, ...] = ()
    FAILBACK = FailbackPolicy.MANUAL

    def __init__(self) -> None:
        super().__init__()
        self.world = ControllerHarness(
            latches=self.LATCHES,
            recovery_rounds=4,
            cool_down_seconds=150,
            max_automatic_moves_per_day=2 if self.FAILBACK is FailbackPolicy.MANUAL else 3,
            failback_policy=self.FAILBACK,
        ).settle()
        self.world.zone.on_move = self._check_move
        self.world.memory.on_save = self._check_saved
        self._tokens = count()

    @rule(primary=verdicts, standby=verdicts, rounds=st.integers(1, 6))
    def set_regions(self, primary: Verdict, standby: Verdict, rounds: int) -> None:
        self.world.set_primary(primary).set_standby(standby)
        self._run_rounds(rounds)

    @rule(rounds=st.integers(3, 20))
    def kill_serving_region(self, rounds: int) -> None:
        serving = self.world.state.users_role
        self.world.prober.verdicts = {serving: Verdict.SICK, serving.opposite: Verdict.HEALTHY}
        self._run_rounds(rounds)

    @rule(rounds=st.integers(4, 30))
    def restore_all(self, rounds: int) -> None:
        self.world.restore_all()
        self.world.prober.is_witness_reachable = True
        self.set_regions(primary=Verdict.HEALTHY, standby=Verdict.HEALTHY, rounds=rounds)

    @rule(outages=st.lists(st.tuples(st.integers(3, 6), st.integers(4, 20)), min_size=2, max_size=4))
    def run_consecutive_outages(self, outages: list[tuple[int, int]]) -> None:
        for sick_rounds, well_rounds in outages:
            self.kill_serving_region(rounds=sick_rounds)
            self.restore_all(rounds=well_rounds)

    @rule(action=st.sampled_from(["pause", "observe-only"]))
    def run_outage_while_automation_is_off(self, action: str) -> None:
        self.restore_all(rounds=4)
        self.submit_operator_request(action=action, carries=False)
        self.kill_serving_region(rounds=4)

    @rule(answers=st.booleans())
    def set_third_region_reachability(self, answers: bool) -> None:
        self.world.prober.is_witness_reachable = answers

    @rule(rounds=st.integers(1, 20))
    def run_rounds(self, rounds: int) -> None:
        self._run_rounds(rounds)

    @rule(seconds=st.sampled_from([5, 40, 200, 4000, DAY_SECONDS]))
    def pass_time_without_rounds(self, seconds: int) -> None:
        self.world.wait(seconds)

    @rule(action=st.sampled_from(sorted(EVENTS)), carries=st.booleans())
    def submit_operator_request(self, action: str, carries: bool) -> None:
        fields = {**EVENTS[action]}
        if "token" in fields:
            fields["token"] = f"token-{next(self._tokens)}"
        with self._survive_kill():
            ask = self.world.invoke_operator if carries else self.world.request
            ask(action, reason="so decided", **fields)

    @rule(
        kind=st.sampled_from(DrillKind),
        hold_seconds=st.sampled_from([0, 60, 200]),
        rounds=st.integers(1, 6),
        mode=st.sampled_from(FailbackMode),
        calm=st.sampled_from([True, True, False]),
        then=st.integers(0, 12),
    )
    def submit_drill_request(
        self, kind: DrillKind, hold_seconds: int, rounds: int, mode: FailbackMode, calm: bool, then: int
    ) -> None:
        if calm:
            self.restore_all(rounds=8)
            with self._survive_kill():
                self.world.request("acknowledge", reason="all is well")
                self.world.request("failback", reason="home", token=f"token-{next(self._tokens)}", mode="all-at-once")
            self._run_rounds(6)
        with self._survive_kill():
            self.world.request(
                "drill",
                kind=kind,
                reason="monthly",
                token=f"token-{next(self._tokens)}",
                hold_seconds=hold_seconds,
                rounds=rounds,
                mode=mode,
            )
        self._run_rounds(then)

    @rule(weights=st.sampled_from(EDITS))
    def edit_records_externally(self, weights: tuple[int, int]) -> None:
        self.world.edit_weights(*weights)

    @rule(calls=st.sampled_from(["zone.", "zone.submit", "zone.list_record_sets", "zone.is_in_sync"]))
    def make_route53_fail(self, calls: str) -> None:
        self.world.restore_all().fail_route_53(calls=calls)

    @rule(calls=st.sampled_from(["ledger.", "ledger.save", "ledger.load"]))
    def make_ledger_fail(self, calls: str) -> None:
        self.world.restore_all().fail_ledger(calls=calls)

    @rule(call=st.sampled_from(["zone.submit", "ledger.save"]))
    def lose_answers(self, call: str) -> None:
        self.world.restore_all().lose_response(call)

    @rule(calls=st.integers(1, 12))
    def kill_process_soon(self, calls: int) -> None:
        left = iter(range(calls))

        def die(_: str) -> None:
            if next(left, None) is None:
                raise KilledError

        self.world.restore_all().fault_injector.before_call = die

    @rule(silent=st.booleans(), behind=st.booleans(), spreads=st.booleans())
    def set_name_servers(self, silent: bool, behind: bool, spreads: bool) -> None:
        self.world.propagates_changes = spreads
        self.world.name_servers.silent = {"ns-1.example.net"} if silent else set()
        self.world.name_servers.stale_records.clear()
        if behind:
            self.world.name_servers.freeze("ns-2.example.org")

    @invariant()
    def users_always_have_a_region(self) -> None:
        assert all(any(weights) for weights in self.world.zone.weight_history)

    @invariant()
    def drill_uses_no_move_budget(self) -> None:
        state = self.world.state
        assert not (state.move and state.move.drill_id and state.move.is_automatic)
        if (
            state.drill
            and state.drill.stage is DrillStage.SIMULATING
            and self.world.prober.verdicts[RegionRole.PRIMARY] in SERVING_VERDICTS
        ):
            assert state.degraded_verdicts.primary is not Verdict.SICK

    def teardown(self) -> None:
        """Check that after recovery every move and drill ends, and the controller knows where users are."""
        self.set_name_servers(silent=False, behind=False, spreads=True)
        self.restore_all(rounds=60)
        for _ in DrillStage:
            if self.world.state.drill:  # each stage may wait until its timeout
                self.restore_all(rounds=int(STAGE_TIMEOUT_SECONDS / self.world.settings.round_interval_seconds))
        assert self.world.state.move is None
        assert self.world.state.drill is None, "a drill always ends"
        assert have_equal_shares(self.world.state.weights, _to_weights(self.world.weights))
        assert self.world.user_location in {None, *self.world.state.user_roles}, "the controller knows where users are"

    def _run_rounds(self, rounds: int) -> None:
        for _ in range(rounds):
            with self._survive_kill():
                self.world.run(1)

    @contextmanager
    def _survive_kill(self) -> "Iterator[None]":
        try:
            yield
        except KilledError:
            self.world.restore_all().restart()
            self.world.wait(self.world.settings.round_interval_seconds)

    def _check_move(self, before: tuple[int, ...], after: tuple[int, ...]) -> None:
        state = self.world.state
        saved = state.move.progress if state.move else state.pending_weight_sync
        assert saved
        assert saved.intent
        assert tuple(weight for _, weight in saved.intent.weights) == after, "the intent was saved first"
        own = self.world.zone.weight_history[-2:-1]
        is_known = have_equal_shares(_to_weights(before), state.weights) or before in own
        assert is_known, "no external edit is overwritten"
        if state.move is None:
            locations = {self.world.find_user_location(_to_weights(weights)) for weights in (before, after)}
            assert len(locations) == 1, "no user moves without a decided move"
        self._was_justified(state)

    def _was_justified(self, state: "ControllerState") -> None:
        """Check that the first change of an automatic or drill move goes to a Region that serves in this round."""
        if (
            state.move
            and (state.move.is_automatic or state.move.drill_id)
            and not state.move.is_started
            and not state.move.is_rolling_back
        ):
            assert self.world.prober.verdicts[state.move.target] in SERVING_VERDICTS

    def _check_saved(self, before: "ControllerState | None", after: "ControllerState") -> None:
        if after.move is None or (before and before.move) or not after.move.is_automatic:
            return
        seen, now = self.world.prober.verdicts, self.world.clock.now
        assert seen[after.move.target] in SERVING_VERDICTS
        assert before
        if after.move.is_automatic_failback:
            assert (after.move.target, before.is_auto_failback_pending, before.pending_weight_sync) == (
                RegionRole.PRIMARY,
                True,
                None,
            )
            assert after.streaks.primary.serving_rounds >= self.world.settings.recovery_rounds
        else:
            assert seen[after.move.source] in OUTAGE_VERDICTS
            assert before.active_suspicion.sick_rounds + 1 >= self.world.settings.suspect_rounds
        assert self.world.prober.is_witness_reachable
        assert not after.is_observe_only
        assert after.pause is None or after.pause.until <= now, "an expired pause is kept"
        if after.hold:
            assert not after.hold.bars_rescue
            assert after.move.is_automatic_failover, "a hold bars everything but a rescue"
        _, *earlier = self.world.memory.load_history(limit=100_000).events
        ends = [event for event in earlier if event.kind in {EventKind.MOVE_CONFIRMED, EventKind.ACKNOWLEDGED}]
        if ends and ends[0].move and ends[0].move.is_automatic:
            assert now - ends[0].at >= self.world.settings.cool_down_seconds
        reserved = 1 if after.move.is_automatic_failback else 0  # the day's last automatic move is never a failback
        assert _count_automatic_moves(earlier, now) + reserved < self.world.settings.max_automatic_moves_per_day


def _to_weights(pair: tuple[int, ...]) -> Weights:
    primary, standby = pair
    return PerRole(primary=primary, standby=standby)


def _count_automatic_moves(earlier: "list[Event]", now: float) -> int:
    """Return the number of automatic moves that count for the daily limit; the history is newest first."""
    since = list(takewhile(lambda event: event.kind is not EventKind.ACKNOWLEDGED, earlier))
    moves = {event.move.id: event for event in since if event.kind is EventKind.MOVE_DECIDED and event.move}
    cancelled = {event.move.id for event in since if event.kind is EventKind.MOVE_CANCELLED and event.move}
    return sum(
        event.move is not None and event.move.is_automatic and now - event.at < DAY_SECONDS
        for move_id, event in moves.items()
        if move_id not in cancelled
    )


ControllerStateMachine.TestCase.settings = settings(
    max_examples=80, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow]
)
test_controller_keeps_its_invariants = ControllerStateMachine.TestCase


class LatchControllerStateMachine(ControllerStateMachine):
    """The same with latches, which fail and change independently of the weights, and with automatic failback."""

    LATCHES = (SteeredName.RECORDS, SteeredName.DOMAIN)
    FAILBACK = FailbackPolicy.STEPPED

    def __init__(self) -> None:
        super().__init__()
        for latch in self.world.latches.values():
            latch.on_set = partial(self._set_latch, latch)

    @rule(name=st.sampled_from(SteeredName), works=st.booleans())
    def set_latch_health(self, name: SteeredName, works: bool) -> None:
        self.world.latches[name].is_available = works

    @rule(name=st.sampled_from(SteeredName), thrown=st.booleans())
    def set_latch_externally(self, name: SteeredName, thrown: bool) -> None:
        self.world.latches[name].thrown = thrown

    @rule(name=st.sampled_from(SteeredName), exists=st.booleans())
    def set_state_record(self, name: SteeredName, exists: bool) -> None:
        # These records have no health checks, so that only its TXT record shows that their latch is attached.
        if name is SteeredName.RECORDS:
            self.world.latches[name].is_attached = exists
        else:
            self.world.latches[name].has_state_record = exists

    @rule(call=st.sampled_from(["latch-records.set", "latch-domain.set"]))
    def lose_latch_answer(self, call: str) -> None:
        self.world.restore_all().lose_response(call)

    def teardown(self) -> None:
        self.world.restore_all().request("pause", reason="no further failback", minutes=1000)
        for latch in self.world.latches.values():
            latch.is_available = True
        super().teardown()
        for name, latch in self.world.latches.items():
            assert self.world.state.latches[name].is_thrown is latch.thrown
        assert self.world.state.pending_weight_sync is None or self.world.state.hold

    def _set_latch(self, latch: MemoryLatch, thrown: bool) -> None:
        saved = self.world.state.latches[latch.name]
        assert (saved.is_thrown, saved.set_at) == (thrown, None), "the intended state was saved first"
        if self.world.state.move is None:
            assert saved.role is self.world.state.active_role, "without a move, a latch only follows the users"
        self._was_justified(self.world.state)


LatchControllerStateMachine.TestCase.settings = ControllerStateMachine.TestCase.settings
test_controller_with_latches_keeps_its_invariants = LatchControllerStateMachine.TestCase

never_a_cause = st.sampled_from(sorted(set(Verdict) - OUTAGE_VERDICTS))


@given(st.lists(st.tuples(never_a_cause, never_a_cause), max_size=40), st.sampled_from(RegionRole))
@settings(max_examples=60)
def test_no_sickness_means_no_move(seen: list[tuple[Verdict, Verdict]], active: RegionRole) -> None:
    weights = PerRole(primary=(255, 0), standby=(0, 255))[active]
    world = ControllerHarness(weights=weights).settle()
    for primary, standby in seen:
        world.set_primary(primary).set_standby(standby).run(1)
    assert world.zone.weight_history == []


@given(st.lists(st.tuples(verdicts, verdicts), max_size=40), st.sampled_from(["pause", "observe-only"]))
@settings(max_examples=60)
def test_disabled_automation_starts_no_move(seen: list[tuple[Verdict, Verdict]], action: str) -> None:
    world = ControllerHarness().settle()
    minutes = {"minutes": 1000} if action == "pause" else {}
    world.request(action, reason="so decided", **minutes)
    for primary, standby in seen:
        world.set_primary(primary).set_standby(standby).run(1)
    assert world.zone.weight_history == []
    assert EventKind.MOVE_DECIDED not in world.event_kinds
