"""A hosted zone in memory, with the refusals of Route 53 that matter to a lever."""

import itertools
from collections.abc import Iterable, Sequence

from failover.errors import UnknownChangeError
from failover.levers.lever import RecordSet
from failover.levers.records import absolute, describe, key_of, same, valid_weight
from failover.levers.zone import Action, Change, ChangeRejectedError, ZoneFacts

type _Key = tuple[str, str, str]


class MemoryZone:
    """Holds record sets, changes them in atomic batches, and says when a change has spread.

    Parameters
    ----------
    name
        The domain the zone holds.
    record_sets
        What it holds at first.
    private
        Whether only VPCs would see it.

    """

    def __init__(self, name: str, record_sets: Iterable[RecordSet] = (), *, private: bool = False) -> None:
        self._facts = ZoneFacts(
            name=absolute(name),
            private=private,
            name_servers=() if private else ("ns-1.example.net", "ns-2.example.org"),
        )
        self._held: dict[_Key, RecordSet] = {key_of(each): each for each in record_sets}
        self._protected: set[tuple[str, str]] = set()
        self._spread: dict[str, bool] = {}
        self._ids = (f"C{number}" for number in itertools.count(1))

    def facts(self) -> ZoneFacts:
        """Return what never changes about the zone."""
        return self._facts

    def record_sets(self, names: Sequence[str]) -> tuple[RecordSet, ...]:
        """Return every record set at these names."""
        wanted = {absolute(name) for name in names}
        return tuple(each for (name, _, _), each in self._held.items() if name in wanted)

    def submit(self, changes: Sequence[Change], *, comment: str) -> str:  # noqa: ARG002 - nobody reads it here
        """Make all the changes or none, and return the change's id."""
        held = dict(self._held)
        for change in changes:
            self._apply(change, held)
        _check(held.values())
        self._held = held
        change_id = next(self._ids)
        self._spread[change_id] = False
        return change_id

    def in_sync(self, change_id: str) -> bool:
        """Tell whether the change has spread."""
        if change_id not in self._spread:
            raise UnknownChangeError(f"GetChange answered NoSuchChange: {change_id}")
        return self._spread[change_id]

    def refresh(self) -> None:
        """Do nothing: memory needs no credentials."""

    def spread(self) -> None:
        """Bring every change to all name servers."""
        self._spread = dict.fromkeys(self._spread, True)

    def protect(self, name: str, record_type: str) -> None:
        """Make Route 53 refuse every change of the name's record sets of this type."""
        self._protected.add((absolute(name), record_type))

    def edit(self, *record_sets: RecordSet) -> None:
        """Set record sets as a person would in the console, whatever was there."""
        self._held |= {key_of(each): each for each in record_sets}

    def remove(self, *record_sets: RecordSet) -> None:
        """Remove record sets as a person would in the console."""
        for each in record_sets:
            del self._held[key_of(each)]

    def _apply(self, change: Change, held: dict[_Key, RecordSet]) -> None:
        key = key_of(change.record_set)
        if key[:2] in self._protected:
            raise ChangeRejectedError(f"InvalidChangeBatch: a record set protection exists for {key[0]} {key[1]}")
        if not key[0].endswith(self._facts.name):
            raise ChangeRejectedError(f"InvalidChangeBatch: {key[0]} is not permitted in zone {self._facts.name}")
        match change.action:
            case Action.DELETE:
                if key not in held:
                    raise ChangeRejectedError(f"InvalidChangeBatch: {key} to delete was not found")
                if not same([held[key]], [change.record_set]):
                    raise ChangeRejectedError(f"InvalidChangeBatch: {key} does not match the current values")
                del held[key]
            case Action.CREATE:
                if key in held:
                    raise ChangeRejectedError(f"InvalidChangeBatch: {key} already exists")
                held[key] = change.record_set


def _check(held: Iterable[RecordSet]) -> None:
    groups: dict[tuple[str, str], list[RecordSet]] = {}
    for record_set in held:
        groups.setdefault(key_of(record_set)[:2], []).append(record_set)
    for (name, record_type), group in groups.items():
        for record_set in group:
            if ("SetIdentifier" in record_set) != ("Weight" in record_set):
                raise ChangeRejectedError(f"InvalidChangeBatch: {describe(record_set)} needs SetIdentifier and Weight")
            if not valid_weight(record_set.get("Weight", 0)):
                raise ChangeRejectedError(f"InvalidChangeBatch: {describe(record_set)} has a weight out of range")
        if len({"Weight" in each for each in group}) > 1:
            raise ChangeRejectedError(f"InvalidChangeBatch: {name} {record_type} mixes simple and weighted records")
        if len({each["TTL"] for each in group if "TTL" in each}) > 1:
            raise ChangeRejectedError(f"InvalidChangeBatch: {name} {record_type} has several TTLs")
        if record_type == "CNAME" and any(other == name and kind != "CNAME" for other, kind in groups):
            raise ChangeRejectedError(f"InvalidChangeBatch: {name} has a CNAME beside other records")
