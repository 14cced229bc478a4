"""Attaches latches to what they move, and detaches them, in an order in which no step can move anybody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from failover.decision.announcement import Announcement, Kind
from failover.decision.attaching import why_not_now, why_not_thrown
from failover.decision.request import Action
from failover.errors import (
    FailoverError,
    LedgerConflictError,
    LedgerUnavailableError,
    LeverRefusedError,
    LeverUnavailableError,
)
from failover.ledger.journal import Journal
from failover.ledger.ledger import Ledger
from failover.levers.attachment import Attachment
from failover.levers.authority import Authority
from failover.levers.latch import Latch, LatchName
from failover.levers.latch_beacon import LatchBeacon
from failover.levers.lever import RecordSet, Sight
from failover.levers.record_refusals import listed
from failover.levers.stack_policy import Protection
from failover.levers.zone import Action as Edit
from failover.levers.zone import Change, ChangeRejectedError, Zone
from failover.region import Instant, Side
from failover.rounds.punctual import Timekeeper
from failover.settings import Settings

POLL_SECONDS = 2.0
"""How often what is waited for is looked at."""

ENDING_SECONDS = 12.0
"""What is kept back of the time allowed: a step once begun has to end in it, and the answer to be given."""

LOOK_SECONDS = 2.5
"""The longest one look at the name servers may take."""

LEASE_SECONDS = 20.0
"""How long no round is made while what steers users is changed; given up earlier, as soon as that is done."""

_MAX_CONFLICTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """A latch, and all that attaching it takes.

    Attributes
    ----------
    latch
        Has to be released all the time.
    attachment
        What carries its check in the end.
    beacon
        Shows the check's state from then on: while it stands, the controller counts on the latch.
    settling
        Shows it before.

    """

    latch: Latch
    attachment: Attachment
    beacon: LatchBeacon
    settling: LatchBeacon

    @property
    def name(self) -> LatchName:
        """What the latch moves."""
        return self.latch.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it: whether all is done, what is and what is waited for, and what refused it."""

    done: bool
    message: str
    refused_by: str = ""

    @property
    def answer(self) -> dict[str, Any]:
        """The outcome as the person gets it."""
        refusal = {"refused_by": self.refused_by} if self.refused_by else {}
        return {"done": self.done, "message": self.message, **refusal}


class _WaitingError(FailoverError):
    """Something takes longer than this invocation may; the message says what."""


class _NotNowError(FailoverError):
    """Users are being moved, or are not all on the primary; the message says so."""


class Fitter:
    """Attaches and detaches latches. Every step can be repeated, and goes on from what it finds.

    A check is given to what steers users only after every name server has answered, for a pair of records that nobody
    reads, that it holds the check to be healthy. The beacon that the controller goes by comes last, and goes first.

    Parameters
    ----------
    fittings
        One for each latch.
    settings
        The Regions' names.
    zone
        Holds the beacons.
    authority
        Asks the zone's name servers.
    ledger
        The memory, shared with the controller, whose lease keeps rounds out meanwhile.
    protection
        Keeps a change of the stack from replacing or removing what an attached latch stands on.
    timekeeper
        Bounds the calls to the ledger.
    clock, sleep
        The time, and a way to let it pass.

    """

    def __init__(
        self,
        fittings: Sequence[Fitting],
        *,
        settings: Settings,
        zone: Zone,
        authority: Authority,
        ledger: Ledger,
        protection: Protection,
        timekeeper: Timekeeper,
        clock: Callable[[], Instant],
        sleep: Callable[[float], None],
    ) -> None:
        self._fittings = fittings
        self._settings = settings
        self._zone = zone
        self._authority = authority
        self._ledger = ledger
        self._protection = protection
        self._timekeeper = timekeeper
        self._clock = clock
        self._sleep = sleep

    def carry(self, action: Action, owner: str, remaining_seconds: Callable[[], float]) -> Outcome:
        """Do as much as there is time for.

        Parameters
        ----------
        action
            Attach or detach.
        owner
            A name of this invocation's own, for the lease.
        remaining_seconds
            How long the process is still allowed to run.

        """
        time = _Time(owner=owner, remaining_seconds=remaining_seconds)
        try:
            return self._fit(action, time)
        except _WaitingError as waiting:
            message = f"{waiting} Nobody was moved. Repeat the same event in a minute; it goes on from here."
            return Outcome(done=False, message=message)
        except _NotNowError as reason:
            return Outcome(done=False, message=f"Refused, nothing further was changed: {reason}", refused_by="at-rest")
        except LeverRefusedError as error:
            return Outcome(done=False, message=f"Refused, nothing further was changed: {error}", refused_by="lever")
        except (LeverUnavailableError, ChangeRejectedError, LedgerUnavailableError, LedgerConflictError) as error:
            message = f"Not finished: {error} Nobody was moved. Repeat the same event; it goes on from what it finds."
            return Outcome(done=False, message=message)

    def _fit(self, action: Action, time: "_Time") -> Outcome:
        changed = self._attach(time) if action is Action.ATTACH else self._detach(time)
        names = " and the ".join(fitting.name for fitting in self._fittings)
        state = "attached" if action is Action.ATTACH else "detached"
        sentence = f"The latch of the {names} is {state}; nobody was moved by it."
        if changed:
            self._note(sentence)
        guarded = self._guard(action)
        return Outcome(done=True, message=f"{sentence} The controller goes by it within a minute. {guarded}".rstrip())

    def _guard(self, action: Action) -> str:
        """Protect what is attached, and nothing else; say what came of it. Attached it is either way."""
        try:
            if action is Action.DETACH:
                self._protection.lift()
                return ""
            left = self._protection.protect()
        except LeverUnavailableError as error:
            return f"CloudFormation could not be told so: {error} Repeat the same event, or see docs/latch.md."
        return left or "Until it is detached, CloudFormation refuses to replace or remove what it stands on."

    def _attach(self, time: "_Time") -> bool:
        changed = False
        for fitting in self._fittings:
            self._require_released(fitting)
            self._refuse_taken(fitting)
            fitting.attachment.refuse_others()
        for fitting in self._fittings:
            if not self._found(fitting) and not fitting.attachment.attached():
                changed |= self._replace((), fitting.settling.record_sets, f"{fitting.name}: show its check")
        for fitting in self._fittings:
            if not fitting.attachment.attached():
                self._wait(partial(self._why_unsettled, fitting), time)
                self._alone(partial(self._attach_one, fitting), time)
                changed = True
        for fitting in self._fittings:
            if not self._standing(fitting.beacon):
                self._wait(fitting.attachment.under_way, time)
                self._require_released(fitting)
                settling = self._standing(fitting.settling)
                changed |= self._replace(settling, fitting.beacon.record_sets, f"{fitting.name}: attached")
        return changed

    def _detach(self, time: "_Time") -> bool:
        changed = False
        for fitting in self._fittings:
            self._require_released(fitting)
        for fitting in self._fittings:
            standing = (*self._standing(fitting.beacon), *self._standing(fitting.settling))
            if standing:
                changed |= self._replace(standing, (), f"{fitting.name}: detached")
            if not fitting.attachment.is_bare():
                self._alone(partial(self._detach_one, fitting), time)
                changed = True
        return changed

    def _attach_one(self, fitting: Fitting) -> None:
        self._require_released(fitting)
        fitting.attachment.attach()

    def _detach_one(self, fitting: Fitting) -> None:
        self._require_released(fitting)
        fitting.attachment.detach()

    def _require_released(self, fitting: Fitting) -> None:
        if why := why_not_thrown({fitting.name: fitting.latch.keep(thrown=False)}):
            raise _NotNowError(why)

    def _refuse_taken(self, fitting: Fitting) -> None:
        zone_name = self._zone.facts().name
        for beacon in (fitting.beacon, fitting.settling):
            if not f".{beacon.name}".endswith(f".{zone_name}"):
                raise LeverRefusedError(
                    f"The beacon of the latch of the {fitting.name} has to stand at {beacon.name}, and the zone "
                    f"HOSTED_ZONE_ID holds {zone_name}. Give the zone of both domains."
                )
            at_name = self._zone.record_sets((beacon.name,))
            if at_name and not beacon.found_in(at_name):
                raise LeverRefusedError(
                    f"The name of the latch's beacon is taken: {listed(at_name)}. If an earlier deployment left it "
                    f"there, or a person did, delete these record sets, and attach."
                )

    def _why_unsettled(self, fitting: Fitting) -> str:
        """Say why the check can't be given to anything yet; empty once every name server holds it to be healthy."""
        found = self._found(fitting)
        beacon = fitting.settling if self._standing(fitting.settling) else fitting.beacon
        sight = Sight(record_sets=found, name_servers=self._zone.facts().name_servers)
        shown = beacon.answers(sight, Side.PRIMARY, authority=self._authority, budget_seconds=LOOK_SECONDS)
        if shown.moved and not shown.silent:
            return ""
        return f"The health check of the latch of the {fitting.name} is not seen healthy everywhere: {shown.detail}"

    def _found(self, fitting: Fitting) -> tuple[RecordSet, ...]:
        """Return whichever pair shows the check now."""
        return self._standing(fitting.settling) or self._standing(fitting.beacon)

    def _standing(self, beacon: LatchBeacon) -> tuple[RecordSet, ...]:
        return beacon.found_in(self._zone.record_sets((beacon.name,)))

    def _replace(self, old: Sequence[RecordSet], new: Sequence[RecordSet], comment: str) -> bool:
        changes = (
            *(Change(action=Edit.DELETE, record_set=each) for each in old),
            *(Change(action=Edit.CREATE, record_set=each) for each in new),
        )
        self._zone.submit(changes, comment=f"cognito-failover: latch of the {comment}")
        return True

    def _wait(self, why_not: Callable[[], str], time: "_Time") -> None:
        while reason := why_not():
            if time.remaining_seconds() < ENDING_SECONDS:
                raise _WaitingError(reason)
            self._sleep(POLL_SECONDS)

    def _alone(self, change: Callable[[], None], time: "_Time") -> None:
        """Make a change of what steers users while no round is made: a move must not begin from records of before."""

        def why_not() -> str:
            self._timekeeper.begin_round(self._settings.round_interval_seconds)
            taken = self._ledger.take_lease(time.owner, now=self._clock(), seconds=LEASE_SECONDS)
            return "" if taken else "The controller is making its rounds, and leaves no gap between them."

        self._wait(why_not, time)
        try:
            saved = self._ledger.load()
            if saved and (reason := why_not_now(saved.state, self._settings)):
                raise _NotNowError(reason)
            change()
        finally:
            self._timekeeper.begin_round(self._settings.round_interval_seconds)
            self._ledger.give_up_lease(time.owner)

    def _note(self, sentence: str) -> None:
        """Leave it in the history, whatever the controller saves meanwhile."""
        for _ in range(_MAX_CONFLICTS):
            self._timekeeper.begin_round(self._settings.round_interval_seconds)
            journal = Journal(self._ledger, self._ledger.load())
            told = Announcement(kind=Kind.ATTACHMENT, at=self._clock(), sentence=sentence)
            try:
                journal.note(journal.state, (told,))
            except LedgerConflictError:
                continue
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class _Time:
    """One invocation: who it is, and how long it may still run."""

    owner: str
    remaining_seconds: Callable[[], float]
