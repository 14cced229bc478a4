"""A zone whose name servers go by health checks, two latches to be attached in it, and a ledger beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from failover.decision.request import Action
from failover.decision.state import LatchState, State
from failover.errors import LeverUnavailableError
from failover.ledger.memory import MemoryLedger
from failover.levers.authority import Answer, Look, Question
from failover.levers.domain_check import DomainCheck
from failover.levers.health_check_latch import HealthCheckLatch
from failover.levers.latch import LatchName
from failover.levers.latch_beacon import latch_beacon, settling_beacon
from failover.levers.latch_memory import MemorySwitch
from failover.levers.lever import RecordSet
from failover.levers.record_checks import RecordChecks
from failover.levers.record_group import RecordGroup
from failover.levers.records import values_of
from failover.levers.stack_policy import MemoryProtection
from failover.levers.user_pool_domain import Failover, MemoryDomain
from failover.levers.weighted_records import WeightedRecords
from failover.levers.zone import Change
from failover.levers.zone_memory import MemoryZone
from failover.region import PerSide, Side, all_to
from failover.rounds.attaching import Fitter, Fitting, Outcome
from failover.rounds.punctual import Timekeeper
from tests.support.settings import settings
from tests.support.world import Clock

if TYPE_CHECKING:
    from failover.levers.attachment import Attachment

RECORDS_CHECK, DOMAIN_CHECK, STANDBY_CHECK = "records-check", "domain-check", "standby-check"
BOTH: dict[str, Any] = {
    "managed_login_domain": "login.example.com",
    "latch_bucket": "latch-bucket",
    "records_latch_check_id": RECORDS_CHECK,
    "domain_latch_check_id": DOMAIN_CHECK,
    "standby_check_id": STANDBY_CHECK,
}
SETTINGS = settings(**BOTH)
GROUP = RecordGroup.from_settings(SETTINGS)
TOKYO, VIRGINIA = SETTINGS.regions.primary, SETTINGS.regions.standby


class CheckedServers:
    """Name servers that answer as Route 53's do: by weights, and by what they hold health checks to be."""

    def __init__(self, zone: MemoryZone) -> None:
        self._zone = zone
        self.unhealthy: set[str] = set()
        self.silent: set[str] = set()

    def look(
        self,
        name_servers: Sequence[str],
        questions: Sequence[Question],
        *,
        hosts: Sequence[Question],
        budget_seconds: float,  # noqa: ARG002 - these answer at once
    ) -> Look:
        return Look(
            answers={
                server: {each: () if server in self.silent else (self.answer(each),) for each in questions}
                for server in name_servers
            },
            addresses={host: frozenset() for host in hosts},
        )

    def answer(self, question: Question) -> Answer:
        group = [each for each in self._zone.record_sets((question.name,)) if each["Type"] == question.record_type]
        healthy = [each for each in group if each.get("HealthCheckId", "") not in self.unhealthy] or group
        weighing = [each for each in healthy if each["Weight"] > 0] or healthy
        return frozenset[str]().union(*(values_of(each) for each in weighing))

    def region_of(self, name: str, record_type: str = "TXT") -> str:
        """Return what a name answers, without its quotes."""
        return min(self.answer(Question(name=name, record_type=record_type)))


class RecordingZone(MemoryZone):
    """Remembers its batches, and fails when told."""

    def __init__(self, name: str, record_sets: Sequence[RecordSet] = ()) -> None:
        super().__init__(name, record_sets)
        self.batches: list[tuple[Change, ...]] = []
        self.fails_at_batch = -1

    def submit(self, changes: Sequence[Change], *, comment: str) -> str:
        if len(self.batches) == self.fails_at_batch:
            self.fails_at_batch = -1
            raise LeverUnavailableError("ChangeResourceRecordSets got no answer.")
        self.batches.append(tuple(changes))
        return super().submit(changes, comment=comment)


@dataclass
class Stage:
    """Everything that attaching meets."""

    clock: Clock = field(default_factory=Clock)
    zone: RecordingZone = field(init=False)
    servers: CheckedServers = field(init=False)
    domain: MemoryDomain = field(default_factory=lambda: MemoryDomain("login.example.com"))
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    switches: dict[LatchName, MemorySwitch] = field(init=False)
    protection: MemoryProtection = field(default_factory=MemoryProtection)
    spreads: bool = True

    def __post_init__(self) -> None:
        self.zone = RecordingZone("example.com")
        self.servers = CheckedServers(self.zone)
        self.switches = {name: MemorySwitch() for name in SETTINGS.latch_check_ids}
        lever = WeightedRecords(group=GROUP, zone=self.zone, authority=self.servers)
        lever.submit(lever.plan(lever.survey(), all_to(Side.PRIMARY)), lever.survey())
        self.zone.spread()
        self.zone.batches.clear()
        self.remember()
        self.new_process()

    def new_process(self) -> None:
        """Start anew, with nothing remembered of what was done."""
        self.latches = {
            name: HealthCheckLatch(
                name=name,
                switch=switch,
                beacon=latch_beacon(name, SETTINGS),
                zone=self.zone,
                authority=self.servers,
            )
            for name, switch in self.switches.items()
        }
        lever = WeightedRecords(group=GROUP, zone=self.zone, authority=self.servers)
        checks = PerSide(primary=RECORDS_CHECK, standby=STANDBY_CHECK)
        attachments: dict[LatchName, Attachment] = {
            LatchName.RECORDS: RecordChecks(lever=lever, group=GROUP, checks=checks),
            LatchName.DOMAIN: DomainCheck(
                domain=self.domain, failover=Failover(secondary_region=VIRGINIA, check_id=DOMAIN_CHECK)
            ),
        }
        self._fitter = Fitter(
            [
                Fitting(
                    latch=latch,
                    attachment=attachments[name],
                    beacon=latch_beacon(name, SETTINGS),
                    settling=settling_beacon(name, SETTINGS),
                )
                for name, latch in self.latches.items()
            ],
            settings=SETTINGS,
            zone=self.zone,
            authority=self.servers,
            ledger=self.ledger,
            protection=self.protection,
            timekeeper=Timekeeper(),
            clock=self.clock,
            sleep=self._sleep,
        )

    def ask(self, action: Action, *, seconds: float = 60) -> Outcome:
        """Have it done, with so much time for it."""
        until = self.clock.now + seconds
        return self._fitter.carry(action, "operator", lambda: max(0.0, until - self.clock.now))

    def attach(self) -> Outcome:
        return self.ask(Action.ATTACH)

    def detach(self) -> Outcome:
        return self.ask(Action.DETACH)

    def remember(self, **changes: Any) -> None:
        """Let the controller remember that all users are on the primary, but for what is changed."""
        usual: dict[str, Any] = {
            "born_at": self.clock.now,
            "active": Side.PRIMARY,
            "active_since": self.clock.now,
            "weights": all_to(Side.PRIMARY),
            "latches": {name: LatchState(thrown=False) for name in SETTINGS.latch_check_ids},
        }
        saved = self.ledger.load()
        self.ledger.save(State(**{**usual, **changes}), expected=saved.version if saved else None)

    @property
    def attached(self) -> dict[LatchName, bool]:
        """Which latches the controller would count on."""
        return {name: latch.sight() is not None for name, latch in self.latches.items()}

    @property
    def checks(self) -> list[tuple[str, str]]:
        """The checks in the zone, by the name that carries them."""
        names = [f"{label}{name}." for name in ("auth.example.com", "login.example.com") for label in LABELS]
        return sorted(
            (str(each["Name"]).removesuffix(".example.com."), str(each["HealthCheckId"]))
            for each in self.zone.record_sets(names)
            if "HealthCheckId" in each
        )

    @property
    def users(self) -> str:
        """The target that the domain's name leads to."""
        return self.servers.region_of("auth.example.com.", "CNAME").rstrip(".")

    def _sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        if self.spreads:
            self.zone.spread()


LABELS = ("", "_region.", "_latch.", "_latch-settling.")
ALL_ATTACHED = [
    ("_latch.auth", RECORDS_CHECK),
    ("_region.auth", RECORDS_CHECK),
    ("_region.auth", STANDBY_CHECK),
    ("_region.login", DOMAIN_CHECK),
    ("auth", RECORDS_CHECK),
    ("auth", STANDBY_CHECK),
]
