"""``failoverctl report``."""

import sys
from pathlib import Path
from typing import Any

import click

from cognito_failover.core.operator.request import OperatorAction
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.requests import get_exit_code, render_message
from failoverctl.views.report import render_report


@click.command()
@click.argument("report_id", metavar="[ID]", required=False)
@click.option("--last", is_flag=True, help="Use the last move (default).")
@click.option("--open", "opens", is_flag=True, help="Download the page and open it in a browser.")
@click.option("--data", is_flag=True, help="Download JSON instead of the page; with --output or --open.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="Download into this file; - is standard output.",
)
@with_context
def report(
    context: CommandContext, *, report_id: str | None, last: bool, opens: bool, data: bool, output: Path | None
) -> ExitCode:
    """Find the report of a move; download or open it.

    Without an ID: the last move. The history and every message show the ID. Without --open or --output it prints links.
    They work for 15 minutes, for every person who has them.
    """
    if report_id and last:
        raise click.UsageError("Give either an ID or --last.")
    event: dict[str, Any] = {"action": OperatorAction.REPORT.value} | ({"id": report_id} if report_id else {})
    answer = context.operator.request(event)
    if not answer["done"] or not (opens or output):
        context.output.print_answer(answer, render_report if answer["done"] else render_message)
        return get_exit_code(answer)
    found_report = answer["report"]
    body = context.runtime.fetch(found_report["data" if data else "page"])
    if output == Path("-"):
        sys.stdout.buffer.write(body)
        return ExitCode.DONE
    path = output or context.runtime.create_temp_dir() / f"{found_report['id']}.{'json' if data else 'html'}"
    path.write_bytes(body)
    message = f"The report {found_report['id']} is in {path}."
    context.output.print_answer({**answer, "file": str(path)}, lambda _: render_message({"message": message}))
    if opens:
        context.runtime.open_file(path)
    return ExitCode.DONE
