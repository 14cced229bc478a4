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
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.deployment import DeploymentInfo, read_deployment
from failoverctl.measure.measurement import Measurement, MeasurementNotAllowedError, TrafficImpact
from failoverctl.measure.orphans import find_orphans
from failoverctl.measure.registry import MEASUREMENTS
from failoverctl.measure.results import Results, load_results
from failoverctl.measure.runner import explain_measure_error, run_measurements
from failoverctl.measure.view import render_measurements, summarize_plan, summarize_results
from failoverctl.requests import confirm, require_terminal

_TIMEOUTS = Timeouts(connect_seconds=5, read_seconds=10)
_MAX_REPEATS = 1000

_INCOMPLETE_MESSAGE = (
    "Some measurements are not finished. Run the same command again: it resumes. failoverctl measure --clean-up shows "
    "resources that could not be removed."
)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...", type=click.Choice([known.name for known in MEASUREMENTS]))
@click.option("--run", "is_run", is_flag=True, help="Measure. Without it, only the plan is shown.")
@click.option(
    "--repeats",
    type=click.IntRange(1, _MAX_REPEATS),
    default=5,
    show_default=True,
    help="Total number of samples per measurement.",
)
@click.option(
    "--results",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file for the samples. A later run continues it.  [failoverctl-measure-STACK.json]",
)
@click.option("--zone", metavar="ID", default="", help="A public zone for test records, instead of the stack's.")
@click.option(
    "--move-users", metavar="DOMAIN", default="", help="Allow the measurement that moves the users of this domain."
)
@click.option("--clean-up", is_flag=True, help="Show resources left by an interrupted run; with --run, remove them.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@with_context
def measure(
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
    """Measure what the code assumes about AWS.

    AWS does not document it; docs/unknowns.md says why it matters. Without --run it shows resources and cost, and
    changes nothing. Users do not move, unless you name their domain with --move-users.
    """
    deployment = _read_deployment(context, zone)
    measurement_context = _build_context(context, deployment)
    if clean_up:
        return _clean_up(context, measurement_context, is_run=is_run)
    selected = _select_measurements(names, deployment, move_users)
    results = load_results(path or Path(f"failoverctl-measure-{context.target.stack}.json"), deployment)
    if not is_run:
        message = "Nothing was created or changed. Give --run to measure."
        _print_result(context, selected, results, repeats=repeats, message=message)
        return ExitCode.DONE
    if not yes:
        require_terminal("No terminal can confirm the plan. Give --yes if you are sure of it.", context)
        for part in render_measurements(
            {"plan": summarize_plan(selected, results, repeats=repeats), "measured": [], "message": ""}
        ):
            context.output.print_preview(part)
        confirm("Run these measurements?")
    is_complete = run_measurements(measurement_context, selected, results, repeats=repeats)
    result_message = "All measurements are complete." if is_complete else _INCOMPLETE_MESSAGE
    _print_result(context, selected, results, repeats=0, message=f"{result_message} The samples are in {results.path}.")
    return ExitCode.DONE if is_complete else ExitCode.FAILED


def _select_measurements(names: Sequence[str], deployment: DeploymentInfo, move_users: str) -> list[Measurement]:
    if move_users and move_users.rstrip(".") != deployment.managed_login_domain:
        raise MeasurementNotAllowedError(
            f"--move-users: {move_users} is not the stack's ManagedLoginDomain "
            f"({deployment.managed_login_domain or 'not set'}). Nothing was started."
        )
    selected = [known for known in MEASUREMENTS if known.name in names or not names]
    moving_users = [known.name for known in selected if known.traffic_impact is TrafficImpact.USERS]
    if moving_users and names and not move_users:
        raise MeasurementNotAllowedError(
            f"{', '.join(moving_users)} moves users, by a lever test. To allow this, give "
            f"--move-users {deployment.managed_login_domain or 'DOMAIN'}."
        )
    return [known for known in selected if known.traffic_impact is TrafficImpact.NONE or move_users]


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
    for orphan in orphans if is_run else ():
        _translate_errors(orphan.remove)
        context.output.print_progress(f"Removed: {orphan.description}")
    descriptions = ", ".join(orphan.description for orphan in orphans) or "nothing"
    message = (
        f"Removed: {descriptions}." if is_run else f"Left over: {descriptions}. Give --clean-up --run to remove it."
    )
    answer = {
        "done": is_run,
        "message": message,
        "plan": [],
        "measured": [],
        "leftovers": [orphan.description for orphan in orphans],
    }
    context.output.print_answer(answer, render_measurements)
    return ExitCode.DONE


def _read_deployment(context: CommandContext, zone: str) -> DeploymentInfo:
    return read_deployment(
        context.create_client("cloudformation"), context.target.stack, zone_id=zone, translate_errors=_translate_errors
    )


def _build_context(context: CommandContext, deployment: DeploymentInfo) -> MeasurementContext:
    # Imported here: --help and completion don't need them.
    from cognito_failover.probe.canary_credentials import parse_secret  # noqa: PLC0415
    from cognito_failover.probe.secret_reader import SecretsManagerReader  # noqa: PLC0415
    from cognito_failover.routing.dns.authoritative_dns import AuthoritativeDnsClient  # noqa: PLC0415

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
            f"{explain_measure_error(error)} Check --stack and --region: they name the controller's stack."
        ) from None
