"""A weighted pair of TXT records for a measurement. It does not affect users."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cognito_failover.common.region import FULL_WEIGHT
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import MeasurementError, MeasurementNotAllowedError
from failoverctl.measure.resource_names import build_orphan_message, build_record_name

PRIMARY_TEXT, STANDBY_TEXT = "primary", "standby"
"""Texts of the two records."""

TTL_SECONDS = 60

type RecordSet = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchRecordPair:
    """Two weighted records at one name.

    Attributes
    ----------
    context
        The outside of the measurement.
    name
        Name of both records, with a final dot.
    name_servers
        Name servers of the zone.
    health_check_id
        Health check of the primary's record; empty for none.

    """

    context: MeasurementContext
    name: str
    name_servers: tuple[str, ...]
    health_check_id: str = ""

    def create(self) -> str:
        """Create both with all weight on the primary's record. Return the change's id."""
        return self._submit([("CREATE", record) for record in self._build_records(PRIMARY_TEXT)])

    def move_all_weight(self, role: str) -> str:
        """Move all weight in one batch, as the controller does. Return the change's id."""
        opposite = STANDBY_TEXT if role == PRIMARY_TEXT else PRIMARY_TEXT
        deletes = [("DELETE", record) for record in self._build_records(opposite)]
        return self._submit([*deletes, *(("CREATE", record) for record in self._build_records(role))])

    def delete(self) -> None:
        """Delete all records at the name."""
        records = list_records_at(self.context, self.name)
        if records:
            self._submit([("DELETE", record) for record in records])

    def _build_records(self, role: str) -> list[RecordSet]:
        def build_record(text: str) -> RecordSet:
            health_check = (
                {"HealthCheckId": self.health_check_id} if self.health_check_id and text == PRIMARY_TEXT else {}
            )
            return {
                "Name": self.name,
                "Type": "TXT",
                "SetIdentifier": text,
                "Weight": FULL_WEIGHT if text == role else 0,
                "TTL": TTL_SECONDS,
                "ResourceRecords": [{"Value": f'"{text}"'}],
                **health_check,
            }

        return [build_record(PRIMARY_TEXT), build_record(STANDBY_TEXT)]

    def _submit(self, changes: list[tuple[str, RecordSet]]) -> str:
        response = self.context.route53.change_resource_record_sets(
            HostedZoneId=self.context.deployment.zone_id,
            ChangeBatch={
                "Comment": "failoverctl measure: no effect on users",
                "Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes],
            },
        )
        return str(response["ChangeInfo"]["Id"])


@contextmanager
def create_scratch_records(
    context: MeasurementContext, label: str, *, health_check_id: str = ""
) -> Iterator[ScratchRecordPair]:
    """Create a pair with all weight on the primary's record, and delete it at the end.

    Raises
    ------
    MeasurementError
        If the zone is private.
    MeasurementNotAllowedError
        If the name already has records.

    """
    zone = context.route53.get_hosted_zone(Id=context.deployment.zone_id)
    if zone["HostedZone"].get("Config", {}).get("PrivateZone"):
        raise MeasurementError(f"The zone {context.deployment.zone_id} is private. Give --zone the id of a public one.")
    record_pair = ScratchRecordPair(
        context=context,
        name=build_record_name(label, zone["HostedZone"]["Name"]),
        name_servers=tuple(zone["DelegationSet"]["NameServers"]),
        health_check_id=health_check_id,
    )
    if list_records_at(context, record_pair.name):
        raise MeasurementNotAllowedError(build_orphan_message(f"A record at {record_pair.name}"))
    try:
        record_pair.create()
        yield record_pair
    finally:
        record_pair.delete()


def list_records_at(context: MeasurementContext, name: str) -> list[RecordSet]:
    """Return the record sets at a name."""
    page = context.route53.list_resource_record_sets(
        HostedZoneId=context.deployment.zone_id, StartRecordName=name, MaxItems="10"
    )
    return [record for record in page["ResourceRecordSets"] if record["Name"] == name]
