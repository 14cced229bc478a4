"""What the rotation's function is asked for: a step, by Secrets Manager; or whether it is overdue, by a schedule."""

import json
import logging
from collections.abc import Callable
from typing import TextIO

from aws_lambda_powertools.metrics import MetricUnit

from failover.region import Instant
from failover.rotation.errors import RotationError
from failover.rotation.rotation import Rotation, Step
from failover.rotation.standing import overdue_seconds
from failover.rotation.vault import Vault
from failover.signals.metrics import Metric, MetricSet, emf

OVERDUE = {"check": "overdue"}
"""What the schedule sends."""

_log = logging.getLogger(__name__)


class Serving:
    """Serves the function.

    Parameters
    ----------
    rotation
        Makes the steps.
    vault
        The secret.
    secret_arn
        Which it is: no other is rotated.
    service
        The function that speaks: the dimension of its metrics.
    stream
        Where metrics go.
    clock
        Seconds since the epoch.

    """

    def __init__(
        self,
        *,
        rotation: Rotation,
        vault: Vault,
        secret_arn: str,
        service: str,
        stream: TextIO,
        clock: Callable[[], Instant],
    ) -> None:
        self._rotation = rotation
        self._vault = vault
        self._secret_arn = secret_arn
        self._service = service
        self._stream = stream
        self._clock = clock

    def handle(self, event: object) -> None:
        """Do what is asked for.

        Raises
        ------
        RotationError
            If that can't be done; the function then fails, so that Secrets Manager tries again and an alarm fires.

        """
        if event == OVERDUE:
            self._measure()
            return
        step, token = self._asked(event)
        said = self._rotation.make(step, token)
        _log.info("%s: %s", step, said)

    def _measure(self) -> None:
        seconds = overdue_seconds(self._vault.describe(), self._clock())
        overdue = Metric(name="RotationOverdue", unit=MetricUnit.Seconds, value=seconds)
        self._stream.write(json.dumps(emf(MetricSet(metrics=(overdue,)), service=self._service)) + "\n")

    def _asked(self, event: object) -> tuple[Step, str]:
        fields = event if isinstance(event, dict) else {}
        step, secret_arn, token = (fields.get(name) for name in ("Step", "SecretId", "ClientRequestToken"))
        if not isinstance(step, str) or step not in set(Step) or not isinstance(token, str) or not token:
            raise RotationError(
                f"This function takes the events of Secrets Manager's rotation, with Step, SecretId and "
                f"ClientRequestToken, and {json.dumps(OVERDUE)}. To rotate now: aws secretsmanager rotate-secret."
            )
        if secret_arn != self._secret_arn:
            raise RotationError(f"This function rotates {self._secret_arn} only, not {secret_arn}.")
        return Step(step), token
