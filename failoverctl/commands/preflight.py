"""``failoverctl preflight``."""

from dataclasses import replace
from typing import Any

import click

from failoverctl.asking import code_of, message
from failoverctl.deployed_function import DeployedFunction
from failoverctl.exits import ExitCode
from failoverctl.place import Place
from failoverctl.session import Session, with_session
from failoverctl.views.preflight import preflight_view

_OPERATOR, _PREFLIGHT = "-operator", "-preflight"


@click.command()
@click.option(
    "--active", is_flag=True, help="Also try writes on the replica, as the canary; they would change nothing."
)
@click.option("--all", "shows_all", is_flag=True, help="Show the checks that passed, too.")
@with_session
def command(session: Session, *, active: bool, shows_all: bool) -> ExitCode:
    """Look whether a failover would work now.

    Reads what it needs, in both Regions, and says what is wrong and what to do about it. The exit code is 1 if a check
    of high severity fails.
    """
    function = DeployedFunction(
        "preflight",
        _place(session.place),
        session.surroundings.client,
        sleep=session.surroundings.sleep,
        note=session.output.note,
    )
    answer: dict[str, Any] = function.invoke(
        {"active": active}, repeats=False, way_out="Try again; failoverctl status shows what the last look found."
    )
    if not answer["done"]:
        session.output.answer(answer, message)
        return code_of(answer)
    session.output.answer(answer, lambda found: preflight_view(found, shows_all=shows_all))
    return ExitCode.REFUSED if answer["high_failed"] else ExitCode.DONE


def _place(place: Place) -> Place:
    """Return where the preflight function is: beside the operator function, if that is named instead of a stack."""
    if not place.function:
        return place
    if _OPERATOR not in place.function:
        raise click.UsageError(
            f"{place.function} is not named as the template names the operator function, so the preflight function "
            f"beside it can't be guessed. Give --stack instead of --function."
        )
    beside, _, version = place.function.rpartition(_OPERATOR)
    return replace(place, function=f"{beside}{_PREFLIGHT}{version}")
