"""The SSM parameter that says where sign-in is to go, for programs that ask rather than listen."""

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cognito_failover.common.aws_client import create_short_timeout_client
from cognito_failover.common.deadlines import run_in_thread
from cognito_failover.common.region import Instant
from cognito_failover.common.time_budget import INVOCATION_INTERVAL_SECONDS

if TYPE_CHECKING:
    from concurrent.futures import Future

_DESCRIPTION = "The Region to sign in to, kept by the failover controller: what is written by hand is overwritten."

_log = logging.getLogger(__name__)


class RegionParameter:
    """Keeps one parameter at the decided Region, whoever changed or deleted it.

    It is read again once an invocation, because another process may have written it meanwhile, and written only when it
    says something else. What fails is logged and tried again in the next round; nobody ever waits for it.

    Parameters
    ----------
    name
        The parameter's; it is created if there is none.
    region
        The Region it is in: the controller's own.

    """

    def __init__(self, name: str, region: str) -> None:
        self._name = name
        self._region = region
        self._cached_region: str | None = None
        self._cached_at: Instant = 0.0
        self._pending: Future[None] | None = None

    def update(self, target_region: str, now: Instant) -> "Future[None] | None":
        """Begin, in a thread of its own, to have the parameter say a Region.

        Nothing is begun, and None returned, while an earlier attempt still hangs or where it says so already.
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
                _log.info("The parameter %s now says %s.", self._name, target_region)
            self._cached_region, self._cached_at = target_region, now
        except Exception as error:  # noqa: BLE001 - nothing that telling can run into may stop a failover
            self._cached_region = None  # what a write that failed has left there is not known
            _log.warning(
                "The parameter %s could not be brought to %s, and is tried again in the next round: %s: %s",
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
