"""A harness for attaching two latches: a zone, name servers that follow health checks, and a ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.controller.bounded_calls import RoundBudget
from cognito_failover.core.model.records import RecordSet
from cognito_failover.core.model.state import ControllerState, LatchState
from cognito_failover.core.operator.request import OperatorAction
from cognito_failover.operator.latch_attachment import AttachableLatch, AttachResult, LatchAttacher
from cognito_failover.routing.dns.question import DnsAnswer, DnsAnswers, DnsQuestion
from cognito_failover.routing.dns.user_locator import DnsUserLocator
from cognito_failover.routing.health_check_status import HealthCheckStatus, HealthVerdict
from cognito_failover.routing.latch.attach_to_cognito_domain import CognitoDomainAttachment
from cognito_failover.routing.latch.attach_to_records import RecordsAttachment
from cognito_failover.routing.latch.cognito_domain import DomainFailover
from cognito_failover.routing.latch.health_check_latch import HealthCheckLatch
from cognito_failover.routing.latch.state_txt_record import build_latch_state_record, build_settling_record
from cognito_failover.routing.record_set import ADDRESS_TYPES, get_alias_name, get_values
from cognito_failover.routing.records.hosted_zone import RecordChange
from cognito_failover.routing.records.record_group import RecordGroup
from cognito_failover.routing.records.weighted_records import WeightedRecords
from cognito_failover_testing.memory_hosted_zone import MemoryZone
from cognito_failover_testing.memory_ledger import MemoryLedger
from cognito_failover_testing.memory_stack_protection import MemoryStackProtection
from cognito_failover_testing.memory_switch import MemoryLatchSwitch
from cognito_failover_testing.memory_user_pool_domain import MemoryUserPoolDomain
from tests.support.controller_harness import VirtualClock
from tests.support.settings import make_settings

if TYPE_CHECKING:
    from cognito_failover.core.ports.latch import LatchAttachmentPoint

RECORDS_CHECK, DOMAIN_CHECK, STANDBY_CHECK = "records-check", "domain-check", "standby-check"
BOTH_LATCHES: dict[str, Any] = {
    "managed_login_domain": "login.example.com",
    "latch_bucket": "latch-bucket",
    "records_latch_check_id": RECORDS_CHECK,
    "domain_latch_check_id": DOMAIN_CHECK,
    "standby_check_id": STANDBY_CHECK,
}
SETTINGS = make_settings(**BOTH_LATCHES)
GROUP = RecordGroup.from_settings(SETTINGS)
TOKYO, VIRGINIA = SETTINGS.regions.primary, SETTINGS.regions.standby


class HealthCheckedNameServers:
    """Name servers that answer as Route 53 does: by weights and by the state of health checks."""

    def __init__(self, zone: MemoryZone) -> None:
        self._zone = zone
        self.unhealthy: set[str] = set()
        self.silent: set[str] = set()
        self.addresses: dict[str, frozenset[str]] = {}

    def query(
        self,
        name_servers: Sequence[str],
        questions: Sequence[DnsQuestion],
        *,
        hosts: Sequence[DnsQuestion],
        budget_seconds: float,  # noqa: ARG002 - these answer at once
    ) -> DnsAnswers:
        return DnsAnswers(
            answers={
                server: {
                    question: () if server in self.silent else (self.get_answer(question),) for question in questions
                }
                for server in name_servers
            },
            addresses={host: self._get_addresses(host.name, host.record_type) for host in hosts},
        )

    def get_answer(self, question: DnsQuestion) -> DnsAnswer:
        group = [
            record_set
            for record_set in self._zone.list_record_sets((question.name,))
            if record_set["Type"] == question.record_type
        ]
        healthy = [
            record_set for record_set in group if record_set.get("HealthCheckId", "") not in self.unhealthy
        ] or group
        weighted = [record_set for record_set in healthy if record_set["Weight"] > 0] or healthy
        return frozenset[str]().union(*(self._get_values(record_set) for record_set in weighted))

    def _get_values(self, record_set: RecordSet) -> DnsAnswer:
        if alias_name := get_alias_name(record_set):
            return self._get_addresses(alias_name, record_set["Type"])
        return get_values(record_set)

    def _get_addresses(self, name: str, record_type: str) -> DnsAnswer:
        version = ADDRESS_TYPES[record_type]
        addresses = self.addresses.get(name, frozenset())
        return frozenset(address for address in addresses if ip_address(address).version == version)

    def get_served_region(self, name: str, record_type: str = "TXT") -> str:
        """Return the value that a name answers with, without quotes."""
        return min(self.get_answer(DnsQuestion(name=name, record_type=record_type)))


class RecordingZone(MemoryZone):
    """Records its batches, and fails at the batch that a test names."""

    def __init__(self, name: str, record_sets: Sequence[RecordSet] = ()) -> None:
        super().__init__(name, record_sets)
        self.batches: list[tuple[RecordChange, ...]] = []
        self.fails_at_batch = -1

    def submit(self, changes: Sequence[RecordChange], *, comment: str) -> str:
        if len(self.batches) == self.fails_at_batch:
            self.fails_at_batch = -1
            raise LeverUnavailableError("ChangeResourceRecordSets got no answer.")
        self.batches.append(tuple(changes))
        return super().submit(changes, comment=comment)


class StubHealthChecks:
    """Health checks that are healthy, unless a test gives another status or an error."""

    def __init__(self) -> None:
        self.statuses: dict[str, HealthCheckStatus | Exception] = {}

    def set_verdict(self, check_id: str, verdict: HealthVerdict, *defects: str) -> None:
        self.statuses[check_id] = HealthCheckStatus(
            check_id=check_id, verdict=verdict, reason="0 of 16 report success", defects=defects
        )

    def read_status(self, check_id: str) -> HealthCheckStatus:
        healthy = HealthCheckStatus(check_id=check_id, verdict=HealthVerdict.HEALTHY, reason="16 of 16 report success")
        status = self.statuses.get(check_id, healthy)
        if isinstance(status, Exception):
            raise status
        return status


@dataclass
class LatchAttachmentHarness:
    """Everything that an attachment works with. Records that are not given are created as a CNAME pair."""

    record_sets: Sequence[RecordSet] = ()
    clock: VirtualClock = field(default_factory=VirtualClock)
    zone: RecordingZone = field(init=False)
    name_servers: HealthCheckedNameServers = field(init=False)
    domain: MemoryUserPoolDomain = field(default_factory=lambda: MemoryUserPoolDomain("login.example.com"))
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    switches: dict[SteeredName, MemoryLatchSwitch] = field(init=False)
    health_checks: StubHealthChecks = field(default_factory=StubHealthChecks)
    protection: MemoryStackProtection = field(default_factory=MemoryStackProtection)
    is_propagating: bool = True

    def __post_init__(self) -> None:
        self.zone = RecordingZone("example.com", self.record_sets)
        self.name_servers = HealthCheckedNameServers(self.zone)
        self.switches = {name: MemoryLatchSwitch() for name in SETTINGS.latch_check_ids}
        lever = WeightedRecords(group=GROUP, zone=self.zone)
        lever.submit(lever.plan(lever.read_records(), route_all_to(RegionRole.PRIMARY)), lever.read_records())
        self.zone.propagate()
        self.zone.batches.clear()
        self.set_state()
        self.restart_process()

    def restart_process(self) -> None:
        """Start a new process without memory of earlier changes."""
        locator = DnsUserLocator(SETTINGS, authority=self.name_servers, clock=self.clock)
        self.latches = {
            name: HealthCheckLatch(
                name=name,
                switch=switch,
                state_record=build_latch_state_record(name, SETTINGS),
                zone=self.zone,
                locator=locator,
            )
            for name, switch in self.switches.items()
        }
        lever = WeightedRecords(group=GROUP, zone=self.zone)
        checks = PerRole(primary=RECORDS_CHECK, standby=STANDBY_CHECK)
        round_budget = RoundBudget(clock=self.clock)
        require_lease = partial(round_budget.require_current, "Changing the checks")
        attachments: dict[SteeredName, LatchAttachmentPoint] = {
            SteeredName.RECORDS: RecordsAttachment(
                lever=lever, locator=locator, group=GROUP, check_ids=checks, require_lease=require_lease
            ),
            SteeredName.DOMAIN: CognitoDomainAttachment(
                domain=self.domain,
                failover=DomainFailover(secondary_region=VIRGINIA, check_id=DOMAIN_CHECK),
                require_lease=require_lease,
            ),
        }
        self._attacher = LatchAttacher(
            [
                AttachableLatch(
                    latch=latch,
                    attachment_point=attachments[name],
                    state_record=build_latch_state_record(name, SETTINGS),
                    settling_record=build_settling_record(name, SETTINGS),
                )
                for name, latch in self.latches.items()
            ],
            settings=SETTINGS,
            zone=self.zone,
            locator=locator,
            ledger=self.ledger,
            health_checks=self.health_checks,
            protection=self.protection,
            round_budget=round_budget,
            clock=self.clock,
            sleep=self._sleep,
        )

    def submit(self, action: OperatorAction, *, seconds: float = 60) -> AttachResult:
        """Run the action with this time budget."""
        deadline = self.clock.now + seconds
        return self._attacher.run(action, "operator", lambda: max(0.0, deadline - self.clock.now))

    def attach(self) -> AttachResult:
        return self.submit(OperatorAction.ATTACH)

    def detach(self) -> AttachResult:
        return self.submit(OperatorAction.DETACH)

    def set_state(self, **changes: Any) -> None:
        """Save a state with all users on the primary, and these changes."""
        defaults: dict[str, Any] = {
            "created_at": self.clock.now,
            "active_role": RegionRole.PRIMARY,
            "active_since": self.clock.now,
            "weights": route_all_to(RegionRole.PRIMARY),
            "latches": {name: LatchState(is_thrown=False) for name in SETTINGS.latch_check_ids},
        }
        saved = self.ledger.load()
        self.ledger.save(ControllerState(**{**defaults, **changes}), expected=saved.version if saved else None)

    @property
    def attached_latches(self) -> dict[SteeredName, bool]:
        """Whether each latch is attached, as the controller sees it."""
        return {name: latch.find_state_record() is not None for name, latch in self.latches.items()}

    @property
    def record_checks(self) -> list[tuple[str, str]]:
        """The health checks in the zone, each with the name of its record."""
        names = [f"{label}{name}." for name in ("auth.example.com", "login.example.com") for label in LABELS]
        return sorted(
            (str(record_set["Name"]).removesuffix(".example.com."), str(record_set["HealthCheckId"]))
            for record_set in self.zone.list_record_sets(names)
            if "HealthCheckId" in record_set
        )

    @property
    def users_role(self) -> str:
        """The target that the domain answers with."""
        return self.name_servers.get_served_region("auth.example.com.", "CNAME").rstrip(".")

    def _sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        if self.is_propagating:
            self.zone.propagate()


LABELS = ("", "_region.", "_latch.", "_latch-settling.")
ALL_ATTACHED = [
    ("_latch.auth", RECORDS_CHECK),
    ("_region.auth", RECORDS_CHECK),
    ("_region.auth", STANDBY_CHECK),
    ("_region.login", DOMAIN_CHECK),
    ("auth", RECORDS_CHECK),
    ("auth", STANDBY_CHECK),
]
