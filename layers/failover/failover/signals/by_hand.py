"""How a person asks the controller for something: a command, and the event it stands for. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from failover.decision.request import Action, example
from failover.region import Instant
from failover.settings import Settings

_OF_EVERY_CHANGE = frozenset({"action", "reason", "token"})
"""What failoverctl asks for at a terminal, or makes itself."""


def how_to_ask(action: Action, settings: Settings, *, at: Instant, further: Mapping[str, Any]) -> str:
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
    own = {"reason": "write why", "token": f"{action}-{int(at)}"}
    event = {name: own.get(name, value) for name, value in example(action).items()} | dict(further)
    stack = _stack_of(settings)
    function = f"the function {stack}-operator" if stack else "the operator function"
    return f"run {_command(event, stack, settings)}, or invoke {function} with {json.dumps(event)}"


def _command(event: Mapping[str, Any], stack: str, settings: Settings) -> str:
    where = ["--stack", stack, "--region", settings.regions.standby] if stack else []
    return " ".join(["failoverctl", event["action"], *_options(event), *where])


def _options(event: Mapping[str, Any]) -> Iterator[str]:
    for name, value in event.items():
        if name not in _OF_EVERY_CHANGE:
            for each in value if isinstance(value, list) else [value]:
                yield f"--{name.replace('_', '-')}"
                yield str(each)


def _stack_of(settings: Settings) -> str:
    """Return the stack's name from its ARN, ``arn:…:stack/<name>/<id>``; empty if it isn't known."""
    _, _, rest = settings.stack_id.partition(":stack/")
    return rest.partition("/")[0]
