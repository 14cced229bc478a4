"""A latch: its switch, and the beacon by which its health check is seen to follow."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from failover.bounded import Deadline, result_by, start
from failover.errors import LeverUnavailableError
from failover.levers.authority import Authority
from failover.levers.latch import LatchName
from failover.levers.latch_beacon import LatchBeacon
from failover.levers.latch_switch import Switch
from failover.levers.lever import Confirmation, Sight
from failover.levers.zone import Zone
from failover.region import Side

CONFIRM_BUDGET_SECONDS = 2.5
"""The longest one look from outside may take: it has to fit into what a round may spend on its levers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What came of a request through a domain.

    Attributes
    ----------
    passed
        Whether it was served.
    sentence
        The answer, for people.

    """

    passed: bool
    sentence: str


class HealthCheckLatch:
    """A switch and the inverted health check that reads it; a `Latch`.

    Parameters
    ----------
    name
        What it moves.
    switch
        What it sets.
    beacon
        Where the check's state shows.
    zone
        The hosted zone that holds the beacon.
    authority
        Who asks the zone's name servers.
    pass_through
        Makes a request through what the latch moves, where it can't be seen from outside on which side that is.
    budget_seconds
        The longest one look from outside may take.

    """

    def __init__(
        self,
        *,
        name: LatchName,
        switch: Switch,
        beacon: LatchBeacon,
        zone: Zone,
        authority: Authority,
        pass_through: Callable[[], Passage] | None = None,
        budget_seconds: float = CONFIRM_BUDGET_SECONDS,
    ) -> None:
        self._name = name
        self._switch = switch
        self._beacon = beacon
        self._zone = zone
        self._authority = authority
        self._pass_through = pass_through
        self._budget_seconds = budget_seconds

    @property
    def name(self) -> LatchName:
        """What it moves."""
        return self._name

    def sight(self) -> Sight | None:
        """Return where its check's state shows; None without a beacon that carries the check. See `Latch.sight`."""
        facts = self._zone.facts()
        found = self._beacon.found_in(self._zone.record_sets((self._beacon.name,)))
        return Sight(record_sets=found, name_servers=facts.name_servers) if found else None

    def found(self, sight: Sight | None) -> bool:
        """Tell whether it is thrown, by its switch, or by its beacon where that can't be read; see `Latch.found`.

        Raises
        ------
        LeverUnavailableError
            If neither tells.

        """
        thrown = self._switch.read()
        if thrown is not None:
            return thrown
        return sight is not None and self._shown(sight) is Side.STANDBY

    def _shown(self, sight: Sight) -> Side:
        for side in Side:
            if self._beacon.answers(sight, side, authority=self._authority, budget_seconds=self._budget_seconds).moved:
                return side
        raise LeverUnavailableError(
            f"Whether the latch of the {self._name} is thrown can't be read, and the name servers do not agree on what "
            f"{self._beacon.name} says of it."
        )

    def keep(self, *, thrown: bool) -> bool:
        """Tell whether it is thrown; see `Latch.keep`."""
        return self._switch.keep(thrown=thrown)

    def set(self, *, thrown: bool) -> None:
        """Throw or release it."""
        self._switch.set(thrown=thrown)

    def answers(self, sight: Sight, side: Side) -> Confirmation:
        """Ask from outside whether its check has moved to this side; see `Latch.answers`."""
        deadline = Deadline(self._budget_seconds)
        passing = start(self._pass_through, name="pass-through") if self._pass_through else None
        shown = self._beacon.answers(sight, side, authority=self._authority, budget_seconds=self._budget_seconds)
        if passing is None:
            return shown
        late = Passage(passed=False, sentence=f"A request got no answer within {self._budget_seconds:g} s.")
        passage = result_by(deadline, passing, late=late)
        return replace(shown, moved=shown.moved and passage.passed, detail=f"{shown.detail} {passage.sentence}")
