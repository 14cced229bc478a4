"""Tells what goes on: a log line and metrics of every round, events and messages of transitions.

Nothing here can stop a failover: whatever fails or hangs is given up within a bound, and what has not been told is
told again in the next round.
"""

import json
import logging
import sys
from collections.abc import Sequence
from concurrent.futures import wait
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from aws_lambda_powertools import Logger

from failover.bounded import Deadline
from failover.decision.announcement import Announcement
from failover.rounds.invocation import TELLING_SECONDS
from failover.rounds.round import Report
from failover.settings import Settings
from failover.signals.channels import Channel, Events, Messages
from failover.signals.decided_region import decided_side
from failover.signals.delivery import Delivery
from failover.signals.metrics import emf, measure
from failover.signals.outlet import Outlet
from failover.signals.region_parameter import RegionParameter
from failover.signals.round_line import fields_of, level_of
from failover.signals.transitions import move_in

if TYPE_CHECKING:
    from failover.decision.state import State


class Signals:
    """Whoever tells people and machines what happened; see `failover.rounds.invocation.Teller`.

    Parameters
    ----------
    settings
        The names of Regions, domain and pool.
    service
        The function that speaks, such as ``controller``: in every log line, and a dimension of every metric.
    channels
        How transitions are told.
    stream
        Where log lines and metrics go.
    region_parameter
        What is kept at the decided Region, if anything is.
    telling_seconds
        What one call of `tell` may take.

    """

    def __init__(
        self,
        *,
        settings: Settings,
        service: str,
        channels: Sequence[Channel],
        stream: TextIO,
        region_parameter: RegionParameter | None = None,
        telling_seconds: float = TELLING_SECONDS,
    ) -> None:
        self._settings = settings
        self._service = service
        self._region_parameter = region_parameter
        self._deliveries = tuple(Delivery(channel) for channel in channels)
        self._outlet = Outlet(stream)
        self._logger = Logger(service=service, logger_handler=logging.StreamHandler(self._outlet), utc=True)
        self._telling_seconds = telling_seconds
        self._state: State | None = None

    @classmethod
    def from_settings(cls, settings: Settings, *, service: str) -> "Signals":
        """Tell by EventBridge and SNS, log to standard output, and have the whole package log the same way."""
        name = settings.decided_region_parameter
        signals = cls(
            settings=settings,
            service=service,
            channels=(Events(settings), Messages(settings)),
            stream=sys.stdout,
            region_parameter=RegionParameter(name, settings.standby_region) if name else None,
        )
        package = logging.getLogger("failover")
        package.handlers = [signals._logger.registered_handler]
        package.propagate = False  # or Lambda's root handler would write each line a second time
        return signals

    def round(self, report: Report, *, took_seconds: float) -> None:
        """Log and measure a round, and have the parameter follow what is decided; never raises, never waits.

        Until the next round every line of the log carries the move's id, if there is one, as ``correlation_id``.
        """
        self._state = report.state or self._state
        try:
            self._log_round(report, took_seconds)
            for metric_set in measure(report, self._settings, took_seconds=took_seconds):
                self._outlet.write(json.dumps(emf(metric_set, service=self._service)) + "\n")
        except Exception as error:  # noqa: BLE001 - what can't be told must not stop a failover
            self._log_problem("The round could not be logged or measured", error)
        try:
            self._follow(report)
        except Exception as error:  # noqa: BLE001 - what can't be told must not stop a failover
            self._log_problem("The decided Region could not be told", error)

    def tell(self, announcements: Sequence[Announcement]) -> tuple[Announcement, ...]:
        """Tell transitions, and return those that have arrived everywhere they should; never raises.

        What a message advises follows from the state that the last round left.

        Parameters
        ----------
        announcements
            The transitions, oldest first. Those told only in part before are completed, not repeated.

        """
        try:
            return self._tell(announcements)
        except Exception as error:  # noqa: BLE001 - what can't be told must not stop a failover
            self._log_problem("Transitions could not be told", error)
            return ()

    def _log_round(self, report: Report, took_seconds: float) -> None:
        move = move_in(report)
        self._logger.set_correlation_id(move.id if move else None)
        fields = fields_of(report, self._settings, took_seconds=took_seconds)
        write = {
            logging.INFO: self._logger.info,
            logging.WARNING: self._logger.warning,
            logging.ERROR: self._logger.error,
        }
        write[level_of(report, self._settings)](report.reason or "A round was made.", extra=fields)

    def _follow(self, report: Report) -> None:
        if self._region_parameter is None or report.state is None:
            return
        if decided := decided_side(report.state):
            self._region_parameter.follow(self._settings.regions[decided], report.observation.observed_at)

    def _tell(self, announcements: Sequence[Announcement]) -> tuple[Announcement, ...]:
        if not announcements:
            return ()
        deadline = Deadline(self._telling_seconds)
        begun = [delivery.begin(announcements, self._state, deadline) for delivery in self._deliveries]
        wait([attempt for attempt in begun if attempt], timeout=deadline.remaining_seconds)
        told = tuple(each for each in announcements if all(delivery.is_done(each) for delivery in self._deliveries))
        if untold := [each for each in announcements if each not in told]:
            self._logger.warning(
                "Not everything could be told; the rest is tried again in the next round.",
                untold=[f"{each.kind}: {each.sentence}" for each in untold],
                problems=[delivery.problem for delivery in self._deliveries if delivery.problem],
            )
        return told

    def _log_problem(self, what: str, error: Exception) -> None:
        with suppress(Exception):  # there is no further way to tell
            self._logger.error("%s: %s: %s", what, type(error).__name__, error)
