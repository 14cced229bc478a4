"""Operator commands in messages: the failoverctl command, and the request that it sends. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cognito_failover.common.region import Instant
from cognito_failover.core.operator.request import OperatorAction, build_example
from cognito_failover.settings.controller import Settings

_COMMON_FIELDS = frozenset({"action", "reason", "token"})
"""Fields that failoverctl asks for or generates."""


def format_operator_command(
    action: OperatorAction, settings: Settings, *, at: Instant, extra_fields: Mapping[str, Any]
) -> str:
    """Return the command as the rest of a sentence, such as ``run failoverctl status``.

    Parameters
    ----------
    action
        The action to request.
    settings
        The stack and its Region.
    at
        The time of the event, which makes the idempotency token unique.
    extra_fields
        Fields of the request beyond those of its example.

    """
    generated_fields = {"reason": "write why", "token": f"{action}-{int(at)}"}
    request = {name: generated_fields.get(name, value) for name, value in build_example(action).items()}
    request |= extra_fields
    stack = _parse_stack_name(settings)
    function = f"the function {stack}-operator" if stack else "the operator function"
    return f"run {_format_command(request, stack, settings)}, or invoke {function} with {json.dumps(request)}"


def _format_command(request: Mapping[str, Any], stack: str, settings: Settings) -> str:
    target_options = ["--stack", stack, "--region", settings.regions.standby] if stack else []
    return " ".join(["failoverctl", request["action"], *_format_options(request), *target_options])


def _format_options(request: Mapping[str, Any]) -> Iterator[str]:
    for name, value in request.items():
        if name not in _COMMON_FIELDS:
            for item in value if isinstance(value, list) else [value]:
                yield f"--{name.replace('_', '-')}"
                yield str(item)


def _parse_stack_name(settings: Settings) -> str:
    """Return the stack's name from its ARN, ``arn:…:stack/<name>/<id>``; empty if it is unknown."""
    _, _, rest = settings.stack_id.partition(":stack/")
    return rest.partition("/")[0]
