"""What somebody thinks of deploying, and the parts that come of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from failoverctl.cost.bill import Part
from failoverctl.cost.controller import controller
from failoverctl.cost.deployed import Deployed
from failoverctl.cost.minute import Function, Measured
from failoverctl.cost.optional import LatchForm, front, latches, observers
from failoverctl.cost.pool import Tier, pool
from failoverctl.cost.running import Architecture, Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be reckoned up.

    Attributes
    ----------
    mau
        Monthly active users of the pool.
    tier
        The pool's.
    interval_seconds, memory_mb, architecture
        The template's parameters ``RoundIntervalSeconds``, ``MemorySizeMb`` and ``Architecture``; observers are given
        the same.
    latch
        The template's parameter ``LatchForm``.
    records, managed_login
        Whether there is a domain with weighted records, and one of Cognito's own.
    observers
        How many.
    front_requests_per_user
        How many requests a user makes in a month through ``front.yaml`` in both Regions; None without it.

    """

    mau: int
    tier: Tier
    interval_seconds: int
    memory_mb: int
    architecture: Architecture
    latch: LatchForm
    records: bool
    managed_login: bool
    observers: int
    front_requests_per_user: float | None

    def parts(self, measured: Measured, deployed: Deployed) -> Iterator[Part]:
        """Yield the parts that are wished for.

        Raises
        ------
        MeasuredError
            If nobody measured rounds so far apart.

        """
        machine = Machine(memory_mb=self.memory_mb, architecture=self.architecture)
        minute = measured.minute(Function.CONTROLLER, self.interval_seconds)
        yield pool(self.mau, self.tier)
        yield controller(minute, deployed.controller, machine, self.tier)
        if self.latch is not LatchForm.NONE:
            yield latches(self.latch, records=self.records, managed_login=self.managed_login)
        if self.observers:
            seen = measured.minute(Function.OBSERVER, self.interval_seconds)
            yield observers(self.observers, seen, deployed.observer, machine)
        if self.front_requests_per_user is not None:
            yield front(self.mau * self.front_requests_per_user, minute, deployed.controller)
