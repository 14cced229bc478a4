"""Publishes what the controller does: a log line and metrics for each round, events and messages.

Nothing here can stop a failover. A call that fails or hangs is abandoned within a fixed time, and undelivered events
are retried in the next round.
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
from cognito_failover.telemetry.round_log import build_log_fields, choose_log_level, find_round_move

if TYPE_CHECKING:
    from cognito_failover.core.model.state import ControllerState


class Signals:
    """Implements `cognito_failover.controller.invocation.Notifier`.

    Parameters
    ----------
    settings
        The names of Regions, domain and pool.
    service
        The name of the function, such as ``controller``: in every log line, and a dimension of every metric.
    channels
        The channels for events.
    stream
        Receives log lines and metrics.
    region_parameter
        The parameter that names the decided Region, if the stack has one.
    publish_timeout_seconds
        The longest time that one call of `publish` waits.

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
        """Build one with EventBridge, SNS and standard output. The whole package then logs in the same format."""
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
        package.setLevel(signals._logger.log_level)
        package.propagate = False  # or Lambda's root handler would write each line a second time
        return signals

    def record_round(self, result: RoundResult, *, took_seconds: float) -> None:
        """Write the log line and metrics of a round, and update the parameter. Never raises, never waits.

        Until the next round, every log line carries the id of the round's move, if it has one, as ``correlation_id``.
        """
        self._state = result.state or self._state
        try:
            self._log_round(result, took_seconds)
            for metric_set in build_round_metrics(result, self._settings, took_seconds=took_seconds):
                self._stream.write(json.dumps(to_emf(metric_set, service=self._service)) + "\n")
        except Exception as error:  # noqa: BLE001 - a failed log line must not stop a failover
            self._log_problem("Logs or metrics of the round could not be written", error)
        try:
            self._update_region_parameter(result)
        except Exception as error:  # noqa: BLE001 - a failed update must not stop a failover
            self._log_problem("The parameter with the decided Region could not be updated", error)

    def publish(self, events: Sequence[Event]) -> tuple[Event, ...]:
        """Send events, and return those that every channel has taken. Never raises.

        The advice in messages follows from the state of the last recorded round.

        Parameters
        ----------
        events
            The events, oldest first. A repeated event goes only to the channels that have not taken it.

        """
        try:
            return self._publish(events)
        except Exception as error:  # noqa: BLE001 - a failed delivery must not stop a failover
            self._log_problem("Events could not be sent", error)
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
        write[choose_log_level(result, self._settings)](result.reason or "Round finished.", extra=fields)

    def _update_region_parameter(self, result: RoundResult) -> None:
        if self._region_parameter is None or result.state is None:
            return
        if decided_role := find_decided_role(result.state):
            self._region_parameter.update(self._settings.regions[decided_role], result.observation.observed_at)

    def _publish(self, events: Sequence[Event]) -> tuple[Event, ...]:
        if not events:
            return ()
        deadline = Deadline(self._publish_timeout_seconds)
        attempts = [delivery.start_sending(events, self._state, deadline) for delivery in self._deliveries]
        wait([attempt for attempt in attempts if attempt], timeout=deadline.remaining_seconds)
        delivered = tuple(event for event in events if all(delivery.is_done(event) for delivery in self._deliveries))
        if undelivered := [event for event in events if event not in delivered]:
            self._logger.warning(
                "Some events were not delivered. They are retried in the next round.",
                undelivered=[f"{event.kind}: {event.message}" for event in undelivered],
                problems=[delivery.problem for delivery in self._deliveries if delivery.problem],
            )
        return delivered

    def _log_problem(self, description: str, error: Exception) -> None:
        with suppress(Exception):  # no other way to report is left
            self._logger.error("%s: %s: %s", description, type(error).__name__, error)
