"""Moves users: shows what that means, makes sure, asks, and follows the move if wanted."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click
from rich.console import RenderableType

from failover.decision.request import Action
from failover.decision.rules import OVERRIDABLE
from failoverctl.asking import accountable, code_of, completed, make_sure, need_a_person, sent
from failoverctl.exits import ExitCode, FailedError
from failoverctl.following import follow
from failoverctl.output import understood
from failoverctl.session import Session
from failoverctl.views.plan import plan_view
from failoverctl.views.status import status_view
from failoverctl.views.text import sentence

DEFAULT_FOLLOWING_SECONDS = 1800
"""A failback in steps, each at rest for a while, takes some minutes."""

_QUESTIONS = {
    Action.FAILOVER: "Move all users to the standby?",
    Action.FAILBACK: "Move users back to the primary?",
    Action.ABORT: "Take the move back?",
}


def moving[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Add the options of whatever moves users."""
    for option in (
        click.option(
            "--timeout",
            type=click.IntRange(min=1),
            default=DEFAULT_FOLLOWING_SECONDS,
            show_default=True,
            metavar="SECONDS",
            help="How long --wait follows it.",
        ),
        click.option("--wait", is_flag=True, help="Follow the move to its end."),
        click.option("--yes", is_flag=True, help="Don't ask whether you are sure."),
    ):
        function = option(function)
    return accountable(function)


def move(session: Session, action: Action, *, yes: bool, wait: bool, timeout: int, **wish: Any) -> ExitCode:
    """Ask for a move, say the answer, follow it if wanted, and return the exit code.

    Parameters
    ----------
    session
        The run.
    action
        Failover, failback or abort.
    yes
        Whether the person is sure already, and need not be shown what it means.
    wait
        Whether to follow it.
    timeout
        How long to follow it, in seconds.
    wish
        Further fields of the request.

    Raises
    ------
    DeclinedError
        If the person is not sure.
    FailedError
        If how things stand can't be read, so that nobody can be asked.

    """
    if not yes:
        need_a_person("This moves users, and there is no terminal to ask at. Give --yes if you are sure.", session)
        _show_plan(session, action, wish)
    event = completed(session, action, wish)
    if not yes:
        make_sure(_QUESTIONS[action])
    answer = sent(session, event)
    code = code_of(answer)
    if wait and code is ExitCode.DONE:
        session.output.aside(sentence(answer["message"]))
        end = follow(session, answer.get("status") or {}, action, seconds=timeout)
        answer |= {"done": end.code is ExitCode.DONE, "message": end.sentence, "status": end.status}
        code = end.code
    session.output.answer(answer, lambda found: _outcome(session, found))
    return code


def _show_plan(session: Session, action: Action, wish: Mapping[str, Any]) -> None:
    answer = session.operator.ask({"action": Action.STATUS.value})
    if not answer["done"]:
        raise FailedError(answer["message"])
    now = session.surroundings.now()
    for part in understood(lambda found: plan_view(found["status"], now, action, wish), answer):
        session.output.aside(part)


def _outcome(session: Session, answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield sentence(answer["message"])
    if answer.get("refused_by") in OVERRIDABLE:
        yield sentence(f"With failoverctl that is: --override {answer['refused_by']}")
    if answer["done"] and (status := answer.get("status")):
        yield sentence("")
        yield from status_view(status, session.surroundings.now(), with_history=False)
