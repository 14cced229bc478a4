"""Where the operator function is: options, variables and the configuration file, in this order."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import click

APP_NAME = "failoverctl"
DEFAULT_STACK = "cognito-failover"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerTarget:
    """Where the operator function is, and who asks.

    Attributes
    ----------
    stack
        The controller's stack; its outputs name the function.
    region
        The Region of that stack, which is the standby Region; empty for the one that the caller's own AWS
        configuration names.
    function
        The function's name or ARN, which then isn't looked up; empty to look it up.
    profile
        Of the caller's AWS configuration; empty for the one in force.

    """

    stack: str = DEFAULT_STACK
    region: str = ""
    function: str = ""
    profile: str = ""


_OPTION_HELP: Mapping[str, str] = {
    "stack": f"The controller's stack ({DEFAULT_STACK}).",
    "region": "The Region of that stack, which is the standby Region.",
    "function": "The operator function's name or ARN, instead of looking it up in the stack.",
    "profile": "A profile of your AWS configuration.",
    "sandbox": "The network of a sandbox on this machine, such as 127.10, instead of AWS.",
}
TARGET_OPTIONS = (*(field.name for field in fields(ControllerTarget)), "sandbox")

TARGET_META_KEY = "failoverctl.target"
"""Where click's context keeps the options that stood before the subcommand."""


def target_options[**P, R](*, with_environment: bool) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return the decorator that adds the options, so that they can stand before the subcommand and after it.

    Parameters
    ----------
    with_variables
        Whether a variable of the environment may stand for an option that isn't given.

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
    """Return what the configuration file says; nothing if there is none.

    Raises
    ------
    click.UsageError
        If it can't be understood.

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
            raise click.UsageError(f"{path}: {key} is unknown; it may hold {', '.join(TARGET_OPTIONS)}.")
        if not isinstance(value, str):
            raise click.UsageError(f'{path}: {key} must be a text, such as {key} = "cognito-failover".')
    return content


def merge_levels(*levels: Mapping[str, str | None]) -> dict[str, str]:
    """Return what is given over all levels, the weakest first.

    A stack given at one level takes the place of a function given at a weaker one.
    """
    merged_options: dict[str, str] = {}
    for level in levels:
        level_options = {name: value for name, value in level.items() if value}
        if "stack" in level_options:
            merged_options.pop("function", None)
        merged_options |= level_options
    return merged_options
