"""Answers a person: parses, asks the pure core, saves, and carries a move alone if nobody else does."""

import logging
from collections.abc import Callable
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
)
from cognito_failover.common.region import Instant
from cognito_failover.controller.bounded_calls import RoundBudget
from cognito_failover.controller.invocation import BackgroundTask, Notifier
from cognito_failover.controller.round import Prober, RoundRunner
from cognito_failover.core.canary_backoff import Backoffs
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.observation import Observation
from cognito_failover.core.operator.actions import handle_request
from cognito_failover.core.operator.request import OperatorAction, OperatorRequest, parse_request
from cognito_failover.core.operator.response import OperatorResponse
from cognito_failover.core.ports.stores import (
    EventStore,
    LeaseStore,
    ObservationStore,
    PreflightStore,
    StateStore,
    VersionedState,
)
from cognito_failover.core.preflight_result import PreflightResult
from cognito_failover.core.quorum import form_consensus
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.status import build_status, format_history
from cognito_failover.operator.latch_attachment import LatchAttacher
from cognito_failover.operator.report_lookup import ReportFinder, find_report
from cognito_failover.settings.controller import Settings
from cognito_failover.storage.journal import Journal

CONTROLLER_SILENT_SECONDS = 30.0
"""When no round has run for this long, the operator function carries a move itself."""

POLL_SECONDS = 2.0
"""How often a move under way is looked at."""

SHUTDOWN_SECONDS = 5.0
"""What is kept back of the time allowed, to answer in order."""

HISTORY_LIMIT = 10

REFUSED_BY_INTERNAL_ERROR = "fault"
"""What an answer names where nobody refused, but the function failed in a way that nobody foresaw."""

_MOVE_ACTIONS = frozenset({OperatorAction.FAILOVER, OperatorAction.FAILBACK, OperatorAction.ABORT})
_LATCH_ACTIONS = frozenset({OperatorAction.ATTACH, OperatorAction.DETACH})
_MAX_CONFLICTS = 5
_RETRY_ADVICE = "Repeat the same event; its token makes it safe."

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
        The memory, shared with the controller.
    probe
        Looks itself where nobody has lately.
    rounds
        Carries a move where nobody else does.
    signals
        Told of rounds made here.
    timekeeper
        Bounds the calls of each.
    clock, sleep
        The time, and a way to let it pass.
    fitter
        Attaches and detaches latches; None where there are none.
    beside
        Keeps the timeline of rounds made here; None where none is kept.
    reports
        Finds the reports of moves; None where none are kept.

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

    def handle(self, event: object, *, owner: str, remaining_seconds: Callable[[], float]) -> dict[str, Any]:
        """Answer a request. A wrong one gets an answer that says what is wrong, and changes nothing.

        Parameters
        ----------
        event
            The request, see `parse_request`.
        owner
            A name of this invocation's own, for the lease.
        remaining_seconds
            How long the process is still allowed to run.

        """
        self._round_budget.start_round(self._settings.round_interval_seconds)
        try:
            request = parse_request(event)
            return self._answer(request, owner, remaining_seconds)
        except RequestError as error:
            return {"done": False, "message": str(error), "refused_by": "request"}
        except ReportsUnavailableError as error:
            return {"done": False, "message": str(error), "refused_by": "reports"}
        except FailoverError as error:
            message = f"Nothing is known to have been changed: {error} {_RETRY_ADVICE}"
            return {"done": False, "message": message, "refused_by": "ledger"}
        except Exception as error:  # noqa: BLE001 - whoever is woken gets a sentence, and no error that quotes an answer
            error_summary = summarize_error(error)
            _log.error("A request failed by a fault of the function's own: %s", error_summary)
            message = f"Nothing is known to have been changed: the function failed by a fault of its own, {error_summary}. {_RETRY_ADVICE}"
            return {"done": False, "message": message, "refused_by": REFUSED_BY_INTERNAL_ERROR}

    def _answer(self, request: OperatorRequest, owner: str, remaining_seconds: Callable[[], float]) -> dict[str, Any]:
        if request.action is OperatorAction.REPORT:
            return find_report(request.id, self._report_finder, self._ledger)
        if request.action is OperatorAction.HISTORY:  # the history outlives a lost state
            return {
                "done": True,
                "history": format_history(self._ledger.load_history(limit=request.limit), self._settings),
            }
        saved = self._ledger.load()
        if saved is None:
            message = (
                "The controller has no state yet, and nothing was done. It makes one from the records in its first "
                "round: wait a minute, and check that the schedule is enabled. If it can't wait, use break_glass.py."
            )
            return {"done": False, "message": message, "refused_by": "no-state"}
        view = self._load_current_view(saved, request)
        response = self._apply(request, view.consensus)
        answer = self._to_answer(response, request)
        if (
            response.is_accepted and request.action in _LATCH_ACTIONS and self._latch_attacher
        ):  # nobody else does it: a fault is no success
            answer = self._latch_attacher.run(request.action, owner, remaining_seconds).answer
        try:
            if response.is_accepted and request.action in _MOVE_ACTIONS:
                self._drive_move(owner, remaining_seconds)
                view = self._refresh_view(view)
            return {**answer, "status": self._build_status(view)}
        except Exception as error:  # noqa: BLE001 - what was settled is settled, and the controller carries it on
            problem = f"How things stand now could not be read: {summarize_error(error)}"
            _log.warning(problem)
            return {**answer, "status": {"problem": problem}}

    def _load_current_view(self, saved: VersionedState, request: OperatorRequest) -> "_CurrentView":
        """Return what is known, looking again where it is asked for and nobody has lately."""
        observations = self._ledger.load_observations(self._settings.observers)
        controller_observation = next(
            (each for each in observations if each.observer == self._settings.standby_region), None
        )
        is_fresh = (
            controller_observation is not None
            and self._clock() - controller_observation.observed_at <= self._settings.observation_ttl_seconds
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
        """Return what is known by now, after rounds that others or this function have made; else what was known."""
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
        """Save how the canary stands: a person who asks again and again must not lock it out."""
        if backoffs != saved.state.backoffs:
            with suppress(LedgerConflictError):  # somebody has made a round meanwhile, and saved it himself
                self._ledger.save(replace(saved.state, backoffs=backoffs), expected=saved.version)

    def _apply(self, request: OperatorRequest, consensus: Consensus) -> OperatorResponse:
        """Save what follows from the request, anew each time the controller has changed the state meanwhile."""
        for _ in range(_MAX_CONFLICTS):
            journal = Journal(self._ledger, self._ledger.load())
            context = RoundContext(settings=self._settings, consensus=consensus, now=self._clock())
            response = handle_request(journal.state, request, context)
            transition = response.transition
            if transition.state is journal.state and not transition.events:
                return response
            try:
                journal.save(transition.state, transition.events)
            except LedgerConflictError:
                continue
            except FailoverError:
                if response.is_accepted:
                    raise
                return response  # a refusal that the history lacks is a refusal all the same
            return response
        raise LedgerConflictError(f"The state changed {_MAX_CONFLICTS} times while the request was being saved.")

    def _drive_move(self, owner: str, remaining_seconds: Callable[[], float]) -> None:
        """See the move to its end while there is time; make rounds if nobody else does."""
        is_driving = False
        self._round_runner.reset()
        while remaining_seconds() > SHUTDOWN_SECONDS + self._settings.round_seconds:
            self._round_budget.start_round(self._settings.round_interval_seconds)
            saved = self._ledger.load()
            if saved is None or saved.state.move is None:
                break
            silence_seconds = self._clock() - (saved.state.last_round_at or saved.state.created_at)
            is_driving = is_driving or silence_seconds > CONTROLLER_SILENT_SECONDS
            # At the usual pace: verdicts are counted in rounds, whoever makes them.
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
        """Return what the last preflight found; None too if it can't be read, which is no reason to show nothing."""
        with suppress(LedgerUnavailableError):
            return self._ledger.load_preflight()
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _CurrentView:
    """What was seen of both Regions, and what follows from it."""

    observations: tuple[Observation, ...]
    consensus: Consensus
