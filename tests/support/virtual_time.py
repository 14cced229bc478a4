"""Minutes of a controller in virtual time: every call takes time, and some hang until their timeout.

The rounds, the invocations and the time budget are production code. The collaborators are in memory.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from cognito_failover.common.errors import LeverBusyError, LeverUnavailableError
from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.controller.bounded_calls import RoundBudget, bound_latch, bound_ledger, bound_lever, bound_locator
from cognito_failover.controller.invocation import LEASE_POLL_SECONDS, Invocation
from cognito_failover.controller.reconciler import Levers
from cognito_failover.controller.round import RoundRunner
from cognito_failover.core.canary_backoff import Backoffs
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.observation import Observation
from cognito_failover.core.verdict import Verdict
from cognito_failover.routing.latch import s3_switch
from cognito_failover.routing.records import route53_zone
from tests.support.controller_harness import ControllerHarness
from tests.support.refresher import RecordingRefresher

FUNCTION_TIMEOUT_SECONDS = 118.0
"""The function's timeout in the template."""

ZONE_TIMEOUT_SECONDS = route53_zone.CONNECT_TIMEOUT_SECONDS + route53_zone.READ_TIMEOUT_SECONDS
LATCH_TIMEOUT_SECONDS = s3_switch.CONNECT_TIMEOUT_SECONDS + s3_switch.READ_TIMEOUT_SECONDS

_LEDGER_SECONDS = 0.02
_LATCH_SECONDS = 0.1
_NAME_SERVERS_SECONDS = 0.2
_DAY_SECONDS = 86_400.0
_LIST_CALLS_PER_READ = 2
"""One call for the name and one for its state record, because no page contains both."""


class VirtualMinutes:
    """A controller that is invoked once a minute.

    Parameters
    ----------
    latches
        The attached latches.
    seed
        Chooses the calls that are throttled.
    changes
        Changed settings.

    Attributes
    ----------
    world
        The controller's harness.
    sick_probe_seconds, healthy_probe_seconds
        Duration of an observation.
    route_53_seconds
        Duration of one call to Route 53's control plane.
    throttle_rate
        Share of the calls to Route 53's control plane that it refuses at once.
    is_route_53_hanging, are_latches_hanging
        Whether calls to Route 53, or to the latches' switches, hang.
    invocation_delay_seconds
        Delay of each invocation after its minute.
    fault_at
        Time at which the primary becomes sick. None: never.

    """

    def __init__(self, *, latches: Sequence[SteeredName] = (), seed: int = 0, **changes: Any) -> None:
        self.world = ControllerHarness(latches=latches, **changes)
        self.sick_probe_seconds = 5.0
        self.healthy_probe_seconds = 0.3
        self.route_53_seconds = 0.25
        self.throttle_rate = 0.0
        self.is_route_53_hanging = False
        self.are_latches_hanging = False
        self.invocation_delay_seconds = 0.0
        self.fault_at: Instant | None = None
        self._random = Random(seed)  # noqa: S311 - a simulation
        self._calls: list[tuple[str, Instant]] = []
        self._clock = self.world.clock
        self._created_at = self._clock.now
        self._minutes = 0
        round_budget = RoundBudget(monotonic=self._clock)
        ledger = bound_ledger(self.world.ledger, round_budget)
        assert self.world.levers.records
        round_runner = RoundRunner(
            settings=self.world.settings,
            ledger=ledger,
            prober=self,
            levers=Levers(
                records=bound_lever(self.world.levers.records, round_budget),
                latches=tuple(bound_latch(latch, round_budget) for latch in self.world.levers.latches),
                locator=bound_locator(self.world.levers.locator, round_budget),
            ),
            clock=self._clock,
            sleep=self._clock.sleep,
        )
        self._invocation = Invocation(
            settings=self.world.settings,
            round_runner=round_runner,
            lease_store=ledger,
            notifier=self.world.notifier,
            refresher=RecordingRefresher(),
            round_budget=round_budget,
            clock=self._clock,
            monotonic=self._clock,
            sleep=self._clock.sleep,
        )
        self.world.fault_injector.before_call = self._advance_clock
        self.world.fault_injector.after_call = self._record_call

    @property
    def next_minute_at(self) -> Instant:
        """When the next invocation is due."""
        return self._created_at + 60.0 * self._minutes

    def run(self, minutes: int) -> "VirtualMinutes":
        """Run minutes, each with an invocation. An invocation waits for the end of the previous one."""
        for _ in range(minutes):
            began_at = self.next_minute_at + self.invocation_delay_seconds
            until = began_at + FUNCTION_TIMEOUT_SECONDS
            while began_at < self._clock.now:
                began_at += LEASE_POLL_SECONDS
            self._clock.now = began_at
            self._minutes += 1
            assert self._invocation.run(f"minute-{self._minutes}", self._make_remaining_seconds(until)) == ()
            self.world.zone.propagate()
        return self

    def _make_remaining_seconds(self, until: Instant) -> Callable[[], float]:
        return lambda: until - self._clock.now

    def settle(self) -> "VirtualMinutes":
        """Run a minute, and end the startup grace."""
        self.run(1)
        self.world.patch_state(created_at=self._created_at - _DAY_SECONDS)
        return self

    def run_until(self, call: str, *, minutes: int) -> "VirtualMinutes":
        """Run until a call has succeeded after the fault, for at most this many minutes."""
        for _ in range(minutes):
            if self.get_call_delay(call) is None:
                self.run(1)
        return self

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        """Observe the Regions as they are at the start of the observation."""
        is_sick = self.fault_at is not None and self._clock.now >= self.fault_at
        self.world.prober.verdicts[RegionRole.PRIMARY] = Verdict.SICK if is_sick else Verdict.HEALTHY
        self._clock.now += self.sick_probe_seconds if is_sick else self.healthy_probe_seconds
        return self.world.prober.observe(backoffs)

    def get_call_delay(self, call: str) -> float | None:
        """Return the seconds from the fault to the first success of a call. None if there is none."""
        assert self.fault_at
        return next((at - self.fault_at for name, at in self._calls if name == call and at >= self.fault_at), None)

    @property
    def decision_delay_seconds(self) -> float | None:
        """Seconds from the fault to the first decision to move. None if there is none."""
        assert self.fault_at
        events = self.world.memory.load_history(limit=1000).events
        times = [event.at for event in events if event.kind is EventKind.MOVE_DECIDED and event.at >= self.fault_at]
        return min(times) - self.fault_at if times else None

    def list_route_53_reads(self, since: Instant) -> list[Instant]:
        """Return the times of all reads of Route 53's records, successful or not."""
        return [at for name, at in self._calls if name == "asked zone.list_record_sets" and at >= since]

    def _record_call(self, call: str) -> None:
        self._calls.append((call, self._clock.now))

    def _advance_clock(self, call: str) -> None:
        self._record_call(f"asked {call}")
        target, _, operation = call.partition(".")
        if target == "ledger":
            self._clock.now += _LEDGER_SECONDS
        elif operation == "confirm":
            self._clock.now += _NAME_SERVERS_SECONDS
        elif target == "zone" or operation == "find_state_record":
            self._call_route_53(operation)
        elif operation in {"refresh", "set"}:
            self._call_switch(operation)

    def _call_route_53(self, operation: str) -> None:
        if operation == "get_info":  # cached
            return
        if self.is_route_53_hanging:
            self._clock.now += ZONE_TIMEOUT_SECONDS
            raise LeverUnavailableError(f"Route 53 gave no answer to {operation} within {ZONE_TIMEOUT_SECONDS:g} s.")
        if self._random.random() < self.throttle_rate:
            self._clock.now += self.route_53_seconds
            raise LeverBusyError(f"{operation} answered Throttling: Rate exceeded.")
        self._clock.now += self.route_53_seconds * (_LIST_CALLS_PER_READ if operation == "list_record_sets" else 1)

    def _call_switch(self, operation: str) -> None:
        self._clock.now += LATCH_TIMEOUT_SECONDS if self.are_latches_hanging else _LATCH_SECONDS
        if self.are_latches_hanging:
            raise LeverUnavailableError(f"S3 gave no answer to {operation} within {LATCH_TIMEOUT_SECONDS:g} s.")
