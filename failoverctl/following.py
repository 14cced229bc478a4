"""Follows a move to its end, and tells what it sees on the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from failover.decision.request import Action
from failover.region import Side
from failoverctl.exits import ExitCode, UnreachableError
from failoverctl.session import Session
from failoverctl.views.text import moment

POLL_SECONDS = 3.0
"""Between two looks at the status."""

type Status = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How following a move ended."""

    code: ExitCode
    sentence: str
    status: Status


def follow(session: Session, status: Status, action: Action, *, seconds: float) -> End:
    """Follow the move under way until it ends.

    Parameters
    ----------
    session
        The run; what is seen on the way is told beside the answer.
    status
        How things stood when the move was asked for.
    action
        What was asked for: failover, failback or abort.
    seconds
        How long to follow it.

    """
    began = session.surroundings.now()
    known = {_key(entry) for entry in status.get("history", [])}
    destination, silent = _destination(action, status), ""
    while _is_under_way(status):
        waited_seconds = (session.surroundings.now() - began).total_seconds()
        if waited_seconds >= seconds:
            sentence = (
                f"The move is still under way after {waited_seconds:.0f} s and goes on; failoverctl watch shows it."
            )
            return End(code=ExitCode.NOT_FINISHED, sentence=sentence, status=status)
        session.surroundings.sleep(POLL_SECONDS)
        try:
            answer = session.operator.ask({"action": Action.STATUS.value}, repeats=False)
        except UnreachableError as error:  # the move does not depend on who watches it
            if str(error) != silent:
                session.output.note(f"{error} The move goes on; looking again.")
            silent = str(error)
            continue
        status, silent = answer.get("status") or status, ""
        destination = destination or _destination(action, status)
        for entry in reversed(status.get("history", [])):
            if _key(entry) not in known:
                known.add(_key(entry))
                session.output.note(f"{moment(entry['at'])}  {entry['sentence']}")
    return _end(status, destination)


def _is_under_way(status: Status) -> bool:
    """Tell whether a move is under way; a status that could not be read may hide one."""
    return "phase" not in status or bool(status["move"])


def _destination(action: Action, status: Status) -> str:
    """Return the Region that has all users if it ends as it should; empty while the status could not be read."""
    if "phase" not in status:
        return ""
    if action is Action.ABORT:
        return str(status["move"]["from"] if status["move"] else status["active_region"])
    part = Side.STANDBY if action is Action.FAILOVER else Side.PRIMARY
    return next(str(region) for region, known in status["regions"].items() if known["role"] == part)


def _end(status: Status, destination: str) -> End:
    serving = status["active_region"]
    if serving == destination:
        return End(code=ExitCode.DONE, sentence=f"All users are on {destination}.", status=status)
    sentence = f"The move ended, and not where it was to go: {serving} serves. {status['reason']}"
    return End(code=ExitCode.ENDED_OTHERWISE, sentence=sentence, status=status)


def _key(entry: Mapping[str, Any]) -> tuple[str, str]:
    return entry["at"], entry["kind"]
