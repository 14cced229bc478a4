"""Minutes of a controller in virtual time: every call costs what it costs, and some hang until they are given up.

The rounds, their invocations, and what keeps them on time are the real ones; the world is the one in memory.
"""

from collections.abc import Callable, Sequence
from typing import Any

from failover.decision.announcement import Kind
from failover.errors import LeverUnavailableError
from failover.levers import latch_object, zone_route53
from failover.levers.latch import LatchName
from failover.probe.backoff import Backoffs
from failover.probe.observation import Observation
from failover.probe.verdict import Verdict
from failover.region import Instant, Side
from failover.rounds.invocation import LEASE_POLL_SECONDS, Invocation
from failover.rounds.look import Levers
from failover.rounds.punctual import PunctualLatch, PunctualLedger, PunctualLever, Timekeeper
from failover.rounds.round import Rounds
from tests.support.refresher import Refresher
from tests.support.world import World

ALLOWED_SECONDS = 118.0
"""The function's timeout in the template."""

ZONE_GIVEN_UP_SECONDS = zone_route53.CONNECT_TIMEOUT_SECONDS + zone_route53.READ_TIMEOUT_SECONDS
LATCH_GIVEN_UP_SECONDS = latch_object.CONNECT_TIMEOUT_SECONDS + latch_object.READ_TIMEOUT_SECONDS

_LEDGER_SECONDS = 0.02
_LATCH_SECONDS = 0.1
_NAME_SERVERS_SECONDS = 0.2
_A_DAY_SECONDS = 86_400.0
_LISTS_OF_A_SURVEY = 2
"""One for the name and one for its beacon, where no page holds both."""


class VirtualMinutes:
    """A controller invoked once a minute.

    Parameters
    ----------
    latches
        The latches there are, attached.
    changes
        Settings other than the usual.

    Attributes
    ----------
    world
        What it is about.
    sick_probe_seconds, well_probe_seconds
        How long a look at the Regions takes.
    route_53_seconds
        How long Route 53's control plane takes for one call.
    route_53_hangs, latches_hang
        Whether calls to it, or to the latches' switches, get no answer.
    ticks_late_seconds
        How much later than the minute each invocation begins.
    fault_at
        From when on the primary is sick; None while it isn't.

    """

    def __init__(self, *, latches: Sequence[LatchName] = (), **changes: Any) -> None:
        self.world = World(latches=latches, **changes)
        self.sick_probe_seconds = 5.0
        self.well_probe_seconds = 0.3
        self.route_53_seconds = 0.25
        self.route_53_hangs = False
        self.latches_hang = False
        self.ticks_late_seconds = 0.0
        self.fault_at: Instant | None = None
        self._made: list[tuple[str, Instant]] = []
        self._clock = self.world.clock
        self._born_at = self._clock.now
        self._minutes = 0
        timekeeper = Timekeeper(monotonic=self._clock)
        ledger = PunctualLedger(self.world.ledger, timekeeper)
        assert self.world.levers.records
        rounds = Rounds(
            settings=self.world.settings,
            ledger=ledger,
            probe=self,
            levers=Levers(
                records=PunctualLever(self.world.levers.records, timekeeper),
                latches=tuple(PunctualLatch(latch, timekeeper) for latch in self.world.levers.latches),
            ),
            clock=self._clock,
        )
        self._invocation = Invocation(
            settings=self.world.settings,
            rounds=rounds,
            ledger=ledger,
            signals=self.world.told,
            refresher=Refresher(),
            timekeeper=timekeeper,
            clock=self._clock,
            monotonic=self._clock,
            sleep=self._clock.sleep,
        )
        self.world.tap.asked = self._take_time
        self.world.tap.answered = self._note

    @property
    def next_minute_at(self) -> Instant:
        """When the next invocation is due."""
        return self._born_at + 60.0 * self._minutes

    def run(self, minutes: int) -> "VirtualMinutes":
        """Let minutes pass, each with its invocation, which waits for the one before to end."""
        for _ in range(minutes):
            began_at = self.next_minute_at + self.ticks_late_seconds
            until = began_at + ALLOWED_SECONDS
            while began_at < self._clock.now:
                began_at += LEASE_POLL_SECONDS
            self._clock.now = began_at
            self._minutes += 1
            assert self._invocation.run(f"minute-{self._minutes}", self._left(until)) == ()
            self.world.zone.spread()
        return self

    def _left(self, until: Instant) -> Callable[[], float]:
        return lambda: until - self._clock.now

    def settle(self) -> "VirtualMinutes":
        """Let a minute pass, and the starting grace be over."""
        self.run(1)
        self.world.remember(born_at=self._born_at - _A_DAY_SECONDS)
        return self

    def run_until(self, call: str, *, minutes: int) -> "VirtualMinutes":
        """Let minutes pass until a call has succeeded after the fault, and no more than so many."""
        for _ in range(minutes):
            if self.first(call) is None:
                self.run(1)
        return self

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        """Look at the Regions: sick is what is so when the look begins."""
        sick = self.fault_at is not None and self._clock.now >= self.fault_at
        self.world.probe.verdicts[Side.PRIMARY] = Verdict.SICK if sick else Verdict.HEALTHY
        self._clock.now += self.sick_probe_seconds if sick else self.well_probe_seconds
        return self.world.probe.observe(backoffs)

    def first(self, call: str) -> float | None:
        """Return how long after the fault a call first succeeded; None if none did."""
        assert self.fault_at
        return next((at - self.fault_at for made, at in self._made if made == call and at >= self.fault_at), None)

    @property
    def decided_after_seconds(self) -> float | None:
        """How long after the fault a move was first decided; None if none was."""
        assert self.fault_at
        told = self.world.memory.history(limit=1000)
        decided = [each.at for each in told if each.kind is Kind.MOVE_DECIDED and each.at >= self.fault_at]
        return min(decided) - self.fault_at if decided else None

    def asked_of_route_53(self, since: Instant) -> list[Instant]:
        """Return when Route 53 was asked for records, answered or not."""
        return [at for made, at in self._made if made == "asked zone.record_sets" and at >= since]

    def _note(self, call: str) -> None:
        self._made.append((call, self._clock.now))

    def _take_time(self, call: str) -> None:
        self._note(f"asked {call}")
        target, _, operation = call.partition(".")
        if target == "ledger":
            self._clock.now += _LEDGER_SECONDS
        elif operation == "answers":
            self._clock.now += _NAME_SERVERS_SECONDS
        elif target == "zone" or operation == "sight":
            self._ask_route_53(operation)
        elif operation in {"keep", "set"}:
            self._reach_the_switch(operation)

    def _ask_route_53(self, operation: str) -> None:
        if operation == "facts":  # read long ago
            return
        if self.route_53_hangs:
            self._clock.now += ZONE_GIVEN_UP_SECONDS
            raise LeverUnavailableError(f"Route 53 gave no answer to {operation} within {ZONE_GIVEN_UP_SECONDS:g} s.")
        self._clock.now += self.route_53_seconds * (_LISTS_OF_A_SURVEY if operation == "record_sets" else 1)

    def _reach_the_switch(self, operation: str) -> None:
        self._clock.now += LATCH_GIVEN_UP_SECONDS if self.latches_hang else _LATCH_SECONDS
        if self.latches_hang:
            raise LeverUnavailableError(f"S3 gave no answer to {operation} within {LATCH_GIVEN_UP_SECONDS:g} s.")
