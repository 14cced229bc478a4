"""The operations on hosted zones."""

from typing import Any

from sandbox.route53.changes import Changes
from sandbox.route53.errors import Route53ServiceError, build_invalid_input_error
from sandbox.route53.ids import IdGenerator
from sandbox.route53.names import InvalidNameError, build_sort_key, normalize
from sandbox.route53.paging import parse_page_size, split_page
from sandbox.route53.wire import Parameters
from sandbox.route53.zones import HostedZone, HostedZoneStore, ZoneVersion, build_initial_records

_PAGE_LIMIT = 100
_EMPTY_ZONE_RECORD_COUNT = 2


class HostedZones:
    """Creates, returns and deletes hosted zones."""

    def __init__(self, *, zones: HostedZoneStore, changes: Changes, ids: IdGenerator) -> None:
        self._zones = zones
        self._changes = changes
        self._ids = ids
        self.operations = {
            "CreateHostedZone": self.create,
            "GetHostedZone": self.get,
            "GetHostedZoneCount": self.count,
            "ListHostedZones": self.list_page,
            "ListHostedZonesByName": self.list_by_name,
            "UpdateHostedZoneComment": self.update_comment,
            "UpdateHostedZoneFeatures": self.update_features,
            "DeleteHostedZone": self.delete,
        }

    def create(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer CreateHostedZone."""
        config = parameters.get("HostedZoneConfig", {})
        vpc = parameters.get("VPC")
        name = _parse_zone_name(parameters["Name"])
        if "DelegationSetId" in parameters:
            raise Route53ServiceError(
                "NoSuchDelegationSet", f"No reusable delegation set: {parameters['DelegationSetId']}"
            )
        if config.get("PrivateZone") and not vpc:
            raise build_invalid_input_error("A private hosted zone needs a VPC: specify VPCId and VPCRegion")
        if any(zone.caller_reference == parameters["CallerReference"] for zone in self._zones.iterate_zones(account)):
            raise Route53ServiceError(
                "HostedZoneAlreadyExists",
                "A hosted zone has already been created with the specified caller reference.",
            )
        change = self._changes.accept(account)
        name_servers = self._zones.choose_name_servers(name)
        zone = HostedZone(
            id=self._ids.make_hosted_zone_id(),
            account=account,
            name=name,
            caller_reference=parameters["CallerReference"],
            comment=config.get("Comment"),
            vpcs=[vpc] if vpc else [],
            name_servers=name_servers,
            versions=[ZoneVersion(name, build_initial_records(name, name_servers), change)],
        )
        self._zones.add(zone)
        created = {
            "HostedZone": _describe(zone),
            "ChangeInfo": self._changes.describe(change),
            "Location": f"https://route53.amazonaws.com/2013-04-01/hostedzone/{zone.id}",
        }
        return {**created, "VPC": vpc} if vpc else {**created, "DelegationSet": {"NameServers": list(name_servers)}}

    def get(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer GetHostedZone."""
        zone = self._zones.require(account, parameters["Id"])
        if zone.is_private:
            return {"HostedZone": _describe(zone), "VPCs": zone.vpcs}
        return {"HostedZone": _describe(zone), "DelegationSet": {"NameServers": list(zone.name_servers)}}

    def count(self, account: str, _parameters: Parameters) -> dict[str, Any]:
        """Answer GetHostedZoneCount."""
        return {"HostedZoneCount": sum(1 for _ in self._zones.iterate_zones(account))}

    def list_page(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer ListHostedZones."""
        if "DelegationSetId" in parameters:
            raise Route53ServiceError(
                "NoSuchDelegationSet", f"No reusable delegation set: {parameters['DelegationSetId']}"
            )
        size = parse_page_size(parameters.get("MaxItems"), limit=_PAGE_LIMIT)
        zones = list(self._zones.iterate_zones(account))
        if parameters.get("HostedZoneType") == "PrivateHostedZone":
            zones = [zone for zone in zones if zone.is_private]
        if "Marker" in parameters:
            starts = [index for index, zone in enumerate(zones) if zone.id == parameters["Marker"]]
            if not starts:
                raise build_invalid_input_error(
                    f"Unknown Marker: '{parameters['Marker']}'; give the NextMarker of the last page"
                )
            zones = zones[starts[0] :]
        page, following = split_page(zones, size)
        shown = {
            "HostedZones": [_describe(zone) for zone in page],
            "Marker": parameters.get("Marker", ""),
            "IsTruncated": following is not None,
            "MaxItems": size,
        }
        return {**shown, "NextMarker": following.id} if following else shown

    def list_by_name(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer ListHostedZonesByName."""
        if "HostedZoneId" in parameters and "DNSName" not in parameters:
            raise build_invalid_input_error("HostedZoneId needs DNSName")
        size = parse_page_size(parameters.get("MaxItems"), limit=_PAGE_LIMIT)
        start = ("", "")
        if "DNSName" in parameters:
            start = (build_sort_key(_parse_zone_name(parameters["DNSName"])), parameters.get("HostedZoneId", ""))
        zones = sorted(
            (zone for zone in self._zones.iterate_zones(account) if _build_sort_key(zone) >= start),
            key=_build_sort_key,
        )
        page, following = split_page(zones, size)
        shown: dict[str, Any] = {
            "HostedZones": [_describe(zone) for zone in page],
            "IsTruncated": following is not None,
            "MaxItems": size,
        }
        shown |= {name: parameters[name] for name in ("DNSName", "HostedZoneId") if name in parameters}
        return {**shown, "NextDNSName": following.name, "NextHostedZoneId": following.id} if following else shown

    def update_comment(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer UpdateHostedZoneComment."""
        zone = self._zones.require(account, parameters["Id"])
        zone.comment = parameters.get("Comment")
        return {"HostedZone": _describe(zone)}

    def update_features(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer UpdateHostedZoneFeatures. The result is ENABLED at once; AWS is ENABLING for a while."""
        zone = self._zones.require(account, parameters["HostedZoneId"])
        if zone.is_private:
            raise build_invalid_input_error("Accelerated recovery is for public hosted zones only")
        zone.accelerated_recovery = "ENABLED" if parameters.get("EnableAcceleratedRecovery") else "DISABLED"
        return {}

    def delete(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer DeleteHostedZone."""
        zone = self._zones.require(account, parameters["Id"])
        with self._zones.process_change(zone):
            if len(zone.records) > _EMPTY_ZONE_RECORD_COUNT or zone.protections:
                raise Route53ServiceError(
                    "HostedZoneNotEmpty",
                    "The specified hosted zone contains non-required resource record sets or resource record set "
                    "protections and so cannot be deleted.",
                )
            self._zones.remove(zone)
        return {"ChangeInfo": self._changes.describe(self._changes.accept(account))}


def _parse_zone_name(given: str) -> str:
    try:
        name = normalize(given)
    except InvalidNameError as error:
        raise Route53ServiceError("InvalidDomainName", f"{given} is not a valid domain name: {error}") from error
    if name == ".":
        raise Route53ServiceError(
            "InvalidDomainName", f"'{given}' is not a valid domain name: the root can't be hosted"
        )
    return name


def _build_sort_key(zone: HostedZone) -> tuple[str, str]:
    return build_sort_key(zone.name), zone.id


def _describe(zone: HostedZone) -> dict[str, Any]:
    return {
        "Id": f"/hostedzone/{zone.id}",
        "Name": zone.name,
        "CallerReference": zone.caller_reference,
        "Config": {"Comment": zone.comment, "PrivateZone": zone.is_private},
        "ResourceRecordSetCount": len(zone.records),
        **({"Features": {"AcceleratedRecoveryStatus": zone.accelerated_recovery}} if zone.accelerated_recovery else {}),
    }
