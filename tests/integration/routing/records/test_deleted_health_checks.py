"""Records that name a health check that was deleted: Route 53 refuses to change them, except to remove the check."""

from collections.abc import Callable

import pytest

from cognito_failover.common.errors import LeverRefusedError
from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.dns.user_locator import DnsUserLocator
from cognito_failover.routing.latch.attach_to_records import RecordsAttachment
from cognito_failover.routing.record_set import are_equal
from cognito_failover.routing.records.route53_zone import Route53Zone
from cognito_failover.routing.records.weighted_records import WeightedRecords
from tests.integration.routing.route53_session import Route53Session
from tests.unit.routing.records.examples import (
    FENCE_NAME,
    TOKYO,
    VIRGINIA,
    ScriptedAuthoritativeDns,
    make_group,
    make_record,
    make_record_pair,
    make_region_record,
    make_region_record_pair,
)

RECORDS: list[Callable[..., RecordSet]] = [make_record, make_region_record]


class CheckedRecords:
    """The domain's record sets with the checks of an attached latch, in a zone of Route 53."""

    def __init__(self) -> None:
        self._session = Route53Session()
        self._zone_id = self._session.create_zone()
        self.check_ids = PerRole(primary=self._create_check("primary"), standby=self._create_check("standby"))
        for make in RECORDS:
            self._session.change(
                self._zone_id,
                "CREATE",
                make(TOKYO, 255, HealthCheckId=self.check_ids.primary),
                make(VIRGINIA, 0, HealthCheckId=self.check_ids.standby),
            )
        zone = Route53Zone(self._zone_id, region=VIRGINIA, session=self._session.session)
        group = make_group()
        self.lever = WeightedRecords(group=group, zone=zone)
        self.attachment = RecordsAttachment(
            lever=self.lever,
            locator=DnsUserLocator(group, authority=ScriptedAuthoritativeDns()),
            group=group,
            check_ids=self.check_ids,
            require_lease=lambda: None,
        )

    def delete_check(self, role: RegionRole) -> None:
        self._session.client.delete_health_check(HealthCheckId=self.check_ids[role])

    def list_record_sets(self) -> list[RecordSet]:
        listed = self._session.client.list_resource_record_sets(HostedZoneId=self._zone_id)["ResourceRecordSets"]
        return [record_set for record_set in listed if record_set["Type"] not in {"NS", "SOA"}]

    def _create_check(self, reference: str) -> str:
        created = self._session.client.create_health_check(
            CallerReference=reference, HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "a.example.net"}
        )
        return str(created["HealthCheck"]["Id"])


@pytest.mark.parametrize("role", RegionRole)
def test_move_is_refused_with_way_out_while_a_check_is_deleted(role: RegionRole) -> None:
    records = CheckedRecords()
    records.delete_check(role)
    before = records.list_record_sets()
    snapshot = records.lever.read_records()
    with pytest.raises(LeverRefusedError, match=rf"{records.check_ids[role]}.*break_glass\.py --without-check ID"):
        records.lever.submit(records.lever.plan(snapshot, route_all_to(RegionRole.STANDBY)), snapshot)
    assert are_equal(records.list_record_sets(), before)


def test_latch_with_deleted_checks_is_detached() -> None:
    records = CheckedRecords()
    for role in RegionRole:
        records.delete_check(role)
    records.attachment.detach()
    assert records.attachment.is_detached()
    left = [record_set for record_set in records.list_record_sets() if record_set["Name"] != FENCE_NAME]
    assert are_equal(left, [*make_record_pair(), *make_region_record_pair()])
