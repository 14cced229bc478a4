"""The service, operation and protocol of an HTTP request, from boto3's service models."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, ServiceModel

_MODEL_NAMES = {"monitoring": "cloudwatch", "states": "stepfunctions", "email": "ses"}
"""boto3's model names of services that are signed with another name."""

_UNSIGNED_TARGETS = {
    "AWSCognitoIdentityProviderService": "cognito-idp",
    "AWSCognitoIdentityService": "cognito-identity",
}
"""Services with unsigned JSON calls. For a call to an IP address, only the target header names the service."""

_SCOPE_PATTERN = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_CBOR_PATH_PATTERN = re.compile(r"^/service/[^/]+/operation/(?P<operation>\w+)$")


@dataclass(frozen=True, slots=True)
class SignatureScope:
    """The scope of a signature."""

    region: str
    service: str


def parse_signature_scope(headers: Mapping[str, str], query: str) -> SignatureScope | None:
    """Return the scope of a request's signature, in its header or its query; None if it is unsigned."""
    match = _SCOPE_PATTERN.search(headers.get("authorization", ""))
    if match is None and "X-Amz-Credential=" in query:
        credential = parse_qs(query).get("X-Amz-Credential", [""])[0]
        match = _SCOPE_PATTERN.search(f"Credential={credential}")
    return SignatureScope(match["region"], match["service"]) if match else None


def find_service(headers: Mapping[str, str], path: str, scope: SignatureScope | None) -> str:
    """Return the endpoint prefix of the called service; empty if it cannot be determined."""
    if scope is not None:
        return scope.service
    target = headers.get("x-amz-target", "").partition(".")[0]
    if target in _UNSIGNED_TARGETS:
        return _UNSIGNED_TARGETS[target]
    host = headers.get("host", "").partition(":")[0].lower()
    if host.endswith(".amazonaws.com"):
        return "s3" if ".s3." in host else host.partition(".")[0]
    if "/.well-known/" in path:
        return "cognito-idp"
    return ""


def find_operation_name(
    service: str, *, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> str:
    """Return the operation's name; empty if the request matches no operation of the service."""
    if target := headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if match := _CBOR_PATH_PATTERN.match(path):
        return match["operation"]
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    if "Action=" in query:
        return parse_qs(query).get("Action", [""])[0]
    if service == "s3":
        bucket, virtual_host, _ = headers.get("host", "").partition(".s3.")
        path = f"/{bucket}{path}" if virtual_host else path
    query_names = parse_qs(query, keep_blank_values=True).keys()
    for route in _list_routes(service):
        if (
            route.method == method
            and route.path.match(path)
            and route.query <= query_names
            and route.headers <= headers.keys()
        ):
            return route.operation
    return ""


def find_protocol(service: str) -> str:
    """Return botocore's name of the service's protocol; ``json`` if unknown."""
    model = find_service_model(service)
    return str(model.resolved_protocol) if model else "json"


@cache
def list_unsigned_operations(service: str) -> frozenset[str]:
    """Return the operations that clients call without credentials."""
    model = find_service_model(service)
    if model is None:
        return frozenset()
    return frozenset(name for name in model.operation_names if model.operation_model(name).auth_type == "none")


@cache
def find_service_model(service: str) -> ServiceModel | None:
    """Return boto3's model of a service by its endpoint prefix, or None."""
    try:
        return botocore.session.get_session().get_service_model(_MODEL_NAMES.get(service, service))
    except UnknownServiceError:
        return None


@dataclass(frozen=True, slots=True)
class _Route:
    operation: str
    method: str
    path: re.Pattern[str]
    query: frozenset[str]
    headers: frozenset[str]
    literal_length: int


@cache
def _list_routes(service: str) -> tuple[_Route, ...]:
    model = find_service_model(service)
    if model is None or not str(model.resolved_protocol).startswith("rest-"):
        return ()
    routes = [_build_route(model.operation_model(name)) for name in model.operation_names]
    # Try the routes with the most conditions first: DELETE /x?tagging before DELETE /x.
    return tuple(sorted(routes, key=lambda route: (-len(route.query) - len(route.headers), -route.literal_length)))


def _build_route(operation: OperationModel) -> _Route:
    uri, _, query = operation.http["requestUri"].partition("?")
    pattern = re.sub(r"\\\{[^/]+?\\\+\\\}", ".+", re.escape(uri))
    pattern = re.sub(r"\\\{[^/]+?\\\}", "[^/]+", pattern)
    return _Route(
        operation.name,
        operation.http["method"],
        re.compile(f"^{pattern.rstrip('/')}/?$"),
        frozenset(parse_qs(query, keep_blank_values=True)) | _list_required_names(operation, "querystring"),
        frozenset(name.lower() for name in _list_required_names(operation, "header")),
        len(re.sub(r"\{[^}]+\}", "", uri)),
    )


def _list_required_names(operation: OperationModel, location: str) -> frozenset[str]:
    """Return the names of the required parameters in a call's query or headers."""
    shape = operation.input_shape
    if shape is None:
        return frozenset()
    required = (shape.members[name].serialization for name in shape.required_members)
    return frozenset(member["name"] for member in required if member.get("location") == location)
