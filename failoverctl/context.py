"""The context of a subcommand: the operator function, the output and the runtime."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from failoverctl import sandbox_reexec
from failoverctl.operator_client import OperatorClient
from failoverctl.output import JSON_META_KEY, Output
from failoverctl.runtime import Runtime
from failoverctl.target import (
    TARGET_META_KEY,
    TARGET_OPTIONS,
    ControllerTarget,
    merge_levels,
    read_config,
    target_options,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """One run of one subcommand.

    Attributes
    ----------
    target
        The controller.
    operator
        Its operator function.
    output
        Prints the answer and the progress.
    runtime
        The clock, the person, and clients of other services.

    """

    target: ControllerTarget
    operator: OperatorClient
    output: Output
    runtime: Runtime

    def create_client(self, service: str) -> Any:
        """Return the boto3 client of a service in the controller's Region.

        Raises
        ------
        UnreachableError
            If the caller's AWS configuration has no Region, or does not have the profile.

        """
        return self.runtime.create_client(self.target, service)


def with_context(subcommand: Callable[..., int]) -> Callable[..., int]:
    """Add the common options, and pass the subcommand a `CommandContext` built from them."""

    @target_options(with_environment=False)
    @click.option("--json", "_json", is_flag=True, expose_value=False, help="Print one JSON object.")
    @click.pass_context
    @functools.wraps(subcommand)
    def command(ctx: click.Context, /, **options: Any) -> int:
        own_options = {name: options.pop(name) for name in TARGET_OPTIONS}
        target_fields = merge_levels(read_config(), ctx.meta[TARGET_META_KEY], own_options)
        if network := target_fields.pop("sandbox", ""):
            sandbox_reexec.reexec_in_sandbox(network)
        runtime = ctx.find_object(Runtime) or Runtime()
        output = Output(as_json=ctx.meta[JSON_META_KEY])
        target = ControllerTarget(**target_fields)
        operator = OperatorClient(
            target, runtime.create_client, sleep=runtime.sleep, print_progress=output.print_progress
        )
        context = CommandContext(target=target, operator=operator, output=output, runtime=runtime)
        return subcommand(context, **options)

    return command
