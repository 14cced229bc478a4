"""Answers where the report of a move or a drill is."""

from typing import Any, Protocol

from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.ports.stores import StateStore

REFUSED_BY = "no-report"


class ReportFinder(Protocol):
    """Finds reports."""

    def find(self, report_id: str) -> dict[str, Any] | None:
        """Return the report's location and how to open it as JSON values, or None if there is no such report.

        Raises
        ------
        ReportsUnavailableError
            If the bucket can't be read.

        """
        ...


def find_report(report_id: str, reports: ReportFinder | None, store: StateStore) -> dict[str, Any]:
    """Return the answer about the named report, or about the last one.

    Parameters
    ----------
    report_id
        Id of a drill or a move. Empty for the one that ended last.
    reports
        Finds reports; None if no reports are written.
    store
        The state, which names the move and the drill that ended last.

    Raises
    ------
    LedgerUnavailableError
        If the last report is requested and the state can't be read.
    ReportsUnavailableError
        If the bucket can't be read.

    """
    saved = None if report_id else store.load()
    report_id = report_id or (_find_last_report_id(saved.state) if saved else "")
    if not report_id or reports is None:
        message = "There is no report: the controller's state names no move and no drill that has ended."
        return {"done": False, "message": message, "refused_by": REFUSED_BY}
    location = reports.find(report_id)
    if location is None:
        message = (
            f"There is no report {report_id}. A report is written within a minute of the end of a move or drill, if "
            f"the reporter was deployed by then. The history lists the ids; the reporter's log shows why a report is "
            f"missing."
        )
        return {"done": False, "message": message, "refused_by": REFUSED_BY}
    return {"done": True, "message": f"The report {report_id} is at {location['uri']}.", "report": location}


def _find_last_report_id(state: ControllerState) -> str:
    """Return the id of the drill, or of the move outside drills, that ended last."""
    move, move_ended_at = state.last_move, state.last_move_ended_at or 0.0
    drill, drill_ended_at = state.last_drill, (state.last_drill.ended_at if state.last_drill else None) or 0.0
    if drill and (move is None or move.drill_id or drill_ended_at >= move_ended_at):
        return drill.id
    return move.id if move else ""
