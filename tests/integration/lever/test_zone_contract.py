"""What every zone promises: the same tests on the one in memory and on Route 53's API."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from failover.errors import UnknownChangeError
from failover.levers.lever import RecordSet
from failover.levers.records import same
from failover.levers.zone import Action, Change, ChangeRejectedError, Zone
from failover.levers.zone_memory import MemoryZone
from failover.levers.zone_route53 import Route53Zone
from tests.integration.lever.sandboxed import Sandboxed
from tests.unit.lever.examples import BEACON, DOMAIN, TOKYO, VIRGINIA, beacon_of, pair, record

NAMES = (DOMAIN, BEACON)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A zone, and what only its surroundings can do to it."""

    zone: Zone
    spread: Callable[[], None]
    protect: Callable[[str, str], None]


def in_memory() -> Subject:
    zone = MemoryZone("example.com")
    return Subject(zone=zone, spread=zone.spread, protect=zone.protect)


def in_route53() -> Subject:
    sandboxed = Sandboxed()
    zone_id = sandboxed.create_zone()

    def spread() -> None:
        sandboxed.now += 60

    def protect(name: str, record_type: str) -> None:
        protection = {"RecordName": name, "RecordType": record_type}
        sandboxed.client.create_resource_record_set_protections(HostedZoneId=zone_id, Protections=[protection])

    zone = Route53Zone(zone_id, region="us-east-1", session=sandboxed.session)
    return Subject(zone=zone, spread=spread, protect=protect)


@pytest.fixture(params=[in_memory, in_route53])
def subject(request: pytest.FixtureRequest) -> Subject:
    made: Subject = request.param()
    return made


def change(subject: Subject, action: Action, *record_sets: RecordSet) -> str:
    return subject.zone.submit([Change(action=action, record_set=each) for each in record_sets], comment="test")


def test_a_public_zone_tells_its_name_and_its_name_servers(subject: Subject) -> None:
    facts = subject.zone.facts()
    assert facts.name == "example.com."
    assert not facts.private
    assert facts.name_servers


def test_what_was_created_is_read_back_and_nothing_of_other_names(subject: Subject) -> None:
    change(subject, Action.CREATE, *pair(), *beacon_of(), {**record(TOKYO, 1), "Name": "other.example.com."})
    assert same(subject.zone.record_sets(NAMES), [*pair(), *beacon_of()])


def test_a_batch_of_delete_and_create_replaces_records(subject: Subject) -> None:
    change(subject, Action.CREATE, *pair())
    subject.zone.submit(
        [
            *(Change(action=Action.DELETE, record_set=each) for each in pair()),
            *(Change(action=Action.CREATE, record_set=each) for each in pair(0, 255)),
        ],
        comment="test",
    )
    assert same(subject.zone.record_sets(NAMES), pair(0, 255))


@pytest.mark.parametrize(
    "other",
    [
        record(TOKYO, 254),
        record(TOKYO, 255, TTL=61),
        record(TOKYO, 255, "elsewhere.example.net"),
        record("elsewhere", 255),
    ],
)
def test_a_delete_of_other_values_than_there_are_fails_the_whole_batch(subject: Subject, other: RecordSet) -> None:
    change(subject, Action.CREATE, *pair())
    with pytest.raises(ChangeRejectedError):
        change(subject, Action.DELETE, record(VIRGINIA, 0), other)
    assert same(subject.zone.record_sets(NAMES), pair())


def test_what_exists_is_not_created_again(subject: Subject) -> None:
    change(subject, Action.CREATE, *pair())
    with pytest.raises(ChangeRejectedError):
        change(subject, Action.CREATE, record(TOKYO, 255))


@pytest.mark.parametrize(
    "refused",
    [
        record(VIRGINIA, 256),
        record(VIRGINIA, 0, TTL=300),
        record("x", 0, SetIdentifier=None),
        record("x", 0, SetIdentifier=None, Weight=None),
        record("x", 0, "192.0.2.1", Type="A"),
        record("x", 0, Name="auth.example.org."),
    ],
)
def test_what_can_not_stand_beside_the_rest_is_rejected(subject: Subject, refused: RecordSet) -> None:
    change(subject, Action.CREATE, record(TOKYO, 255))
    with pytest.raises(ChangeRejectedError):
        change(subject, Action.CREATE, refused)


def test_a_protection_is_named_in_the_rejection(subject: Subject) -> None:
    change(subject, Action.CREATE, *pair())
    subject.protect(DOMAIN, "CNAME")
    with pytest.raises(ChangeRejectedError, match=r"(?i)protect"):
        change(subject, Action.DELETE, *pair())


def test_a_change_is_in_sync_once_it_has_spread(subject: Subject) -> None:
    change_id = change(subject, Action.CREATE, *pair())
    assert not subject.zone.in_sync(change_id)
    subject.spread()
    assert subject.zone.in_sync(change_id)


def test_an_unknown_change_is_told_as_such(subject: Subject) -> None:
    with pytest.raises(UnknownChangeError):
        subject.zone.in_sync("C00000000000000000000")
