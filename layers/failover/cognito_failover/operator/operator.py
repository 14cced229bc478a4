"""Answers an operator's request: parse, decide, save, and drive a move if the controller does not."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

from cognito_failover.common.error_boundary import summarize_error
from cognito_failover.common.errors import (
    FailoverError,
    LedgerConflictError,
    LedgerUnavailableError,
    ReportsUnavailableError,
    RequestError,
    UnreadableStateError,
)
from cognito_failover.common.region import Instant
from cognito_failover.common.text import neutralize
from cognito_failover.controller.bounded_calls import RoundBudget
from cognito_failover.controller.invocation import BackgroundTask, Notifier
from cognito_failover.controller.round import Prober, RoundRunner
from cognito_failover.core.canary_backoff import Backoffs
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.observation import Observation
from cognito_failover.core.operator.actions import handle_request
from cognito_failover.core.operator.request import (
    MAX_TEXT_LENGTH,
    READING_ACTIONS,
    OperatorAction,
    OperatorRequest,
    parse_request,
)
from cognito_failover.core.operator.response import OperatorResponse
from cognito_failover.core.ports.stores import (
    EventStore,
    LeaseStore,
    ObservationStore,
    PreflightStore,
    StateStore,
    VersionedState,
)
from cognito_failover.core.preflight_result import PreflightResult, update_preflight
from cognito_failover.core.quorum import form_consensus, is_recent
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.status import build_status, format_history
from cognito_failover.operator.latch_attachment import LatchAttacher
from cognito_failover.operator.report_lookup import ReportFinder, find_report
from cognito_failover.settings.controller import Settings
from cognito_failover.storage.journal import Journal

CONTROLLER_SILENT_SECONDS = 30.0
"""Time without a round after which the operator function drives a move."""

POLL_SECONDS = 2.0
"""Interval between checks of a move."""

SHUTDOWN_SECONDS = 5.0
"""Time reserved for the answer."""

HISTORY_LIMIT = 10

REFUSED_BY_INTERNAL_ERROR = "fault"
"""Value of ``refused_by`` in the answer after an unexpected error."""

_MOVE_ACTIONS = frozenset({OperatorAction.FAILOVER, OperatorAction.FAILBACK, OperatorAction.ABORT})
_ACTIONS_AFTER_PREFLIGHT = frozenset({OperatorAction.FAILOVER, OperatorAction.DRILL})
_LATCH_ACTIONS = frozenset({OperatorAction.ATTACH, OperatorAction.DETACH})
_MAX_CONFLICTS = 5
_MAX_LOGGED_LENGTH = MAX_TEXT_LENGTH
_RETRY_ADVICE = "Repeat the same event: the same token never acts twice."

_log = logging.getLogger(__name__)


class OperatorStore(StateStore, LeaseStore, ObservationStore, EventStore, PreflightStore, Protocol):
    """The parts of the ledger that the operator function uses."""


class OperatorService:
    """Serves the operator function.

    Parameters
    ----------
    settings
        The policy.
    ledger
        The ledger, shared with the controller.
    prober
        Makes an observation if the controller's last one is too old.
    round_runner
        Drives a move while the controller runs no rounds.
    notifier
        Reports the rounds that this function runs.
    round_budget
        Limits the calls of each round.
    clock, sleep
        Seconds since the epoch, and a function that waits.
    latch_attacher
        Attaches and detaches latches; None without latches.
    background_task
        Records the timeline of the rounds that this function runs; None without one.
    report_finder
        Finds reports; None if no reports are written.

    """

    def __init__(
        self,
        *,
        settings: Settings,
        ledger: OperatorStore,
        prober: Prober,
        round_runner: RoundRunner,
        notifier: Notifier,
        round_budget: RoundBudget,
        clock: Callable[[], Instant],
        sleep: Callable[[float], None],
        latch_attacher: LatchAttacher | None = None,
        background_task: BackgroundTask | None = None,
        report_finder: ReportFinder | None = None,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._prober = prober
        self._round_runner = round_runner
        self._notifier = notifier
        self._round_budget = round_budget
        self._clock = clock
        self._sleep = sleep
        self._latch_attacher = latch_attacher
        self._background_task = background_task
        self._report_finder = report_finder

    def handle(
        self,
        event: object,
        *,
        owner: str,
        remaining_seconds: Callable[[], float],
        is_read_only: bool = False,
    ) -> dict[str, Any]:
        """Return the answer to a request. An invalid request changes nothing, and the answer says why it is invalid.

        Each request is one line in the log, written before anything is done.

        Parameters
        ----------
        event
            The request. See `parse_request`.
        owner
            Unique name of this invocation, for the lease.
        remaining_seconds
            Returns how long the process may still run.
        is_read_only
            Whether the caller may only read.

        """
        _log_request(event, request_id=owner, is_read_only=is_read_only)
        self._round_budget.start_round(self._settings.round_interval_seconds)
        try:
            request = parse_request(event)
            if is_read_only and request.action not in READING_ACTIONS:
                return _refuse_change(request.action)
            return self._answer(request, owner, remaining_seconds)
        except RequestError as error:
            return {"done": False, "message": str(error), "refused_by": "request"}
        except ReportsUnavailableError as error:
            return {"done": False, "message": str(error), "refused_by": "reports"}
        except UnreadableStateError as error:
            return {"done": False, "message": f"Nothing was done. {error}", "refused_by": "ledger"}
        except FailoverError as error:
            message = f"It is not known whether anything was changed: {error} {_RETRY_ADVICE}"
            return {"done": False, "message": message, "refused_by": "ledger"}
        except Exception as error:  # noqa: BLE001 - a person gets a message, and no error text that may hold a secret
            error_summary = summarize_error(error)
            _log.error("A request failed with an internal error: %s", error_summary)
            message = f"Internal error ({error_summary}). It is not known whether anything was changed. {_RETRY_ADVICE}"
            return {"done": False, "message": message, "refused_by": REFUSED_BY_INTERNAL_ERROR}

    def _answer(self, request: OperatorRequest, owner: str, remaining_seconds: Callable[[], float]) -> dict[str, Any]:
        if request.action is OperatorAction.REPORT:
            return find_report(request.id, self._report_finder, self._ledger)
        if request.action is OperatorAction.HISTORY:  # the history outlives a lost state
            return {"done": True, **format_history(self._ledger.load_history(limit=request.limit), self._settings)}
        saved = self._ledger.load()
        if saved is None:
            message = (
                "The controller has no state yet, and nothing was done. Its first round creates the state from the "
                "records. Wait a minute, and check that the schedule is enabled. If users can't wait, use "
                "break_glass.py."
            )
            return {"done": False, "message": message, "refused_by": "no-state"}
        view = self._load_current_view(saved, request)
        response = self._apply(request, view.consensus)
        answer = self._to_answer(response, request)
        # Outside the try: only this function attaches latches, so an error here is a failure of the request.
        if response.is_accepted and request.action in _LATCH_ACTIONS and self._latch_attacher:
            answer = self._latch_attacher.run(request.action, owner, remaining_seconds).answer
        try:
            if response.is_accepted and request.action in _MOVE_ACTIONS:
                self._drive_move(owner, remaining_seconds)
                view = self._refresh_view(view)
            return {**answer, "status": self._build_status(view)}
        except Exception as error:  # noqa: BLE001 - the request is saved, and the controller carries it out
            problem = f"The present status could not be read: {summarize_error(error)}"
            _log.warning(problem)
            return {**answer, "status": {"problem": problem}}

    def _load_current_view(self, saved: VersionedState, request: OperatorRequest) -> "_CurrentView":
        """Return the observations and their consensus. Observe again if the action needs it and the last one is old."""
        observations = self._ledger.load_observations(self._settings.observers)
        controller_observation = next(
            (observation for observation in observations if observation.observer == self._settings.standby_region), None
        )
        is_fresh = controller_observation is not None and is_recent(
            controller_observation, self._clock(), self._settings.observation_ttl_seconds
        )
        if not is_fresh and request.action in _MOVE_ACTIONS | {OperatorAction.STATUS, OperatorAction.DRILL}:
            observation, backoffs = self._prober.observe(saved.state.backoffs)
            self._save_backoffs(backoffs, saved)
            observations = (
                observation,
                *(each for each in observations if each.observer != observation.observer),
            )
        return self._form_consensus(observations)

    def _refresh_view(self, before: "_CurrentView") -> "_CurrentView":
        """Return the view with the newer observations that rounds have saved since."""
        self._round_budget.start_round(self._settings.round_interval_seconds)
        newer = {each.observer: each for each in self._ledger.load_observations(self._settings.observers)}
        for each in before.observations:
            if each.observer not in newer or newer[each.observer].observed_at < each.observed_at:
                newer[each.observer] = each
        return self._form_consensus(tuple(newer.values()))

    def _form_consensus(self, observations: tuple[Observation, ...]) -> "_CurrentView":
        consensus = form_consensus(
            observations,
            configured=self._settings.observers,
            now=self._clock(),
            observation_ttl_seconds=self._settings.observation_ttl_seconds,
        )
        return _CurrentView(observations=observations, consensus=consensus)

    def _save_backoffs(self, backoffs: Backoffs, saved: VersionedState) -> None:
        """Save the canary's backoffs, so that repeated requests can't lock the canary out."""
        if backoffs != saved.state.backoffs:
            with suppress(LedgerConflictError):  # a round has saved its own backoffs meanwhile
                self._ledger.save(replace(saved.state, backoffs=backoffs), expected=saved.version)

    def _apply(self, request: OperatorRequest, consensus: Consensus) -> OperatorResponse:
        """Decide the request and save the result. Decide again if the controller has changed the state meanwhile."""
        # The controller reads a new result only once a minute.
        preflight = self._load_preflight() if request.action in _ACTIONS_AFTER_PREFLIGHT else None
        for _ in range(_MAX_CONFLICTS):
            journal = Journal(self._ledger, self._ledger.load())
            context = RoundContext(settings=self._settings, consensus=consensus, now=self._clock())
            refreshed = update_preflight(journal.state, preflight, context)
            response = handle_request(refreshed.state, request, context)
            transition = refreshed.then(response.transition)
            if transition.state is journal.state and not transition.events:
                return response
            try:
                journal.save(transition.state, transition.events)
            except LedgerConflictError:
                continue
            except FailoverError:
                if response.is_accepted:
                    raise
                return response  # a refusal stands, even if the history does not show it
            return response
        raise LedgerConflictError(f"The state changed {_MAX_CONFLICTS} times while the request was being saved.")

    def _drive_move(self, owner: str, remaining_seconds: Callable[[], float]) -> None:
        """Wait for the end of the move while there is time. Run rounds if the controller does not."""
        is_driving = False
        self._round_runner.reset()
        while remaining_seconds() > SHUTDOWN_SECONDS + self._settings.round_seconds:
            self._round_budget.start_round(self._settings.round_interval_seconds)
            saved = self._ledger.load()
            if saved is None or saved.state.move is None:
                break
            silence_seconds = self._clock() - (saved.state.last_round_at or saved.state.created_at)
            is_driving = is_driving or silence_seconds > CONTROLLER_SILENT_SECONDS
            # At the usual interval, because verdicts are counted in rounds.
            if is_driving and silence_seconds >= self._settings.round_interval_seconds and self._acquire_lease(owner):
                self._run_round(remaining_seconds)
            self._sleep(POLL_SECONDS)
        if is_driving:
            self._ledger.release_lease(owner)

    def _acquire_lease(self, owner: str) -> bool:
        return self._ledger.acquire_lease(owner, now=self._clock(), seconds=self._settings.lease_seconds)

    def _run_round(self, remaining_seconds: Callable[[], float]) -> None:
        started_at = self._clock()
        self._round_budget.start_round(min(self._settings.lease_seconds, remaining_seconds() - SHUTDOWN_SECONDS))
        result = self._round_runner.run()
        self._notifier.record_round(result, took_seconds=self._clock() - started_at)
        if result.state and result.state.undelivered_events:
            self._round_runner.mark_delivered(self._notifier.publish(result.state.undelivered_events))
        if self._background_task:
            self._background_task.on_round_end(result)

    def _to_answer(self, response: OperatorResponse, request: OperatorRequest) -> dict[str, Any]:
        if request.action is OperatorAction.STATUS:
            return {"done": True}
        return response.answer

    def _build_status(self, view: "_CurrentView") -> dict[str, Any]:
        self._round_budget.start_round(self._settings.round_interval_seconds)
        saved = self._ledger.load()
        if saved is None:
            return {}
        return build_status(
            saved.state,
            view.consensus,
            view.observations,
            self._ledger.load_history(limit=HISTORY_LIMIT),
            self._settings,
            now=self._clock(),
            preflight=self._load_preflight(),
        )

    def _load_preflight(self) -> PreflightResult | None:
        """Return the result of the last preflight, or None if there is none or it can't be read."""
        with suppress(LedgerUnavailableError):
            return self._ledger.load_preflight()
        return None


def _log_request(event: object, *, request_id: str, is_read_only: bool) -> None:
    """Log what is asked, and who says so. The event is not checked yet, so each value is cut.

    Lambda does not say who invoked it. CloudTrail's data event of the call does, by the same request id.
    """
    given = event if isinstance(event, Mapping) else {"action": event}
    fields = {str(name)[:_MAX_LOGGED_LENGTH]: str(value)[:_MAX_LOGGED_LENGTH] for name, value in given.items()}
    _log.info(
        "Request: %s",
        neutralize(fields.get("action", "no action")),
        extra={"request": fields, "request_id": request_id, "read_only": is_read_only},
    )


def _refuse_change(action: OperatorAction) -> dict[str, Any]:
    message = (
        f"Refused, nothing was changed: you invoked the read-only alias, which allows {', '.join(READING_ACTIONS)}, "
        f"and not {action}. Ask a person who may invoke the operator function itself."
    )
    return {"done": False, "message": message, "refused_by": "read-only"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _CurrentView:
    """The observations, and their consensus."""

    observations: tuple[Observation, ...]
    consensus: Consensus
