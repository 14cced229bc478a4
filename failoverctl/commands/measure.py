"""``failoverctl measure``."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from failover.probe.https import Https, Timeouts
from failoverctl.asking import make_sure, need_a_person
from failoverctl.exits import ExitCode, UnreachableError
from failoverctl.measure.engine import run
from failoverctl.measure.leftovers import leftovers
from failoverctl.measure.measurement import Measurement, Moves, NotAllowedError
from failoverctl.measure.refusals import explained
from failoverctl.measure.registry import MEASUREMENTS
from failoverctl.measure.results import Results, read
from failoverctl.measure.site import Site
from failoverctl.measure.subject import Subject, read_subject
from failoverctl.measure.view import found, measure_view, planned
from failoverctl.session import Session, with_session

_TIMEOUTS = Timeouts(connect_seconds=5, read_seconds=10)
_MOST_REPEATS = 1000

_NOT_WHOLE = (
    "Not all of it could be measured; the same command goes on from here. failoverctl measure --clean-up shows whether "
    "anything could not be taken away."
)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", type=click.Choice([each.name for each in MEASUREMENTS]))
@click.option("--run", "is_run", is_flag=True, help="Measure; without, only the plan is shown.")
@click.option("--repeats", type=click.IntRange(1, _MOST_REPEATS), default=5, show_default=True, help="Of each, in all.")
@click.option(
    "--results",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file that samples are kept in, and a run goes on with.  [failoverctl-measure-STACK.json]",
)
@click.option("--zone", metavar="ID", default="", help="A public zone to make records in, instead of the stack's.")
@click.option("--move-users", metavar="DOMAIN", default="", help="Also measure what moves the users of this domain.")
@click.option("--clean-up", is_flag=True, help="Show what a run that was cut off has left; with --run, take it away.")
@click.option("--yes", is_flag=True, help="Don't ask whether you are sure.")
@with_session
def command(
    session: Session,
    *,
    names: tuple[str, ...],
    is_run: bool,
    repeats: int,
    path: Path | None,
    zone: str,
    move_users: str,
    clean_up: bool,
    yes: bool,
) -> ExitCode:
    """Measure what AWS does not document and the code assumes.

    Without --run it shows what that would make and cost, and changes nothing. Nobody's traffic is moved, unless the
    domain is named with --move-users. docs/unknowns.md says why each of it matters.
    """
    subject = _subject(session, zone)
    site = _site(session, subject)
    if clean_up:
        return _clean_up(session, site, is_run=is_run)
    chosen = _chosen(names, subject, move_users)
    results = read(path or Path(f"failoverctl-measure-{session.place.stack}.json"), subject)
    if not is_run:
        _say(session, chosen, results, repeats=repeats, message="--run measures; nothing was made or changed.")
        return ExitCode.DONE
    if not yes:
        need_a_person("There is no terminal to ask at. Give --yes if you are sure of the plan.", session)
        for part in measure_view({"plan": planned(chosen, results, repeats=repeats), "measured": [], "message": ""}):
            session.output.aside(part)
        make_sure("Measure?")
    is_whole = run(site, chosen, results, repeats=repeats)
    end = "All of it was measured." if is_whole else _NOT_WHOLE
    _say(session, chosen, results, repeats=0, message=f"{end} The samples are in {results.path}.")
    return ExitCode.DONE if is_whole else ExitCode.FAILED


def _chosen(names: Sequence[str], subject: Subject, move_users: str) -> list[Measurement]:
    if move_users and move_users.rstrip(".") != subject.managed_login:
        raise NotAllowedError(
            f"--move-users: {move_users} is not the stack's ManagedLoginDomain, whose users would be moved "
            f"({subject.managed_login or 'it has none'}). Nothing was begun."
        )
    chosen = [each for each in MEASUREMENTS if each.name in names or not names]
    moving = [each.name for each in chosen if each.moves is Moves.USERS]
    if moving and names and not move_users:
        raise NotAllowedError(
            f"{', '.join(moving)} moves users, by a drill that tests each lever alone. If that is wanted, say "
            f"--move-users {subject.managed_login or 'DOMAIN'}."
        )
    return [each for each in chosen if each.moves is Moves.NOBODY or move_users]


def _say(session: Session, chosen: Sequence[Measurement], results: Results, *, repeats: int, message: str) -> None:
    plan = planned(chosen, results, repeats=repeats) if repeats else []
    answer = {"done": not repeats, "message": message, "plan": plan, "measured": found(chosen, results)}
    session.output.answer(answer, measure_view)


def _clean_up(session: Session, site: Site, *, is_run: bool) -> ExitCode:
    left = _asked(lambda: leftovers(site))
    for each in left if is_run else ():
        _asked(each.remove)
        session.output.note(f"Taken away: {each.what}")
    named = ", ".join(each.what for each in left) or "nothing"
    message = f"Taken away: {named}." if is_run else f"Left over: {named}. --clean-up --run takes it away."
    answer = {"done": is_run, "message": message, "plan": [], "measured": [], "leftovers": [each.what for each in left]}
    session.output.answer(answer, measure_view)
    return ExitCode.DONE


def _subject(session: Session, zone: str) -> Subject:
    return read_subject(session.client("cloudformation"), session.place.stack, zone_id=zone, asked=_asked)


def _site(session: Session, subject: Subject) -> Site:
    from failover.levers.authority import DnsAuthority  # noqa: PLC0415 - what other subcommands don't need
    from failover.probe.canary import parse_secret  # noqa: PLC0415 - as above
    from failover.probe.secrets_manager import SecretsManagerReader  # noqa: PLC0415 - as above

    clients: dict[tuple[str, str], Any] = {}

    def client(service: str, region: str) -> Any:
        if (service, region) not in clients:
            clients[service, region] = session.surroundings.client(replace(session.place, region=region), service)
        return clients[service, region]

    def ask_operator(event: Mapping[str, Any]) -> Mapping[str, Any]:
        return session.operator.ask(event)

    secrets = SecretsManagerReader(session.client("secretsmanager"), subject.secret_arn)
    return Site(
        subject=subject,
        client=client,
        https=Https(_TIMEOUTS),
        authority=DnsAuthority(),
        credentials=lambda: parse_secret(secrets.read()),
        ask_operator=ask_operator,
        now=lambda: session.surroundings.now().timestamp(),
        monotonic=time.monotonic,
        sleep=session.surroundings.sleep,
        note=session.output.note,
    )


def _asked[T](ask: Callable[[], T]) -> T:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `failoverctl.aws.client`

    try:
        return ask()
    except (BotoCoreError, ClientError) as error:
        raise UnreachableError(
            f"{explained(error)} --stack and --region say where the controller's stack is."
        ) from None
