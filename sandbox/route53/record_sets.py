"""The operations on the resource record sets of a zone."""

from collections.abc import Callable
from typing import Any

from sandbox.route53.batch import ZoneContext, apply_batch
from sandbox.route53.changes import Changes
from sandbox.route53.errors import build_invalid_input_error
from sandbox.route53.health_checks import HealthChecks
from sandbox.route53.names import InvalidNameError, build_sort_key, normalize
from sandbox.route53.paging import parse_page_size, split_page
from sandbox.route53.records import to_api
from sandbox.route53.wire import Parameters
from sandbox.route53.zones import HostedZoneStore, ZoneVersion

_PAGE_LIMIT = 300


class RecordSets:
    """Changes and lists resource record sets."""

    def __init__(
        self, *, clock: Callable[[], float], zones: HostedZoneStore, changes: Changes, health_checks: HealthChecks
    ) -> None:
        self._clock = clock
        self._zones = zones
        self._changes = changes
        self._health_checks = health_checks
        self.operations = {
            "ChangeResourceRecordSets": self.change,
            "ListResourceRecordSets": self.list_page,
        }

    def change(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer ChangeResourceRecordSets."""
        zone = self._zones.require(account, parameters["HostedZoneId"])
        batch = parameters["ChangeBatch"]
        surroundings = ZoneContext(
            id=zone.id,
            name=zone.name,
            hosted_zone_ids=frozenset(other.id for other in self._zones.iterate_zones(account)),
            protections=zone.protections,
            health_check_ids=self._health_checks.list_ids(account),
        )
        with self._zones.process_change(zone):
            after = apply_batch(surroundings, zone.records, batch["Changes"])
            change = self._changes.accept(account, comment=batch.get("Comment"), after=zone.last_change)
            zone.add_version(ZoneVersion(zone.name, after, change), now=self._clock())
        return {"ChangeInfo": self._changes.describe(change)}

    def list_page(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer ListResourceRecordSets, sorted by name with reversed labels, then type, then identifier."""
        zone = self._zones.require(account, parameters["HostedZoneId"])
        size = parse_page_size(parameters.get("MaxItems"), limit=_PAGE_LIMIT)
        start = _parse_start(parameters)
        ordered = sorted(
            (record_set for record_set in zone.records.values() if record_set.sort_key >= start),
            key=lambda record_set: record_set.sort_key,
        )
        page, following = split_page(ordered, size)
        shown: dict[str, Any] = {
            "ResourceRecordSets": [to_api(record_set) for record_set in page],
            "IsTruncated": following is not None,
            "MaxItems": size,
        }
        if following is not None:
            shown["NextRecordName"] = following.name
            shown["NextRecordType"] = following.type
            if following.set_identifier:
                shown["NextRecordIdentifier"] = following.set_identifier
        return shown


def _parse_start(parameters: Parameters) -> tuple[str, str, str]:
    name = parameters.get("StartRecordName")
    record_type = parameters.get("StartRecordType")
    identifier = parameters.get("StartRecordIdentifier")
    if record_type is not None and name is None:
        raise build_invalid_input_error("StartRecordType needs StartRecordName")
    if identifier is not None and record_type is None:
        raise build_invalid_input_error("StartRecordIdentifier needs StartRecordName and StartRecordType")
    if name is None:
        return "", "", ""
    try:
        return build_sort_key(normalize(name)), record_type or "", identifier or ""
    except InvalidNameError as error:
        raise build_invalid_input_error(f"Invalid StartRecordName: {error}") from error
