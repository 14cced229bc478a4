"""What can be set while the sandbox runs: how long things take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.errors import InvalidFieldError

_MAX_SECONDS = 3600
_EXAMPLE = '{"lag_seconds": 5}'


@dataclass(frozen=True, slots=True)
class DurationSetting:
    """A duration: an attribute, in seconds, of some part of the sandbox."""

    owner: Any
    attribute: str


class DurationSettings:
    """The durations that can be changed at run time, by their names."""

    def __init__(self, settings: Mapping[str, DurationSetting]) -> None:
        self._settings = settings

    def read(self) -> dict[str, float]:
        """Return every duration, in seconds."""
        return {name: getattr(setting.owner, setting.attribute) for name, setting in self._settings.items()}

    def change(self, raw: object) -> None:
        """Change the named durations, all of them or none.

        Raises
        ------
        InvalidFieldError
            For an unknown name, or a value that is no duration.

        """
        if not isinstance(raw, dict):
            raise InvalidFieldError("settings", f"{raw!r} is no object", "a JSON object", _EXAMPLE)
        for name, value in raw.items():
            if name not in self._settings:
                raise InvalidFieldError(str(name), "no such setting", ", ".join(self._settings), _EXAMPLE)
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not is_number or not 0 <= value <= _MAX_SECONDS:
                allowed = f"a number of seconds from 0 to {_MAX_SECONDS}"
                raise InvalidFieldError(name, f"{value!r} is no duration", allowed, f'{{"{name}": 5}}')
        for name, value in raw.items():
            setting = self._settings[name]
            setattr(setting.owner, setting.attribute, float(value))
