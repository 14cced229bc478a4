"""What every subcommand is given: the operator function, a way to say things, and what is outside."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from failoverctl import sandboxed
from failoverctl.operator_function import Operator
from failoverctl.output import JSON, Output
from failoverctl.place import PLACE, PLACE_OPTIONS, Place, configured, merged, place_options
from failoverctl.surroundings import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One run of one subcommand.

    Attributes
    ----------
    place
        Where the controller is.
    operator
        Its operator function.
    output
        Says things.
    surroundings
        The clock, the person, and clients of further services at this place.

    """

    place: Place
    operator: Operator
    output: Output
    surroundings: Surroundings

    def client(self, service: str) -> Any:
        """Return the boto3 client of a service at the controller's place.

        Raises
        ------
        UnreachableError
            If the caller's AWS configuration names no Region or no such profile.

        """
        return self.surroundings.client(self.place, service)


def with_session(subcommand: Callable[..., int]) -> Callable[..., int]:
    """Add the options that every subcommand has, and hand it a session in their place."""

    @place_options(with_variables=False)
    @click.option("--json", "_json", is_flag=True, expose_value=False, help="Answer with one JSON object.")
    @click.pass_context
    @functools.wraps(subcommand)
    def command(ctx: click.Context, /, **options: Any) -> int:
        own = {name: options.pop(name) for name in PLACE_OPTIONS}
        given = merged(configured(), ctx.meta[PLACE], own)
        if network := given.pop("sandbox", ""):
            sandboxed.enter(network)
        surroundings = ctx.find_object(Surroundings) or Surroundings()
        output = Output(as_json=ctx.meta[JSON])
        place = Place(**given)
        operator = Operator(place, surroundings.client, sleep=surroundings.sleep, note=output.note)
        session = Session(place=place, operator=operator, output=output, surroundings=surroundings)
        return subcommand(session, **options)

    return command
