"""Whatever happens, in whatever order: what the controller never does, and what it always comes to."""

from contextlib import contextmanager
from functools import partial
from itertools import count, takewhile
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from failover.decision.adoption import serving_side
from failover.decision.announcement import Kind
from failover.decision.drill import PATIENCE_SECONDS, DrillKind, DrillStage
from failover.decision.knowledge import GOOD
from failover.decision.request import Pace
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side
from failover.settings import FailbackPolicy
from tests.support.latches import MemoryLatch
from tests.support.tap import KilledError
from tests.support.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from failover.decision.announcement import Announcement
    from failover.decision.state import State

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


class Controller(RuleBasedStateMachine):
    """A controller to which everything happens; it is watched from outside, by what it tells and where users go."""

    LATCHES: tuple[LatchName, ...] = ()
    FAILBACK = FailbackPolicy.MANUAL

    def __init__(self) -> None:
        super().__init__()
        self.world = World(
            latches=self.LATCHES,
            recovery_rounds=4,
            cool_down_seconds=150,
            max_automatic_moves_per_day=2 if self.FAILBACK is FailbackPolicy.MANUAL else 3,
            failback_policy=self.FAILBACK,
        ).settle()
        self.world.zone.on_move = self._moved
        self.world.memory.on_save = self._saved
        self._tokens = count()

    @rule(primary=verdicts, standby=verdicts, rounds=st.integers(1, 6))
    def regions_are_so(self, primary: Verdict, standby: Verdict, rounds: int) -> None:
        self.world.primary(primary).standby(standby)
        self._run(rounds)

    @rule(rounds=st.integers(3, 20))
    def the_serving_region_dies(self, rounds: int) -> None:
        serving = self.world.state.active
        self.world.probe.verdicts = {serving: Verdict.SICK, serving.other: Verdict.HEALTHY}
        self._run(rounds)

    @rule(rounds=st.integers(4, 30))
    def all_is_well(self, rounds: int) -> None:
        self.world.all_works()
        self.world.probe.witness_answers = True
        self.regions_are_so(primary=Verdict.HEALTHY, standby=Verdict.HEALTHY, rounds=rounds)

    @rule(outages=st.lists(st.tuples(st.integers(3, 6), st.integers(4, 20)), min_size=2, max_size=4))
    def one_outage_after_another(self, outages: list[tuple[int, int]]) -> None:
        for sick_rounds, well_rounds in outages:
            self.the_serving_region_dies(rounds=sick_rounds)
            self.all_is_well(rounds=well_rounds)

    @rule(action=st.sampled_from(["pause", "observe-only"]))
    def an_outage_under_a_person_who_abstains(self, action: str) -> None:
        self.all_is_well(rounds=4)
        self.a_person_asks(action=action, carries=False)
        self.the_serving_region_dies(rounds=4)

    @rule(answers=st.booleans())
    def the_world_outside_answers(self, answers: bool) -> None:
        self.world.probe.witness_answers = answers

    @rule(rounds=st.integers(1, 20))
    def rounds_pass(self, rounds: int) -> None:
        self._run(rounds)

    @rule(seconds=st.sampled_from([5, 40, 200, 4000, DAY_SECONDS]))
    def nobody_looks(self, seconds: int) -> None:
        self.world.wait(seconds)

    @rule(action=st.sampled_from(sorted(EVENTS)), carries=st.booleans())
    def a_person_asks(self, action: str, carries: bool) -> None:
        fields = {**EVENTS[action]}
        if "token" in fields:
            fields["token"] = f"token-{next(self._tokens)}"
        with self._may_die():
            ask = self.world.ask if carries else self.world.request
            ask(action, reason="so decided", **fields)

    @rule(
        kind=st.sampled_from(DrillKind),
        hold_seconds=st.sampled_from([0, 60, 200]),
        rounds=st.integers(1, 6),
        pace=st.sampled_from(Pace),
        calm=st.sampled_from([True, True, False]),
        then=st.integers(0, 12),
    )
    def a_person_asks_for_a_drill(
        self, kind: DrillKind, hold_seconds: int, rounds: int, pace: Pace, calm: bool, then: int
    ) -> None:
        if calm:
            self.all_is_well(rounds=8)
            with self._may_die():
                self.world.request("acknowledge", reason="all is well")
                self.world.request("failback", reason="home", token=f"token-{next(self._tokens)}", pace="in-one")
            self._run(6)
        with self._may_die():
            self.world.request(
                "drill",
                kind=kind,
                reason="monthly",
                token=f"token-{next(self._tokens)}",
                hold_seconds=hold_seconds,
                rounds=rounds,
                pace=pace,
            )
        self._run(then)

    @rule(weights=st.sampled_from(EDITS))
    def a_person_edits_the_records(self, weights: tuple[int, int]) -> None:
        self.world.someone_sets(*weights)

    @rule(calls=st.sampled_from(["zone.", "zone.submit", "zone.record_sets", "zone.in_sync"]))
    def route_53_fails(self, calls: str) -> None:
        self.world.all_works().route_53_fails(calls=calls)

    @rule(calls=st.sampled_from(["ledger.", "ledger.save", "ledger.load"]))
    def the_ledger_fails(self, calls: str) -> None:
        self.world.all_works().ledger_fails(calls=calls)

    @rule(call=st.sampled_from(["zone.submit", "ledger.save"]))
    def answers_are_lost(self, call: str) -> None:
        self.world.all_works().answer_is_lost(call)

    @rule(calls=st.integers(1, 12))
    def the_process_dies_soon(self, calls: int) -> None:
        left = iter(range(calls))

        def die(_: str) -> None:
            if next(left, None) is None:
                raise KilledError

        self.world.all_works().tap.asked = die

    @rule(silent=st.booleans(), behind=st.booleans(), spreads=st.booleans())
    def name_servers_are_so(self, silent: bool, behind: bool, spreads: bool) -> None:
        self.world.spreads = spreads
        self.world.servers.silent = {"ns-1.example.net"} if silent else set()
        self.world.servers.behind.clear()
        if behind:
            self.world.servers.hold_back("ns-2.example.org")

    @invariant()
    def users_always_have_somewhere_to_go(self) -> None:
        assert all(any(weights) for weights in self.world.zone.traffic)

    @invariant()
    def a_drill_uses_up_nothing_and_is_remembered_as_nothing(self) -> None:
        state = self.world.state
        assert not (state.move and state.move.drill and state.move.automatic)
        if state.drill and state.drill.stage is DrillStage.FEEDING and self.world.probe.verdicts[Side.PRIMARY] in GOOD:
            assert state.concerns.primary is not Verdict.SICK

    def teardown(self) -> None:
        """Let all be well: whatever was begun comes to its end, and the controller knows where users are."""
        self.name_servers_are_so(silent=False, behind=False, spreads=True)
        self.all_is_well(rounds=60)
        for _ in DrillStage:
            if self.world.state.drill:  # in each of its stages it may wait in vain for as long as it is patient
                self.all_is_well(rounds=int(PATIENCE_SECONDS / self.world.settings.round_interval_seconds))
        assert self.world.state.move is None
        assert self.world.state.drill is None, "a drill always ends"
        assert tuple(weight for _, weight in self.world.state.weights) == self.world.weights

    def _run(self, rounds: int) -> None:
        for _ in range(rounds):
            with self._may_die():
                self.world.run(1)

    @contextmanager
    def _may_die(self) -> "Iterator[None]":
        try:
            yield
        except KilledError:
            self.world.all_works().new_process()
            self.world.wait(self.world.settings.round_interval_seconds)

    def _moved(self, before: tuple[int, ...], after: tuple[int, ...]) -> None:
        state = self.world.state
        saved = state.move.progress if state.move else state.trailing
        assert saved
        assert saved.intent
        assert tuple(weight for _, weight in saved.intent.weights) == after, "the intent was saved first"
        confirmed = tuple(weight for _, weight in state.weights)
        own = self.world.zone.traffic[-2:-1]
        assert before in (confirmed, *own), "nobody else's edit is overwritten"
        self._is_well_judged(state)

    def _is_well_judged(self, state: "State") -> None:
        """See that the first thing a move that nobody decides on the spot changes goes to a Region seen to serve."""
        if (
            state.move
            and (state.move.automatic or state.move.drill)
            and not state.move.begun
            and not state.move.reverting
        ):
            assert self.world.probe.verdicts[state.move.target] in GOOD

    def _saved(self, before: "State | None", after: "State") -> None:
        if after.move is None or (before and before.move) or not after.move.automatic:
            return
        seen, now = self.world.probe.verdicts, self.world.clock.now
        assert seen[after.move.target] in GOOD
        assert before
        if after.move.returning:
            assert (after.move.target, before.to_return, before.trailing) == (Side.PRIMARY, True, None)
            assert after.streaks.primary.rounds >= self.world.settings.recovery_rounds
        else:
            assert seen[after.move.source] is Verdict.SICK
            assert before.suspected.sick_rounds + 1 >= self.world.settings.suspect_rounds
        assert self.world.probe.witness_answers
        assert (after.hold, after.pause, after.observe_only) == (None, None, False)
        _, *earlier = self.world.memory.history(limit=100_000)
        ends = [each for each in earlier if each.kind in {Kind.MOVE_CONFIRMED, Kind.ACKNOWLEDGED}]
        if ends and ends[0].move and ends[0].move.automatic:
            assert now - ends[0].at >= self.world.settings.cool_down_seconds
        kept = 1 if after.move.returning else 0  # the day's last automatic move is never a failback
        assert _counted(earlier, now) + kept < self.world.settings.max_automatic_moves_per_day


def _counted(earlier: "list[Announcement]", now: float) -> int:
    """Return how many automatic moves count, of a history with the newest first."""
    since = list(takewhile(lambda each: each.kind is not Kind.ACKNOWLEDGED, earlier))
    moves = {each.move.id: each for each in since if each.kind is Kind.MOVE_DECIDED and each.move}
    withdrawn = {each.move.id for each in since if each.kind is Kind.MOVE_WITHDRAWN and each.move}
    return sum(
        each.move is not None and each.move.automatic and now - each.at < DAY_SECONDS
        for move_id, each in moves.items()
        if move_id not in withdrawn
    )


Controller.TestCase.settings = settings(
    max_examples=80, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow]
)
test_the_controller_keeps_its_promises = Controller.TestCase


class ControllerWithLatches(Controller):
    """The same with a second lever, which fails and is handled by people apart from the first, and with failbacks."""

    LATCHES = (LatchName.RECORDS, LatchName.DOMAIN)
    FAILBACK = FailbackPolicy.IN_STEPS

    def __init__(self) -> None:
        super().__init__()
        for latch in self.world.latches.values():
            latch.on_set = partial(self._set, latch)

    @rule(name=st.sampled_from(LatchName), works=st.booleans())
    def a_latch_works_or_fails(self, name: LatchName, works: bool) -> None:
        self.world.latches[name].works = works

    @rule(name=st.sampled_from(LatchName), thrown=st.booleans())
    def a_person_sets_a_latch(self, name: LatchName, thrown: bool) -> None:
        self.world.latches[name].thrown = thrown

    @rule(name=st.sampled_from(LatchName), attached=st.booleans())
    def a_latch_is_attached_or_detached(self, name: LatchName, attached: bool) -> None:
        self.world.latches[name].attached = attached

    @rule(call=st.sampled_from(["latch-records.set", "latch-domain.set"]))
    def a_latchs_answer_is_lost(self, call: str) -> None:
        self.world.all_works().answer_is_lost(call)

    def teardown(self) -> None:
        self.world.all_works().request("pause", reason="no further failback", minutes=1000)
        for latch in self.world.latches.values():
            latch.works = True
        super().teardown()
        for name, latch in self.world.latches.items():
            assert self.world.state.latches[name].thrown is latch.thrown
        served = serving_side(self.world.state.weights, self.world.state.latches)
        assert served in {None, self.world.state.active}, "it knows where users are"
        assert self.world.state.trailing is None or self.world.state.hold

    def _set(self, latch: MemoryLatch, thrown: bool) -> None:
        saved = self.world.state.latches[latch.name]
        assert (saved.thrown, saved.set_at) == (thrown, None), "what it was to be was saved first"
        if self.world.state.move is None:
            assert saved.side is self.world.state.active, "at rest it only follows the users"
        self._is_well_judged(self.world.state)


ControllerWithLatches.TestCase.settings = Controller.TestCase.settings
test_the_controller_keeps_its_promises_with_latches = ControllerWithLatches.TestCase

never_a_cause = st.sampled_from(sorted(set(Verdict) - {Verdict.SICK}))


@given(st.lists(st.tuples(never_a_cause, never_a_cause), max_size=40), st.sampled_from(Side))
@settings(max_examples=60)
def test_without_sickness_nothing_ever_moves(seen: list[tuple[Verdict, Verdict]], active: Side) -> None:
    weights = PerSide(primary=(255, 0), standby=(0, 255))[active]
    world = World(weights=weights).settle()
    for primary, standby in seen:
        world.primary(primary).standby(standby).run(1)
    assert world.zone.traffic == []


@given(st.lists(st.tuples(verdicts, verdicts), max_size=40), st.sampled_from(["pause", "observe-only"]))
@settings(max_examples=60)
def test_told_to_abstain_nothing_begins(seen: list[tuple[Verdict, Verdict]], action: str) -> None:
    world = World().settle()
    minutes = {"minutes": 1000} if action == "pause" else {}
    world.request(action, reason="so decided", **minutes)
    for primary, standby in seen:
        world.primary(primary).standby(standby).run(1)
    assert world.zone.traffic == []
    assert Kind.MOVE_DECIDED not in world.kinds
