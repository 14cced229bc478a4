"""``failoverctl preflight``."""

from dataclasses import replace
from typing import Any

import click

from failoverctl.context import CommandContext, with_context
from failoverctl.deployed_function import DeployedFunction
from failoverctl.exit_codes import ExitCode
from failoverctl.requests import get_exit_code, render_message
from failoverctl.target import ControllerTarget
from failoverctl.views.preflight import render_preflight

_OPERATOR_SUFFIX, _PREFLIGHT_SUFFIX = "-operator", "-preflight"


@click.command()
@click.option("--active", is_flag=True, help="Also try writes on the replica, as the canary. They change nothing.")
@click.option("--all", "shows_all", is_flag=True, help="Also show the checks that passed.")
@with_context
def preflight(context: CommandContext, *, active: bool, shows_all: bool) -> ExitCode:
    """Check whether a failover would work now.

    It reads both Regions, and shows each problem with a remedy. The exit code is 1 if a check of high severity fails.
    """
    function = DeployedFunction(
        "preflight",
        _derive_preflight_target(context.target),
        context.runtime.create_client,
        sleep=context.runtime.sleep,
        print_progress=context.output.print_progress,
    )
    answer: dict[str, Any] = function.invoke(
        {"active": active}, retry=False, hint="Try again. failoverctl status shows the last result."
    )
    if not answer["done"]:
        context.output.print_answer(answer, render_message)
        return get_exit_code(answer)
    context.output.print_answer(answer, lambda content: render_preflight(content, shows_all=shows_all))
    return ExitCode.REFUSED if answer["high_failed"] else ExitCode.DONE


def _derive_preflight_target(target: ControllerTarget) -> ControllerTarget:
    """Return the target of the preflight function. Derive its name if the operator function is given by name."""
    if not target.function:
        return target
    if _OPERATOR_SUFFIX not in target.function:
        raise click.UsageError(
            f"{target.function} does not end in {_OPERATOR_SUFFIX}, so the preflight function's name is unknown. Give "
            f"--stack instead of --function."
        )
    prefix, _, version = target.function.rpartition(_OPERATOR_SUFFIX)
    return replace(target, function=f"{prefix}{_PREFLIGHT_SUFFIX}{version}")
