"""Logs and measures what an observer in a further Region does."""

import json
import logging
from contextlib import suppress
from typing import TextIO

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit

from failover.rounds.observing import Look
from failover.settings_observer import ObserverSettings
from failover.signals.metrics import Metric, MetricSet, emf
from failover.signals.outlet import Outlet


class LookSignals:
    """See `failover.rounds.observing.LookTeller`.

    What it saw of each Region is in the log and, by the controller, in the status; measured is only what an alarm in
    this Region watches.

    Parameters
    ----------
    settings
        The Regions' names.
    service
        The function that speaks: in every log line, and a dimension of every metric.
    stream
        Where log lines and metrics go.

    """

    def __init__(self, settings: ObserverSettings, *, service: str, stream: TextIO) -> None:
        self._settings = settings
        self._service = service
        self._outlet = Outlet(stream)
        self._logger = Logger(service=service, logger_handler=logging.StreamHandler(self._outlet), utc=True)

    @property
    def handler(self) -> logging.Handler:
        """What writes the lines, for whoever else logs."""
        return self._logger.registered_handler

    def look(self, look: Look, *, took_seconds: float) -> None:
        """Log and measure a look; never raises."""
        with suppress(Exception):  # what can't be told must not keep the next look from being made
            write = self._logger.error if look.failure else self._logger.info
            write("A look was made.", extra=self._fields(look, took_seconds))
            metric_set = MetricSet(metrics=_metrics(look))
            self._outlet.write(json.dumps(emf(metric_set, service=self._service)) + "\n")

    def _fields(self, look: Look, took_seconds: float) -> dict[str, object]:
        observation, age_seconds = look.observation, look.heartbeat_age_seconds
        return {
            "observer": observation.observer,
            "witness_answered": observation.witness_answered,
            "regions": {
                self._settings.regions[side]: {
                    "verdict": reading.verdict.value,
                    "code": reading.code,
                    "detail": reading.detail,
                }
                for side, reading in observation.readings
            },
            "heartbeat_age_seconds": None if age_seconds is None else round(age_seconds, 3),
            "took_seconds": round(took_seconds, 3),
            "failure": look.failure or None,
        }


def _metrics(look: Look) -> tuple[Metric, ...]:
    errors = Metric(name="LookErrors", unit=MetricUnit.Count, value=bool(look.failure))
    if look.heartbeat_age_seconds is None:
        return (errors,)
    return (errors, Metric(name="HeartbeatAge", unit=MetricUnit.Seconds, value=look.heartbeat_age_seconds))
