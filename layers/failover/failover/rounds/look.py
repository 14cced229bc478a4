"""Looks at the world with no move under way: whether it is still as this controller left it."""

from dataclasses import dataclass, replace

from failover.decision import adoption
from failover.decision.adoption import Adoption, Found, FoundLatch
from failover.decision.dropped_checks import why_it_moves_nobody, why_nobody_returns
from failover.decision.knowledge import Knowledge
from failover.decision.looking import is_due
from failover.decision.state import State
from failover.errors import LeverRefusedError, LeverUnavailableError
from failover.levers.latch import Latch, LatchName
from failover.levers.lever import Lever, Sight, Survey
from failover.region import Instant
from failover.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """Everything that can move users.

    Attributes
    ----------
    records
        The weights of the domain's records; None where only Cognito's own domain is moved.
    latches
        The latches there are, attached or not.

    """

    records: Lever | None
    latches: tuple[Latch, ...] = ()


class Looker:
    """Compares the world with what is remembered, whenever that is due.

    Parameters
    ----------
    levers
        What there is to look at.
    settings
        The names, and whether lacking records may be created.

    """

    def __init__(self, *, levers: Levers, settings: Settings) -> None:
        self._levers = levers
        self._settings = settings

    def birth(self, now: Instant) -> Adoption:
        """Return the state of a controller that remembers nothing, and create the records that are lacking.

        Raises
        ------
        LeverUnavailableError, LeverRefusedError
            If the world can't be read or isn't understood: then nothing is remembered either.

        """
        survey = self._levers.records.survey() if self._levers.records else None
        if survey and survey.lacking and not self._settings.observe_only:
            self._create_lacking(survey)
        latches = {latch.name: _as_found(latch) for latch in self._levers.latches}
        return adoption.born(Found(survey=survey, latches=latches), self._settings, now)

    def regard(self, state: State, knowledge: Knowledge, now: Instant) -> Adoption:
        """Return the state after a look, if one is due."""
        if not is_due(state, knowledge, self._settings, now):
            return state, ()
        try:
            survey = self._levers.records.survey() if self._levers.records else None
            if survey and survey.lacking and adoption.may_complete(state, survey, self._settings):
                self._create_lacking(survey)
            return adoption.regarded(state, self._found(survey, state), self._settings, now)
        except LeverUnavailableError as error:
            return adoption.out_of_reach(state, str(error), self._settings, now)
        except LeverRefusedError as error:
            return adoption.not_understood(state, str(error), self._settings, now)

    def _create_lacking(self, survey: Survey) -> None:
        if records := self._levers.records:
            records.submit(records.plan(survey, survey.weights), survey)

    def _found(self, survey: Survey | None, state: State) -> Found:
        latches, unread = dict[LatchName, FoundLatch](), dict[LatchName, str]()
        for latch in self._levers.latches:
            remembered = state.latches.get(latch.name)
            try:
                thrown = latch.keep(thrown=remembered.thrown if remembered else False)
                sight = _sight_of(latch, remembered.sight if remembered else None)
                latches[latch.name] = self._as_attached(FoundLatch(thrown=thrown, sight=sight), latch, survey, state)
            except LeverUnavailableError as error:
                unread[latch.name] = str(error)
        return Found(survey=survey, latches=latches, unread=unread)

    def _as_attached(self, found: FoundLatch, latch: Latch, survey: Survey | None, state: State) -> FoundLatch:
        """Return a latch as it is by the checks that the records carry, whatever its beacon says."""
        if survey is None or latch.name is not LatchName.RECORDS:
            return found
        shown, remembered = found.sight is not None, state.latches.get(latch.name)
        was_attached = remembered is not None and (remembered.sight is not None or bool(remembered.trouble))
        if why := why_it_moves_nobody(survey, self._settings, shown=shown, was_attached=was_attached):
            return replace(found, sight=None, loose=why)
        return replace(found, loose=why_nobody_returns(survey, self._settings, shown=shown))


def _as_found(latch: Latch) -> FoundLatch:
    """Return a latch that nothing is known of, and leave it as it is: users may be where it sends them."""
    sight = latch.sight()
    return FoundLatch(thrown=latch.found(sight), sight=sight)


def _sight_of(latch: Latch, remembered: Sight | None) -> Sight | None:
    """Return where a latch's check shows, as remembered where Route 53 can't be asked: calm days are what it is for."""
    try:
        return latch.sight()
    except LeverUnavailableError:
        return remembered
