"""Attaches and detaches latches: a request that is repeated until the function says that it is done."""

from collections.abc import Callable
from typing import Any

import click

from failover.decision.request import Action
from failoverctl.asking import accountable, code_of, completed, message, sent
from failoverctl.exits import ExitCode
from failoverctl.session import Session

PAUSE_SECONDS = 10.0
"""Between two requests; the function waits for up to a minute in each."""

DEFAULT_TIMEOUT_SECONDS = 600


def fitting[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Add the options of whatever attaches or detaches."""
    function = click.option(
        "--timeout",
        type=click.IntRange(0),
        default=DEFAULT_TIMEOUT_SECONDS,
        show_default=True,
        metavar="SECONDS",
        help="How long to repeat the request until it is done; 0 asks once.",
    )(function)
    return accountable(function)


def fit(session: Session, action: Action, *, timeout: int, **wish: Any) -> ExitCode:
    """Ask until it is done or refused, say the last answer, and return the exit code.

    Parameters
    ----------
    session
        The run.
    action
        Attach or detach.
    timeout
        How long to repeat the request, in seconds.
    wish
        Further fields of the request.

    """
    event = completed(session, action, wish)
    began = session.surroundings.now()
    while True:
        answer = sent(session, event)
        if answer["done"] or "refused_by" in answer:
            code = code_of(answer)
            break
        if (session.surroundings.now() - began).total_seconds() >= timeout:
            code = ExitCode.NOT_FINISHED
            break
        session.output.note(answer["message"])
        session.surroundings.sleep(PAUSE_SECONDS)
    session.output.answer(answer, message)
    return code
