"""The SSM parameter that says where sign-in is to go, for programs that ask rather than listen."""

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any

from failover.bounded import start
from failover.region import Instant
from failover.signals.client import quick_client
from failover.timing import INVOCATION_SECONDS

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
        self._held: str | None = None
        self._held_at: Instant = 0.0
        self._under_way: Future[None] | None = None

    def follow(self, decided: str, now: Instant) -> "Future[None] | None":
        """Begin, in a thread of its own, to have the parameter say a Region.

        Nothing is begun, and None returned, while an earlier attempt still hangs or where it says so already.
        """
        hangs = self._under_way is not None and not self._under_way.done()
        if hangs or (self._held == decided and not self._read_is_due(now)):
            return None
        self._under_way = start(lambda: self._follow(decided, now), name="region-parameter")
        return self._under_way

    def _read_is_due(self, now: Instant) -> bool:
        return self._held is None or now - self._held_at >= INVOCATION_SECONDS - 1

    def _follow(self, decided: str, now: Instant) -> None:
        try:
            held = self._read() if self._read_is_due(now) else self._held
            if held != decided:
                self._client.put_parameter(
                    Name=self._name, Value=decided, Type="String", Overwrite=True, Description=_DESCRIPTION
                )
                _log.info("The parameter %s now says %s.", self._name, decided)
            self._held, self._held_at = decided, now
        except Exception as error:  # noqa: BLE001 - nothing that telling can run into may stop a failover
            self._held = None  # what a write that failed has left there is not known
            _log.warning(
                "The parameter %s could not be brought to %s, and is tried again in the next round: %s: %s",
                self._name,
                decided,
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
        return quick_client("ssm", self._region)
