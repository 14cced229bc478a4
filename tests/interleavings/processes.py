"""Controllers and operator functions that are suspended before any of their calls.

Each process has the production code of rounds, invocations, guards of time and ledger. They share a table, a zone,
latches and the true time, which are in memory. Each runs in a thread of which only one is ever awake: it gives up
control before each call to the table, Route 53, a name server or a latch, and before each wait.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from threading import Semaphore, Thread, current_thread
from typing import TYPE_CHECKING, Any, cast

from cognito_failover.common.errors import FailoverError, LeverUnavailableError
from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.controller.bounded_calls import RoundBudget, bound_latch, bound_ledger, bound_lever, bound_locator
from cognito_failover.controller.invocation import Invocation
from cognito_failover.controller.reconciler import Levers
from cognito_failover.core.canary_backoff import Backoffs
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation
from cognito_failover.core.verdict import Verdict
from cognito_failover.operator.operator import OperatorService
from cognito_failover.routing.records.weighted_records import WeightedRecords
from cognito_failover.storage.dynamodb import DynamoDBLedger
from cognito_failover.storage.state_schema import decode_state
from cognito_failover_testing.memory_dynamodb import ConditionFailedError, MemoryDynamoDBClient, MemoryTable
from tests.support.controller_harness import ControllerHarness, ScriptedProber, VirtualClock
from tests.support.fault_injector import Intercepted
from tests.support.refresher import RecordingRefresher

if TYPE_CHECKING:
    from cognito_failover.routing.records.hosted_zone import DnsZone
    from cognito_failover_testing.memory_ledger import MemoryLedger
    from tests.support.controller_harness import LossyLedger

TABLE = "ledger"
FUNCTION_TIMEOUT_SECONDS = 118.0
MINUTE_SECONDS = 60.0
CALL_SECONDS = {"ledger": 0.02, "zone": 0.25, "dns": 0.2, "prober": 0.3}
"""Duration of a call, by the name of what is called. A call to a latch takes `_LATCH_SECONDS`."""

_LATCH_SECONDS = 0.1
_CONTROL_PLANE_CALLS = frozenset({"zone.list_record_sets", "zone.submit", "zone.is_in_sync"})


class ModelledRoundBudget(RoundBudget):
    """A round budget that abandons a call by the process's clock, not by this machine's.

    An abandoned call has happened, and its result is lost: the process was suspended while it waited.
    """

    def __init__(self, clock: "ProcessClock") -> None:
        super().__init__(monotonic=clock.monotonic, clock=clock)
        self._process_clock = clock

    def call[T](
        self, call: Callable[[], T], *, description: str, timeout_seconds: float, timeout_error: type[FailoverError]
    ) -> T:
        seconds = min(timeout_seconds, self.remaining_seconds)
        if seconds <= 0:
            raise timeout_error(f"{description} was not started: no time is left in this round.")
        started_at = self._process_clock.monotonic()
        result = call()
        if self._process_clock.monotonic() - started_at > seconds:
            raise timeout_error(f"{description} got no answer within {seconds:.1f} s.")
        return result


class ProcessClock(VirtualClock):
    """The clocks of one process: a wall clock that may be wrong, and a monotonic one that may stand still."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.skew_seconds = 0.0
        self.stood_still_seconds = 0.0
        self.before_sleep: Callable[[], None] = lambda: None

    def __call__(self) -> Instant:
        return self._world.now + self.skew_seconds

    def monotonic(self) -> float:
        """Return seconds for durations. While the process is frozen, they may stand still."""
        return self._world.now - self.stood_still_seconds

    def sleep(self, seconds: float) -> None:
        """Wait, and give up control meanwhile."""
        ends_at = self._world.now + seconds
        self.before_sleep()
        self._world.now = max(self._world.now, ends_at)


class CountingProber(ScriptedProber):
    """A probe that counts the looks of all processes."""

    def __init__(self, world: "World", clock: ProcessClock, observer: str) -> None:
        super().__init__(clock, observer)
        self._world = world
        self.verdicts = world.verdicts
        self.before_observe: Callable[[], None] = lambda: None

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        self.before_observe()
        self._world.now += CALL_SECONDS["prober"]
        for role, verdict in self.verdicts.items():
            self._world.looks[role].append(verdict)
        return super().observe(backoffs)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedVersion:
    """A state that a process has saved."""

    saved_at: Instant
    state: ControllerState


@dataclass(slots=True)
class World:
    """Everything that processes share.

    Attributes
    ----------
    base
        A harness with the zone, the latches, the name servers and the settings.
    table
        The table.
    now
        The true time.
    verdicts
        What a look at each Region gives.
    looks
        The result of each look at each Region, by any process.
    versions, saved_body
        Each saved state, the oldest first, and the JSON of the last one.
    is_route_53_down
        Whether calls to Route 53's control plane fail.
    on_effect
        Called after each call of a process, with its name and that of the call.

    """

    base: ControllerHarness
    table: MemoryTable = field(default_factory=lambda: MemoryTable(TABLE))
    now: Instant = 1_800_000_000.0
    verdicts: dict[RegionRole, Verdict] = field(default_factory=lambda: dict.fromkeys(RegionRole, Verdict.HEALTHY))
    looks: dict[RegionRole, list[Verdict]] = field(default_factory=lambda: {role: [] for role in RegionRole})
    versions: list[SavedVersion] = field(default_factory=list)
    saved_body: dict[str, str] | None = None
    is_route_53_down: bool = False
    on_effect: Callable[[str, str], None] = lambda _process, _call: None

    @property
    def ledger(self) -> DynamoDBLedger:
        """The ledger for the test, which is never suspended."""
        return DynamoDBLedger(cast("Any", MemoryDynamoDBClient(self.table)), TABLE)

    @property
    def state(self) -> ControllerState:
        """The saved state."""
        return self.versions[-1].state

    def record_version(self) -> None:
        """Add the saved state to the versions if it is a new one."""
        body = self.table.items.get(("state", "state"), {}).get("body")
        if body and body != self.saved_body:
            self.saved_body = body
            self.versions.append(SavedVersion(saved_at=self.now, state=decode_state(body["S"])))

    def propagate(self) -> None:
        """Let DNS and the health checks follow at once."""
        self.base.zone.propagate()
        for latch in self.base.latches.values():
            latch.propagate()

    @property
    def standby_shares(self) -> dict[SteeredName, float]:
        """The share of each name's users whom DNS sends to the standby."""
        latches = self.base.latches
        primary, standby = self.base.weights
        by_latch = {name: float(latch.is_attached and latch.check_state) for name, latch in latches.items()}
        by_weights = standby / (primary + standby)
        return {**by_latch, SteeredName.RECORDS: by_latch.get(SteeredName.RECORDS) or by_weights}


class Process(ControllerHarness):
    """One process: a controller's invocation, or an operator's request.

    Parameters
    ----------
    name
        Its name, which is also the owner of its lease.
    world
        What it shares with others.

    Attributes
    ----------
    calls
        The names of the calls that it has made.
    lost_answer_at
        The ordinal of the call to the table whose answer gets lost, so that the SDK repeats it. None for none.
    is_monotonic_frozen
        Whether its monotonic clock stands still while it is suspended.

    """

    def __init__(self, name: str, world: World) -> None:
        self.name = name
        self.world = world
        self.calls: list[str] = []
        self.lost_answer_at: int | None = None
        self.is_monotonic_frozen = False
        self.result: Any = None
        self._thread: Thread | None = None
        self._may_run, self._has_stopped = Semaphore(0), Semaphore(0)
        self._has_begun = self._has_ended = False
        self._error: BaseException | None = None
        super().__init__()
        self.settings, self.latches = world.base.settings, world.base.latches
        self.zone = world.base.zone
        self.name_servers = cast("Any", Intercepted(world.base.name_servers, "dns", self.fault_injector))
        self.notifier = world.base.notifier
        self.clock = self.process_clock = ProcessClock(world)
        self.process_clock.before_sleep = lambda: self._give_up_control("sleep")
        self.round_budget = ModelledRoundBudget(self.process_clock)
        self.prober = CountingProber(world, self.process_clock, self.settings.standby_region)
        self.prober.before_observe = lambda: self._give_up_control("prober.observe")
        self.fault_injector.before_call = self._before_call
        self.fault_injector.after_call = self._after_call
        self.lever = WeightedRecords(
            group=self.group,
            zone=cast("DnsZone", Intercepted(self.zone, "zone", self.fault_injector)),
        )
        client = Intercepted(MemoryDynamoDBClient(world.table), "ledger", self.fault_injector)
        self.memory = cast("LossyLedger", world.ledger)
        self.ledger = bound_ledger(cast("MemoryLedger", DynamoDBLedger(cast("Any", client), TABLE)), self.round_budget)
        self.restart()

    @property
    def levers(self) -> Levers:
        """The levers, with the production's guards of time."""
        levers = super().levers
        if not hasattr(self, "round_budget"):
            return levers
        return replace(
            levers,
            records=levers.records and bound_lever(levers.records, self.round_budget),
            locator=bound_locator(levers.locator, self.round_budget),
            latches=tuple(bound_latch(latch, self.round_budget) for latch in levers.latches),
        )

    def restart(self) -> None:
        super().restart()
        if not hasattr(self, "round_budget"):
            return
        self.operator = OperatorService(
            settings=self.settings,
            ledger=self.ledger,
            prober=self.prober,
            round_runner=self.round_runner,
            notifier=self.notifier,
            round_budget=self.round_budget,
            clock=self.clock,
            sleep=self.clock.sleep,
        )

    def run_invocation(self) -> tuple[str, ...]:
        """Run the rounds of one minute, and return the failures."""
        invocation = Invocation(
            settings=self.settings,
            round_runner=self.round_runner,
            lease_store=self.ledger,
            notifier=self.notifier,
            refresher=RecordingRefresher(),
            round_budget=self.round_budget,
            clock=self.clock,
            monotonic=self.process_clock.monotonic,
            sleep=self.clock.sleep,
        )
        return invocation.run(self.name, self._make_remaining_seconds(FUNCTION_TIMEOUT_SECONDS))

    def run_request(self, action: str, **fields: Any) -> dict[str, Any]:
        """Answer an operator's request, and drive its move for as long as the function may run."""
        return self.handle({"action": action, **fields}, self._make_remaining_seconds(MINUTE_SECONDS))

    def _make_remaining_seconds(self, seconds: float) -> Callable[[], float]:
        ends_at = self.process_clock.monotonic() + seconds
        return lambda: ends_at - self.process_clock.monotonic()

    def start(self, main: "Callable[[Process], Any]") -> "Process":
        """Prepare to run the process. It stands before its first instruction."""

        def run() -> None:
            self._may_run.acquire()
            try:
                self.result = main(self)
            except BaseException as error:  # noqa: BLE001 - the test gets it
                self._error = error
            self._has_ended = True
            self._has_stopped.release()

        self._thread = Thread(target=run, name=self.name, daemon=True)
        self._thread.start()
        return self

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended yet."""
        return self._thread is not None and not self._has_ended

    def advance(self, calls: int | None) -> None:
        """Continue the process for some calls, and stop it before the next one; None: until it ends."""
        if calls is not None and not self._has_begun:
            calls += 1  # from its first instruction to its first call
        self._has_begun = True
        while self.is_running and (calls is None or calls > 0):
            self._may_run.release()
            self._has_stopped.acquire()
            if self._error:
                raise self._error
            calls = None if calls is None else calls - 1

    def _give_up_control(self, call: str) -> None:
        if current_thread() is not self._thread:
            return
        suspended_at = self.world.now
        self._has_stopped.release()
        self._may_run.acquire()
        if self.is_monotonic_frozen:
            self.process_clock.stood_still_seconds += self.world.now - suspended_at
        self.calls.append(call)

    def _before_call(self, call: str) -> None:
        self._give_up_control(call)
        if self.world.is_route_53_down and call in _CONTROL_PLANE_CALLS:
            raise LeverUnavailableError("Route 53 answered 503.")
        self.world.now += CALL_SECONDS.get(call.partition(".")[0], _LATCH_SECONDS)

    def _after_call(self, call: str) -> None:
        self.world.propagate()
        if call.startswith("ledger."):
            self.world.record_version()
        self.world.on_effect(self.name, call)
        if call == "ledger.put_item" and self.lost_answer_at is not None:
            self.lost_answer_at -= 1
            if self.lost_answer_at < 0:
                self.lost_answer_at = None
                # The SDK repeats the call, and its own first write has changed the version.
                raise ConditionFailedError(
                    {"Error": {"Code": "ConditionalCheckFailedException", "Message": "repeated"}}, "PutItem"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One process runs for some calls, after a time in which none does.

    Attributes
    ----------
    process
        The process.
    calls
        The number of calls that it makes before it is suspended again. None: it runs to its end.
    delay_seconds
        How long all processes are frozen before.

    """

    process: Process
    calls: int | None = None
    delay_seconds: float = 0.0


def run_turns(world: World, turns: Sequence[Turn], processes: Sequence[Process] = ()) -> None:
    """Run processes in turns, and then each one that has not ended."""
    all_processes = dict.fromkeys([*(turn.process for turn in turns), *processes])
    for turn in (*turns, *(Turn(process=process) for process in all_processes)):
        if turn.process.is_running:
            world.now += turn.delay_seconds
            turn.process.advance(turn.calls)
