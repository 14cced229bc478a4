"""Contract tests of a hosted zone: the in-memory twin and Route 53."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from cognito_failover.common.errors import UnknownChangeError
from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.record_set import are_equal
from cognito_failover.routing.records.hosted_zone import ChangeRejectedError, DnsZone, RecordAction, RecordChange
from cognito_failover.routing.records.route53_zone import Route53Zone
from cognito_failover_testing.memory_hosted_zone import MemoryZone
from tests.integration.routing.route53_session import Route53Session
from tests.unit.routing.records.examples import (
    DOMAIN,
    REGION_RECORD_NAME,
    TOKYO,
    VIRGINIA,
    make_record,
    make_record_pair,
    make_region_record_pair,
)

NAMES = (DOMAIN, REGION_RECORD_NAME)


@dataclass(frozen=True, kw_only=True)
class ZoneUnderTest:
    """A zone, with functions to propagate changes and protect records."""

    zone: DnsZone
    propagate: Callable[[], None]
    protect_record: Callable[[str, str], None]


def make_memory_zone() -> ZoneUnderTest:
    zone = MemoryZone("example.com")
    return ZoneUnderTest(zone=zone, propagate=zone.propagate, protect_record=zone.protect)


def make_route53_zone() -> ZoneUnderTest:
    session = Route53Session()
    zone_id = session.create_zone()

    def propagate() -> None:
        session.now += 60

    def protect_record(name: str, record_type: str) -> None:
        protection = {"RecordName": name, "RecordType": record_type}
        session.client.create_resource_record_set_protections(HostedZoneId=zone_id, Protections=[protection])

    zone = Route53Zone(zone_id, region="us-east-1", session=session.session)
    return ZoneUnderTest(zone=zone, propagate=propagate, protect_record=protect_record)


@pytest.fixture(params=[make_memory_zone, make_route53_zone])
def zone_under_test(request: pytest.FixtureRequest) -> ZoneUnderTest:
    zone: ZoneUnderTest = request.param()
    return zone


def make_change(subject: ZoneUnderTest, action: RecordAction, *record_sets: RecordSet) -> str:
    return subject.zone.submit(
        [RecordChange(action=action, record_set=record_set) for record_set in record_sets], comment="test"
    )


def test_public_zone_reports_name_and_name_servers(zone_under_test: ZoneUnderTest) -> None:
    info = zone_under_test.zone.get_info()
    assert info.name == "example.com."
    assert not info.is_private
    assert info.name_servers


def test_created_records_are_read_back_without_other_names(zone_under_test: ZoneUnderTest) -> None:
    make_change(
        zone_under_test,
        RecordAction.CREATE,
        *make_record_pair(),
        *make_region_record_pair(),
        {**make_record(TOKYO, 1), "Name": "other.example.com."},
    )
    assert are_equal(zone_under_test.zone.list_record_sets(NAMES), [*make_record_pair(), *make_region_record_pair()])


def test_delete_and_create_batch_replaces_records(zone_under_test: ZoneUnderTest) -> None:
    make_change(zone_under_test, RecordAction.CREATE, *make_record_pair())
    zone_under_test.zone.submit(
        [
            *(RecordChange(action=RecordAction.DELETE, record_set=record_set) for record_set in make_record_pair()),
            *(
                RecordChange(action=RecordAction.CREATE, record_set=record_set)
                for record_set in make_record_pair(0, 255)
            ),
        ],
        comment="test",
    )
    assert are_equal(zone_under_test.zone.list_record_sets(NAMES), make_record_pair(0, 255))


@pytest.mark.parametrize(
    "other",
    [
        make_record(TOKYO, 254),
        make_record(TOKYO, 255, TTL=61),
        make_record(TOKYO, 255, "elsewhere.example.net"),
        make_record("elsewhere", 255),
    ],
)
def test_delete_of_different_values_fails_whole_batch(zone_under_test: ZoneUnderTest, other: RecordSet) -> None:
    make_change(zone_under_test, RecordAction.CREATE, *make_record_pair())
    with pytest.raises(ChangeRejectedError):
        make_change(zone_under_test, RecordAction.DELETE, make_record(VIRGINIA, 0), other)
    assert are_equal(zone_under_test.zone.list_record_sets(NAMES), make_record_pair())


def test_existing_record_is_not_created_again(zone_under_test: ZoneUnderTest) -> None:
    make_change(zone_under_test, RecordAction.CREATE, *make_record_pair())
    with pytest.raises(ChangeRejectedError):
        make_change(zone_under_test, RecordAction.CREATE, make_record(TOKYO, 255))


@pytest.mark.parametrize(
    "conflicting",
    [
        make_record(VIRGINIA, 256),
        make_record(VIRGINIA, 0, TTL=300),
        make_record("x", 0, SetIdentifier=None),
        make_record("x", 0, SetIdentifier=None, Weight=None),
        make_record("x", 0, "192.0.2.1", Type="A"),
        make_record("x", 0, Name="auth.example.org."),
    ],
)
def test_conflicting_record_is_rejected(zone_under_test: ZoneUnderTest, conflicting: RecordSet) -> None:
    make_change(zone_under_test, RecordAction.CREATE, make_record(TOKYO, 255))
    with pytest.raises(ChangeRejectedError):
        make_change(zone_under_test, RecordAction.CREATE, conflicting)


def test_protection_is_named_in_rejection(zone_under_test: ZoneUnderTest) -> None:
    make_change(zone_under_test, RecordAction.CREATE, *make_record_pair())
    zone_under_test.protect_record(DOMAIN, "CNAME")
    with pytest.raises(ChangeRejectedError, match=r"(?i)protect"):
        make_change(zone_under_test, RecordAction.DELETE, *make_record_pair())


def test_change_is_in_sync_after_propagation(zone_under_test: ZoneUnderTest) -> None:
    change_id = make_change(zone_under_test, RecordAction.CREATE, *make_record_pair())
    assert not zone_under_test.zone.is_in_sync(change_id)
    zone_under_test.propagate()
    assert zone_under_test.zone.is_in_sync(change_id)


def test_unknown_change_id_raises_an_error(zone_under_test: ZoneUnderTest) -> None:
    with pytest.raises(UnknownChangeError):
        zone_under_test.zone.is_in_sync("C00000000000000000000")
