"""``failoverctl watch``."""

from collections.abc import Callable, Mapping
from typing import Any

import click
from rich.console import Group
from rich.live import Live

from cognito_failover.core.operator.request import OperatorAction
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode, FunctionFailedError, UnreachableError
from failoverctl.output import render_parts
from failoverctl.views.text import plain_text
from failoverctl.views.watch import render_watch, summarize_change

MIN_INTERVAL_SECONDS = 2
DEFAULT_INTERVAL_SECONDS = 5

type Status = Mapping[str, Any]
type StatusListener = Callable[[Status | None, str], None]


@click.command()
@click.option(
    "--interval",
    type=click.IntRange(min=MIN_INTERVAL_SECONDS),
    default=DEFAULT_INTERVAL_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="Time between two reads of the status.",
)
@with_context
def watch(context: CommandContext, *, interval: int) -> ExitCode:
    """Follow the status until Ctrl-C.

    On a terminal it redraws the status. Otherwise it prints a line per change, and with --json a line per read.
    """
    context.operator.resolve_name()  # ends at once if the name is wrong
    try:
        if context.output.as_json:
            _poll_status(context, interval, _create_json_listener(context))
        elif context.output.console.is_terminal:
            _show_live(context, interval)
        else:
            _poll_status(context, interval, _create_line_listener(context))
    except KeyboardInterrupt:
        pass
    return ExitCode.DONE


def _poll_status(context: CommandContext, interval: int, on_status: StatusListener) -> None:
    """Read the status until interrupted. A failed read is reported, and does not end the loop."""
    while True:
        try:
            answer = context.operator.request({"action": OperatorAction.STATUS.value}, retry=False)
        except (UnreachableError, FunctionFailedError) as error:
            on_status(None, error.format_message())
        else:
            on_status(answer["status"], "") if answer["done"] else on_status(None, answer["message"])
        context.runtime.sleep(interval)


def _create_json_listener(context: CommandContext) -> StatusListener:
    def on_status(status: Status | None, error_message: str) -> None:
        at = context.runtime.now().isoformat(timespec="milliseconds")
        context.output.print_json(
            {"at": at, "done": not error_message, "message": error_message, "status": status}, indent=None
        )

    return on_status


def _create_line_listener(context: CommandContext) -> StatusListener:
    previous: Status | None = None

    def on_status(status: Status | None, error_message: str) -> None:
        nonlocal previous
        change = error_message or (summarize_change(previous, status) if status else "")
        previous = status or previous
        if change:
            at = f"{context.runtime.now():%Y-%m-%d %H:%M:%S}"
            context.output.console.print(plain_text(f"{at}  {change}"), soft_wrap=True)

    return on_status


def _show_live(context: CommandContext, interval: int) -> None:
    last_status: Status | None = None
    last_status_at = context.runtime.now()
    with Live(console=context.output.console, auto_refresh=False) as live:

        def on_status(status: Status | None, error_message: str) -> None:
            nonlocal last_status, last_status_at
            now = context.runtime.now()
            if status:
                last_status, last_status_at = status, now
            live.update(
                Group(*render_parts(lambda _: render_watch(last_status, error_message, last_status_at, now), {})),
                refresh=True,
            )

        _poll_status(context, interval, on_status)
