"""``failoverctl measure``."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from cognito_failover.probe.https_client import HttpsClient, Timeouts
from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode, UnreachableError
from failoverctl.measure.aws_errors import explain_measure_error
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.deployment import DeploymentInfo, read_deployment
from failoverctl.measure.measurement import Measurement, MeasurementNotAllowedError, TrafficImpact
from failoverctl.measure.orphans import find_orphans
from failoverctl.measure.registry import MEASUREMENTS
from failoverctl.measure.results import Results, load_results
from failoverctl.measure.runner import run_measurements
from failoverctl.measure.view import render_measurements, summarize_plan, summarize_results
from failoverctl.requests import confirm, require_terminal

_TIMEOUTS = Timeouts(connect_seconds=5, read_seconds=10)
_MAX_REPEATS = 1000

_INCOMPLETE_MESSAGE = (
    "Not all of it could be measured; the same command goes on from here. failoverctl measure --clean-up shows whether "
    "anything could not be taken away."
)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", type=click.Choice([each.name for each in MEASUREMENTS]))
@click.option("--run", "is_run", is_flag=True, help="Measure; without, only the plan is shown.")
@click.option("--repeats", type=click.IntRange(1, _MAX_REPEATS), default=5, show_default=True, help="Of each, in all.")
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
@with_context
def command(
    context: CommandContext,
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
    deployment = _read_deployment(context, zone)
    measurement_context = _build_context(context, deployment)
    if clean_up:
        return _clean_up(context, measurement_context, is_run=is_run)
    selected = _select_measurements(names, deployment, move_users)
    results = load_results(path or Path(f"failoverctl-measure-{context.target.stack}.json"), deployment)
    if not is_run:
        _print_result(
            context, selected, results, repeats=repeats, message="--run measures; nothing was made or changed."
        )
        return ExitCode.DONE
    if not yes:
        require_terminal("There is no terminal to ask at. Give --yes if you are sure of the plan.", context)
        for part in render_measurements(
            {"plan": summarize_plan(selected, results, repeats=repeats), "measured": [], "message": ""}
        ):
            context.output.print_preview(part)
        confirm("Measure?")
    is_complete = run_measurements(measurement_context, selected, results, repeats=repeats)
    result_message = "All of it was measured." if is_complete else _INCOMPLETE_MESSAGE
    _print_result(context, selected, results, repeats=0, message=f"{result_message} The samples are in {results.path}.")
    return ExitCode.DONE if is_complete else ExitCode.FAILED


def _select_measurements(names: Sequence[str], deployment: DeploymentInfo, move_users: str) -> list[Measurement]:
    if move_users and move_users.rstrip(".") != deployment.managed_login_domain:
        raise MeasurementNotAllowedError(
            f"--move-users: {move_users} is not the stack's ManagedLoginDomain, whose users would be moved "
            f"({deployment.managed_login_domain or 'it has none'}). Nothing was begun."
        )
    selected = [each for each in MEASUREMENTS if each.name in names or not names]
    moving_users = [each.name for each in selected if each.traffic_impact is TrafficImpact.USERS]
    if moving_users and names and not move_users:
        raise MeasurementNotAllowedError(
            f"{', '.join(moving_users)} moves users, by a drill that tests each lever alone. If that is wanted, say "
            f"--move-users {deployment.managed_login_domain or 'DOMAIN'}."
        )
    return [each for each in selected if each.traffic_impact is TrafficImpact.NONE or move_users]


def _print_result(
    context: CommandContext, measurements: Sequence[Measurement], results: Results, *, repeats: int, message: str
) -> None:
    plan = summarize_plan(measurements, results, repeats=repeats) if repeats else []
    answer = {
        "done": not repeats,
        "message": message,
        "plan": plan,
        "measured": summarize_results(measurements, results),
    }
    context.output.print_answer(answer, render_measurements)


def _clean_up(context: CommandContext, measurement_context: MeasurementContext, *, is_run: bool) -> ExitCode:
    orphans = _translate_errors(lambda: find_orphans(measurement_context))
    for each in orphans if is_run else ():
        _translate_errors(each.remove)
        context.output.print_progress(f"Taken away: {each.description}")
    descriptions = ", ".join(each.description for each in orphans) or "nothing"
    message = (
        f"Taken away: {descriptions}." if is_run else f"Left over: {descriptions}. --clean-up --run takes it away."
    )
    answer = {
        "done": is_run,
        "message": message,
        "plan": [],
        "measured": [],
        "leftovers": [each.description for each in orphans],
    }
    context.output.print_answer(answer, render_measurements)
    return ExitCode.DONE


def _read_deployment(context: CommandContext, zone: str) -> DeploymentInfo:
    return read_deployment(
        context.create_client("cloudformation"), context.target.stack, zone_id=zone, translate_errors=_translate_errors
    )


def _build_context(context: CommandContext, deployment: DeploymentInfo) -> MeasurementContext:
    from cognito_failover.probe.canary_credentials import parse_secret  # noqa: PLC0415 - as above
    from cognito_failover.probe.secret_reader import SecretsManagerReader  # noqa: PLC0415 - as above
    from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDnsClient  # noqa: PLC0415 - what other subcommands don't need

    clients: dict[tuple[str, str], Any] = {}

    def get_client(service: str, region: str) -> Any:
        if (service, region) not in clients:
            clients[service, region] = context.runtime.create_client(replace(context.target, region=region), service)
        return clients[service, region]

    def invoke_operator(event: Mapping[str, Any]) -> Mapping[str, Any]:
        return context.operator.request(event)

    secret_reader = SecretsManagerReader(context.create_client("secretsmanager"), deployment.secret_arn)
    return MeasurementContext(
        deployment=deployment,
        get_client=get_client,
        https=HttpsClient(_TIMEOUTS),
        authoritative_dns=AuthoritativeDnsClient(),
        read_credentials=lambda: parse_secret(secret_reader.read()),
        invoke_operator=invoke_operator,
        now=lambda: context.runtime.now().timestamp(),
        monotonic=time.monotonic,
        sleep=context.runtime.sleep,
        print_progress=context.output.print_progress,
    )


def _translate_errors[T](call: Callable[[], T]) -> T:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `failoverctl.aws.client`

    try:
        return call()
    except (BotoCoreError, ClientError) as error:
        raise UnreachableError(
            f"{explain_measure_error(error)} --stack and --region say where the controller's stack is."
        ) from None
