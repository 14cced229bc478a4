"""The rotation function's events: a step from Secrets Manager, or the overdue check from a schedule."""

import json
import logging
from collections.abc import Callable
from typing import TextIO

from aws_lambda_powertools.metrics import MetricUnit

from cognito_failover.common.region import Instant
from cognito_failover.rotation.errors import RotationError
from cognito_failover.rotation.rotation import Rotation, RotationStep
from cognito_failover.rotation.secret_state import compute_overdue_seconds
from cognito_failover.rotation.secret_store import SecretStore
from cognito_failover.telemetry.metrics import Metric, MetricSet, to_emf

OVERDUE_CHECK_EVENT = {"check": "overdue"}
"""The event that the schedule sends."""

_log = logging.getLogger(__name__)


class RotationHandler:
    """Handles the rotation function's events.

    Parameters
    ----------
    rotation
        Runs the steps.
    secret_store
        The secret.
    secret_arn
        The secret's ARN. No other secret is rotated.
    service
        The function's name: the dimension of its metrics.
    stream
        The stream that metrics are written to.
    clock
        Seconds since the epoch.

    """

    def __init__(
        self,
        *,
        rotation: Rotation,
        secret_store: SecretStore,
        secret_arn: str,
        service: str,
        stream: TextIO,
        clock: Callable[[], Instant],
    ) -> None:
        self._rotation = rotation
        self._secret_store = secret_store
        self._secret_arn = secret_arn
        self._service = service
        self._stream = stream
        self._clock = clock

    def handle(self, event: object) -> None:
        """Run a rotation step, or publish the overdue metric.

        Raises
        ------
        RotationError
            If the step fails. The function then fails: Secrets Manager retries, and an alarm fires.

        """
        if event == OVERDUE_CHECK_EVENT:
            self._publish_overdue_metric()
            return
        step, token = self._parse_event(event)
        message = self._rotation.run_step(step, token)
        _log.info("%s: %s", step, message)

    def _publish_overdue_metric(self) -> None:
        seconds = compute_overdue_seconds(self._secret_store.describe(), self._clock())
        overdue = Metric(name="RotationOverdue", unit=MetricUnit.Seconds, value=seconds)
        self._stream.write(json.dumps(to_emf(MetricSet(metrics=(overdue,)), service=self._service)) + "\n")

    def _parse_event(self, event: object) -> tuple[RotationStep, str]:
        fields = event if isinstance(event, dict) else {}
        step, secret_arn, token = (fields.get(name) for name in ("Step", "SecretId", "ClientRequestToken"))
        if not isinstance(step, str) or step not in set(RotationStep) or not isinstance(token, str) or not token:
            raise RotationError(
                f"This function accepts the rotation events of Secrets Manager, with Step, SecretId and "
                f"ClientRequestToken, and {json.dumps(OVERDUE_CHECK_EVENT)}. To rotate now, run: "
                f"aws secretsmanager rotate-secret --secret-id {self._secret_arn}"
            )
        if secret_arn != self._secret_arn:
            raise RotationError(f"This function rotates only {self._secret_arn}, not {secret_arn}.")
        return RotationStep(step), token
