"""``failoverctl drill``: shows the plan, confirms, sends the request, and follows the drill."""

from typing import Any

import click

from cognito_failover.core.model.drill import DrillKind
from cognito_failover.core.operator.request import (
    DEFAULT_HOLD_SECONDS,
    MAX_DRILL_ROUNDS,
    MAX_HOLD_SECONDS,
    FailbackMode,
    OperatorAction,
)
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.output import render_parts
from failoverctl.progress import follow_drill
from failoverctl.requests import (
    audit_options,
    build_request,
    confirm,
    explain_interruption,
    get_exit_code,
    render_message,
    require_terminal,
    submit,
)
from failoverctl.views.drill import render_drill_plan
from failoverctl.views.text import plain_text

DRILL_MOVES_SECONDS = 1800
"""Maximum duration of both moves of a drill, without the time on the standby."""


@click.command()
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in DrillKind]),
    default=DrillKind.SWITCHOVER.value,
    show_default=True,
    help="The kind of drill.",
)
@click.option(
    "--hold-seconds",
    type=click.IntRange(0, MAX_HOLD_SECONDS),
    default=DEFAULT_HOLD_SECONDS,
    show_default=True,
    help="How long users stay on the standby.",
)
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in FailbackMode]),
    help="How users return.  [stepped]",
)
@click.option(
    "--rounds",
    type=click.IntRange(1, MAX_DRILL_ROUNDS),
    help="Simulated outage: maximum number of rounds in which the primary is reported sick.",
)
@click.option("--dry-run", is_flag=True, help="Show the plan and the violated rules; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--wait", is_flag=True, help="Follow the drill to its end.")
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    metavar="SECONDS",
    help="How long --wait follows the drill.  [--hold-seconds and half an hour]",
)
@audit_options
@with_context
def drill(context: CommandContext, **fields: Any) -> ExitCode:
    """Test a failover in production: there and back.

    The controller refuses it while a rule for drills is violated. A real failure ends it. To end it early: failoverctl
    abort.
    """
    return _request_drill(context, **fields)


def _request_drill(
    context: CommandContext, *, dry_run: bool, yes: bool, wait: bool, timeout: int | None, **fields: Any
) -> ExitCode:
    """Request a drill, print the answer, and return the exit code.

    Parameters
    ----------
    context
        The run.
    dry_run
        Whether to show only the plan and the violated rules. Changes nothing.
    yes
        Whether to skip the plan and the confirmation.
    wait
        Whether to follow the drill to its end.
    timeout
        How long to follow the drill, in seconds. Default: the time on the standby and half an hour.
    fields
        Fields of the request.

    Raises
    ------
    DeclinedError
        If the person does not confirm.

    """
    if not yes and not dry_run:
        require_terminal("A drill moves users, and no terminal can confirm it. Give --yes if you are sure.", context)
    request = build_request(context, OperatorAction.DRILL, fields)
    if dry_run:
        answer = context.operator.request({**request, "dry_run": True})
        context.output.print_answer(answer, render_drill_plan)
        return ExitCode.REFUSED if answer.get("violations") else get_exit_code(answer)
    if not yes:
        plan = context.operator.request({**request, "dry_run": True})
        for part in render_parts(render_drill_plan, plan):
            context.output.print_preview(part)
        confirm("Start the drill?")
    answer = submit(context, request)
    exit_code = get_exit_code(answer)
    if wait and exit_code is ExitCode.DONE and "drill" in answer:
        context.output.print_preview(plain_text(answer["message"]))
        timeout_seconds = timeout or fields["hold_seconds"] + DRILL_MOVES_SECONDS
        with explain_interruption(request):
            follow_result = follow_drill(
                context, answer.get("status") or {}, answer["drill"], timeout_seconds=timeout_seconds
            )
        answer |= {
            "done": follow_result.exit_code is ExitCode.DONE,
            "message": follow_result.message,
            "status": follow_result.status,
        }
        exit_code = follow_result.exit_code
    context.output.print_answer(answer, render_message)
    return exit_code
