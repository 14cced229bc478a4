"""One round: observe, decide, record, act."""

import logging
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

INTERNAL_ERROR = "This round failed by a fault of its own; the next one goes on from what it saved."
"""The reason of a round that raised what nobody foresaw."""

_log = logging.getLogger(__name__)


class Prober(Protocol):
    """Whoever makes observations: the probe, or its twin."""

    def observe(self, backoffs: Backoffs) -> tuple[Observation, Backoffs]:
        """Return what is seen now, and how the canary stands after it."""
        ...


class LagReader(Protocol):
    """Whoever measures beside the rounds how far the replica is behind."""

    def apply_measurement(self, lag_state: LagState) -> LagState:
        """Return what is to be remembered of it by now; never waits."""
        ...


class RoundStore(StateStore, ObservationStore, Protocol):
    """The parts of the ledger that a round uses."""


class RoundRunner:
    """Makes rounds, one after another, over the same collaborators.

    Parameters
    ----------
    settings
        The policy.
    ledger
        The memory.
    probe
        The eyes.
    levers
        The hands.
    clock
        Seconds since the epoch.
    gauge
        Measures the replica's lag; None where that is left to others.
    sign_ins
        Gives the sign-ins through the domain since it was last asked; by default none are made.

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
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._prober = prober
        self._clock = clock
        self._take_sign_ins = take_sign_ins
        self._reconciler = Reconciler(levers=levers, settings=settings)
        self._move_driver = MoveDriver(levers=levers, settings=settings, clock=clock)
        self._lag_reader = lag_reader
        self._journal: Journal | None = None
        self._preflight: PreflightResult | None = None

    def reset(self) -> None:
        """Forget what this process knew: since its last rounds another one may have made some."""
        self._journal = None

    def set_preflight(self, preflight: PreflightResult | None) -> None:
        """Take what was read of the last preflight, away from any round; the next one remembers it."""
        self._preflight = preflight or self._preflight

    def run(self) -> RoundResult:
        """Make one round. It changes nothing that it could not save the intent of first."""
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
            return replace(result, reason="The ledger can't be read: nothing moves.", failure=load_error)
        try:
            return self._decide_and_save(self._journal, result, backoffs_after)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not keep people from being told, nor later rounds
            _log.error("A round failed by a fault of its own: %s", summarize_error(error))
            return replace(result, state=self._saved_state, reason=INTERNAL_ERROR, failure=summarize_error(error))

    @property
    def _saved_state(self) -> ControllerState | None:
        return self._journal.state if self._journal and self._journal.has_state else None

    def _load_remote_observations(self) -> tuple[Observation, ...]:
        """Return what the further observers saw last. If that can't be read they are silent, and so no majority."""
        if not self._settings.remote_observers:
            return ()
        try:
            return self._ledger.load_observations(self._settings.remote_observers)
        except FailoverError as error:
            _log.warning("What the further observers saw is not known in this round: %s", error)
            return ()

    def mark_delivered(self, delivered: tuple[Event, ...]) -> None:
        """Drop announcements that have been sent."""
        try:
            if self._journal and self._journal.has_state:
                self._journal.drop_delivered(delivered)
        except FailoverError:
            self._journal = None  # they are sent again, which is better than never

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
        except (LeverUnavailableError, LeverRefusedError) as error:  # once a state is there, a move or look notes them
            reason = "Nothing is remembered, and the records can't be taken as they are: nothing moves."
            return replace(result, reason=reason, failure=str(error))
        except FailoverError as error:
            self._journal = None  # what was saved is not known: read it again
            return replace(result, reason="The ledger can't be written: nothing more is done.", failure=str(error))
        return replace(result, state=self._saved_state, reason=reason)

    def _retry_after_conflict(self, result: RoundResult, consensus: Consensus, backoffs: Backoffs) -> RoundResult:
        """Somebody changed the state meanwhile, such as an operator: go on, once, from what they left."""
        try:
            journal = self._journal = Journal(self._ledger, self._ledger.load())
            if self._is_already_decided(journal, result.observation):
                reason = self._move_driver.drive(journal, self._create_context(consensus))
            else:
                reason = self._decide_and_act(journal, consensus, backoffs)
        except FailoverError as error:
            self._journal = None
            reason = "The state changed under this round more than once; the next round goes on from what it finds."
            return replace(result, reason=reason, failure=str(error))
        return replace(result, state=self._saved_state, reason=reason)

    @staticmethod
    def _is_already_decided(journal: Journal, observation: Observation) -> bool:
        """Tell whether the state has already been decided by this observation: one round never counts as two."""
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
        checked = reconciled.then(update_preflight(reconciled.state, self._preflight, context))
        lag_state = checked.state.lag_state
        if self._lag_reader:
            lag_state = self._lag_reader.apply_measurement(lag_state)
        observed_state = replace(checked.state, lag_state=lag_state, backoffs=backoffs)
        decision = checked.then(decide(observed_state, context, self._take_sign_ins()))
        journal.save(decision.state, decision.events)
        progress_message = self._move_driver.drive(journal, context)
        return f"{decision.message} {progress_message}".strip()
