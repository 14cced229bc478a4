"""Saved moments, read by a host whose clock may differ from the clock of the host that saved them. Pure.

A moment in the future is not believed: one of the two clocks is wrong. Nothing waits for it. AWS refuses all calls of
a host whose clock is wrong by more than five minutes, so no such host runs for long.
"""

from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass, replace
from typing import Any, cast, get_args

from cognito_failover.common.region import Instant

MAX_CLOCK_SKEW_SECONDS = 5.0
"""Maximum difference of two hosts' clocks that is tolerated."""

_DEADLINE_SUFFIX = "until"


def is_in_future(at: Instant, now: Instant) -> bool:
    """Return whether a saved moment lies further in the future than the tolerated difference of clocks."""
    return at > now + MAX_CLOCK_SKEW_SECONDS


def is_waiting(until: Instant, max_seconds: float, now: Instant) -> bool:
    """Return whether a wait that may last this long is still on. One that would last longer is not believed."""
    return until > now and not is_in_future(until, now + max_seconds)


def replace_future_moments[T](value: T, now: Instant) -> T:
    """Return a dataclass with each moment of the future as now, and so no wait is longer than it may be.

    It replaces every field of the type `Instant`, also in the dataclasses that it contains. It keeps deadlines, whose
    names end with ``until``: see `is_waiting`. It keeps tuples: they are lists of what has happened, and nothing waits
    for them.
    """
    changes = {
        field.name: changed
        for field in fields(cast("Any", value))
        if (changed := _replace_in_field(field, getattr(value, field.name), now)) is not getattr(value, field.name)
    }
    return cast("T", replace(cast("Any", value), **changes)) if changes else value


def _replace_in_field(field: Field[Any], value: Any, now: Instant) -> Any:
    if isinstance(value, Mapping):
        changed = {name: _replace_in_value(item, now) for name, item in value.items()}
        return changed if any(changed[name] is not value[name] for name in value) else value
    is_moment = Instant in (field.type, *get_args(field.type)) and not field.name.endswith(_DEADLINE_SUFFIX)
    if is_moment and isinstance(value, float):
        return now if is_in_future(value, now) else value
    return _replace_in_value(value, now)


def _replace_in_value(value: Any, now: Instant) -> Any:
    return replace_future_moments(value, now) if is_dataclass(value) else value
