"""One round: observe, decide, save, act."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from cognito_failover.common.error_boundary import summarize_error
from cognito_failover.common.errors import FailoverError, LedgerConflictError, LeverRefusedError, LeverUnavailableError
from cognito_failover.common.region import Instant
from cognito_failover.controller.move_driver import MoveDriver
from cognito_failover.controller.reconciler import Levers, Reconciler
from cognito_failover.core.canary_backoff import ALL_CLOSED, Backoffs
from cognito_failover.core.consensus import Consensus
from cognito_failover.core.decide import decide
from cognito_failover.core.model.event import Event
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation
from cognito_failover.core.ports.stores import ObservationStore, StateStore
from cognito_failover.core.preflight_result import PreflightResult, update_preflight
from cognito_failover.core.quorum import form_consensus
from cognito_failover.core.replication_lag import LagState
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.user_sign_ins import UserSignInCounts
from cognito_failover.settings.controller import Settings
from cognito_failover.storage.journal import Journal

INTERNAL_ERROR = "Internal error in this round. The next round continues from the last saved state."
"""Reason of a round that ends with an unexpected error."""

_log = logging.getLogger(__name__)


class Prober(Protocol):
    """Makes observations."""

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        """Return an observation, and the canary's backoffs after it."""
        ...


class LagReader(Protocol):
    """Measures the replication lag in the background."""

    def apply_measurement(self, lag_state: LagState) -> LagState:
        """Return the lag state with the last measurement. Never waits."""
        ...


class RoundStore(StateStore, ObservationStore, Protocol):
    """The parts of the ledger that a round uses."""


class RoundRunner:
    """Runs rounds, one after another.

    Parameters
    ----------
    settings
        The policy.
    ledger
        Holds state and observations.
    prober
        Makes the observations.
    levers
        The levers that can move users.
    clock
        Seconds since the epoch.
    lag_reader
        Measures the replication lag; None if another process measures it.
    take_sign_ins
        Returns the counts of sign-ins through the domain since its last call. By default there are none.
    sleep
        Waits a number of seconds, between two attempts of a call that a lever refused.

    """

    def __init__(
        self,
        *,
        settings: Settings,
        ledger: RoundStore,
        prober: Prober,
        levers: Levers,
        clock: Callable[[], Instant],
        lag_reader: LagReader | None = None,
        take_sign_ins: Callable[[], UserSignInCounts] = UserSignInCounts,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._prober = prober
        self._clock = clock
        self._take_sign_ins = take_sign_ins
        self._reconciler = Reconciler(levers=levers, settings=settings)
        self._move_driver = MoveDriver(levers=levers, settings=settings, clock=clock, sleep=sleep)
        self._lag_reader = lag_reader
        self._journal: Journal | None = None
        self._preflight: PreflightResult | None = None

    def reset(self) -> None:
        """Forget the loaded state. Another process may have run rounds since."""
        self._journal = None

    def set_preflight(self, preflight: PreflightResult | None) -> None:
        """Set the result of the last preflight, read between rounds. The next round saves it."""
        self._preflight = preflight or self._preflight

    def run(self) -> RoundResult:
        """Run one round. It makes no change whose intent it could not save before."""
        backoffs = ALL_CLOSED
        load_error = ""
        try:
            self._journal = self._journal or Journal(self._ledger, self._ledger.load())
            backoffs = self._journal.state.backoffs if self._journal.has_state else ALL_CLOSED
        except FailoverError as error:
            load_error = str(error)
        observation, backoffs_after = self._prober.observe(backoffs)
        remote_observations = self._load_remote_observations()
        consensus = form_consensus(
            (observation, *remote_observations),
            configured=self._settings.observers,
            now=self._clock(),
            observation_ttl_seconds=self._settings.observation_ttl_seconds,
        )
        result = RoundResult(
            observation=observation, remote_observations=remote_observations, consensus=consensus, state=None, reason=""
        )
        if self._journal is None:
            return replace(result, reason="The ledger can't be read: no users are moved.", failure=load_error)
        try:
            return self._decide_and_save(self._journal, result, backoffs_after)
        except Exception as error:  # noqa: BLE001 - an internal error must stop neither the notifications nor later rounds
            _log.error("A round failed with an internal error: %s", summarize_error(error))
            return replace(result, state=self._saved_state, reason=INTERNAL_ERROR, failure=summarize_error(error))

    @property
    def _saved_state(self) -> ControllerState | None:
        return self._journal.state if self._journal and self._journal.has_state else None

    def _load_remote_observations(self) -> tuple[Observation, ...]:
        """Return the last observations of the remote observers, or none if they can't be read."""
        if not self._settings.remote_observers:
            return ()
        try:
            return self._ledger.load_observations(self._settings.remote_observers)
        except FailoverError as error:
            _log.warning("The observations of the remote observers could not be read: %s", error)
            return ()

    def mark_delivered(self, delivered: tuple[Event, ...]) -> None:
        """Remove delivered events from the saved state."""
        try:
            if self._journal and self._journal.has_state:
                self._journal.drop_delivered(delivered)
        except FailoverError:
            self._journal = None  # they are published again, which is better than never

    def _decide_and_save(self, journal: Journal, result: RoundResult, backoffs: Backoffs) -> RoundResult:
        last_round_at = journal.state.last_round_at if journal.has_state else None
        consensus = result.consensus
        result = replace(
            result,
            state=journal.state if journal.has_state else None,
            silence_seconds=None if last_round_at is None else self._clock() - last_round_at,
        )
        try:
            self._ledger.save_observation(result.observation)
            reason = self._decide_and_act(journal, consensus, backoffs)
        except LedgerConflictError:
            return self._retry_after_conflict(result, consensus, backoffs)
        except (
            LeverUnavailableError,
            LeverRefusedError,
        ) as error:  # with a state, the move or the reconciliation handles them
            reason = "There is no saved state, and none can be made from the records: no users are moved."
            return replace(result, reason=reason, failure=str(error))
        except FailoverError as error:
            self._journal = None  # unknown whether it was saved: load it again
            return replace(result, reason="The ledger can't be written: this round stops here.", failure=str(error))
        return replace(result, state=self._saved_state, reason=reason)

    def _retry_after_conflict(self, result: RoundResult, consensus: Consensus, backoffs: Backoffs) -> RoundResult:
        """Continue once from the new state after another writer, such as an operator, has changed it."""
        try:
            journal = self._journal = Journal(self._ledger, self._ledger.load())
            if self._is_already_decided(journal, result.observation):
                reason = self._move_driver.drive(journal, self._create_context(consensus))
            else:
                reason = self._decide_and_act(journal, consensus, backoffs)
        except FailoverError as error:
            self._journal = None
            reason = "Other writers changed the state twice in this round. The next round continues from their state."
            return replace(result, reason=reason, failure=str(error))
        return replace(result, state=self._saved_state, reason=reason)

    @staticmethod
    def _is_already_decided(journal: Journal, observation: Observation) -> bool:
        """Return whether the state already includes this observation. One round never counts as two."""
        last_round_at = journal.state.last_round_at if journal.has_state else None
        return last_round_at is not None and last_round_at >= observation.observed_at

    def _create_context(self, consensus: Consensus) -> RoundContext:
        return RoundContext(settings=self._settings, consensus=consensus, now=self._clock())

    def _decide_and_act(self, journal: Journal, consensus: Consensus, backoffs: Backoffs) -> str:
        context = self._create_context(consensus)
        if not journal.has_state:
            initialized = self._reconciler.initialize(context)
            journal.save(initialized.state, initialized.events)
            return initialized.message
        reconciled = self._reconciler.reconcile(journal.state, context)
        located = reconciled.then(self._reconciler.look(reconciled.state, context))
        checked = located.then(update_preflight(located.state, self._preflight, context))
        lag_state = checked.state.lag_state
        if self._lag_reader:
            lag_state = self._lag_reader.apply_measurement(lag_state)
        observed_state = replace(checked.state, lag_state=lag_state, backoffs=backoffs)
        decision = checked.then(decide(observed_state, context, self._take_sign_ins()))
        journal.save(decision.state, decision.events)
        progress_message = self._move_driver.drive(journal, context)
        return f"{decision.message} {progress_message}".strip()
