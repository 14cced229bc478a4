"""Follows a move or a drill to its end, and prints its events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.operator.request import OperatorAction
from failoverctl.context import CommandContext
from failoverctl.exit_codes import ExitCode, UnreachableError
from failoverctl.views.text import format_time

POLL_INTERVAL_SECONDS = 3.0
"""Pause between two reads of the status."""

type Status = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowResult:
    """The result of following a move or a drill."""

    exit_code: ExitCode
    message: str
    status: Status


def follow_move(
    context: CommandContext, status: Status, action: OperatorAction, *, timeout_seconds: float
) -> FollowResult:
    """Follow the move under way until it ends.

    Parameters
    ----------
    context
        The run. Events are printed to standard error.
    status
        The status when the move was requested.
    action
        Failover, failback or abort.
    timeout_seconds
        How long to follow the move.

    """
    destination = _find_destination(action, status)

    def update_destination(new_status: Status) -> None:
        nonlocal destination
        destination = destination or _find_destination(action, new_status)

    status, waited_seconds = poll_until(
        context,
        status,
        _is_move_in_progress,
        description="move",
        timeout_seconds=timeout_seconds,
        on_status=update_destination,
    )
    if _is_move_in_progress(status):
        return _create_timeout_result("move", waited_seconds, status)
    return _create_result(status, destination)


def follow_drill(context: CommandContext, status: Status, drill_id: str, *, timeout_seconds: float) -> FollowResult:
    """Follow a drill until it ends.

    Parameters
    ----------
    context
        The run. Events are printed to standard error.
    status
        The status when the drill was requested.
    drill_id
        The drill.
    timeout_seconds
        How long to follow the drill.

    """

    def is_in_progress(current: Status) -> bool:
        return "phase" not in current or bool(current["drill"] and current["drill"]["id"] == drill_id)

    status, waited_seconds = poll_until(
        context, status, is_in_progress, description="drill", timeout_seconds=timeout_seconds
    )
    if is_in_progress(status):
        return _create_timeout_result("drill", waited_seconds, status)
    last = status["last_drill"]
    if last is None or last["id"] != drill_id:
        message = f"The drill {drill_id} has ended, and another drill after it. failoverctl history shows both."
        return FollowResult(exit_code=ExitCode.UNEXPECTED_OUTCOME, message=message, status=status)
    end_message = next((entry["message"] for entry in status["history"] if entry["kind"] == EventKind.DRILL_ENDED), "")
    exit_code = ExitCode.DONE if last["outcome"] == DrillOutcome.SUCCEEDED else ExitCode.UNEXPECTED_OUTCOME
    return FollowResult(
        exit_code=exit_code, message=end_message or f"The drill {drill_id} has ended: {last['outcome']}.", status=status
    )


def poll_until(
    context: CommandContext,
    status: Status,
    is_in_progress: Callable[[Status], bool],
    *,
    description: str,
    timeout_seconds: float,
    on_status: Callable[[Status], None] = lambda _: None,
) -> tuple[Status, float]:
    """Read the status until `is_in_progress` is false. Return the last status and the seconds waited.

    Parameters
    ----------
    context
        The run. Events are printed to standard error.
    status
        The status at the start.
    is_in_progress
        Returns whether a status shows the move or drill under way.
    description
        ``move`` or ``drill``, for messages.
    timeout_seconds
        Maximum time to wait.
    on_status
        Called with every status read.

    """
    started_at = context.runtime.now()
    known_entries = {_entry_key(entry) for entry in status.get("history", [])}
    last_error = ""
    while is_in_progress(status):
        waited_seconds = (context.runtime.now() - started_at).total_seconds()
        if waited_seconds >= timeout_seconds:
            break
        context.runtime.sleep(POLL_INTERVAL_SECONDS)
        try:
            answer = context.operator.request({"action": OperatorAction.STATUS.value}, retry=False)
        except UnreachableError as error:  # the move or drill continues without us
            if str(error) != last_error:
                context.output.print_progress(f"{error} The {description} continues; reading the status again.")
            last_error = str(error)
            continue
        status, last_error = answer.get("status") or status, ""
        on_status(status)
        for entry in reversed(status.get("history", [])):
            if _entry_key(entry) not in known_entries:
                known_entries.add(_entry_key(entry))
                context.output.print_progress(f"{format_time(entry['at'])}  {entry['message']}")
    return status, (context.runtime.now() - started_at).total_seconds()


def _create_timeout_result(description: str, waited_seconds: float, status: Status) -> FollowResult:
    message = f"The {description} is still under way after {waited_seconds:.0f} s. To follow it: failoverctl watch."
    return FollowResult(exit_code=ExitCode.NOT_FINISHED, message=message, status=status)


def _is_move_in_progress(status: Status) -> bool:
    """Return whether a move is under way. An unreadable status counts as under way."""
    return "phase" not in status or bool(status["move"])


def _find_destination(action: OperatorAction, status: Status) -> str:
    """Return the Region that has all users at the end. Empty while the status can't be read."""
    if "phase" not in status:
        return ""
    if action is OperatorAction.ABORT:
        return str(status["move"]["from"] if status["move"] else status["active_region"])
    role = RegionRole.STANDBY if action is OperatorAction.FAILOVER else RegionRole.PRIMARY
    return next(str(region) for region, known in status["regions"].items() if known["role"] == role)


def _create_result(status: Status, destination: str) -> FollowResult:
    active_region = status["active_region"]
    if active_region == destination:
        return FollowResult(exit_code=ExitCode.DONE, message=f"All users are on {destination}.", status=status)
    message = f"The move did not reach {destination}. Users are on {active_region}. {status['reason']}"
    return FollowResult(exit_code=ExitCode.UNEXPECTED_OUTCOME, message=message, status=status)


def _entry_key(entry: Mapping[str, Any]) -> tuple[str, str]:
    return entry["at"], entry["kind"]
