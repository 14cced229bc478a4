"""A latch in memory. It is set immediately; its health check follows when `propagate` is called."""

from typing import TYPE_CHECKING

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.records import Confirmation, DnsWatch, RecordSet
from cognito_failover.routing.dns.question import DnsAnswer, DnsQuestion
from tests.support.settings import TOKYO, VIRGINIA

if TYPE_CHECKING:
    from collections.abc import Callable

_RECORD_NAMES = {SteeredName.RECORDS: "_latch.auth.example.com.", SteeredName.DOMAIN: "_region.login.example.com."}


def _build_watch(name: SteeredName) -> DnsWatch:
    def build_record(region: str, weight: int) -> RecordSet:
        return {
            "Name": _RECORD_NAMES[name],
            "Type": "TXT",
            "SetIdentifier": region,
            "Weight": weight,
            "TTL": 60,
            "ResourceRecords": [{"Value": f'"{region}"'}],
        }

    return DnsWatch(
        record_sets=(build_record(TOKYO, 255), build_record(VIRGINIA, 0)), name_servers=("ns-1.example.net",)
    )


LATCH_DNS_WATCHES = {name: _build_watch(name) for name in SteeredName}
"""Where DNS shows the state of each latch's health check."""

LATCH_DNS_WATCH = LATCH_DNS_WATCHES[SteeredName.RECORDS]


class MemoryLatch:
    """A switch, its health check, and the records attached to the check.

    Parameters
    ----------
    name
        The latch's name.

    Attributes
    ----------
    thrown
        The state of the switch.
    check_state
        The state that the health check has last seen.
    is_attached
        Whether records are attached to the check.
    has_state_record
        Whether the state TXT record exists while they are.
    is_available
        Whether the switch can be read and set.
    is_readable
        Whether the switch can be read.
    silent_server
        A name server that does not answer. Empty if all answer.
    set_calls
        The states that were set, in order.
    on_set
        Called before the switch is set.

    """

    def __init__(self, name: SteeredName) -> None:
        self._name = name
        self.thrown = False
        self.check_state = False
        self.is_attached = True
        self.has_state_record = True
        self.is_available = True
        self.is_readable = True
        self.silent_server = ""
        self.set_calls: list[bool] = []
        self._version = 0
        self.on_set: Callable[[bool], None] = lambda _thrown: None

    @property
    def name(self) -> SteeredName:
        return self._name

    def find_state_record(self) -> DnsWatch | None:
        return LATCH_DNS_WATCHES[self._name] if self.is_attached and self.has_state_record else None

    def read_initial_state(self, watch: DnsWatch | None) -> bool:
        if self.is_readable:
            self._ensure_available()
            return self.thrown
        if watch and self.silent_server:
            raise LeverUnavailableError("the name servers do not agree")
        return watch is not None and self.check_state

    def refresh(self, *, thrown: bool) -> bool:
        self._ensure_available()
        if not self.is_readable:
            self._write(thrown=thrown)
        return self.thrown

    def read_revision(self) -> str:
        self._ensure_available()
        return self._revision

    def set(self, *, thrown: bool, revision: str | None, version: int) -> None:
        self._ensure_available()
        if revision not in {None, self._revision}:
            raise LeverUnavailableError(f"the latch of the {self.name} was changed since it was read")
        self._write(thrown=thrown)
        self._version = version

    @property
    def _revision(self) -> str:
        is_written = self.is_readable and (self.thrown or self._version)
        return f"{self.thrown} {self._version}" if is_written else ""

    def _write(self, *, thrown: bool) -> None:
        self.on_set(thrown)
        self.thrown = thrown
        self.set_calls.append(thrown)

    def confirm(self, watch: DnsWatch, role: RegionRole) -> Confirmation:
        assert watch == LATCH_DNS_WATCHES[self._name]
        moved = self.check_state is (role is RegionRole.STANDBY)
        if not self.has_state_record:
            return Confirmation(moved=False, unresponsive=watch.name_servers, stale=(), detail="No record shows it.")
        silent = (self.silent_server,) if self.silent_server else ()
        return Confirmation(moved=moved, unresponsive=silent, stale=(), detail=f"Its check says {self.check_state}.")

    def find_answer(self, server: str, question: DnsQuestion) -> tuple[DnsAnswer, ...] | None:
        """Return the answers of a name server for the state record; None for another name."""
        if question.name != _RECORD_NAMES[self._name]:
            return None
        if server == self.silent_server:
            return ()
        if not self.find_state_record():
            return (frozenset(),)
        return (frozenset({VIRGINIA if self.check_state else TOKYO}),)

    def propagate(self) -> None:
        """Update the health check from the switch."""
        self.check_state = self.thrown

    def _ensure_available(self) -> None:
        if not self.is_available:
            raise LeverUnavailableError(f"S3 answered SlowDown to the latch of the {self.name}")
