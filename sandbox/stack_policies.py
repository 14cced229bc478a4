"""Validation of stack policies: CloudFormation rejects a policy as a whole that names a resource it does not know."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs, urlencode

from sandbox.aws_errors import build_error_response
from sandbox.http_messages import EndpointRequest, EndpointResponse, RequestHandler

_RESOURCE_PREFIX = "LogicalResourceId/"
_LOGICAL_IDS = re.compile(rb"<LogicalResourceId>([^<]+)</LogicalResourceId>")
_ACTIONS = frozenset({"Update:Modify", "Update:Replace", "Update:Delete", "Update:*"})
_OPERATIONS = frozenset({"SetStackPolicy", "UpdateStack"})


class PolicyRejectedError(Exception):
    """A stack policy is not valid. The message is CloudFormation's."""


async def validate_stack_policy(request: EndpointRequest, engine: RequestHandler) -> EndpointResponse:
    """Answer a call to CloudFormation. Reject a stack policy that CloudFormation rejects."""
    parameters = parse_qs(request.body.decode("utf-8", "replace"))
    policy = parameters.get("StackPolicyBody", [""])[0]
    if request.operation not in _OPERATIONS or not policy:
        return await engine(request)
    query = urlencode({"Action": "DescribeStackResources", "StackName": parameters["StackName"][0]})
    listed = await engine(replace(request, operation="DescribeStackResources", body=query.encode()))
    try:
        check_policy(policy, {name.decode() for name in _LOGICAL_IDS.findall(listed.body)})
    except PolicyRejectedError as error:
        message = f"Error validating stack policy: {error}"
        return build_error_response(request, code="ValidationError", status=400, message=message)
    return await engine(request)


def check_policy(text: str, logical_ids: set[str]) -> None:
    """Raise PolicyRejectedError if a stack with these resources does not accept the policy."""
    try:
        statements = _as_list(json.loads(text)["Statement"])
    except (ValueError, KeyError, TypeError):
        raise PolicyRejectedError("Invalid stack policy") from None
    for statement in statements:
        _check_statement(statement, logical_ids)


def _check_statement(statement: Any, logical_ids: set[str]) -> None:
    if not isinstance(statement, Mapping) or statement.get("Principal") != "*":
        raise PolicyRejectedError("Invalid stack policy")
    actions = _as_list(statement.get("Action", statement.get("NotAction", ())))
    if not actions or not _ACTIONS.issuperset(actions):
        raise PolicyRejectedError("Invalid stack policy")
    for pattern in _list_patterns(statement):
        # Strict where AWS is silent: a wildcard that matches no resource is unknown, too.
        if not any(fnmatchcase(logical_id, pattern) for logical_id in logical_ids):
            raise PolicyRejectedError(f"Unknown logical id '{pattern}' in statement {json.dumps(statement)}")


def _list_patterns(statement: Mapping[str, Any]) -> Iterator[str]:
    resources = _as_list(statement.get("Resource", statement.get("NotResource", ())))
    if not resources:
        raise PolicyRejectedError("Invalid stack policy")
    for resource in resources:
        if resource == "*":
            continue
        if not str(resource).startswith(_RESOURCE_PREFIX):
            raise PolicyRejectedError("Invalid stack policy")
        yield str(resource).removeprefix(_RESOURCE_PREFIX)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
