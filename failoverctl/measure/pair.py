"""A weighted pair of TXT records of a measurement's own, which serves nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from failover.region import FULL_WEIGHT
from failoverctl.measure.measurement import MeasureError, NotAllowedError
from failoverctl.measure.names import record_name
from failoverctl.measure.site import Site

PRIMARY, STANDBY = "primary", "standby"
"""What the two records say."""

TTL_SECONDS = 60

type RecordSet = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
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

    site: Site
    name: str
    name_servers: tuple[str, ...]
    health_check_id: str = ""

    def create(self) -> str:
        """Make both, with all weight on the primary's, and return the change's id."""
        return self._submit([("CREATE", record) for record in self._records(PRIMARY)])

    def give_all_to(self, side: str) -> str:
        """Change the weights in one batch, as the controller does, and return the change's id."""
        other = STANDBY if side == PRIMARY else PRIMARY
        deletes = [("DELETE", record) for record in self._records(other)]
        return self._submit([*deletes, *(("CREATE", record) for record in self._records(side))])

    def remove(self) -> None:
        """Delete whatever records there are at the name."""
        found = records_at(self.site, self.name)
        if found:
            self._submit([("DELETE", record) for record in found])

    def _records(self, side: str) -> list[RecordSet]:
        def one(text: str) -> RecordSet:
            checked = {"HealthCheckId": self.health_check_id} if self.health_check_id and text == PRIMARY else {}
            return {
                "Name": self.name,
                "Type": "TXT",
                "SetIdentifier": text,
                "Weight": FULL_WEIGHT if text == side else 0,
                "TTL": TTL_SECONDS,
                "ResourceRecords": [{"Value": f'"{text}"'}],
                **checked,
            }

        return [one(PRIMARY), one(STANDBY)]

    def _submit(self, changes: list[tuple[str, RecordSet]]) -> str:
        answer = self.site.route53.change_resource_record_sets(
            HostedZoneId=self.site.subject.zone_id,
            ChangeBatch={
                "Comment": "failoverctl measure: serves nobody",
                "Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes],
            },
        )
        return str(answer["ChangeInfo"]["Id"])


@contextmanager
def pair(site: Site, what: str, *, health_check_id: str = "") -> Iterator[Pair]:
    """Give a pair with all weight on the primary's record, and delete it afterwards.

    Raises
    ------
    MeasureError
        If the zone is private.
    NotAllowedError
        If there are records at its name.

    """
    zone = site.route53.get_hosted_zone(Id=site.subject.zone_id)
    if zone["HostedZone"].get("Config", {}).get("PrivateZone"):
        raise MeasureError(f"The zone {site.subject.zone_id} is private. Give --zone the id of a public one.")
    made = Pair(
        site=site,
        name=record_name(what, zone["HostedZone"]["Name"]),
        name_servers=tuple(zone["DelegationSet"]["NameServers"]),
        health_check_id=health_check_id,
    )
    if records_at(site, made.name):
        raise NotAllowedError(
            f"There are records at {made.name}: another run is on, or one was cut off. If none is on: "
            f"failoverctl measure --clean-up --run."
        )
    try:
        made.create()
        yield made
    finally:
        made.remove()


def records_at(site: Site, name: str) -> list[RecordSet]:
    """Return the record sets at a name."""
    page = site.route53.list_resource_record_sets(
        HostedZoneId=site.subject.zone_id, StartRecordName=name, MaxItems="10"
    )
    return [record for record in page["ResourceRecordSets"] if record["Name"] == name]
