"""A weighted pair of TXT records of a measurement's own, which serves nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cognito_failover.common.region import FULL_WEIGHT
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import MeasurementError, MeasurementNotAllowedError
from failoverctl.measure.resource_names import build_record_name

PRIMARY_TEXT, STANDBY_TEXT = "primary", "standby"
"""What the two records say."""

TTL_SECONDS = 60

type RecordSet = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScratchRecordPair:
    """Two records at one name.

    Attributes
    ----------
    site
        Where.
    name
        Of both, with a dot at its end.
    name_servers
        Of the zone.
    health_check_id
        Of the primary's; empty for none.

    """

    site: MeasurementContext
    name: str
    name_servers: tuple[str, ...]
    health_check_id: str = ""

    def create(self) -> str:
        """Make both, with all weight on the primary's, and return the change's id."""
        return self._submit([("CREATE", record) for record in self._build_records(PRIMARY_TEXT)])

    def move_all_weight(self, role: str) -> str:
        """Change the weights in one batch, as the controller does, and return the change's id."""
        opposite = STANDBY_TEXT if role == PRIMARY_TEXT else PRIMARY_TEXT
        deletes = [("DELETE", record) for record in self._build_records(opposite)]
        return self._submit([*deletes, *(("CREATE", record) for record in self._build_records(role))])

    def delete(self) -> None:
        """Delete whatever records there are at the name."""
        records = list_records_at(self.site, self.name)
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
        response = self.site.route53.change_resource_record_sets(
            HostedZoneId=self.site.deployment.zone_id,
            ChangeBatch={
                "Comment": "failoverctl measure: serves nobody",
                "Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes],
            },
        )
        return str(response["ChangeInfo"]["Id"])


@contextmanager
def create_scratch_records(
    context: MeasurementContext, label: str, *, health_check_id: str = ""
) -> Iterator[ScratchRecordPair]:
    """Give a pair with all weight on the primary's record, and delete it afterwards.

    Raises
    ------
    MeasureError
        If the zone is private.
    NotAllowedError
        If there are records at its name.

    """
    zone = context.route53.get_hosted_zone(Id=context.deployment.zone_id)
    if zone["HostedZone"].get("Config", {}).get("PrivateZone"):
        raise MeasurementError(f"The zone {context.deployment.zone_id} is private. Give --zone the id of a public one.")
    record_pair = ScratchRecordPair(
        site=context,
        name=build_record_name(label, zone["HostedZone"]["Name"]),
        name_servers=tuple(zone["DelegationSet"]["NameServers"]),
        health_check_id=health_check_id,
    )
    if list_records_at(context, record_pair.name):
        raise MeasurementNotAllowedError(
            f"There are records at {record_pair.name}: another run is on, or one was cut off. If none is on: "
            f"failoverctl measure --clean-up --run."
        )
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
