"""A latch: its switch, and the state TXT record that shows its health check."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_result
from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.records import Confirmation, DnsWatch
from cognito_failover.core.ports.latch import LatchSwitch
from cognito_failover.core.ports.user_locator import UserLocator
from cognito_failover.core.user_location import confirm_users_on
from cognito_failover.routing.dns.user_locator import LOCATE_BUDGET_SECONDS
from cognito_failover.routing.latch.state_txt_record import LatchStateRecord
from cognito_failover.routing.records.hosted_zone import DnsZone


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOutcome:
    """Outcome of a request through a domain.

    Attributes
    ----------
    succeeded
        Whether the request was served.
    message
        The outcome as a sentence.

    """

    succeeded: bool
    message: str


class HealthCheckLatch:
    """A switch and the inverted health check that reads it; a `Latch`.

    Parameters
    ----------
    name
        The latch's name: what it moves.
    switch
        The switch that it sets.
    state_record
        The state TXT record of its health check.
    zone
        The hosted zone of the state TXT record.
    locator
        Queries name servers for the Region that the state TXT record answers with.
    check_domain
        Makes a request through Cognito's own domain, whose answers do not show the Region. None for the records.
    budget_seconds
        Time budget of one confirmation.

    """

    def __init__(
        self,
        *,
        name: SteeredName,
        switch: LatchSwitch,
        state_record: LatchStateRecord,
        zone: DnsZone,
        locator: UserLocator,
        check_domain: Callable[[], RequestOutcome] | None = None,
        budget_seconds: float = LOCATE_BUDGET_SECONDS,
    ) -> None:
        self._name = name
        self._switch = switch
        self._state_record = state_record
        self._zone = zone
        self._locator = locator
        self._check_domain = check_domain
        self._budget_seconds = budget_seconds

    @property
    def name(self) -> SteeredName:
        """The latch's name: what it moves."""
        return self._name

    def find_state_record(self) -> DnsWatch | None:
        """Return the state TXT record with this latch's check, or None; see `Latch.find_state_record`."""
        zone_info = self._zone.get_info()
        record_sets = self._state_record.find_in(self._zone.list_record_sets((self._state_record.name,)))
        return DnsWatch(record_sets=record_sets, name_servers=zone_info.name_servers) if record_sets else None

    def read_initial_state(self, watch: DnsWatch | None) -> bool:
        """Return whether the latch is thrown, from its switch, or from DNS if the switch is write-only.

        Raises
        ------
        LeverUnavailableError
            If neither gives the state.

        """
        thrown = self._switch.read()
        if thrown is not None:
            return thrown
        return watch is not None and self._read_role_from_dns(watch) is RegionRole.STANDBY

    def _read_role_from_dns(self, watch: DnsWatch) -> RegionRole:
        location = self._locator.locate(self._name, watch)
        if location.role is not None:
            return location.role
        raise LeverUnavailableError(
            f"The state of the latch of the {self._name} is unknown: its switch cannot be read, and the name servers "
            f"do not agree on {self._state_record.name}."
        )

    def refresh(self, *, thrown: bool) -> bool:
        """Return whether the latch is thrown; see `Latch.refresh`."""
        return self._switch.refresh(thrown=thrown)

    def read_revision(self) -> str:
        """Return the revision of the switch."""
        return self._switch.read_revision()

    def set(self, *, thrown: bool, revision: str | None, version: int) -> None:
        """Throw or release the latch; see `LatchSwitch.set`."""
        self._switch.set(thrown=thrown, revision=revision, version=version)

    def confirm(self, watch: DnsWatch, role: RegionRole) -> Confirmation:
        """Query DNS, and the domain if there is one, for this Region; see `Latch.confirm`."""
        deadline = Deadline(self._budget_seconds)
        request = run_in_thread(self._check_domain, name="check domain") if self._check_domain else None
        location = self._locator.locate(self._name, watch)
        confirmation = confirm_users_on(location, role, region=self._state_record.regions[role])
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
