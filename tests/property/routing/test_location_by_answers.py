"""Properties of the confirmation by answers, for all mixes of address families and all answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.location import Location, LocationSource
from cognito_failover.core.model.records import Confirmation, DnsWatch, RecordSet
from cognito_failover.core.user_location import confirm_users_on
from cognito_failover.routing.dns.question import DnsAnswer, DnsAnswers, DnsQuestion
from cognito_failover.routing.dns.user_locator import DnsUserLocator
from cognito_failover.routing.record_set import ADDRESS_TYPES
from tests.unit.routing.records.examples import (
    TOKYO,
    TOKYO_TARGET,
    VIRGINIA,
    VIRGINIA_TARGET,
    make_group,
    make_record,
    make_region_record_pair,
)

TARGETS = {RegionRole.PRIMARY: TOKYO_TARGET, RegionRole.STANDBY: VIRGINIA_TARGET}
REGIONS = {RegionRole.PRIMARY: TOKYO, RegionRole.STANDBY: VIRGINIA}
SERVERS = ("ns-1.example.net", "ns-2.example.org")
ROLE = st.sampled_from(RegionRole)
POOLS = {
    RegionRole.PRIMARY: ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"),
    RegionRole.STANDBY: ("198.51.100.1", "198.51.100.2", "2001:db8:1::1", "2001:db8:1::2"),
}
SHARED = ("203.0.113.1", "2001:db8:2::1")


@dataclass(frozen=True)
class AliasWorld:
    """Aliases of one or both address types, and what the resolver knows of their targets.

    Attributes
    ----------
    addresses
        The addresses of each target.
    unresolved
        The targets that the resolver can't resolve.

    """

    types: tuple[str, ...]
    addresses: PerRole[frozenset[str]]
    unresolved: frozenset[RegionRole]

    def get_addresses(self, role: RegionRole, record_type: str) -> DnsAnswer:
        """Return the addresses of a target for a record type."""
        version = ADDRESS_TYPES[record_type]
        return frozenset(address for address in self.addresses[role] if ip_address(address).version == version)

    def is_shown_by(self, role: RegionRole) -> bool:
        """Return whether an answer with all addresses of this target differs from the other target's addresses."""
        if self.unresolved:
            return False
        return any(self.get_addresses(role, kind) - self.addresses[role.opposite] for kind in self.types)

    @property
    def record_sets(self) -> list[RecordSet]:
        """The alias pairs, as the zone holds them with all users on the primary."""
        return [
            make_record(
                REGIONS[role],
                weight,
                Type=kind,
                TTL=None,
                ResourceRecords=None,
                AliasTarget={"HostedZoneId": "Z1", "DNSName": TARGETS[role], "EvaluateTargetHealth": False},
            )
            for kind in self.types
            for role, weight in ((RegionRole.PRIMARY, 255), (RegionRole.STANDBY, 0))
        ]

    def observe(self, answers: "ScriptedAnswers", *, has_region_record: bool) -> Location:
        """Return the location that these answers give."""
        record_sets = [*self.record_sets, *(make_region_record_pair() if has_region_record else ())]
        watch = DnsWatch(record_sets=tuple(record_sets), name_servers=SERVERS)
        authority = ScriptedNetwork(self, answers)
        return DnsUserLocator(make_group(), authority=authority, clock=lambda: 0.0).locate(SteeredName.RECORDS, watch)


type ScriptedAnswers = dict[str, dict[str, list[DnsAnswer]]]
"""The answers of each server to questions of each type."""


class ScriptedNetwork:
    def __init__(self, world: AliasWorld, answers: ScriptedAnswers) -> None:
        self._world = world
        self._answers = answers

    def query(
        self,
        name_servers: Sequence[str],
        questions: Sequence[DnsQuestion],
        *,
        hosts: Sequence[DnsQuestion],
        budget_seconds: float,  # noqa: ARG002 - these answer at once
    ) -> DnsAnswers:
        roles = {f"{target}.": role for role, target in TARGETS.items()}
        return DnsAnswers(
            answers={
                server: {question: tuple(self._answers[server].get(question.record_type, ())) for question in questions}
                for server in name_servers
            },
            addresses={
                host: self._world.get_addresses(roles[host.name], host.record_type)
                for host in hosts
                if roles[host.name] not in self._world.unresolved
            },
        )


def draw_addresses(role: RegionRole) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from([*POOLS[role], *SHARED]))


WORLDS = st.builds(
    AliasWorld,
    types=st.sampled_from([("A",), ("AAAA",), ("A", "AAAA")]),
    addresses=st.builds(
        PerRole, primary=draw_addresses(RegionRole.PRIMARY), standby=draw_addresses(RegionRole.STANDBY)
    ),
    unresolved=st.frozensets(ROLE),
)


@st.composite
def draw_answers(draw: st.DrawFn, world: AliasWorld, roles: Sequence[RegionRole]) -> ScriptedAnswers:
    """Draw answers of servers that send users to these Regions, with packets lost."""
    answers: ScriptedAnswers = {}
    for server in SERVERS:
        served = draw(st.lists(st.sampled_from(roles), min_size=1, max_size=3)) if roles else []
        answers[server] = {
            "TXT": [frozenset({REGIONS[role]}) for role in served],
            **{kind: [world.get_addresses(role, kind) for role in served] for kind in world.types},
        }
        lost = draw(st.sets(st.sampled_from(["TXT", *world.types])))
        for kind in lost:
            answers[server][kind] = []
    return answers


def confirm(location: Location, role: RegionRole) -> Confirmation:
    return confirm_users_on(location, role, region=REGIONS[role])


@given(WORLDS, ROLE, st.booleans(), st.data())
def test_absent_answers_confirm_no_region(
    world: AliasWorld, role: RegionRole, has_region_record: bool, data: st.DataObject
) -> None:
    txt_answers = data.draw(st.sampled_from([[], [frozenset({REGIONS[role]})]]))
    empty = data.draw(st.sampled_from([[], [frozenset[str]()]]))
    answers = {server: {**dict.fromkeys(world.types, empty), "TXT": txt_answers} for server in SERVERS}
    location = world.observe(answers, has_region_record=has_region_record)
    assert not confirm(location, role).moved
    assert location.answering_count == 0
    assert location.unknown_share == 1


@given(WORLDS, ROLE, st.booleans(), st.data())
def test_server_that_shows_the_old_region_denies_a_move(
    world: AliasWorld, role: RegionRole, has_region_record: bool, data: st.DataObject
) -> None:
    answers = data.draw(draw_answers(world, list(RegionRole)))
    old = frozenset({REGIONS[role.opposite]})
    shows_old = any(
        not world.unresolved and answer & (world.addresses[role.opposite] - world.addresses[role])
        for by_type in answers.values()
        for kind in world.types
        for answer in by_type[kind]
    )
    is_shown_by_text_alone = any(
        old in by_type["TXT"]
        and any(any(by_type[kind]) for kind in world.types)
        and not any(world.is_shown_by(each) for each in RegionRole)
        for by_type in answers.values()
    )
    location = world.observe(answers, has_region_record=has_region_record)
    if shows_old or (is_shown_by_text_alone and has_region_record):
        assert not confirm(location, role).moved


@given(WORLDS, ROLE, st.data())
def test_servers_that_only_have_the_old_region_confirm_no_move(
    world: AliasWorld, role: RegionRole, data: st.DataObject
) -> None:
    answers = data.draw(draw_answers(world, [role.opposite]))
    assert not confirm(world.observe(answers, has_region_record=True), role).moved


@given(WORLDS, ROLE, st.booleans())
def test_servers_that_all_show_the_new_region_confirm_a_move(
    world: AliasWorld, role: RegionRole, has_region_record: bool
) -> None:
    own = {kind: [world.get_addresses(role, kind)] for kind in world.types}
    answers = {server: {**own, "TXT": [frozenset({REGIONS[role]})]} for server in SERVERS}
    location = world.observe(answers, has_region_record=has_region_record)
    has_addresses = any(any(given) for given in own.values())
    confirmation = confirm(location, role)
    assert confirmation.moved is (world.is_shown_by(role) or (has_region_record and has_addresses))
    if confirmation.moved:
        assert confirmation.unresponsive == confirmation.stale == ()
        assert location.role is role
        expected = LocationSource.NAME if world.is_shown_by(role) else LocationSource.REGION_RECORD
        assert location.source is expected
