"""Which service and operation an HTTP request means, and in which protocol, by boto3's own models."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, ServiceModel

_MODEL_NAMES = {"monitoring": "cloudwatch", "states": "stepfunctions", "email": "ses"}
"""Models whose name is not the one requests are signed with."""

_UNSIGNED_TARGETS = {
    "AWSCognitoIdentityProviderService": "cognito-idp",
    "AWSCognitoIdentityService": "cognito-identity",
}
"""Services whose JSON calls come unsigned; a call to a bare address tells them by their target only."""

_SCOPE_PATTERN = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_CBOR_PATH_PATTERN = re.compile(r"^/service/[^/]+/operation/(?P<operation>\w+)$")


@dataclass(frozen=True, slots=True)
class SignatureScope:
    """What a signature was made for."""

    region: str
    service: str


def parse_signature_scope(headers: Mapping[str, str], query: str) -> SignatureScope | None:
    """Return what a request was signed for, in its header or its query; None if it is unsigned."""
    found = _SCOPE_PATTERN.search(headers.get("authorization", ""))
    if found is None and "X-Amz-Credential=" in query:
        credential = parse_qs(query).get("X-Amz-Credential", [""])[0]
        found = _SCOPE_PATTERN.search(f"Credential={credential}")
    return SignatureScope(found["region"], found["service"]) if found else None


def find_service(headers: Mapping[str, str], path: str, scope: SignatureScope | None) -> str:
    """Return the endpoint prefix of the service that was called; empty if nothing tells."""
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
    """Return the API's name of the operation; empty where the request matches none of the service's."""
    if target := headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if found := _CBOR_PATH_PATTERN.match(path):
        return found["operation"]
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    if "Action=" in query:
        return parse_qs(query).get("Action", [""])[0]
    if service == "s3":
        bucket, virtual_host, _ = headers.get("host", "").partition(".s3.")
        path = f"/{bucket}{path}" if virtual_host else path
    given = parse_qs(query, keep_blank_values=True).keys()
    for route in _list_routes(service):
        if (
            route.method == method
            and route.path.match(path)
            and route.query <= given
            and route.headers <= headers.keys()
        ):
            return route.operation
    return ""


def find_protocol(service: str) -> str:
    """Return the protocol the service's errors are worded in, as botocore names it; ``json`` if unknown."""
    model = find_service_model(service)
    return str(model.resolved_protocol) if model else "json"


@cache
def list_unsigned_operations(service: str) -> frozenset[str]:
    """Return the operations that a client calls without credentials."""
    model = find_service_model(service)
    if model is None:
        return frozenset()
    return frozenset(name for name in model.operation_names if model.operation_model(name).auth_type == "none")


@cache
def find_service_model(service: str) -> ServiceModel | None:
    """Return boto3's model of a service by its endpoint prefix; None if there is none."""
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
    # The more a route asks for, the earlier it is tried: DELETE /x?tagging before DELETE /x.
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
    """Return the names of what a call must carry in its query or its headers."""
    shape = operation.input_shape
    if shape is None:
        return frozenset()
    required = (shape.members[name].serialization for name in shape.required_members)
    return frozenset(where["name"] for where in required if where.get("location") == location)
