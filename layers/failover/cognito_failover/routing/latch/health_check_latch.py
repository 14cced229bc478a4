"""A latch: its switch, and the beacon by which its health check is seen to follow."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_result
from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.records import Confirmation, DnsWatch
from cognito_failover.core.ports.latch import LatchSwitch
from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDns
from cognito_failover.routing.latch.state_txt_record import LatchStateRecord
from cognito_failover.routing.records.hosted_zone import DnsZone

CONFIRM_BUDGET_SECONDS = 2.5
"""The longest one look from outside may take: it has to fit into what a round may spend on its levers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOutcome:
    """What came of a request through a domain.

    Attributes
    ----------
    passed
        Whether it was served.
    sentence
        The answer, for people.

    """

    succeeded: bool
    message: str


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
        switch: LatchSwitch,
        state_record: LatchStateRecord,
        zone: DnsZone,
        authority: AuthoritativeDns,
        check_domain: Callable[[], RequestOutcome] | None = None,
        budget_seconds: float = CONFIRM_BUDGET_SECONDS,
    ) -> None:
        self._name = name
        self._switch = switch
        self._state_record = state_record
        self._zone = zone
        self._authority = authority
        self._check_domain = check_domain
        self._budget_seconds = budget_seconds

    @property
    def name(self) -> LatchName:
        """What it moves."""
        return self._name

    def find_state_record(self) -> DnsWatch | None:
        """Return where its check's state shows; None without a beacon that carries the check. See `Latch.sight`."""
        zone_info = self._zone.get_info()
        record_sets = self._state_record.find_in(self._zone.list_record_sets((self._state_record.name,)))
        return DnsWatch(record_sets=record_sets, name_servers=zone_info.name_servers) if record_sets else None

    def read_initial_state(self, watch: DnsWatch | None) -> bool:
        """Tell whether it is thrown, by its switch, or by its beacon where that can't be read; see `Latch.found`.

        Raises
        ------
        LeverUnavailableError
            If neither tells.

        """
        thrown = self._switch.read()
        if thrown is not None:
            return thrown
        return watch is not None and self._read_role_from_dns(watch) is RegionRole.STANDBY

    def _read_role_from_dns(self, watch: DnsWatch) -> RegionRole:
        for side in RegionRole:
            if self._state_record.confirm(
                watch, side, authority=self._authority, budget_seconds=self._budget_seconds
            ).moved:
                return side
        raise LeverUnavailableError(
            f"Whether the latch of the {self._name} is thrown can't be read, and the name servers do not agree on what "
            f"{self._state_record.name} says of it."
        )

    def refresh(self, *, thrown: bool) -> bool:
        """Tell whether it is thrown; see `Latch.keep`."""
        return self._switch.refresh(thrown=thrown)

    def set(self, *, thrown: bool) -> None:
        """Throw or release it."""
        self._switch.set(thrown=thrown)

    def confirm(self, watch: DnsWatch, role: RegionRole) -> Confirmation:
        """Ask from outside whether its check has moved to this side; see `Latch.answers`."""
        deadline = Deadline(self._budget_seconds)
        request = run_in_thread(self._check_domain, name="pass-through") if self._check_domain else None
        confirmation = self._state_record.confirm(
            watch, role, authority=self._authority, budget_seconds=self._budget_seconds
        )
        if request is None:
            return confirmation
        timed_out = RequestOutcome(
            succeeded=False, message=f"A request got no answer within {self._budget_seconds:g} s."
        )
        outcome = wait_for_result(deadline, request, default=timed_out)
        return replace(
            confirmation,
            moved=confirmation.moved and outcome.succeeded,
            detail=f"{confirmation.detail} {outcome.message}",
        )
