"""Rehearses: shows a drill's plan and what is in its way, makes sure, asks, and follows it if wanted."""

from typing import Any

from cognito_failover.core.operator.request import OperatorAction
from failoverctl.context import CommandContext
from failoverctl.exit_codes import ExitCode
from failoverctl.output import render_parts
from failoverctl.progress import follow_drill
from failoverctl.requests import build_request, confirm, get_exit_code, render_message, require_terminal, submit
from failoverctl.views.drill import render_drill_plan
from failoverctl.views.text import plain_text

DRILL_MOVES_SECONDS = 1800
"""What both moves of a drill may take, beside how long users stay."""


def request_drill(
    context: CommandContext, *, dry_run: bool, yes: bool, wait: bool, timeout: int | None, **fields: Any
) -> ExitCode:
    """Ask for a drill, say the answer, follow it if wanted, and return the exit code.

    Parameters
    ----------
    session
        The run.
    dry_run
        Whether only the plan is wanted, and what is in its way; nothing is changed then.
    yes
        Whether the person is sure already, and need not be shown the plan.
    wait
        Whether to follow it.
    timeout
        How long to follow it, in seconds; by default as long as users stay, and half an hour.
    fields
        Fields of the request.

    Raises
    ------
    DeclinedError
        If the person is not sure.

    """
    if not yes and not dry_run:
        require_terminal(
            "A drill moves users, and there is no terminal to ask at. Give --yes if you are sure.", context
        )
    request = build_request(context, OperatorAction.DRILL, fields)
    if dry_run:
        answer = context.operator.request({**request, "dry_run": True})
        context.output.print_answer(answer, render_drill_plan)
        return ExitCode.REFUSED if answer.get("violations") else get_exit_code(answer)
    if not yes:
        plan = context.operator.request({**request, "dry_run": True})
        for part in render_parts(render_drill_plan, plan):
            context.output.print_preview(part)
        confirm("Begin the drill?")
    answer = submit(context, request)
    exit_code = get_exit_code(answer)
    if wait and exit_code is ExitCode.DONE and "drill" in answer:
        context.output.print_preview(plain_text(answer["message"]))
        timeout_seconds = timeout or fields["hold_seconds"] + DRILL_MOVES_SECONDS
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
