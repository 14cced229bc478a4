"""Resource record set protections: names and types that a change batch may not touch."""

import base64
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.route53.errors import Refusal, invalid_input
from sandbox.route53.names import InvalidNameError, lies_within, normalize, sort_key
from sandbox.route53.paging import page_size, split
from sandbox.route53.wire import Parameters
from sandbox.route53.zones import HostedZone, Zones

_PAGE_LIMIT = 300
_REQUEST_LIMIT = 100
type Key = tuple[str, str]


class Protections:
    """Creates, lists and deletes protections; each request is done whole or not at all."""

    def __init__(self, *, zones: Zones) -> None:
        self._zones = zones
        self.operations = {
            "CreateResourceRecordSetProtections": self.create,
            "DeleteResourceRecordSetProtections": self.delete,
            "ListResourceRecordSetProtections": self.list_page,
        }

    def create(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer CreateResourceRecordSetProtections."""
        zone = self._zones.get(account, parameters["HostedZoneId"])
        entries = parameters["Protections"]
        with self._zones.changing(zone):
            wanted = _valid_keys(zone, entries)
            existing = [key in zone.protections for key in wanted]
            if any(existing):
                errors = _errors(entries, lambda key: key in zone.protections, "ProtectionAlreadyExists")
                code = "ProtectionAlreadyExists" if all(existing) else "InvalidResourceRecordSetProtectionBatch"
                raise _refusal(code, errors)
            comments = [entry.get("Comment", "") for entry in entries]
            zone.protections |= zip(wanted, comments, strict=True)
        return {}

    def delete(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer DeleteResourceRecordSetProtections."""
        zone = self._zones.get(account, parameters["HostedZoneId"])
        entries = parameters["Protections"]
        with self._zones.changing(zone):
            wanted = _valid_keys(zone, entries)
            if errors := _errors(entries, lambda key: key not in zone.protections, "ProtectionNotFound"):
                raise _refusal("InvalidResourceRecordSetProtectionBatch", errors)
            for key in wanted:
                del zone.protections[key]
        return {}

    def list_page(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer ListResourceRecordSetProtections."""
        zone = self._zones.get(account, parameters["HostedZoneId"])
        if "StartRecordType" in parameters and "StartRecordName" not in parameters:
            raise invalid_input("StartRecordType needs StartRecordName beside it")
        size = page_size(parameters.get("MaxResults"), limit=_PAGE_LIMIT)
        start = _start(parameters)
        ordered = sorted(key for key in map(_order, zone.protections) if key >= start)
        page, following = split(ordered, size)
        by_order = {_order(key): (key, comment) for key, comment in zone.protections.items()}
        shown: dict[str, Any] = {
            "ResourceRecordSetProtections": [
                {"RecordName": key[0], "RecordType": key[1], "Comment": comment or None}
                for key, comment in map(by_order.__getitem__, page)
            ]
        }
        return {**shown, "NextToken": _token(following)} if following else shown


def _valid_keys(zone: HostedZone, entries: Sequence[Mapping[str, Any]]) -> list[Key]:
    if len(entries) > _REQUEST_LIMIT:
        raise invalid_input(f"{len(entries)} protections in one request; at most {_REQUEST_LIMIT}")
    times = Counter(_key(entry) for entry in entries)
    errors = [
        *_errors(entries, lambda key: not lies_within(key[0], zone.name), "InvalidInput"),
        *_errors(entries, lambda key: times[key] > 1, "InvalidInput"),
    ]
    if errors:
        raise _refusal("InvalidResourceRecordSetProtectionBatch", errors)
    return [_key(entry) for entry in entries]


def _key(entry: Mapping[str, Any]) -> Key:
    try:
        return normalize(entry["RecordName"]), entry["RecordType"]
    except InvalidNameError as error:
        refused = {"RecordName": entry["RecordName"], "RecordType": entry["RecordType"]}
        raise _refusal(
            "InvalidResourceRecordSetProtectionBatch",
            [{**refused, "Code": "InvalidInput", "Message": str(error)}],
        ) from error


def _errors(entries: Sequence[Mapping[str, Any]], failing: Callable[[Key], bool], code: str) -> list[dict[str, str]]:
    reasons = {
        "InvalidInput": "the name is not in the hosted zone, or stands more than once in the request",
        "ProtectionAlreadyExists": "a protection already exists for the name and type",
        "ProtectionNotFound": "no protection exists for the name and type",
    }
    return [
        {"RecordName": name, "RecordType": record_type, "Code": code, "Message": reasons[code]}
        for name, record_type in map(_key, entries)
        if failing((name, record_type))
    ]


def _refusal(code: str, errors: list[dict[str, str]]) -> Refusal:
    listed = "; ".join(f"{error['RecordName']} {error['RecordType']}: {error['Message']}" for error in errors)
    return Refusal(code, f"Nothing was changed: {listed}", Errors=errors)


def _order(key: Key) -> Key:
    return sort_key(key[0]), key[1]


def _start(parameters: Parameters) -> Key:
    if "NextToken" in parameters:
        try:
            name, record_type = base64.urlsafe_b64decode(parameters["NextToken"]).decode().split(" ")
        except ValueError as error:
            raise Refusal("InvalidPaginationToken", f"Unknown token: '{parameters['NextToken']}'") from error
        return name, record_type
    if "StartRecordName" not in parameters:
        return "", ""
    try:
        return sort_key(normalize(parameters["StartRecordName"])), parameters.get("StartRecordType", "")
    except InvalidNameError as error:
        raise invalid_input(f"Invalid StartRecordName: {error}") from error


def _token(start: Key) -> str:
    return base64.urlsafe_b64encode(" ".join(start).encode()).decode()
