"""Rehearses: shows a drill's plan and what is in its way, makes sure, asks, and follows it if wanted."""

from typing import Any

from failover.decision.request import Action
from failoverctl.asking import code_of, completed, make_sure, message, need_a_person, sent
from failoverctl.exits import ExitCode
from failoverctl.following import follow_drill
from failoverctl.output import understood
from failoverctl.session import Session
from failoverctl.views.drill import plan_view
from failoverctl.views.text import sentence

BESIDE_THE_HOLD_SECONDS = 1800
"""What both moves of a drill may take, beside how long users stay."""


def rehearse(session: Session, *, dry_run: bool, yes: bool, wait: bool, timeout: int | None, **wish: Any) -> ExitCode:
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
    wish
        Fields of the request.

    Raises
    ------
    DeclinedError
        If the person is not sure.

    """
    if not yes and not dry_run:
        need_a_person("A drill moves users, and there is no terminal to ask at. Give --yes if you are sure.", session)
    event = completed(session, Action.DRILL, wish)
    if dry_run:
        answer = session.operator.ask({**event, "dry_run": True})
        session.output.answer(answer, plan_view)
        return ExitCode.REFUSED if answer.get("obstacles") else code_of(answer)
    if not yes:
        planned = session.operator.ask({**event, "dry_run": True})
        for part in understood(plan_view, planned):
            session.output.aside(part)
        make_sure("Begin the drill?")
    answer = sent(session, event)
    code = code_of(answer)
    if wait and code is ExitCode.DONE and "drill" in answer:
        session.output.aside(sentence(answer["message"]))
        seconds = timeout or wish["hold_seconds"] + BESIDE_THE_HOLD_SECONDS
        end = follow_drill(session, answer.get("status") or {}, answer["drill"], seconds=seconds)
        answer |= {"done": end.code is ExitCode.DONE, "message": end.sentence, "status": end.status}
        code = end.code
    session.output.answer(answer, message)
    return code
