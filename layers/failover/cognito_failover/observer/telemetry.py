"""Logs and metrics of an observer."""

import json
import logging
from contextlib import suppress
from typing import TextIO

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit

from cognito_failover.observer.observer import ObservationResult
from cognito_failover.settings.observer import ObserverSettings
from cognito_failover.telemetry.metrics import Metric, MetricSet, to_emf
from cognito_failover.telemetry.non_blocking_stream import NonBlockingStream


class EmfObserverTelemetry:
    """Implements `cognito_failover.observer.observer.ObserverTelemetry` with CloudWatch's embedded metric format.

    Metrics are only for alarms in the observer's Region. Verdicts are in the log and in the controller's status.

    Parameters
    ----------
    settings
        The names of the Regions.
    service
        Name of the function: in every log line, and a dimension of every metric.
    stream
        Receives log lines and metrics.

    """

    def __init__(self, settings: ObserverSettings, *, service: str, stream: TextIO) -> None:
        self._settings = settings
        self._service = service
        self._stream = NonBlockingStream(stream)
        self._logger = Logger(service=service, logger_handler=logging.StreamHandler(self._stream), utc=True)

    @property
    def handler(self) -> logging.Handler:
        """The log handler, for other loggers."""
        return self._logger.registered_handler

    def record_observation(self, result: ObservationResult, *, took_seconds: float) -> None:
        """Log and measure an observation. Never raises."""
        with suppress(Exception):  # a failure here must not prevent the next observation
            write = self._logger.error if result.failure else self._logger.info
            write("Observation made.", extra=self._build_fields(result, took_seconds))
            metric_set = MetricSet(metrics=_build_metrics(result))
            self._stream.write(json.dumps(to_emf(metric_set, service=self._service)) + "\n")

    def _build_fields(self, result: ObservationResult, took_seconds: float) -> dict[str, object]:
        observation, age_seconds = result.observation, result.heartbeat_age_seconds
        return {
            "observer": observation.observer,
            "witness_answered": observation.witness_answered,
            "regions": {
                self._settings.regions[role]: {
                    "verdict": reading.verdict.value,
                    "code": reading.code,
                    "detail": reading.detail,
                }
                for role, reading in observation.readings
            },
            "heartbeat_age_seconds": None if age_seconds is None else round(age_seconds, 3),
            "took_seconds": round(took_seconds, 3),
            "failure": result.failure or None,
        }


def _build_metrics(result: ObservationResult) -> tuple[Metric, ...]:
    errors = Metric(name="LookErrors", unit=MetricUnit.Count, value=bool(result.failure))
    if result.heartbeat_age_seconds is None:
        return (errors,)
    return (errors, Metric(name="HeartbeatAge", unit=MetricUnit.Seconds, value=result.heartbeat_age_seconds))
