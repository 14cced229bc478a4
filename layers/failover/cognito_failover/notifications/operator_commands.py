"""How a person asks the controller for something: a command, and the event it stands for. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cognito_failover.common.region import Instant
from cognito_failover.core.operator.request import OperatorAction, build_example
from cognito_failover.settings.controller import Settings

_COMMON_FIELDS = frozenset({"action", "reason", "token"})
"""What failoverctl asks for at a terminal, or makes itself."""


def format_operator_command(
    action: OperatorAction, settings: Settings, *, at: Instant, extra_fields: Mapping[str, Any]
) -> str:
    """Return what to do, to follow a comma or a colon.

    Parameters
    ----------
    action
        What is asked for.
    settings
        Where the controller is.
    at
        The occasion, which makes the event's token its own.
    further
        Fields of the request that are not its example's.

    """
    generated_fields = {"reason": "write why", "token": f"{action}-{int(at)}"}
    event = {name: generated_fields.get(name, value) for name, value in build_example(action).items()} | dict(
        extra_fields
    )
    stack = _parse_stack_name(settings)
    function = f"the function {stack}-operator" if stack else "the operator function"
    return f"run {_format_command(event, stack, settings)}, or invoke {function} with {json.dumps(event)}"


def _format_command(event: Mapping[str, Any], stack: str, settings: Settings) -> str:
    target_options = ["--stack", stack, "--region", settings.regions.standby] if stack else []
    return " ".join(["failoverctl", event["action"], *_format_options(event), *target_options])


def _format_options(event: Mapping[str, Any]) -> Iterator[str]:
    for name, value in event.items():
        if name not in _COMMON_FIELDS:
            for each in value if isinstance(value, list) else [value]:
                yield f"--{name.replace('_', '-')}"
                yield str(each)


def _parse_stack_name(settings: Settings) -> str:
    """Return the stack's name from its ARN, ``arn:…:stack/<name>/<id>``; empty if it isn't known."""
    _, _, rest = settings.stack_id.partition(":stack/")
    return rest.partition("/")[0]
