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
@click.option(
    "--active", is_flag=True, help="Also try writes on the replica, as the canary; they would change nothing."
)
@click.option("--all", "shows_all", is_flag=True, help="Show the checks that passed, too.")
@with_context
def command(context: CommandContext, *, active: bool, shows_all: bool) -> ExitCode:
    """Look whether a failover would work now.

    Reads what it needs, in both Regions, and says what is wrong and what to do about it. The exit code is 1 if a check
    of high severity fails.
    """
    function = DeployedFunction(
        "preflight",
        _derive_preflight_target(context.target),
        context.runtime.create_client,
        sleep=context.runtime.sleep,
        print_progress=context.output.print_progress,
    )
    answer: dict[str, Any] = function.invoke(
        {"active": active}, retry=False, hint="Try again; failoverctl status shows what the last look found."
    )
    if not answer["done"]:
        context.output.print_answer(answer, render_message)
        return get_exit_code(answer)
    context.output.print_answer(answer, lambda found: render_preflight(found, shows_all=shows_all))
    return ExitCode.REFUSED if answer["high_failed"] else ExitCode.DONE


def _derive_preflight_target(target: ControllerTarget) -> ControllerTarget:
    """Return where the preflight function is: beside the operator function, if that is named instead of a stack."""
    if not target.function:
        return target
    if _OPERATOR_SUFFIX not in target.function:
        raise click.UsageError(
            f"{target.function} is not named as the template names the operator function, so the preflight function "
            f"beside it can't be guessed. Give --stack instead of --function."
        )
    prefix, _, version = target.function.rpartition(_OPERATOR_SUFFIX)
    return replace(target, function=f"{prefix}{_PREFLIGHT_SUFFIX}{version}")
