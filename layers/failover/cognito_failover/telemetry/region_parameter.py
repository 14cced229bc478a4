"""The SSM parameter with the decided Region, for programs that read it instead of receiving events."""

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cognito_failover.common.aws_client import create_short_timeout_client
from cognito_failover.common.deadlines import run_in_thread
from cognito_failover.common.region import Instant
from cognito_failover.common.time_budget import INVOCATION_INTERVAL_SECONDS

if TYPE_CHECKING:
    from concurrent.futures import Future

_DESCRIPTION = "The Region to sign in to. Written by the failover controller, which overwrites manual changes."

_log = logging.getLogger(__name__)


class RegionParameter:
    """Sets one parameter to the decided Region, also after another process changed or deleted it.

    The parameter is read once per invocation, because another process may have written it, and written only when its
    value differs. A failure is logged and retried in the next round. No caller waits for it.

    Parameters
    ----------
    name
        The name of the parameter, which is created if it does not exist.
    region
        The Region of the parameter: the controller's own.

    """

    def __init__(self, name: str, region: str) -> None:
        self._name = name
        self._region = region
        self._cached_region: str | None = None
        self._cached_at: Instant = 0.0
        self._pending: Future[None] | None = None

    def update(self, target_region: str, now: Instant) -> "Future[None] | None":
        """Start to set the parameter, in a thread.

        Returns None, and starts nothing, if the parameter has this value or an earlier attempt hangs.
        """
        is_hanging = self._pending is not None and not self._pending.done()
        if is_hanging or (self._cached_region == target_region and not self._should_read(now)):
            return None
        self._pending = run_in_thread(lambda: self._update(target_region, now), name="region-parameter")
        return self._pending

    def _should_read(self, now: Instant) -> bool:
        return self._cached_region is None or now - self._cached_at >= INVOCATION_INTERVAL_SECONDS - 1

    def _update(self, target_region: str, now: Instant) -> None:
        try:
            current_region = self._read() if self._should_read(now) else self._cached_region
            if current_region != target_region:
                self._client.put_parameter(
                    Name=self._name, Value=target_region, Type="String", Overwrite=True, Description=_DESCRIPTION
                )
                _log.info("The parameter %s is now %s.", self._name, target_region)
            self._cached_region, self._cached_at = target_region, now
        except Exception as error:  # noqa: BLE001 - a failed update must not stop a failover
            self._cached_region = None  # a failed write may have changed the value
            _log.warning(
                "The parameter %s could not be set to %s. It is retried in the next round: %s: %s",
                self._name,
                target_region,
                type(error).__name__,
                error,
            )

    def _read(self) -> str | None:
        try:
            return str(self._client.get_parameter(Name=self._name)["Parameter"]["Value"])
        except self._client.exceptions.ParameterNotFound:
            return None

    @cached_property
    def _client(self) -> Any:
        return create_short_timeout_client("ssm", self._region)
