"""Where the operator function is: options, variables and the configuration file, in this order."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import click

APP = "failoverctl"
DEFAULT_STACK = "cognito-failover"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
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


_HELP: Mapping[str, str] = {
    "stack": f"The controller's stack ({DEFAULT_STACK}).",
    "region": "The Region of that stack, which is the standby Region.",
    "function": "The operator function's name or ARN, instead of looking it up in the stack.",
    "profile": "A profile of your AWS configuration.",
    "sandbox": "The network of a sandbox on this machine, such as 127.10, instead of AWS.",
}
PLACE_OPTIONS = (*(field.name for field in fields(Place)), "sandbox")

PLACE = "failoverctl.place"
"""Where click's context keeps the options that stood before the subcommand."""


def place_options[**P, R](*, with_variables: bool) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return the decorator that adds the options, so that they can stand before the subcommand and after it.

    Parameters
    ----------
    with_variables
        Whether a variable of the environment may stand for an option that isn't given.

    """

    def add(function: Callable[P, R]) -> Callable[P, R]:
        for name in reversed(PLACE_OPTIONS):
            variable = f"{APP}_{name}".upper() if with_variables else None
            option = click.option(
                f"--{name}", envvar=variable, show_envvar=True, metavar=name.upper(), help=_HELP[name]
            )
            function = option(function)
        return function

    return add


def configured() -> dict[str, str]:
    """Return what the configuration file says; nothing if there is none.

    Raises
    ------
    click.UsageError
        If it can't be understood.

    """
    path = Path(click.get_app_dir(APP)) / "config.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise click.UsageError(f"{path} can't be read: {error}") from None
    for key, value in content.items():
        if key not in PLACE_OPTIONS:
            raise click.UsageError(f"{path}: {key} is unknown; it may hold {', '.join(PLACE_OPTIONS)}.")
        if not isinstance(value, str):
            raise click.UsageError(f'{path}: {key} must be a text, such as {key} = "cognito-failover".')
    return content


def merged(*levels: Mapping[str, str | None]) -> dict[str, str]:
    """Return what is given over all levels, the weakest first.

    A stack given at one level takes the place of a function given at a weaker one.
    """
    given: dict[str, str] = {}
    for level in levels:
        here = {name: value for name, value in level.items() if value}
        if "stack" in here:
            given.pop("function", None)
        given |= here
    return given
