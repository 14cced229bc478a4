"""Resource record set protections: names and types that a change batch may not touch."""

import base64
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.route53.errors import Route53ServiceError, build_invalid_input_error
from sandbox.route53.names import InvalidNameError, build_sort_key, is_within, normalize
from sandbox.route53.paging import parse_page_size, split_page
from sandbox.route53.wire import Parameters
from sandbox.route53.zones import HostedZone, HostedZoneStore

_PAGE_LIMIT = 300
_REQUEST_LIMIT = 100
type ProtectionKey = tuple[str, str]


class Protections:
    """Creates, lists and deletes protections. Each request is atomic."""

    def __init__(self, *, zones: HostedZoneStore) -> None:
        self._zones = zones
        self.operations = {
            "CreateResourceRecordSetProtections": self.create,
            "DeleteResourceRecordSetProtections": self.delete,
            "ListResourceRecordSetProtections": self.list_page,
        }

    def create(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer CreateResourceRecordSetProtections."""
        zone = self._zones.require(account, parameters["HostedZoneId"])
        entries = parameters["Protections"]
        with self._zones.process_change(zone):
            keys = _parse_keys(zone, entries)
            existing = [key in zone.protections for key in keys]
            if any(existing):
                errors = _find_errors(entries, lambda key: key in zone.protections, "ProtectionAlreadyExists")
                code = "ProtectionAlreadyExists" if all(existing) else "InvalidResourceRecordSetProtectionBatch"
                raise _build_error(code, errors)
            comments = [entry.get("Comment", "") for entry in entries]
            zone.protections |= zip(keys, comments, strict=True)
        return {}

    def delete(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer DeleteResourceRecordSetProtections."""
        zone = self._zones.require(account, parameters["HostedZoneId"])
        entries = parameters["Protections"]
        with self._zones.process_change(zone):
            keys = _parse_keys(zone, entries)
            if errors := _find_errors(entries, lambda key: key not in zone.protections, "ProtectionNotFound"):
                raise _build_error("InvalidResourceRecordSetProtectionBatch", errors)
            for key in keys:
                del zone.protections[key]
        return {}

    def list_page(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer ListResourceRecordSetProtections."""
        zone = self._zones.require(account, parameters["HostedZoneId"])
        if "StartRecordType" in parameters and "StartRecordName" not in parameters:
            raise build_invalid_input_error("StartRecordType needs StartRecordName")
        size = parse_page_size(parameters.get("MaxResults"), limit=_PAGE_LIMIT)
        start = _parse_start(parameters)
        ordered = sorted(key for key in map(_build_sort_key, zone.protections) if key >= start)
        page, following = split_page(ordered, size)
        by_order = {_build_sort_key(key): (key, comment) for key, comment in zone.protections.items()}
        shown: dict[str, Any] = {
            "ResourceRecordSetProtections": [
                {"RecordName": key[0], "RecordType": key[1], "Comment": comment or None}
                for key, comment in map(by_order.__getitem__, page)
            ]
        }
        return {**shown, "NextToken": _build_token(following)} if following else shown


def _parse_keys(zone: HostedZone, entries: Sequence[Mapping[str, Any]]) -> list[ProtectionKey]:
    if len(entries) > _REQUEST_LIMIT:
        raise build_invalid_input_error(f"{len(entries)} protections in one request; at most {_REQUEST_LIMIT}")
    times = Counter(_parse_key(entry) for entry in entries)
    errors = [
        *_find_errors(entries, lambda key: not is_within(key[0], zone.name), "InvalidInput"),
        *_find_errors(entries, lambda key: times[key] > 1, "InvalidInput"),
    ]
    if errors:
        raise _build_error("InvalidResourceRecordSetProtectionBatch", errors)
    return [_parse_key(entry) for entry in entries]


def _parse_key(entry: Mapping[str, Any]) -> ProtectionKey:
    try:
        return normalize(entry["RecordName"]), entry["RecordType"]
    except InvalidNameError as error:
        refused = {"RecordName": entry["RecordName"], "RecordType": entry["RecordType"]}
        raise _build_error(
            "InvalidResourceRecordSetProtectionBatch",
            [{**refused, "Code": "InvalidInput", "Message": str(error)}],
        ) from error


def _find_errors(
    entries: Sequence[Mapping[str, Any]], is_failing: Callable[[ProtectionKey], bool], code: str
) -> list[dict[str, str]]:
    reasons = {
        "InvalidInput": "the name is not in the hosted zone, or is more than once in the request",
        "ProtectionAlreadyExists": "a protection already exists for the name and type",
        "ProtectionNotFound": "no protection exists for the name and type",
    }
    return [
        {"RecordName": name, "RecordType": record_type, "Code": code, "Message": reasons[code]}
        for name, record_type in map(_parse_key, entries)
        if is_failing((name, record_type))
    ]


def _build_error(code: str, errors: list[dict[str, str]]) -> Route53ServiceError:
    listed = "; ".join(f"{error['RecordName']} {error['RecordType']}: {error['Message']}" for error in errors)
    return Route53ServiceError(code, f"Nothing was changed: {listed}", Errors=errors)


def _build_sort_key(key: ProtectionKey) -> ProtectionKey:
    return build_sort_key(key[0]), key[1]


def _parse_start(parameters: Parameters) -> ProtectionKey:
    if "NextToken" in parameters:
        try:
            name, record_type = base64.urlsafe_b64decode(parameters["NextToken"]).decode().split(" ")
        except ValueError as error:
            raise Route53ServiceError(
                "InvalidPaginationToken", f"Unknown token: '{parameters['NextToken']}'"
            ) from error
        return name, record_type
    if "StartRecordName" not in parameters:
        return "", ""
    try:
        return build_sort_key(normalize(parameters["StartRecordName"])), parameters.get("StartRecordType", "")
    except InvalidNameError as error:
        raise build_invalid_input_error(f"Invalid StartRecordName: {error}") from error


def _build_token(start: ProtectionKey) -> str:
    return base64.urlsafe_b64encode(" ".join(start).encode()).decode()
