"""Follows a move or a drill to its end, and tells what it sees on the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from failover.decision.announcement import Kind
from failover.decision.drill import DrillOutcome
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
    """How following ended."""

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
    destination = _destination(action, status)

    def note_destination(seen: Status) -> None:
        nonlocal destination
        destination = destination or _destination(action, seen)

    status, waited_seconds = looked_until(
        session, status, _is_under_way, what="move", seconds=seconds, on_look=note_destination
    )
    if _is_under_way(status):
        return _unfinished("move", waited_seconds, status)
    return _end(status, destination)


def follow_drill(session: Session, status: Status, drill: str, *, seconds: float) -> End:
    """Follow a drill until it ends.

    Parameters
    ----------
    session
        The run; what is seen on the way is told beside the answer.
    status
        How things stood when the drill was asked for.
    drill
        Its id.
    seconds
        How long to follow it.

    """

    def is_on(seen: Status) -> bool:
        return "phase" not in seen or bool(seen["drill"] and seen["drill"]["id"] == drill)

    status, waited_seconds = looked_until(session, status, is_on, what="drill", seconds=seconds)
    if is_on(status):
        return _unfinished("drill", waited_seconds, status)
    last = status["last_drill"]
    if last is None or last["id"] != drill:
        sentence = f"The drill {drill} is over, and another one has ended since; failoverctl history shows it."
        return End(code=ExitCode.ENDED_OTHERWISE, sentence=sentence, status=status)
    told = next((each["sentence"] for each in status["history"] if each["kind"] == Kind.DRILL_ENDED), "")
    code = ExitCode.DONE if last["outcome"] == DrillOutcome.CLEAN else ExitCode.ENDED_OTHERWISE
    return End(code=code, sentence=told or f"The drill {drill} has ended, {last['outcome']}.", status=status)


def looked_until(
    session: Session,
    status: Status,
    is_under_way: Callable[[Status], bool],
    *,
    what: str,
    seconds: float,
    on_look: Callable[[Status], None] = lambda _: None,
) -> tuple[Status, float]:
    """Look at the status until something is no longer under way; return the last one, and how long that took.

    Parameters
    ----------
    session
        The run; each transition that is seen is told beside the answer.
    status
        How things stood at first.
    is_under_way
        Tells it of a status.
    what
        What is followed, as people call it.
    seconds
        How long to look at most.
    on_look
        Given every status.

    """
    began = session.surroundings.now()
    known = {_key(entry) for entry in status.get("history", [])}
    silent = ""
    while is_under_way(status):
        waited_seconds = (session.surroundings.now() - began).total_seconds()
        if waited_seconds >= seconds:
            break
        session.surroundings.sleep(POLL_SECONDS)
        try:
            answer = session.operator.ask({"action": Action.STATUS.value}, repeats=False)
        except UnreachableError as error:  # what is followed does not depend on who watches it
            if str(error) != silent:
                session.output.note(f"{error} The {what} goes on; looking again.")
            silent = str(error)
            continue
        status, silent = answer.get("status") or status, ""
        on_look(status)
        for entry in reversed(status.get("history", [])):
            if _key(entry) not in known:
                known.add(_key(entry))
                session.output.note(f"{moment(entry['at'])}  {entry['sentence']}")
    return status, (session.surroundings.now() - began).total_seconds()


def _unfinished(what: str, waited_seconds: float, status: Status) -> End:
    sentence = f"The {what} is still under way after {waited_seconds:.0f} s and goes on; failoverctl watch shows it."
    return End(code=ExitCode.NOT_FINISHED, sentence=sentence, status=status)


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
