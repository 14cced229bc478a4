"""``failoverctl report``."""

import sys
from pathlib import Path
from typing import Any

import click

from failover.decision.request import Action
from failoverctl.asking import code_of, message
from failoverctl.exits import ExitCode
from failoverctl.session import Session, with_session
from failoverctl.views.report import report_view


@click.command()
@click.argument("report_id", metavar="[ID]", required=False)
@click.option("--last", is_flag=True, help="Of the last move; so it is without an ID, too.")
@click.option("--open", "opens", is_flag=True, help="Download the page and open it in a browser.")
@click.option("--data", is_flag=True, help="The same as JSON, instead of the page; with --output or --open.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="Download it into this file, or to standard output with -.",
)
@with_session
def command(
    session: Session, *, report_id: str | None, last: bool, opens: bool, data: bool, output: Path | None
) -> ExitCode:
    """Find the report of a move, and download or open it.

    Of the last one, unless an ID is given: the history and every message name it. Without --open or --output the links
    are shown; they open for a quarter of an hour, for whoever has them.
    """
    if report_id and last:
        raise click.UsageError("Give either an ID or --last.")
    event: dict[str, Any] = {"action": Action.REPORT.value} | ({"id": report_id} if report_id else {})
    answer = session.operator.ask(event)
    if not answer["done"] or not (opens or output):
        session.output.answer(answer, report_view if answer["done"] else message)
        return code_of(answer)
    found = answer["report"]
    body = session.surroundings.fetch(found["data" if data else "page"])
    if output == Path("-"):
        sys.stdout.buffer.write(body)
        return ExitCode.DONE
    path = output or session.surroundings.scratch() / f"{found['id']}.{'json' if data else 'html'}"
    path.write_bytes(body)
    session.output.answer(
        {**answer, "file": str(path)}, lambda _: message({"message": f"The report {found['id']} is in {path}."})
    )
    if opens:
        session.surroundings.open_file(path)
    return ExitCode.DONE
