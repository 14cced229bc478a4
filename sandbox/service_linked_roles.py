"""Service-linked roles that a service creates at a caller's first call, with the caller's permissions."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.http_messages import EndpointRequest, EndpointResponse, RequestHandler

SERVICES = ("apigateway", "kms")
_ACTION = "iam:CreateServiceLinkedRole"

type Authorize = Callable[[EndpointRequest, str, str, Mapping[str, str]], EndpointResponse | None]
"""Takes a call, an action, a resource ARN and condition keys. Returns the error response, or None if allowed."""


@dataclass(frozen=True, slots=True)
class _ServiceLinkedRole:
    service: str
    name: str


_GATEWAY = _ServiceLinkedRole("ops.apigateway.amazonaws.com", "AWSServiceRoleForAPIGateway")
_MULTI_REGION_KEYS = _ServiceLinkedRole("mrk.kms.amazonaws.com", "AWSServiceRoleForKeyManagementServiceMultiRegionKeys")


class ServiceLinkedRoles:
    """Rejects a call that needs a service-linked role which is missing and which the caller may not create.

    An account's first custom domain of API Gateway and its first multi-Region key need one (developer guides).

    Parameters
    ----------
    authorize
        Evaluates the caller's policies.

    """

    def __init__(self, authorize: Authorize) -> None:
        self._authorize = authorize
        self._created: set[tuple[str, _ServiceLinkedRole]] = set()

    async def intercept(self, request: EndpointRequest, engine: RequestHandler) -> EndpointResponse:
        """Answer a call to one of the services."""
        role = _find_role(request)
        if role is None or (request.account, role) in self._created:
            return await engine(request)
        resource = f"arn:aws:iam::{request.account}:role/aws-service-role/{role.service}/{role.name}"
        if refusal := self._authorize(request, _ACTION, resource, {"iam:AWSServiceName": role.service}):
            return refusal
        self._created.add((request.account, role))
        return await engine(request)


def _find_role(request: EndpointRequest) -> _ServiceLinkedRole | None:
    match request.service, request.operation:
        case "apigateway", "CreateDomainName":
            return _GATEWAY
        case "kms", "CreateKey" if json.loads(request.body or b"{}").get("MultiRegion"):
            return _MULTI_REGION_KEYS
        case _:
            return None
