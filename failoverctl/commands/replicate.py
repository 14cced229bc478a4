"""``failoverctl replicate``."""

from dataclasses import replace
from typing import Any

import click

from failoverctl.asking import make_sure, need_a_person
from failoverctl.exits import ExitCode
from failoverctl.replicate.engine import Pace, Planned, apply, plan
from failoverctl.replicate.errors import RefusedError
from failoverctl.replicate.secret import read_secret
from failoverctl.replicate.site import Site, in_region
from failoverctl.replicate.step import State
from failoverctl.replicate.view import described, plan_view, progress
from failoverctl.replicate.wish import Wish
from failoverctl.session import Session, with_session


@click.command()
@click.option("--pool", metavar="ID", default="", help="An existing user pool; its id names the primary Region.")
@click.option("--new-pool", metavar="NAME", default="", help="Create a pool of this name instead.")
@click.option("--primary", metavar="REGION", default="", help="Where a new pool is created.")
@click.option("--standby", metavar="REGION", required=True, help="Where the replica is to be.")
@click.option("--observer", metavar="REGION", multiple=True, help="A further Region that reads the canary's secret.")
@click.option("--key", metavar="ARN", default="", help="A multi-Region key to use, instead of a new one.")
@click.option("--secret-name", metavar="NAME", default="", help="Of the canary's secret.  [cognito-failover/<pool id>]")
@click.option("--apply", "is_applied", is_flag=True, help="Make it so; without, only the plan is shown.")
@click.option("--accept-new-issuer", is_flag=True, help="Whatever checks tokens is ready for a new iss.")
@click.option("--yes", is_flag=True, help="Don't ask whether you are sure.")
@with_session
def command(
    session: Session, *, is_applied: bool, accept_new_issuer: bool, yes: bool, observer: tuple[str, ...], **given: str
) -> ExitCode:
    """Replicate a user pool, and verify the replica.

    Without --apply it shows what that takes, and changes nothing. A run that ended early is taken up by the next.
    """
    wish = _wish(observer, given)
    clients: dict[tuple[str, str], Any] = {}

    def client(service: str, region: str) -> Any:
        if (service, region) not in clients:
            clients[service, region] = session.surroundings.client(replace(session.place, region=region), service)
        return clients[service, region]

    site = Site(wish=wish, client=client)
    planned = plan(site)
    if not is_applied or _is_done(planned):
        session.output.answer(_answer(site, planned), plan_view)
        return ExitCode.DONE
    if not yes:
        need_a_person("There is no terminal to ask at. Give --yes if you are sure of the plan.", session)
        for part in plan_view(_answer(site, planned)):
            session.output.aside(part)
    for breaks in (one.finding.breaks for one in planned if one.finding.breaks and not accept_new_issuer):
        raise RefusedError(f"Nothing was changed. {breaks} When they are ready for it, say --accept-new-issuer.")
    if not yes:
        make_sure("Make it so?")
    pace = Pace(now=session.surroundings.now, sleep=session.surroundings.sleep)
    taken = apply(site, pace, lambda step: session.output.note(progress(step)), accepts_breaks=accept_new_issuer)
    session.output.answer(_answer(site, taken), plan_view)
    return ExitCode.DONE


def _wish(observers: tuple[str, ...], given: dict[str, str]) -> Wish:
    pool_id = given["pool"]
    primary = given["primary"] or pool_id.rpartition("_")[0]
    if not primary:
        raise click.UsageError("Give --pool an id such as ap-northeast-1_AbCdEfGhI, or --new-pool with --primary.")
    return Wish(
        pool_id=pool_id,
        new_pool=given["new_pool"],
        primary=primary,
        standby=given["standby"],
        key_arn=given["key"],
        observers=observers,
        secret_name=given["secret_name"],
    )


def _is_done(planned: list[Planned]) -> bool:
    return all(one.finding.state is State.DONE for one in planned)


def _answer(site: Site, planned: list[Planned]) -> dict[str, Any]:
    if not _is_done(planned):
        changes = sum(one.finding.state is State.CHANGE for one in planned)
        message = f"{changes} of {len(planned)} steps change something. --apply makes them; nothing was changed."
        return {"done": False, "message": message, "steps": described(planned)}
    return {
        "done": True,
        "message": "The pool is replicated, and sign-in in both Regions is verified. For the controller's stack:",
        "steps": described(planned),
        "parameters": _parameters(site),
    }


def _parameters(site: Site) -> dict[str, str]:
    """Return what the controller's template asks for."""
    site = site.anew()
    pool = site.existing_pool()
    held = read_secret(site, pool)
    return {
        "PrimaryRegion": site.wish.primary,
        "UserPoolId": pool["Id"],
        "ClientId": site.client_id(pool["Id"]) or "",
        "CanarySecretArn": in_region(held.arn, site.wish.standby) if held else "",
    }
