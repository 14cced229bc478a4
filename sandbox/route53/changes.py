"""Propagation of changes to the name servers: PENDING, then INSYNC."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.route53.errors import Route53ServiceError
from sandbox.route53.ids import IdGenerator
from sandbox.route53.wire import Parameters

NAME_SERVER_COUNT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PropagatingChange:
    """An accepted change.

    Attributes
    ----------
    visible_at
        When each name server applies it, in seconds of the clock.
    in_sync_at
        When GetChange returns INSYNC; never before the last name server applies it.

    """

    id: str
    account: str
    submitted_at: float
    visible_at: tuple[float, ...]
    in_sync_at: float
    comment: str | None


class Changes:
    """The changes of all accounts.

    Parameters
    ----------
    clock
        Seconds since the epoch.
    propagation_seconds
        Time from acceptance to INSYNC. It may change at any time, and applies to later changes. AWS usually takes less
        than 60 s.
    seed
        Seed of the moment within that time at which each name server applies a change.

    """

    def __init__(self, *, clock: Callable[[], float], ids: IdGenerator, propagation_seconds: float, seed: int) -> None:
        self.propagation_seconds = propagation_seconds
        self._clock = clock
        self._ids = ids
        self._seed = seed
        self._changes: dict[str, PropagatingChange] = {}
        self.operations = {"GetChange": self.get}

    def accept(
        self, account: str, *, comment: str | None = None, after: PropagatingChange | None = None
    ) -> PropagatingChange:
        """Accept a change. No name server applies it before the earlier change `after`."""
        now = self._clock()
        change_id = self._ids.make_change_id()
        moments = random.Random(f"{self._seed} {change_id}")  # noqa: S311 -- a delay, not a secret
        earliest = after.visible_at if after else (now,) * NAME_SERVER_COUNT
        change = PropagatingChange(
            id=change_id,
            account=account,
            submitted_at=now,
            visible_at=tuple(max(now + moments.random() * self.propagation_seconds, first) for first in earliest),
            in_sync_at=max(now + self.propagation_seconds, after.in_sync_at if after else now),
            comment=comment,
        )
        self._changes[change.id] = change
        return change

    def get(self, account: str, parameters: Parameters) -> dict[str, Any]:
        """Answer GetChange."""
        change = self._changes.get(parameters["Id"].removeprefix("/change/"))
        if change is None or change.account != account:
            raise Route53ServiceError("NoSuchChange", f"Could not find resource with ID: {parameters['Id']}")
        return {"ChangeInfo": self.describe(change)}

    def describe(self, change: PropagatingChange) -> dict[str, Any]:
        """Return the API's `ChangeInfo`."""
        shown: dict[str, Any] = {
            "Id": f"/change/{change.id}",
            "Status": "INSYNC" if self._clock() >= change.in_sync_at else "PENDING",
            "SubmittedAt": change.submitted_at,
        }
        if change.comment is not None:
            shown["Comment"] = change.comment
        return shown
