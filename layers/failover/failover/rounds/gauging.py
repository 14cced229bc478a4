"""Measures beside the rounds how far the replica is behind: no round waits for it, and none fails by it."""

import logging
from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from failover.bounded import Deadline, start
from failover.decision.freshness import Freshness, Gauged, Marker, Step, after, next_step
from failover.decision.knowledge import GOOD
from failover.probe.marker import ALLOWING_IT, MarkerError, Markers
from failover.probe.probe import Pass
from failover.region import Instant, PerSide, Side
from failover.rounds.round import Report

if TYPE_CHECKING:
    from concurrent.futures import Future

LOOKING_SECONDS = 4.0
"""How long a marker is looked for once it is written; later it is looked for once a round."""

PAUSE_SECONDS = 0.5
"""Between two looks."""

_log = logging.getLogger(__name__)

type Passes = PerSide[Pass | None]
type Run = Callable[[Callable[[], Gauged]], Future[Gauged]]


def in_a_thread(measuring: Callable[[], Gauged]) -> "Future[Gauged]":
    """Run a measuring beside whatever the caller does next."""
    return start(measuring, name="replication-lag")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Canary:
    """The canary, signed in in both Regions in the same round."""

    passes: PerSide[Pass]

    @property
    def subject(self) -> str:
        return self.passes.primary.subject


class Gauge:
    """Writes the marker and looks for it, in a thread of its own, one measuring at a time.

    It uses the tokens that the round has signed in for anyway: it makes no sign-in, and so can't lock the canary out.

    Parameters
    ----------
    markers
        Writes and reads the marker.
    passes
        Returns what the last round signed in for.
    clock, sleep
        The time, and a way to let it pass.
    run
        Runs a measuring without waiting for it.

    """

    def __init__(
        self,
        *,
        markers: Markers,
        passes: Callable[[], Passes],
        clock: Callable[[], Instant],
        sleep: Callable[[float], None],
        run: Run = in_a_thread,
    ) -> None:
        self._markers = markers
        self._passes = passes
        self._clock = clock
        self._sleep = sleep
        self._run = run
        self._ending = False
        self._running: Future[Gauged] | None = None
        self._gauged: Gauged | None = None

    def noted(self, freshness: Freshness) -> Freshness:
        """Return what is to be remembered by now; never waits."""
        self._collect()
        return after(freshness, self._gauged) if self._gauged else freshness

    def after(self, report: Report) -> None:
        """Begin to measure after a round, if it is time and all is well; never waits."""
        self._collect()
        if self._running is not None or report.state is None or not is_quiet(report):
            return
        canary = _signed_in(self._passes())
        if canary is None:
            return
        freshness = report.state.freshness
        step = next_step(freshness, canary.subject, self._clock())
        if step is not None:
            self._ending = False
            self._running = self._run(partial(self._measure, step, freshness.marker, canary))

    def finish(self, deadline: Deadline) -> None:
        """End what is under way after its present look, no later than the deadline: the next rounds go on with it."""
        self._ending = True
        if self._running is not None:
            wait((self._running,), timeout=deadline.remaining_seconds)

    def _collect(self) -> None:
        if self._running is None or not self._running.done():
            return
        over, self._running = self._running, None
        if fault := over.exception():  # not even a thread was to be had
            _log.warning("The lag of the replica could not be measured: %s", fault)
            return
        self._gauged = over.result()
        if self._gauged.trouble:
            _log.warning("The lag of the replica is not measured: %s", self._gauged.trouble)

    def _measure(self, step: Step, marker: Marker | None, canary: _Canary) -> Gauged:
        began_at = self._clock()
        seen_at = unseen_at = None
        trouble = ""
        try:
            if step is Step.WRITE:
                marker = self._written(began_at, canary)
            if marker:
                looking_seconds = LOOKING_SECONDS if step is Step.WRITE else 0.0
                seen_at, unseen_at = self._look(marker, canary, until=began_at + looking_seconds)
        except MarkerError as error:
            trouble = str(error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the rounds
            _log.exception("Measuring the lag failed by a fault of its own.")
            trouble = f"Measuring it failed by a fault of its own: {type(error).__name__}."
        return Gauged(
            began_at=began_at,
            ended_at=self._clock(),
            marker=marker,
            seen_at=seen_at,
            unseen_at=unseen_at,
            trouble=trouble,
        )

    def _written(self, now: Instant, canary: _Canary) -> Marker:
        marker = Marker(value=int(now), written_at=now, subject=canary.subject)
        self._markers.write(canary.passes.primary.access, marker.value)
        return marker

    def _look(self, marker: Marker, canary: _Canary, *, until: Instant) -> tuple[Instant | None, Instant | None]:
        """Return when the marker was seen, and when it was last looked for in vain."""
        while True:
            asked_at = self._clock()
            found = self._markers.read(Side.STANDBY, canary.passes.standby.access)
            if found is not None and found >= marker.value:
                return self._clock(), None
            if asked_at >= until or self._ending:
                break
            self._sleep(PAUSE_SECONDS)
        if found is None and self._markers.read(Side.PRIMARY, canary.passes.primary.access) is None:
            raise MarkerError(f"Not even the primary shows the marker that it took. {ALLOWING_IT}")
        return None, asked_at


def is_quiet(report: Report) -> bool:
    """Whether all is well after a round: both Regions serve, none is suspect, nothing moves, all is saved."""
    state = report.state
    return (
        state is not None
        and not report.failure
        and state.move is None
        and not state.suspected.stands
        and all(known.verdict in GOOD for _, known in report.knowledge.sides)
    )


def _signed_in(passes: Passes) -> _Canary | None:
    """Return the canary if the same one was signed in in both Regions."""
    primary, standby = passes.primary, passes.standby
    if primary is None or standby is None or primary.subject != standby.subject:
        return None
    return _Canary(passes=PerSide(primary=primary, standby=standby))
