"""Answers a person who asks where the report of a move or a drill is."""

from typing import Any, Protocol

from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.ports.stores import StateStore

REFUSED_BY = "no-report"


class ReportFinder(Protocol):
    """Whoever knows where reports are."""

    def find(self, report_id: str) -> dict[str, Any] | None:
        """Return where one is and how to open it, as JSON values; None where there is none.

        Raises
        ------
        ReportsUnavailableError
            If that can't be found out.

        """
        ...


def find_report(report_id: str, reports: ReportFinder | None, store: StateStore) -> dict[str, Any]:
    """Return the answer: of the last one, unless one is named.

    Parameters
    ----------
    report_id
        Of a drill or a move; empty for what ended last.
    reports
        Who knows; None where no reports are kept.
    store
        Who knows what ended last.

    Raises
    ------
    LedgerUnavailableError
        If the last one is asked for, and the ledger can't be read.
    ReportsUnavailableError
        If it can't be found out whether it is there.

    """
    saved = None if report_id else store.load()
    report_id = report_id or (_find_last_report_id(saved.state) if saved else "")
    if not report_id or reports is None:
        message = "There is no report: no move and no drill has ended yet, as far as is remembered."
        return {"done": False, "message": message, "refused_by": REFUSED_BY}
    location = reports.find(report_id)
    if location is None:
        message = (
            f"There is no report {report_id}. It is written within a minute of the end of a move or drill; the history "
            f"names those there were, and the reporter's log says what kept it from writing. Of what ended before the "
            f"reporter was deployed there is none."
        )
        return {"done": False, "message": message, "refused_by": REFUSED_BY}
    return {"done": True, "message": f"The report {report_id} is at {location['uri']}.", "report": location}


def _find_last_report_id(state: ControllerState) -> str:
    """Return the id of what ended last: a drill, or a move that belongs to none."""
    move, move_ended_at = state.last_move, state.last_move_ended_at or 0.0
    drill, drill_ended_at = state.last_drill, (state.last_drill.ended_at if state.last_drill else None) or 0.0
    if drill and (move is None or move.drill_id or drill_ended_at >= move_ended_at):
        return drill.id
    return move.id if move else ""
