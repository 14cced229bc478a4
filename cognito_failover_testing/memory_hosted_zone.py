"""In-memory twin of a hosted zone, with the Route 53 refusals that matter to a lever."""

import itertools
from collections.abc import Iterable, Sequence

from cognito_failover.common.errors import UnknownChangeError
from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.record_set import (
    are_equal,
    describe_record_set,
    get_record_key,
    is_valid_weight,
    to_absolute_name,
)
from cognito_failover.routing.records.hosted_zone import ChangeRejectedError, RecordAction, RecordChange, ZoneInfo

type _Key = tuple[str, str, str]


class MemoryZone:
    """Holds record sets, changes them in atomic batches, and reports when a change is propagated.

    Parameters
    ----------
    name
        The zone's domain name.
    record_sets
        The initial record sets.
    is_private
        Whether only VPCs see the zone.

    """

    def __init__(self, name: str, record_sets: Iterable[RecordSet] = (), *, is_private: bool = False) -> None:
        self._info = ZoneInfo(
            name=to_absolute_name(name),
            is_private=is_private,
            name_servers=() if is_private else ("ns-1.example.net", "ns-2.example.org"),
        )
        self._record_sets: dict[_Key, RecordSet] = {
            get_record_key(record_set): record_set for record_set in record_sets
        }
        self._protected: set[tuple[str, str]] = set()
        self._is_propagated: dict[str, bool] = {}
        self._ids = (f"C{number}" for number in itertools.count(1))

    def get_info(self) -> ZoneInfo:
        """Return the zone's constant properties."""
        return self._info

    def list_record_sets(self, names: Sequence[str]) -> tuple[RecordSet, ...]:
        """Return every record set at these names."""
        absolute_names = {to_absolute_name(name) for name in names}
        return tuple(record_set for (name, _, _), record_set in self._record_sets.items() if name in absolute_names)

    def submit(self, changes: Sequence[RecordChange], *, comment: str) -> str:  # noqa: ARG002 - not used in memory
        """Apply all changes or none, and return the change's id."""
        record_sets = dict(self._record_sets)
        for change in changes:
            self._apply(change, record_sets)
        _validate_record_sets(record_sets.values())
        self._record_sets = record_sets
        change_id = next(self._ids)
        self._is_propagated[change_id] = False
        return change_id

    def is_in_sync(self, change_id: str) -> bool:
        """Return whether the change is propagated."""
        if change_id not in self._is_propagated:
            raise UnknownChangeError(f"GetChange answered NoSuchChange: {change_id}")
        return self._is_propagated[change_id]

    def refresh(self) -> None:
        """Do nothing: memory needs no credentials."""

    def propagate(self) -> None:
        """Propagate every change to all name servers."""
        self._is_propagated = dict.fromkeys(self._is_propagated, True)

    def protect(self, name: str, record_type: str) -> None:
        """Refuse every change of the name's record sets of this type, as a record set protection does."""
        self._protected.add((to_absolute_name(name), record_type))

    def set_by_hand(self, *record_sets: RecordSet) -> None:
        """Create or replace record sets without the batch checks, as a person does in the console."""
        self._record_sets |= {get_record_key(record_set): record_set for record_set in record_sets}

    def remove_by_hand(self, *record_sets: RecordSet) -> None:
        """Remove record sets, as a person does in the console."""
        for record_set in record_sets:
            del self._record_sets[get_record_key(record_set)]

    def _apply(self, change: RecordChange, record_sets: dict[_Key, RecordSet]) -> None:
        key = get_record_key(change.record_set)
        if key[:2] in self._protected:
            raise ChangeRejectedError(f"InvalidChangeBatch: a record set protection exists for {key[0]} {key[1]}")
        if not key[0].endswith(self._info.name):
            raise ChangeRejectedError(f"InvalidChangeBatch: {key[0]} is not permitted in zone {self._info.name}")
        match change.action:
            case RecordAction.DELETE:
                if key not in record_sets:
                    raise ChangeRejectedError(f"InvalidChangeBatch: {key} to delete was not found")
                if not are_equal([record_sets[key]], [change.record_set]):
                    raise ChangeRejectedError(f"InvalidChangeBatch: {key} does not match the current values")
                del record_sets[key]
            case RecordAction.CREATE:
                if key in record_sets:
                    raise ChangeRejectedError(f"InvalidChangeBatch: {key} already exists")
                record_sets[key] = change.record_set


def _validate_record_sets(record_sets: Iterable[RecordSet]) -> None:
    groups: dict[tuple[str, str], list[RecordSet]] = {}
    for record_set in record_sets:
        groups.setdefault(get_record_key(record_set)[:2], []).append(record_set)
    for (name, record_type), group in groups.items():
        for record_set in group:
            if ("SetIdentifier" in record_set) != ("Weight" in record_set):
                raise ChangeRejectedError(
                    f"InvalidChangeBatch: {describe_record_set(record_set)} needs SetIdentifier and Weight"
                )
            if not is_valid_weight(record_set.get("Weight", 0)):
                raise ChangeRejectedError(
                    f"InvalidChangeBatch: {describe_record_set(record_set)} has a weight out of range"
                )
        if len({"Weight" in record_set for record_set in group}) > 1:
            raise ChangeRejectedError(f"InvalidChangeBatch: {name} {record_type} mixes simple and weighted records")
        if len({record_set["TTL"] for record_set in group if "TTL" in record_set}) > 1:
            raise ChangeRejectedError(f"InvalidChangeBatch: {name} {record_type} has several TTLs")
        if record_type == "CNAME" and any(other == name and kind != "CNAME" for other, kind in groups):
            raise ChangeRejectedError(f"InvalidChangeBatch: {name} has a CNAME and other records")
