"""Asks for a change: who wants it and why, under which token, and whether the person is sure."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click
from rich.console import RenderableType

from failover.decision.request import MAX_TEXT_LENGTH, Action
from failoverctl.deployed_function import Answer
from failoverctl.exits import DeclinedError, ExitCode
from failoverctl.session import Session
from failoverctl.views.text import sentence

_REFUSALS: Mapping[str, ExitCode] = {
    "reports": ExitCode.FAILED,
    "request": ExitCode.USAGE,
    "ledger": ExitCode.FAILED,
    "fault": ExitCode.FAILED,
}
"""What kept a request from being done without being a rule."""


class Text(click.ParamType[str]):
    """What a request takes as a text."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it without the spaces around it, or say what is wrong."""
        text = str(value).strip()
        if not 0 < len(text) <= MAX_TEXT_LENGTH:
            self.fail(f"give 1 to {MAX_TEXT_LENGTH} characters", param, ctx)
        return text


def accountable[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Add the options that say who wants a change, and why."""
    for option in (
        click.option("--token", type=Text(), help="Of a request to repeat; a new one is made otherwise."),
        click.option(
            "--requested-by", type=Text(), envvar="FAILOVERCTL_REQUESTED_BY", show_envvar=True, help="Who you are."
        ),
        click.option("--reason", type=Text(), help="Why; it goes into the history and into every message."),
    ):
        function = option(function)
    return function


def change(session: Session, action: Action, wish: Mapping[str, Any]) -> ExitCode:
    """Ask for a change that moves nobody, say the answer, and return the exit code.

    Parameters
    ----------
    session
        The run.
    action
        What is asked for.
    wish
        Fields of the request; what is None or empty was not given.

    Raises
    ------
    click.UsageError
        If there is no reason, and nobody to ask for one.

    """
    answer = sent(session, completed(session, action, wish))
    session.output.answer(answer, message)
    return code_of(answer)


def sent(session: Session, event: Mapping[str, Any]) -> Answer:
    """Ask for a change, and return the answer with the token it was asked under."""
    session.output.note(f"Token: {event['token']}")
    return {**session.operator.ask(event), "token": event["token"]}


def completed(session: Session, action: Action, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole request: with a reason that is asked for if need be, a token, and who wants it."""
    given = {name: value for name, value in wish.items() if value}
    return {
        "action": action.value,
        **given,
        "reason": given.get("reason") or _reason(session),
        "token": given.get("token") or new_token(session, action),
        "requested_by": given.get("requested_by") or session.surroundings.person(),
    }


def _reason(session: Session) -> str:
    need_a_person("Give --reason: why, in your words. It goes into the history and into every message.", session)
    reason: str = click.prompt("Reason", type=Text(), err=True)
    return reason


def need_a_person(otherwise: str, session: Session) -> None:
    """See that somebody is there to be asked.

    Raises
    ------
    click.UsageError
        If nobody is; it says what to do otherwise.

    """
    if not session.surroundings.is_terminal():
        raise click.UsageError(otherwise)


def new_token(session: Session, action: Action) -> str:
    """Return a token of this occasion's own, that a person can tell from others."""
    return f"{action}-{session.surroundings.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def make_sure(question: str) -> None:
    """Ask the person a question that only yes lets pass.

    Raises
    ------
    DeclinedError
        If the answer is anything else.

    """
    if not click.confirm(question, err=True):
        raise DeclinedError("Nothing was asked for, nothing was changed.")


def code_of(answer: Answer) -> ExitCode:
    """Return the exit code that an answer leads to."""
    return ExitCode.DONE if answer["done"] else _REFUSALS.get(answer.get("refused_by", ""), ExitCode.REFUSED)


def message(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Show what was done, or why not."""
    yield sentence(answer["message"])
