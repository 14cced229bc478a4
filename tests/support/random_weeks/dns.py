"""Route 53 as its clients see it: records that spread, health checks, and the answers of name servers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.world.random_source import RandomSource
from bench.world.simulated_world import SimulatedWorld
from cognito_failover.common.errors import LeverUnavailableError, UnknownChangeError
from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.routing.dns.authoritative_dns import QUERIES_PER_NAME_SERVER
from cognito_failover.routing.dns.question import DnsAnswer, DnsAnswers, DnsQuestion
from cognito_failover.routing.record_set import STEERING_TYPES, get_alias_name, get_values, to_absolute_name
from cognito_failover_testing.memory_hosted_zone import MemoryZone

if TYPE_CHECKING:
    from cognito_failover.core.model.records import RecordSet
    from cognito_failover.routing.records.hosted_zone import RecordChange

DOMAIN_NAME = "auth.example.com."
SPREAD_SECONDS = {"ns-1.example.net": 10.0, "ns-2.example.org": 30.0}
"""How long a change takes to reach each name server."""

CHECK_SECONDS = 25.0
"""How long a health check takes to change its status: two checks of each checker, 10 s apart, and their count."""

CHECK_FAILS_AT = 0.5
"""Share of failing requests at which a health check of a Region becomes unhealthy."""

TARGET_ADDRESSES = PerRole(primary=frozenset({"192.0.2.1"}), standby=frozenset({"192.0.2.2"}))

type Shares = dict[str, float]
"""The share of clients that each record set answers, by its identifier."""


class SpreadingZone(MemoryZone):
    """A zone whose changes reach its name servers one after the other.

    Attributes
    ----------
    before_change, after_change
        Called around each change that the controller makes.

    """

    def __init__(self, name: str, clock: Callable[[], Instant]) -> None:
        super().__init__(name)
        self._clock = clock
        self._versions: list[tuple[Instant, Mapping[tuple[str, str, str], RecordSet]]] = []
        self._submitted_at: dict[str, Instant] = {}
        self.before_change: Callable[[], None] = lambda: None
        self.after_change: Callable[[], None] = lambda: None

    @property
    def current(self) -> "Iterable[RecordSet]":
        """The records as the control plane lists them."""
        return self._record_sets.values()

    def submit(self, changes: "Sequence[RecordChange]", *, comment: str) -> str:
        self.before_change()
        change_id = super().submit(changes, comment=comment)
        self._submitted_at[change_id] = self._clock()
        self._note_version()
        self.after_change()
        return change_id

    def is_in_sync(self, change_id: str) -> bool:
        if change_id not in self._submitted_at:
            raise UnknownChangeError(f"GetChange answered NoSuchChange: {change_id}")
        return self._clock() >= self._submitted_at[change_id] + max(SPREAD_SECONDS.values())

    def set_by_hand(self, *record_sets: "RecordSet") -> None:
        self._record_sets = dict(self._record_sets)
        super().set_by_hand(*record_sets)
        self._note_version()

    def remove_by_hand(self, *record_sets: "RecordSet") -> None:
        self._record_sets = dict(self._record_sets)
        super().remove_by_hand(*record_sets)
        self._note_version()

    def list_known_to(self, server: str, moment: Instant) -> "Iterable[RecordSet]":
        """Return the records that have reached a name server by a moment."""
        seconds = SPREAD_SECONDS[server]
        for changed_at, records in reversed(self._versions):
            if changed_at + seconds <= moment:
                return records.values()
        return self._versions[0][1].values()

    def _note_version(self) -> None:
        self._versions.append((self._clock(), self._record_sets))


class Switch:
    """The object that the health checkers of a latch read; a `LatchSwitch`.

    Attributes
    ----------
    before_change, after_change
        Called around each change that the controller makes.

    """

    def __init__(self, clock: Callable[[], Instant]) -> None:
        self._clock = clock
        self._log: list[tuple[Instant, bool]] = [(0.0, False)]
        self.is_thrown = False
        self.is_lost = False
        self._revision = 0
        self.before_change: Callable[[], None] = lambda: None
        self.after_change: Callable[[], None] = lambda: None

    def read(self) -> bool:
        return self.is_thrown

    def refresh(self, *, thrown: bool) -> bool:  # noqa: ARG002 - an object can be read
        return self.is_thrown

    def read_revision(self) -> str:
        return str(self._revision)

    def set(self, *, thrown: bool, revision: str | None = None, version: int = 0) -> None:  # noqa: ARG002
        if revision is not None and revision != str(self._revision):
            raise LeverUnavailableError("PutObject answered PreconditionFailed")
        self.before_change()
        self.set_by_hand(thrown=thrown)
        self.after_change()

    def set_by_hand(self, *, thrown: bool) -> None:
        """Throw or release it as a person does."""
        self.is_thrown = thrown
        self._revision += 1
        self._note()

    def lose(self, *, is_lost: bool) -> None:
        """Make the object unreadable for the checkers, or readable again. Without its text the check is healthy."""
        self.is_lost = is_lost
        self._note()

    @property
    def is_effective(self) -> bool:
        """Whether checkers see it thrown."""
        return self.is_thrown and not self.is_lost

    def was_effective(self, moment: Instant) -> bool:
        """Return whether checkers saw it thrown at a moment."""
        for changed_at, is_effective in reversed(self._log):
            if changed_at <= moment:
                return is_effective
        return False

    def _note(self) -> None:
        self._log.append((self._clock(), self.is_effective))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverSettings:
    """What the levers would be set to, to ask where users would be then. None: as they are."""

    weights: PerRole[int] | None = None
    thrown: Mapping[SteeredName, bool] | None = None


class Route53DataPlane:
    """The health checks and the name servers; an `AuthoritativeDns`.

    Parameters
    ----------
    zone, switches
        The records, and the switches of the latches.
    truth
        The health of the Regions.
    clock, wait
        The time, and how a query takes time.
    start
        When the week begins.
    rng
        Draws the answers of records that share users.

    Attributes
    ----------
    silent_servers
        The name servers that do not answer.
    stale_since
        The name servers that get no changes, and since when.
    failing_checks
        The Regions whose owner's health check fails, also while the Region serves, and since when.

    """

    def __init__(
        self,
        zone: SpreadingZone,
        switches: Mapping[str, Switch],
        *,
        truth: SimulatedWorld,
        clock: Callable[[], Instant],
        wait: Callable[[float], None],
        start: Instant,
        rng: RandomSource,
    ) -> None:
        self._zone = zone
        self._switches = switches
        self._truth = truth
        self._clock = clock
        self._wait = wait
        self._start = start
        self._rng = rng
        self._query_count = 0
        self.silent_servers: set[str] = set()
        self.stale_since: dict[str, Instant] = {}
        self.failing_checks: dict[RegionRole, Instant] = {}

    def query(
        self,
        name_servers: Sequence[str],
        questions: Sequence[DnsQuestion],
        *,
        hosts: Sequence[DnsQuestion],
        budget_seconds: float = 0.0,  # noqa: ARG002 - a silent server takes the usual time
    ) -> DnsAnswers:
        self._wait(2.1 if self.silent_servers & set(name_servers) else 0.1)
        return DnsAnswers(
            answers={
                server: {question: self._answer(server, question) for question in questions} for server in name_servers
            },
            addresses={host: _resolve(host) for host in hosts},
        )

    def _answer(self, server: str, question: DnsQuestion) -> tuple[DnsAnswer, ...]:
        if server in self.silent_servers or server not in SPREAD_SECONDS:
            return ()
        now = self._clock()
        known = self._zone.list_known_to(server, self.stale_since.get(server, now))
        name = to_absolute_name(question.name)
        matching = [each for each in known if _answers(each, name, question.record_type)]
        if not matching:
            return (frozenset(),) * QUERIES_PER_NAME_SERVER
        shares = compute_shares(matching, lambda each: self._is_healthy(each, now - CHECK_SECONDS))
        values = {each["SetIdentifier"]: _list_values(each) for each in matching}
        return tuple(self._draw(shares, values) for _ in range(QUERIES_PER_NAME_SERVER))

    def _draw(self, shares: Shares, values: Mapping[str, DnsAnswer]) -> DnsAnswer:
        self._query_count += 1
        draw = self._rng.uniform("answer", self._query_count)
        for identifier, share in shares.items():
            draw -= share
            if draw < 0:
                return values[identifier]
        return values[next(reversed(shares))]

    def compute_client_shares(
        self, name: SteeredName, regions: PerRole[str], check_ids: Mapping[SteeredName, str]
    ) -> PerRole[float]:
        """Return where DNS sends clients now, by the name servers that get changes. A stale one is beyond any lever."""
        now = self._clock()
        if name is SteeredName.DOMAIN:
            is_away = self._switches[check_ids[name]].was_effective(now - CHECK_SECONDS)
            return _to_shares({regions.standby if is_away else regions.primary: 1.0}, regions)
        servers = [server for server in SPREAD_SECONDS if server not in self.stale_since]
        per_server = [
            self._share_records(self._zone.list_known_to(server, now), now - CHECK_SECONDS) for server in servers
        ]
        if not per_server:
            return self.compute_settled_shares(name, regions, check_ids)
        mean = {
            region: sum(shares.get(region, 0.0) for shares in per_server) / len(per_server) for _, region in regions
        }
        return _to_shares(mean, regions)

    def compute_settled_shares(
        self,
        name: SteeredName,
        regions: PerRole[str],
        check_ids: Mapping[SteeredName, str],
        levers: LeverSettings | None = None,
    ) -> PerRole[float]:
        """Return where DNS will send clients once all is spread, with the levers as they are or as given."""
        levers, now = levers or LeverSettings(), self._clock()
        thrown = {
            check_id: (
                levers.thrown[latch] and not self._switches[check_id].is_lost
                if levers.thrown and latch in levers.thrown
                else self._switches[check_id].is_effective
            )
            for latch, check_id in check_ids.items()
        }
        if name is SteeredName.DOMAIN:
            is_away = thrown[check_ids[name]]
            return _to_shares({regions.standby if is_away else regions.primary: 1.0}, regions)
        records: Iterable[RecordSet] = self._zone.current
        if levers.weights is not None:
            by_region = {regions[role]: weight for role, weight in levers.weights}
            records = [
                {**each, "Weight": by_region[each["SetIdentifier"]]} if is_steering(each) else each for each in records
            ]
        return _to_shares(self._share_records(records, now, thrown), regions)

    def _share_records(
        self, records: "Iterable[RecordSet]", moment: Instant, thrown: Mapping[str, bool] | None = None
    ) -> Shares:
        matching = [each for each in records if is_steering(each)]
        return compute_shares(matching, lambda each: self._is_healthy(each, moment, thrown))

    def _is_healthy(self, record_set: "RecordSet", moment: Instant, thrown: Mapping[str, bool] | None = None) -> bool:
        check_id = record_set.get("HealthCheckId", "")
        if check_id in self._switches:
            is_away = thrown[check_id] if thrown else self._switches[check_id].was_effective(moment)
            if is_away:
                return False
        if check_id.startswith("own-"):
            role = RegionRole(check_id.removeprefix("own-"))
            since = self.failing_checks.get(role)
            if (since is not None and since <= moment) or not self._serves_pages(role, moment):
                return False
        if check_id == "standby-check" and not self._serves_pages(RegionRole.STANDBY, moment):
            return False
        if record_set.get("AliasTarget", {}).get("EvaluateTargetHealth"):
            return self._serves_pages(_get_alias_role(record_set), moment)
        return True

    def _serves_pages(self, role: RegionRole, moment: Instant) -> bool:
        return self._truth.regions[role].value_at(moment - self._start).failure_rate < CHECK_FAILS_AT


def compute_shares(record_sets: "Sequence[RecordSet]", is_healthy: "Callable[[RecordSet], bool]") -> Shares:
    """Return how Route 53 shares the answers: the healthy ones with a weight, else the healthy ones, else all."""
    weights = {each["SetIdentifier"]: each["Weight"] for each in record_sets}
    healthy = {each["SetIdentifier"] for each in record_sets if is_healthy(each)}
    chosen = {identifier: weight for identifier, weight in weights.items() if identifier in healthy and weight}
    chosen = chosen or dict.fromkeys((each for each in weights if each in healthy), 1)
    chosen = chosen or {identifier: weight for identifier, weight in weights.items() if weight}
    chosen = chosen or dict.fromkeys(weights, 1)
    total = sum(chosen.values())
    return {identifier: weight / total for identifier, weight in chosen.items()}


def is_steering(record_set: "RecordSet") -> bool:
    """Return whether a record set is one of the domain's weighted pair."""
    return record_set["Name"] == DOMAIN_NAME and record_set["Type"] in STEERING_TYPES


def _answers(record_set: "RecordSet", name: str, record_type: str) -> bool:
    is_weighted = "SetIdentifier" in record_set  # the fence of the weights is a simple TXT record
    return is_weighted and record_set["Name"] == name and record_set["Type"] == record_type


def _to_shares(shares: Shares, regions: PerRole[str]) -> PerRole[float]:
    return PerRole(primary=shares.get(regions.primary, 0.0), standby=shares.get(regions.standby, 0.0))


def build_target(role: RegionRole, target: str, *, is_alias: bool, evaluates: bool) -> dict[str, Any]:
    """Return the part of a record set that points at a Region."""
    if not is_alias:
        return {"Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": f"{target}."}]}
    alias = {"HostedZoneId": f"Z{role.upper()}", "DNSName": f"{target}.", "EvaluateTargetHealth": evaluates}
    return {"Type": "A", "AliasTarget": alias}


def _get_alias_role(record_set: "RecordSet") -> RegionRole:
    return RegionRole.PRIMARY if get_alias_name(record_set).startswith("tokyo") else RegionRole.STANDBY


def _list_values(record_set: "RecordSet") -> DnsAnswer:
    if "AliasTarget" in record_set:
        return TARGET_ADDRESSES[_get_alias_role(record_set)]
    return get_values(record_set)


def _resolve(host: DnsQuestion) -> frozenset[str]:
    role = RegionRole.PRIMARY if host.name.startswith("tokyo") else RegionRole.STANDBY
    return TARGET_ADDRESSES[role] if host.record_type == "A" else frozenset()
