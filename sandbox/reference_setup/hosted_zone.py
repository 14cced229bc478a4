"""The hosted zone, the records of the targets, and the auth domain's pair of weighted records."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.reference_setup.polling import Poller, find_unique

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_route53.type_defs import (
        ChangeTypeDef,
        ResourceRecordSetOutputTypeDef,
        ResourceRecordSetTypeDef,
    )

_TTL_SECONDS = 60
_ALL_WEIGHT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthDomainPlan:
    """The auth domain and its targets.

    Attributes
    ----------
    zone, name
        The names of the hosted zone and of the auth domain.
    primary
        The Region that gets all the weight.
    targets, addresses
        The target's name and its IPv4 address, by Region.
    weighted_records
        Whether to create the weighted pair if the auth domain has no record.

    """

    zone: str
    name: str
    primary: str
    targets: Mapping[str, str]
    addresses: Mapping[str, str]
    weighted_records: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicHostedZone:
    """A public hosted zone: its id without ``/hostedzone/``, and its name servers."""

    id: str
    name_servers: tuple[str, ...]


def ensure_zone(route53: "Route53Client", domain: AuthDomainPlan, poller: Poller) -> PublicHostedZone:
    """Ensure that the zone and the targets' records exist, and the weighted pair if the domain has no record.

    Existing records of the domain are not changed: they belong to the controller.
    """
    zone_id = _find_zone(route53, domain.zone) or _create_zone(route53, domain.zone)
    changes: list[ChangeTypeDef] = [
        {"Action": "UPSERT", "ResourceRecordSet": record}
        for region, record in ((region, _build_address_record(domain, region)) for region in domain.targets)
        if record not in _list_records(route53, zone_id, domain.targets[region], "A")
    ]
    if domain.weighted_records and not _list_records(route53, zone_id, domain.name, "CNAME"):
        changes += [
            {"Action": "CREATE", "ResourceRecordSet": _build_weighted_record(domain, region)}
            for region in domain.targets
        ]
    if changes:
        _apply_changes(route53, zone_id, changes, poller)
    delegation = route53.get_hosted_zone(Id=zone_id)["DelegationSet"]
    return PublicHostedZone(id=zone_id, name_servers=tuple(delegation["NameServers"]))


def ensure_record(route53: "Route53Client", zone_id: str, record: "ResourceRecordSetTypeDef", poller: Poller) -> None:
    """Create a record if its name has no record of this type."""
    if not _list_records(route53, zone_id, record["Name"].rstrip("."), record["Type"]):
        _apply_changes(route53, zone_id, [{"Action": "CREATE", "ResourceRecordSet": record}], poller)


def _apply_changes(route53: "Route53Client", zone_id: str, changes: "list[ChangeTypeDef]", poller: Poller) -> None:
    changed = route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})
    change_id = changed["ChangeInfo"]["Id"]
    poller.wait_until(
        f"Change {change_id} is INSYNC",
        lambda: route53.get_change(Id=change_id)["ChangeInfo"]["Status"] == "INSYNC" or None,
    )


def _find_zone(route53: "Route53Client", name: str) -> str | None:
    # The list is sorted by name and starts at this name: a second zone of the same name comes next.
    zones = route53.list_hosted_zones_by_name(DNSName=name, MaxItems="100")["HostedZones"]
    return find_unique(
        f"public hosted zones named {name!r}",
        (
            _strip_zone_prefix(zone["Id"])
            for zone in zones
            if zone["Name"] == f"{name}." and not zone.get("Config", {}).get("PrivateZone")
        ),
    )


def _create_zone(route53: "Route53Client", name: str) -> str:
    created = route53.create_hosted_zone(Name=name, CallerReference=str(uuid.uuid4()))
    return _strip_zone_prefix(created["HostedZone"]["Id"])


def _strip_zone_prefix(zone_id: str) -> str:
    return zone_id.rpartition("/")[2]


def _list_records(
    route53: "Route53Client",
    zone_id: str,
    name: str,
    record_type: str,
) -> "list[ResourceRecordSetOutputTypeDef]":
    records = route53.list_resource_record_sets(
        HostedZoneId=zone_id,
        StartRecordName=name,
        StartRecordType=record_type,  # type: ignore[arg-type]  # a literal type
        MaxItems="100",
    )["ResourceRecordSets"]
    return [record for record in records if (record["Name"], record["Type"]) == (f"{name}.", record_type)]


def _build_address_record(domain: AuthDomainPlan, region: str) -> "ResourceRecordSetTypeDef":
    return {
        "Name": f"{domain.targets[region]}.",
        "Type": "A",
        "TTL": _TTL_SECONDS,
        "ResourceRecords": [{"Value": domain.addresses[region]}],
    }


def _build_weighted_record(domain: AuthDomainPlan, region: str) -> "ResourceRecordSetTypeDef":
    return {
        "Name": f"{domain.name}.",
        "Type": "CNAME",
        "SetIdentifier": region,
        "Weight": _ALL_WEIGHT if region == domain.primary else 0,
        "TTL": _TTL_SECONDS,
        "ResourceRecords": [{"Value": domain.targets[region]}],
    }
