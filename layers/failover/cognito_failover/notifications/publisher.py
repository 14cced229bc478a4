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

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.time_budget import NOTIFY_SECONDS
from cognito_failover.core.model.event import Event
from cognito_failover.core.round_result import RoundResult
from cognito_failover.notifications.channels import Channel, EventBridgeChannel, SnsChannel
from cognito_failover.notifications.delivery import ChannelDelivery
from cognito_failover.settings.controller import Settings
from cognito_failover.telemetry.decided_region import find_decided_role
from cognito_failover.telemetry.metrics import build_round_metrics, to_emf
from cognito_failover.telemetry.non_blocking_stream import NonBlockingStream
from cognito_failover.telemetry.region_parameter import RegionParameter
from cognito_failover.telemetry.round_events import find_round_move
from cognito_failover.telemetry.round_log import build_log_fields, choose_log_level

if TYPE_CHECKING:
    from cognito_failover.core.model.state import ControllerState


class Signals:
    """Whoever tells people and machines what happened; see `cognito_failover.controller.invocation.Notifier`.

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
        publish_timeout_seconds: float = NOTIFY_SECONDS,
    ) -> None:
        self._settings = settings
        self._service = service
        self._region_parameter = region_parameter
        self._deliveries = tuple(ChannelDelivery(channel) for channel in channels)
        self._stream = NonBlockingStream(stream)
        self._logger = Logger(service=service, logger_handler=logging.StreamHandler(self._stream), utc=True)
        self._publish_timeout_seconds = publish_timeout_seconds
        self._state: ControllerState | None = None

    @classmethod
    def from_settings(cls, settings: Settings, *, service: str) -> "Signals":
        """Tell by EventBridge and SNS, log to standard output, and have the whole package log the same way."""
        name = settings.decided_region_parameter
        signals = cls(
            settings=settings,
            service=service,
            channels=(EventBridgeChannel(settings), SnsChannel(settings)),
            stream=sys.stdout,
            region_parameter=RegionParameter(name, settings.standby_region) if name else None,
        )
        package = logging.getLogger("cognito_failover")
        package.handlers = [signals._logger.registered_handler]
        package.propagate = False  # or Lambda's root handler would write each line a second time
        return signals

    def record_round(self, result: RoundResult, *, took_seconds: float) -> None:
        """Log and measure a round, and have the parameter follow what is decided; never raises, never waits.

        Until the next round every line of the log carries the move's id, if there is one, as ``correlation_id``.
        """
        self._state = result.state or self._state
        try:
            self._log_round(result, took_seconds)
            for metric_set in build_round_metrics(result, self._settings, took_seconds=took_seconds):
                self._stream.write(json.dumps(to_emf(metric_set, service=self._service)) + "\n")
        except Exception as error:  # noqa: BLE001 - what can't be told must not stop a failover
            self._log_problem("The round could not be logged or measured", error)
        try:
            self._update_region_parameter(result)
        except Exception as error:  # noqa: BLE001 - what can't be told must not stop a failover
            self._log_problem("The decided Region could not be told", error)

    def publish(self, events: Sequence[Event]) -> tuple[Event, ...]:
        """Tell transitions, and return those that have arrived everywhere they should; never raises.

        What a message advises follows from the state that the last round left.

        Parameters
        ----------
        announcements
            The transitions, oldest first. Those told only in part before are completed, not repeated.

        """
        try:
            return self._publish(events)
        except Exception as error:  # noqa: BLE001 - what can't be told must not stop a failover
            self._log_problem("Transitions could not be told", error)
            return ()

    def _log_round(self, result: RoundResult, took_seconds: float) -> None:
        move = find_round_move(result)
        self._logger.set_correlation_id(move.id if move else None)
        fields = build_log_fields(result, self._settings, took_seconds=took_seconds)
        write = {
            logging.INFO: self._logger.info,
            logging.WARNING: self._logger.warning,
            logging.ERROR: self._logger.error,
        }
        write[choose_log_level(result, self._settings)](result.reason or "A round was made.", extra=fields)

    def _update_region_parameter(self, result: RoundResult) -> None:
        if self._region_parameter is None or result.state is None:
            return
        if decided := find_decided_role(result.state):
            self._region_parameter.update(self._settings.regions[decided], result.observation.observed_at)

    def _publish(self, events: Sequence[Event]) -> tuple[Event, ...]:
        if not events:
            return ()
        deadline = Deadline(self._publish_timeout_seconds)
        attempts = [delivery.start_sending(events, self._state, deadline) for delivery in self._deliveries]
        wait([attempt for attempt in attempts if attempt], timeout=deadline.remaining_seconds)
        delivered = tuple(each for each in events if all(delivery.is_done(each) for delivery in self._deliveries))
        if untold := [each for each in events if each not in delivered]:
            self._logger.warning(
                "Not everything could be told; the rest is tried again in the next round.",
                untold=[f"{each.kind}: {each.message}" for each in untold],
                problems=[delivery.problem for delivery in self._deliveries if delivery.problem],
            )
        return delivered

    def _log_problem(self, description: str, error: Exception) -> None:
        with suppress(Exception):  # there is no further way to tell
            self._logger.error("%s: %s: %s", description, type(error).__name__, error)
