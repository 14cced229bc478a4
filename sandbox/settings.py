"""Durations that can be changed while the sandbox runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.errors import InvalidFieldError

_MAX_SECONDS = 3600
_EXAMPLE = '{"lag_seconds": 5}'


@dataclass(frozen=True, slots=True)
class DurationSetting:
    """A duration in seconds, held in an attribute of another object."""

    owner: Any
    attribute: str


class DurationSettings:
    """The durations by name."""

    def __init__(self, settings: Mapping[str, DurationSetting]) -> None:
        self._settings = settings

    def read(self) -> dict[str, float]:
        """Return every duration, in seconds."""
        return {name: getattr(setting.owner, setting.attribute) for name, setting in self._settings.items()}

    def change(self, raw: object) -> None:
        """Change the named durations. If one is invalid, change none.

        Raises
        ------
        InvalidFieldError
            For an unknown name or an invalid duration.

        """
        if not isinstance(raw, dict):
            raise InvalidFieldError("settings", f"{raw!r} is not an object", "a JSON object", _EXAMPLE)
        for name, value in raw.items():
            if name not in self._settings:
                raise InvalidFieldError(str(name), "unknown setting", ", ".join(self._settings), _EXAMPLE)
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not is_number or not 0 <= value <= _MAX_SECONDS:
                allowed = f"a number of seconds from 0 to {_MAX_SECONDS}"
                raise InvalidFieldError(name, f"{value!r} is not a duration", allowed, f'{{"{name}": 5}}')
        for name, value in raw.items():
            setting = self._settings[name]
            setattr(setting.owner, setting.attribute, float(value))
