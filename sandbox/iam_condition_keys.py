"""IAM condition keys that this product's policies use and the engine lacks.

The engine evaluates policies without these keys, and `ForAllValues` passes if a key is missing.
"""

import json
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

_CHANGE_RECORDS = "route53:ChangeResourceRecordSets"
_TRANSACTION_MEMBERS = ("Put", "Update", "Delete", "ConditionCheck", "Get")


type ConditionKeys = dict[str, str | list[str]]
"""Values by key name: a string for a single value, a list if the key may have several."""


def build_condition_keys(action: str, body: bytes) -> ConditionKeys:
    """Return the condition keys of a call that the engine lacks."""
    match action:
        case "route53:ChangeResourceRecordSets":
            return build_record_set_keys(body)
        case "events:PutEvents":
            return build_event_keys(body)
        case "cloudwatch:PutMetricData":
            return {"cloudwatch:namespace": namespace} if (namespace := _parse_namespace(body)) else {}
        case _:
            return {}


def build_event_keys(body: bytes) -> ConditionKeys:
    """Return the sources and detail types of the events in a ``PutEvents`` call.

    AWS decides on each event. The engine decides on the whole call, so a policy that names one source does not match a
    call with several sources.
    """
    entries = _as_dict_list(_parse_json(body).get("Entries"))
    return {
        "events:source": _collapse_single({str(entry.get("Source", "")) for entry in entries}),
        "events:detail-type": _collapse_single({str(entry.get("DetailType", "")) for entry in entries}),
    }


def _collapse_single(values: set[str]) -> str | list[str]:
    return next(iter(values)) if len(values) == 1 else sorted(values)


def _parse_namespace(body: bytes) -> str:
    """Return the namespace of a ``PutMetricData`` call in JSON or in the query protocol."""
    return str(_parse_json(body).get("Namespace") or parse_qs(body.decode("latin-1")).get("Namespace", [""])[0])


def build_record_set_keys(body: bytes) -> ConditionKeys:
    """Return the three condition keys of a ``ChangeResourceRecordSets`` body: normalized names, types, actions.

    Return no keys for a body that is not XML. Route 53 rejects such a body.
    """
    try:
        root = ET.fromstring(body)  # noqa: S314 - from loopback callers only, and expat defuses entity bombs
    except ET.ParseError:
        return {}
    changes = [element for element in root.iter() if _get_local_name(element) == "Change"]
    return {
        f"{_CHANGE_RECORDS}NormalizedRecordNames": sorted(
            {normalize_record_name(name) for name in _iterate_texts(changes, "Name")}
        ),
        f"{_CHANGE_RECORDS}RecordTypes": sorted(set(_iterate_texts(changes, "Type"))),
        f"{_CHANGE_RECORDS}Actions": sorted(set(_iterate_texts(changes, "Action"))),
    }


def normalize_record_name(name: str) -> str:
    """Return a record name as policies compare it: lower case, no final dot, other characters as octal codes."""
    plain = "abcdefghijklmnopqrstuvwxyz0123456789-_."
    return "".join(
        char if char in plain else "".join(f"\\{byte:03o}" for byte in char.encode())
        for char in _unescape(name).lower().rstrip(".")
    )


def build_leading_keys(body: bytes, key_names: Mapping[str, str]) -> ConditionKeys:
    """Return ``dynamodb:LeadingKeys``: the partition key values in a call.

    Parameters
    ----------
    body
        The call's JSON.
    key_names
        The partition key's attribute by table name.

    """
    values = sorted(
        {value for part in _iterate_key_holders(_parse_json(body)) for value in _iterate_key_values(part, key_names)}
    )
    return {"dynamodb:LeadingKeys": values} if values else {}


def _iterate_key_holders(call: dict[str, object]) -> Iterator[dict[str, object]]:
    """Yield the objects that name a table and a key: the call, and each part of a batch or transaction."""
    yield call
    for item in _as_dict_list(call.get("TransactItems")):
        yield from (_as_dict(item.get(member)) for member in _TRANSACTION_MEMBERS if member in item)
    for table, requests in _as_dict(call.get("RequestItems")).items():
        for key in _as_dict_list(_as_dict(requests).get("Keys")):
            yield {"TableName": table, "Key": key}
        for request in _as_dict_list(requests):
            yield {"TableName": table, **_as_dict(request.get("PutRequest")), **_as_dict(request.get("DeleteRequest"))}


def _iterate_key_values(part: dict[str, object], key_names: Mapping[str, str]) -> Iterator[str]:
    table = str(part.get("TableName", "")).rpartition("/")[2]
    key_name = key_names.get(table)
    if key_name is None:
        return
    for holder in (part.get("Key"), part.get("Item")):
        yield from (str(value) for value in _as_dict(_as_dict(holder).get(key_name)).values())
    yield from _iterate_queried_values(part, key_name)


def _iterate_queried_values(part: dict[str, object], key_name: str) -> Iterator[str]:
    """Yield the partition key's value in a query's key condition."""
    condition = str(part.get("KeyConditionExpression", ""))
    placeholders = {
        placeholder for placeholder, name in _as_dict(part.get("ExpressionAttributeNames")).items() if name == key_name
    } | {key_name}
    values = _as_dict(part.get("ExpressionAttributeValues"))
    for clause in condition.replace("(", " ").replace(")", " ").split(" AND "):
        left, equals, right = clause.partition("=")
        if equals and left.strip() in placeholders:
            yield from (str(value) for value in _as_dict(values.get(right.strip())).values())


def _unescape(name: str) -> str:
    pieces = name.split("\\")
    return pieces[0] + "".join(
        chr(int(piece[:3], 8)) + piece[3:] if piece[:3].isdigit() else piece for piece in pieces[1:]
    )


def _parse_json(body: bytes) -> dict[str, object]:
    try:
        return _as_dict(json.loads(body or b"{}"))
    except ValueError:
        return {}


def _iterate_texts(changes: list[ET.Element], tag: str) -> Iterator[str]:
    for change in changes:
        for element in change.iter():
            if _get_local_name(element) == tag:
                yield element.text or ""


def _get_local_name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _as_dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _as_dict_list(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
