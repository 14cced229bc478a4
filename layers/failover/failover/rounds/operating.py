"""Answers a person: parses, asks the pure core, saves, and carries a move alone if nobody else does."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from failover.decision.knowledge import Knowledge
from failover.decision.manual import respond
from failover.decision.preflight import Preflight
from failover.decision.quorum import agree
from failover.decision.request import Action, Request, parse_request
from failover.decision.response import Response
from failover.decision.status import entries, status
from failover.errors import (
    FailoverError,
    LedgerConflictError,
    LedgerUnavailableError,
    ReportsUnavailableError,
    RequestError,
)
from failover.ledger.journal import Journal
from failover.ledger.ledger import Ledger, Saved
from failover.probe.backoff import Backoffs
from failover.probe.observation import Observation
from failover.region import Instant
from failover.rounds.attaching import Fitter
from failover.rounds.finding_reports import Reports, where_report_is
from failover.rounds.invocation import Beside, Teller
from failover.rounds.punctual import Timekeeper
from failover.rounds.round import Observer, Rounds
from failover.settings import Settings
from failover.unforeseen import in_words

ABANDONED_SECONDS = 30.0
"""When no round has run for this long, the operator function carries a move itself."""

POLL_SECONDS = 2.0
"""How often a move under way is looked at."""

ENDING_SECONDS = 5.0
"""What is kept back of the time allowed, to answer in order."""

HISTORY_SHOWN = 10

REFUSED_BY_A_FAULT = "fault"
"""What an answer names where nobody refused, but the function failed in a way that nobody foresaw."""

_CARRIED = frozenset({Action.FAILOVER, Action.FAILBACK, Action.ABORT})
_FITTED = frozenset({Action.ATTACH, Action.DETACH})
_MAX_CONFLICTS = 5
_REPEAT = "Repeat the same event; its token makes it safe."

_log = logging.getLogger(__name__)


class Operator:
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
        ledger: Ledger,
        probe: Observer,
        rounds: Rounds,
        signals: Teller,
        timekeeper: Timekeeper,
        clock: Callable[[], Instant],
        sleep: Callable[[float], None],
        fitter: Fitter | None = None,
        beside: Beside | None = None,
        reports: Reports | None = None,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._probe = probe
        self._rounds = rounds
        self._signals = signals
        self._timekeeper = timekeeper
        self._clock = clock
        self._sleep = sleep
        self._fitter = fitter
        self._beside = beside
        self._reports = reports

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
        self._timekeeper.begin_round(self._settings.round_interval_seconds)
        try:
            request = parse_request(event)
            return self._answer(request, owner, remaining_seconds)
        except RequestError as error:
            return {"done": False, "message": str(error), "refused_by": "request"}
        except ReportsUnavailableError as error:
            return {"done": False, "message": str(error), "refused_by": "reports"}
        except FailoverError as error:
            message = f"Nothing is known to have been changed: {error} {_REPEAT}"
            return {"done": False, "message": message, "refused_by": "ledger"}
        except Exception as error:  # noqa: BLE001 - whoever is woken gets a sentence, and no error that quotes an answer
            fault = in_words(error)
            _log.error("A request failed by a fault of the function's own: %s", fault)
            message = (
                f"Nothing is known to have been changed: the function failed by a fault of its own, {fault}. {_REPEAT}"
            )
            return {"done": False, "message": message, "refused_by": REFUSED_BY_A_FAULT}

    def _answer(self, request: Request, owner: str, remaining_seconds: Callable[[], float]) -> dict[str, Any]:
        if request.action is Action.REPORT:
            return where_report_is(request.id, self._reports, self._ledger)
        if request.action is Action.HISTORY:  # the history outlives a lost state
            return {"done": True, "history": entries(self._ledger.history(limit=request.limit), self._settings)}
        saved = self._ledger.load()
        if saved is None:
            message = (
                "The controller has no state yet, and nothing was done. It makes one from the records in its first "
                "round: wait a minute, and check that the schedule is enabled. If it can't wait, use break_glass.py."
            )
            return {"done": False, "message": message, "refused_by": "no-state"}
        known = self._known(saved, request)
        response = self._settle(request, known.knowledge)
        answer = self._shown(response, request)
        if response.done and request.action in _FITTED and self._fitter:  # nobody else does it: a fault is no success
            answer = self._fitter.carry(request.action, owner, remaining_seconds).answer
        try:
            if response.done and request.action in _CARRIED:
                self._carry(owner, remaining_seconds)
                known = self._seen_since(known)
            return {**answer, "status": self._status(known)}
        except Exception as error:  # noqa: BLE001 - what was settled is settled, and the controller carries it on
            problem = f"How things stand now could not be read: {in_words(error)}"
            _log.warning(problem)
            return {**answer, "status": {"problem": problem}}

    def _known(self, saved: Saved, request: Request) -> "_Known":
        """Return what is known, looking again where it is asked for and nobody has lately."""
        observations = self._ledger.observations(self._settings.observers)
        own = next((each for each in observations if each.observer == self._settings.standby_region), None)
        fresh = own is not None and self._clock() - own.observed_at <= self._settings.fresh_seconds
        if not fresh and request.action in _CARRIED | {Action.STATUS, Action.DRILL}:
            observation, backoffs = self._probe.observe(saved.state.backoffs)
            self._keep(backoffs, saved)
            observations = (
                observation,
                *(each for each in observations if each.observer != observation.observer),
            )
        return self._agreed(observations)

    def _seen_since(self, before: "_Known") -> "_Known":
        """Return what is known by now, after rounds that others or this function have made; else what was known."""
        self._timekeeper.begin_round(self._settings.round_interval_seconds)
        newer = {each.observer: each for each in self._ledger.observations(self._settings.observers)}
        for each in before.observations:
            if each.observer not in newer or newer[each.observer].observed_at < each.observed_at:
                newer[each.observer] = each
        return self._agreed(tuple(newer.values()))

    def _agreed(self, observations: tuple[Observation, ...]) -> "_Known":
        knowledge = agree(
            observations,
            configured=self._settings.observers,
            now=self._clock(),
            fresh_seconds=self._settings.fresh_seconds,
        )
        return _Known(observations=observations, knowledge=knowledge)

    def _keep(self, backoffs: Backoffs, saved: Saved) -> None:
        """Save how the canary stands: a person who asks again and again must not lock it out."""
        if backoffs != saved.state.backoffs:
            with suppress(LedgerConflictError):  # somebody has made a round meanwhile, and saved it himself
                self._ledger.save(replace(saved.state, backoffs=backoffs), expected=saved.version)

    def _settle(self, request: Request, knowledge: Knowledge) -> Response:
        """Save what follows from the request, anew each time the controller has changed the state meanwhile."""
        for _ in range(_MAX_CONFLICTS):
            journal = Journal(self._ledger, self._ledger.load())
            response = respond(journal.state, knowledge, request, self._settings, self._clock())
            if response.state is journal.state and not response.announcements:
                return response
            try:
                journal.note(response.state, response.announcements)
            except LedgerConflictError:
                continue
            except FailoverError:
                if response.done:
                    raise
                return response  # a refusal that the history lacks is a refusal all the same
            return response
        raise LedgerConflictError(f"The state changed {_MAX_CONFLICTS} times while the request was being saved.")

    def _carry(self, owner: str, remaining_seconds: Callable[[], float]) -> None:
        """See the move to its end while there is time; make rounds if nobody else does."""
        carrying = False
        self._rounds.begin()
        while remaining_seconds() > ENDING_SECONDS + self._settings.round_seconds:
            self._timekeeper.begin_round(self._settings.round_interval_seconds)
            saved = self._ledger.load()
            if saved is None or saved.state.move is None:
                break
            silence_seconds = self._clock() - (saved.state.last_round_at or saved.state.born_at)
            carrying = carrying or silence_seconds > ABANDONED_SECONDS
            # At the usual pace: verdicts are counted in rounds, whoever makes them.
            if carrying and silence_seconds >= self._settings.round_interval_seconds and self._holds_lease(owner):
                self._round(remaining_seconds)
            self._sleep(POLL_SECONDS)
        if carrying:
            self._ledger.give_up_lease(owner)

    def _holds_lease(self, owner: str) -> bool:
        return self._ledger.take_lease(owner, now=self._clock(), seconds=self._settings.lease_seconds)

    def _round(self, remaining_seconds: Callable[[], float]) -> None:
        began_at = self._clock()
        self._timekeeper.begin_round(min(self._settings.lease_seconds, remaining_seconds() - ENDING_SECONDS))
        report = self._rounds.run()
        self._signals.round(report, took_seconds=self._clock() - began_at)
        if report.state and report.state.untold:
            self._rounds.forget(self._signals.tell(report.state.untold))
        if self._beside:
            self._beside.after(report)

    def _shown(self, response: Response, request: Request) -> dict[str, Any]:
        if request.action is Action.STATUS:
            return {"done": True}
        return response.answer

    def _status(self, known: "_Known") -> dict[str, Any]:
        self._timekeeper.begin_round(self._settings.round_interval_seconds)
        saved = self._ledger.load()
        if saved is None:
            return {}
        return status(
            saved.state,
            known.knowledge,
            known.observations,
            self._ledger.history(limit=HISTORY_SHOWN),
            self._settings,
            now=self._clock(),
            preflight=self._preflight(),
        )

    def _preflight(self) -> Preflight | None:
        """Return what the last preflight found; None too if it can't be read, which is no reason to show nothing."""
        with suppress(LedgerUnavailableError):
            return self._ledger.preflight()
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What was seen of both Regions, and what follows from it."""

    observations: tuple[Observation, ...]
    knowledge: Knowledge
