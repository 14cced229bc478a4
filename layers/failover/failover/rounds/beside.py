"""What is done beside rounds and never waited for in one: the look from outside, and the timeline."""

import logging
from concurrent.futures import Future, wait
from functools import partial
from threading import Lock
from typing import Protocol

from failover.bounded import Deadline, start
from failover.decision.outside import SignIns
from failover.decision.state import State
from failover.outside.fingerprint import fingerprint
from failover.outside.sample import Outside, Sample
from failover.outside.taking import taken
from failover.outside.watched import completed, is_due
from failover.region import Instant
from failover.rounds.round import Report
from failover.settings import Settings

AT_ONCE = 2
"""Looks under way at the same time; while so many hang, no further one is begun."""

_log = logging.getLogger(__name__)


class Looker(Protocol):
    """Whoever looks from outside."""

    def look(self, state: State) -> Outside:
        """Look once, in a bounded time."""
        ...


class Timeline(Protocol):
    """Where the samples are kept."""

    def put_sample(self, sample: Sample) -> None:
        """Keep a moment of the timeline."""
        ...


class Crier(Protocol):
    """Whoever tells that a timeline is complete."""

    def tell(self, report_id: str, now: Instant) -> None:
        """Tell it of a move or a drill; may raise."""
        ...


class Bystander:
    """Keeps the timeline while something happens. Nothing it meets can fail, delay or change a round.

    Parameters
    ----------
    settings
        The policy, of which a sample keeps the fingerprint.
    looker
        Looks from outside.
    timeline
        Keeps the samples; its calls are bounded by its own timeouts.
    crier
        Tells when the timeline of a move or a drill is complete; None where nobody wants to know.

    """

    def __init__(self, settings: Settings, *, looker: Looker, timeline: Timeline, crier: Crier | None = None) -> None:
        self._settings = settings
        self._configuration = fingerprint(settings)
        self._looker = looker
        self._timeline = timeline
        self._crier = crier
        self._told_of: set[str] = set()
        self._last_at: Instant | None = None
        self._under_way: list[Future[None]] = []
        self._sign_ins = SignIns()
        self._turn = Lock()

    def sign_ins(self) -> SignIns:
        """Return the sign-ins through the domain since this was last asked, as far as this process made them."""
        with self._turn:
            counted, self._sign_ins = self._sign_ins, SignIns()
        return counted

    def after(self, report: Report) -> None:
        """Begin to keep a round that has ended, if it is worth keeping; returns at once, and never raises."""
        try:
            self._begin(report)
        except Exception:  # noqa: BLE001 - what can't be kept must not stop a failover
            _log.warning("The round could not be kept for the timeline.", exc_info=True)

    def finish(self, deadline: Deadline) -> None:
        """Wait for what has been begun, no longer than the deadline; a process may be frozen after it."""
        wait(self._under_way, timeout=deadline.remaining_seconds)

    def _begin(self, report: Report) -> None:
        state = report.state
        if state is None:
            return
        self._tell_if_complete(state, report.observation.observed_at)
        if not is_due(state, self._settings, report.observation.observed_at, last_at=self._last_at):
            return
        self._under_way = [future for future in self._under_way if not future.done()]
        if len(self._under_way) >= AT_ONCE:
            return
        self._last_at = report.observation.observed_at
        self._under_way.append(start(partial(self._keep, report, state), name="beside-round"))

    def _tell_if_complete(self, state: State, now: Instant) -> None:
        ended = set(completed(state, self._settings, now))
        if self._crier:
            for report_id in ended - self._told_of:
                tell = partial(self._tell, self._crier, report_id, now)
                self._under_way.append(start(tell, name="timeline-complete"))
        self._told_of = ended

    @staticmethod
    def _tell(crier: Crier, report_id: str, now: Instant) -> None:
        try:
            crier.tell(report_id, now)
        except Exception:  # noqa: BLE001 - the report stays as it was written at the end
            _log.warning("That the timeline of %s is complete could not be told.", report_id, exc_info=True)

    def _keep(self, report: Report, state: State) -> None:
        try:
            outside = self._looker.look(state)
            if outside.sign_in:
                with self._turn:
                    self._sign_ins = self._sign_ins.with_one(ok=outside.sign_in.ok)
            sample = taken(report, state, self._settings, configuration=self._configuration, outside=outside)
            self._timeline.put_sample(sample)
        except Exception:  # noqa: BLE001 - a moment that is not kept is a gap in a report, and nothing else
            _log.warning("A moment of the timeline was not kept.", exc_info=True)
