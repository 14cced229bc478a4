"""``failoverctl watch``."""

from collections.abc import Callable, Mapping
from typing import Any

import click
from rich.console import Group
from rich.live import Live

from failover.decision.request import Action
from failoverctl.exits import ExitCode, FailedError, UnreachableError
from failoverctl.output import understood
from failoverctl.session import Session, with_session
from failoverctl.views.text import sentence
from failoverctl.views.watch import change_of, watch_view

MIN_INTERVAL_SECONDS = 2
DEFAULT_INTERVAL_SECONDS = 5

type Status = Mapping[str, Any]
type Look = Callable[[Status | None, str], None]


@click.command()
@click.option(
    "--interval",
    type=click.IntRange(min=MIN_INTERVAL_SECONDS),
    default=DEFAULT_INTERVAL_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="From one look to the next.",
)
@with_session
def command(session: Session, *, interval: int) -> ExitCode:
    """Follow how things stand, until Ctrl-C.

    On a terminal the status is shown anew at each look; otherwise each change is a line. With --json each look is a
    line, with one JSON object.
    """
    session.operator.find()  # a wrong name ends it at once, rather than being looked for again and again
    try:
        if session.output.as_json:
            _keep_looking(session, interval, _as_json(session))
        elif session.output.console.is_terminal:
            _on_a_terminal(session, interval)
        else:
            _keep_looking(session, interval, _as_lines(session))
    except KeyboardInterrupt:
        pass
    return ExitCode.DONE


def _keep_looking(session: Session, interval: int, show: Look) -> None:
    """Look until interrupted; a look that failed is shown, and followed by the next."""
    while True:
        try:
            answer = session.operator.ask({"action": Action.STATUS.value}, repeats=False)
        except (UnreachableError, FailedError) as error:
            show(None, error.format_message())
        else:
            show(answer["status"], "") if answer["done"] else show(None, answer["message"])
        session.surroundings.sleep(interval)


def _as_json(session: Session) -> Look:
    def show(status: Status | None, trouble: str) -> None:
        at = session.surroundings.now().isoformat(timespec="milliseconds")
        session.output.json({"at": at, "done": not trouble, "message": trouble, "status": status}, indent=None)

    return show


def _as_lines(session: Session) -> Look:
    before: Status | None = None

    def show(status: Status | None, trouble: str) -> None:
        nonlocal before
        change = trouble or (change_of(before, status) if status else "")
        before = status or before
        if change:
            at = f"{session.surroundings.now():%Y-%m-%d %H:%M:%S}"
            session.output.console.print(sentence(f"{at}  {change}"), soft_wrap=True)

    return show


def _on_a_terminal(session: Session, interval: int) -> None:
    seen: Status | None = None
    seen_at = session.surroundings.now()
    with Live(console=session.output.console, auto_refresh=False) as live:

        def show(status: Status | None, trouble: str) -> None:
            nonlocal seen, seen_at
            now = session.surroundings.now()
            if status:
                seen, seen_at = status, now
            live.update(Group(*understood(lambda _: watch_view(seen, trouble, seen_at, now), {})), refresh=True)

        _keep_looking(session, interval, show)
