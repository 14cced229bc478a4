"""The server side of Route 53's REST-XML protocol, driven by botocore's service model.

It parses all request members and writes all response members of the model, in the format of botocore's parser.
"""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.etree import ElementTree as ET

import botocore.session
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape

from sandbox.http_messages import EndpointResponse
from sandbox.route53.constraints import find_violations
from sandbox.route53.errors import Route53ServiceError, build_invalid_input_error

NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/"
_DEFAULT_ERROR_STATUS = 400
_PLACEHOLDER = re.compile(r"\\{(\w+)\\}")
type Parameters = dict[str, Any]


@cache
def load_service_model() -> ServiceModel:
    """Return botocore's model of Route 53."""
    return botocore.session.get_session().get_service_model("route53")


def find_operation(method: str, path: str) -> tuple[OperationModel, dict[str, str]]:
    """Return the operation for a method and path, and the parameters in the path.

    Raises
    ------
    Route53ServiceError
        ``InvalidInput`` if the model has no such operation.

    """
    for verb, pattern, operation in _list_routes():
        if verb == method and (match := pattern.fullmatch(path.rstrip("/"))):
            return operation, {name: unquote(value) for name, value in match.groupdict().items()}
    raise build_invalid_input_error(f"Unknown operation: {method} {path}")


def parse_parameters(operation: OperationModel, in_path: Mapping[str, str], query: str, body: bytes) -> Parameters:
    """Return a request's parameters.

    Raises
    ------
    Route53ServiceError
        ``InvalidInput`` if the XML is invalid.

    """
    shape = operation.input_shape
    if not isinstance(shape, StructureShape):
        return {}
    in_query = dict(parse_qsl(query, keep_blank_values=True))
    document = _parse_document(body) if body else {}
    parameters: Parameters = {}
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        wire_name = member.serialization.get("name", name)
        if location == "uri":
            parameters[name] = in_path[wire_name]
        elif location == "querystring":
            if wire_name in in_query:
                parameters[name] = in_query[wire_name]
        elif wire_name in document:
            parameters[name] = _read_value(member, document[wire_name])
    return parameters


def reject_invalid_parameters(operation: str, parameters: Parameters) -> None:
    """Validate an operation's parameters.

    Raises
    ------
    Route53ServiceError
        ``InvalidInput`` if they violate a constraint of the model.

    """
    shape = load_service_model().operation_model(operation).input_shape
    if shape is not None and (broken := find_violations(shape, parameters)):
        plural = "s" if len(broken) > 1 else ""
        raise build_invalid_input_error(f"{len(broken)} validation error{plural} detected: {'; '.join(broken)}")


def build_response(operation: OperationModel, result: Mapping[str, Any]) -> EndpointResponse:
    """Return the response for an operation's result."""
    shape = operation.output_shape
    root = ET.Element(operation.name + "Response", xmlns=NAMESPACE)
    headers = {"content-type": "text/xml"}
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            if name not in result:
                continue
            if member.serialization.get("location") == "header":
                headers[member.serialization["name"].lower()] = result[name]
            else:
                _write_value(root, member.serialization.get("name", name), member, result[name])
    return EndpointResponse(status=operation.http.get("responseCode", 200), headers=headers, body=_to_bytes(root))


def build_error_response(refusal: Route53ServiceError) -> EndpointResponse:
    """Return the response for an error, with the status from the model."""
    shape = _find_error_shape(refusal.code)
    root = ET.Element("ErrorResponse", xmlns=NAMESPACE)
    error = ET.SubElement(root, "Error")
    ET.SubElement(error, "Type").text = "Sender"
    ET.SubElement(error, "Code").text = refusal.code
    ET.SubElement(error, "Message").text = refusal.message
    for name, value in refusal.details.items():
        if shape is not None:
            _write_value(error, name, shape.members[name], value)
    ET.SubElement(root, "RequestId").text = str(uuid.uuid4())
    modelled = shape.metadata.get("error", {}) if shape is not None else {}
    status = modelled.get("httpStatusCode", _DEFAULT_ERROR_STATUS)
    return EndpointResponse(status=status, headers={"content-type": "text/xml"}, body=_to_bytes(root))


@cache
def _list_routes() -> list[tuple[str, re.Pattern[str], OperationModel]]:
    routes = []
    for name in load_service_model().operation_names:
        operation = load_service_model().operation_model(name)
        template = re.escape(operation.http["requestUri"].split("?")[0].rstrip("/"))
        pattern = re.compile(_PLACEHOLDER.sub(r"(?P<\1>[^/]+)", template))
        routes.append((operation.http["method"], pattern, operation))
    # Prefer a literal path segment to a placeholder.
    return sorted(routes, key=lambda route: route[1].pattern.count("(?P<"))


def _find_error_shape(code: str) -> StructureShape | None:
    for shape in load_service_model().error_shapes:
        if shape.name == code and isinstance(shape, StructureShape):
            return shape
    return None


def _parse_document(body: bytes) -> dict[str, ET.Element]:
    try:
        root = ET.fromstring(body)  # noqa: S314 -- from this machine's own processes, over loopback
    except ET.ParseError as error:
        raise build_invalid_input_error(f"Invalid XML ; {error}") from error
    return {_get_local_name(child.tag): child for child in root}


def _read_value(shape: Shape, node: ET.Element) -> Any:
    match shape:
        case StructureShape():
            children = {_get_local_name(child.tag): child for child in node}
            names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
            if unknown := children.keys() - names.keys():
                raise build_invalid_input_error(
                    f"Invalid XML ; Invalid content was found starting with element '{min(unknown)}'"
                )
            return {
                name: _read_value(shape.members[name], children[wire_name])
                for wire_name, name in names.items()
                if wire_name in children
            }
        case ListShape():
            return [_read_value(shape.member, child) for child in node]
        case _:
            return _read_scalar(shape, node.text or "")


def _read_scalar(shape: Shape, text: str) -> Any:
    match shape.type_name:
        case "boolean":
            if text.strip() not in {"true", "false", "1", "0"}:
                raise build_invalid_input_error(f"Invalid XML ; '{text}' is not a valid value for 'boolean'")
            return text.strip() in {"true", "1"}
        case "integer" | "long":
            try:
                return int(text)
            except ValueError as error:
                raise build_invalid_input_error(f"Invalid XML ; '{text}' is not a valid value for 'integer'") from error
        case _:
            return text


def _write_value(parent: ET.Element, name: str, shape: Shape, value: Any) -> None:
    node = ET.SubElement(parent, name)
    match shape:
        case StructureShape():
            for member_name, member in shape.members.items():
                if value.get(member_name) is not None:
                    wire_name = member.serialization.get("name", member_name)
                    _write_value(node, wire_name, member, value[member_name])
        case ListShape():
            for item in value:
                _write_value(node, shape.member.serialization.get("name", "member"), shape.member, item)
        case _:
            node.text = _write_scalar(shape, value)


def _write_scalar(shape: Shape, value: Any) -> str:
    match shape.type_name:
        case "boolean":
            return "true" if value else "false"
        case "timestamp":
            return datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case _:
            return str(value)


def _get_local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _to_bytes(root: ET.Element) -> bytes:
    return b'<?xml version="1.0"?>\n' + ET.tostring(root)
