"""The name servers that a name is delegated to: followed at most once a minute, and remembered."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import wait
from functools import partial
from typing import Protocol

from cognito_failover.common.deadlines import Deadline, run_in_thread
from cognito_failover.common.error_boundary import summarize_error

FOLLOW_INTERVAL_SECONDS = 60.0
"""Time between two looks at the delegation of a name, also after a look that failed."""

FOLLOW_BUDGET_SECONDS = 3.0
"""Time budget of one look. It may end after its caller has stopped to wait: its result then counts the next time."""

type ServerAddresses = Mapping[str, str]
"""The IP address of each name server; its name again if the address is unknown."""

_log = logging.getLogger(__name__)


class Delegation(Protocol):
    """Finds the name servers that a resolver would ask about a name."""

    def find_servers(self, names: Sequence[str], *, budget_seconds: float) -> Mapping[str, ServerAddresses]:
        """Return the name servers of each name. A name whose delegation was never followed is left out."""
        ...


def follow_delegation(name: str) -> ServerAddresses:
    """Return the name servers of a name; see `DelegationWalk.follow`."""
    from cognito_failover.routing.dns.delegation_walk import DelegationWalk  # noqa: PLC0415 - slow to import

    return DelegationWalk(deadline=Deadline(FOLLOW_BUDGET_SECONDS)).follow(name)


class FollowedDelegation:
    """Follows the delegation from the top-level domain down to each name; a `Delegation`.

    Parameters
    ----------
    follow
        Returns the name servers of a name.
    clock
        Seconds of any clock that does not jump.

    """

    def __init__(
        self,
        follow: Callable[[str], ServerAddresses] = follow_delegation,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._follow = follow
        self._clock = clock
        self._servers: dict[str, ServerAddresses] = {}
        self._followed_at: dict[str, float] = {}

    def find_servers(self, names: Sequence[str], *, budget_seconds: float) -> Mapping[str, ServerAddresses]:
        """Follow the delegations that are a minute old, at the same time; see `Delegation.find_servers`.

        After a failure the last known servers stay.
        """
        deadline = Deadline(budget_seconds)
        looks = [
            run_in_thread(partial(self._look, name), name=f"follow {name}") for name in names if self._is_due(name)
        ]
        wait(looks, timeout=deadline.remaining_seconds)
        return {name: self._servers[name] for name in names if name in self._servers}

    def _is_due(self, name: str) -> bool:
        followed_at = self._followed_at.get(name)
        return followed_at is None or self._clock() - followed_at >= FOLLOW_INTERVAL_SECONDS

    def _look(self, name: str) -> None:
        self._followed_at[name] = self._clock()
        try:
            self._servers[name] = self._follow(name)
        except Exception as error:  # noqa: BLE001 - without a new look, the last one counts
            _log.warning("The delegation of %s could not be followed: %s", name, summarize_error(error))
