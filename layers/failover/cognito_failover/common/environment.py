"""Dataclass fields that are read from environment variables."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, field, fields
from enum import StrEnum
from typing import Any

from cognito_failover.common.errors import SettingsError


def declare_env_field(env: str, *, default: Any = MISSING) -> Any:
    """Declare a field that is read from an environment variable. Without a default it is required."""
    metadata = {"env": env}
    return field(metadata=metadata) if default is MISSING else field(metadata=metadata, default=default)


def read_environment(kind: type, env: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of the fields. An empty variable counts as not set.

    Raises
    ------
    SettingsError
        If a variable is missing, or is not valid for its type.

    """
    return {f.name: _read_field(f, env) for f in fields(kind) if env.get(f.metadata["env"]) or f.default is MISSING}


def _read_field(declared: "Field[Any]", env: Mapping[str, str]) -> Any:
    name = declared.metadata["env"]
    text = env.get(name, "").strip()
    if not text:
        raise SettingsError(f"{name} is not set; the template sets it from the parameter of that name.")
    kind = declared.type
    if kind is bool:
        if text.lower() not in {"true", "false"}:
            raise SettingsError(f"{name} is {text!r}; it must be true or false.")
        return text.lower() == "true"
    if kind is int or kind is float:
        try:
            return kind(text)
        except ValueError:
            raise SettingsError(f"{name} is {text!r}; it must be a number, such as {declared.default}.") from None
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if text not in set(kind):
            raise SettingsError(f"{name} is {text!r}; it must be one of {', '.join(kind)}.")
        return kind(text)
    if kind == tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text
