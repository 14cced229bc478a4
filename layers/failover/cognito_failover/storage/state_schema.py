"""The JSON of the saved state, and what each version of its schema changed. Pure.

A deploy can be rolled back at any moment, so the code meets states of other versions. It migrates an older state. It
refuses a newer one, because it would drop the fields that it does not know and erase them with its next save. Data that
this code only reads, such as the history, may have unknown fields: nothing is lost there.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from cognito_failover.common.errors import FailoverError
from cognito_failover.core.model.state import ControllerState

type StateFields = dict[str, Any]
"""The fields of a saved state as JSON values."""

STATE_SCHEMA_VERSION = 2
"""The version of the saved state. Each change of its fields increases it and adds a migration."""

_VERSION_FIELD = "schema_version"


class UnreadableFormatError(FailoverError):
    """The saved state can't be read without a loss. The message is the reason, as a clause."""


def _add_locations(fields: StateFields) -> StateFields:
    """Return the fields as version 2 has them. The observed locations are empty until the next round."""
    return fields


MIGRATIONS: Mapping[int, Callable[[StateFields], StateFields]] = {1: _add_locations}
"""For each older version: the function that returns the fields as the next version has them."""


def encode_state(state: ControllerState) -> str:
    """Return the JSON of a state."""
    fields = {_VERSION_FIELD: STATE_SCHEMA_VERSION, **msgspec.to_builtins(state)}
    return msgspec.json.encode(fields).decode()


def decode_state(body: str) -> ControllerState:
    """Return the state that some JSON holds, migrated to this version.

    Raises
    ------
    UnreadableFormatError
        If a newer version saved it, if it has fields that this version does not know, or if it is malformed.

    """
    try:
        fields = msgspec.json.decode(body, type=StateFields)
        version = msgspec.convert(fields.pop(_VERSION_FIELD, None), int)
        for older_version in range(version, STATE_SCHEMA_VERSION):
            if older_version not in MIGRATIONS:
                raise UnreadableFormatError(f"its schema_version is {version}, which has no migration")
            fields = MIGRATIONS[older_version](fields)
        if version > STATE_SCHEMA_VERSION:
            raise UnreadableFormatError(
                f"a newer version saved it: its schema_version is {version}, and this version reads up to "
                f"{STATE_SCHEMA_VERSION}"
            )
        state = msgspec.convert(fields, ControllerState)
    except msgspec.MsgspecError as error:
        raise UnreadableFormatError(f"{error}; this version reads schema_version {STATE_SCHEMA_VERSION}") from error
    if unknown := sorted(_list_unknown_fields(fields, msgspec.to_builtins(state))):
        raise UnreadableFormatError(
            f"a newer version of schema_version {version} saved it: this version does not know {', '.join(unknown)}"
        )
    return state


def _list_unknown_fields(saved: object, known: object, path: str = "") -> Iterator[str]:
    """Yield the path of each saved field that is missing in the known ones."""
    if isinstance(saved, dict) and isinstance(known, dict):
        for name, value in saved.items():
            if name not in known:
                yield f"{path}{name}"
            else:
                yield from _list_unknown_fields(value, known[name], f"{path}{name}.")
    if isinstance(saved, list) and isinstance(known, list | tuple):
        for saved_item, known_item in zip(saved, known, strict=True):
            yield from _list_unknown_fields(saved_item, known_item, path)
