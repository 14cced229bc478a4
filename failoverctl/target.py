"""The controller that the command talks to: from options, variables and the configuration file, in this order."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import click

APP_NAME = "failoverctl"
DEFAULT_STACK = "cognito-failover"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerTarget:
    """The operator function's place, and the caller's profile.

    Attributes
    ----------
    stack
        The controller's stack. Its outputs name the function.
    region
        The Region of that stack: the standby Region. Empty: the Region of the caller's AWS configuration.
    function
        The function's name or ARN. Empty: looked up in the stack.
    profile
        A profile of the caller's AWS configuration. Empty: the current one.

    """

    stack: str = DEFAULT_STACK
    region: str = ""
    function: str = ""
    profile: str = ""


_OPTION_HELP: Mapping[str, str] = {
    "stack": f"The controller's stack ({DEFAULT_STACK}).",
    "region": "The Region of that stack: the standby Region.",
    "function": "The operator function's name or ARN. It is not looked up in the stack.",
    "profile": "A profile of your AWS configuration.",
    "sandbox": "Use a sandbox on this machine instead of AWS: its network, such as 127.10.",
}
TARGET_OPTIONS = (*(field.name for field in fields(ControllerTarget)), "sandbox")

TARGET_META_KEY = "failoverctl.target"
"""Key in click's context for the options given before the subcommand."""


def target_options[**P, R](*, with_environment: bool) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that adds the target options. They are allowed before and after the subcommand.

    Parameters
    ----------
    with_environment
        Whether an environment variable replaces an option that is not given.

    """

    def add_options(function: Callable[P, R]) -> Callable[P, R]:
        for name in reversed(TARGET_OPTIONS):
            variable = f"{APP_NAME}_{name}".upper() if with_environment else None
            option = click.option(
                f"--{name}", envvar=variable, show_envvar=True, metavar=name.upper(), help=_OPTION_HELP[name]
            )
            function = option(function)
        return function

    return add_options


def read_config() -> dict[str, str]:
    """Return the options of the configuration file, or none if there is no file.

    Raises
    ------
    click.UsageError
        If the file is malformed.

    """
    path = Path(click.get_app_dir(APP_NAME)) / "config.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise click.UsageError(f"{path} can't be read: {error}") from None
    for key, value in content.items():
        if key not in TARGET_OPTIONS:
            raise click.UsageError(f"{path}: {key} is unknown. Allowed: {', '.join(TARGET_OPTIONS)}.")
        if not isinstance(value, str):
            raise click.UsageError(f'{path}: {key} must be a string, such as {key} = "cognito-failover".')
    return content


def merge_levels(*levels: Mapping[str, str | None]) -> dict[str, str]:
    """Merge the options of all levels. Later levels win.

    A stack removes a function that an earlier level gives.
    """
    merged_options: dict[str, str] = {}
    for level in levels:
        level_options = {name: value for name, value in level.items() if value}
        if "stack" in level_options:
            merged_options.pop("function", None)
        merged_options |= level_options
    return merged_options
