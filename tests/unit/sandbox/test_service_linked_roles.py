"""Calls that create a service-linked role with the caller's permissions."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.http_messages import EndpointRequest, EndpointResponse
from sandbox.service_linked_roles import ServiceLinkedRoles

DENIED, DONE = EndpointResponse(status=403), EndpointResponse(status=200)


class Caller:
    """A caller who may or may not create roles, and calls the same services."""

    def __init__(self) -> None:
        self.may_create_roles = False
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self._roles = ServiceLinkedRoles(self._authorize)

    def _authorize(
        self, _request: EndpointRequest, _action: str, resource: str, keys: Mapping[str, str]
    ) -> EndpointResponse | None:
        self.asked.append((resource, keys))
        return None if self.may_create_roles else DENIED

    def call(self, service: str, operation: str, **document: Any) -> int:
        request = EndpointRequest(
            region="us-east-1",
            caller_region=None,
            account="123456789012",
            service=service,
            operation=operation,
            method="POST",
            path="/",
            query="",
            headers={},
            body=json.dumps(document).encode(),
            signed=True,
        )

        async def engine(_request: EndpointRequest) -> EndpointResponse:
            return DONE

        return asyncio.run(self._roles.intercept(request, engine)).status


@pytest.mark.parametrize(
    ("service", "operation", "document", "linked_service"),
    [
        ("apigateway", "CreateDomainName", {}, "ops.apigateway.amazonaws.com"),
        ("kms", "CreateKey", {"MultiRegion": True}, "mrk.kms.amazonaws.com"),
    ],
)
def test_first_call_of_an_account_needs_the_permission(
    service: str, operation: str, document: dict[str, Any], linked_service: str
) -> None:
    caller = Caller()

    assert caller.call(service, operation, **document) == DENIED.status
    caller.may_create_roles = True
    assert caller.call(service, operation, **document) == DONE.status
    caller.may_create_roles = False
    assert caller.call(service, operation, **document) == DONE.status
    resource, keys = caller.asked[0]
    assert resource.startswith(f"arn:aws:iam::123456789012:role/aws-service-role/{linked_service}/")
    assert keys == {"iam:AWSServiceName": linked_service}


@pytest.mark.parametrize(
    ("service", "operation"), [("apigateway", "CreateRestApi"), ("kms", "CreateKey"), ("kms", "DescribeKey")]
)
def test_other_calls_need_no_service_linked_role(service: str, operation: str) -> None:
    caller = Caller()

    assert caller.call(service, operation) == DONE.status
    assert caller.asked == []
