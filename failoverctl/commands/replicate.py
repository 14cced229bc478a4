"""``failoverctl replicate``."""

from dataclasses import replace
from typing import Any

import click

from failoverctl.context import CommandContext, with_context
from failoverctl.exit_codes import ExitCode
from failoverctl.replicate.context import ReplicationContext, replace_region
from failoverctl.replicate.engine import PlannedStep, WaitClock, apply_steps, plan_steps
from failoverctl.replicate.errors import ReplicationRefusedError
from failoverctl.replicate.secret import read_secret
from failoverctl.replicate.spec import ReplicationSpec
from failoverctl.replicate.step import StepState
from failoverctl.replicate.view import format_progress, render_plan, serialize_steps
from failoverctl.requests import confirm, require_terminal


@click.command()
@click.option("--pool", metavar="ID", default="", help="An existing user pool. Its id names the primary Region.")
@click.option("--new-pool", metavar="NAME", default="", help="Create a pool of this name instead.")
@click.option("--primary", metavar="REGION", default="", help="The Region for a new pool.")
@click.option("--standby", metavar="REGION", required=True, help="The Region for the replica.")
@click.option("--observer", metavar="REGION", multiple=True, help="Another Region that reads the canary's secret.")
@click.option("--key", metavar="ARN", default="", help="A multi-Region key to use instead of a new one.")
@click.option(
    "--secret-name", metavar="NAME", default="", help="Name of the canary's secret.  [cognito-failover/<pool id>]"
)
@click.option("--apply", "is_applied", is_flag=True, help="Make the changes. Without it, only the plan is shown.")
@click.option(
    "--wait",
    "wait_minutes",
    metavar="MINUTES",
    type=click.IntRange(1, 2160),
    default=60,
    show_default=True,
    help="The longest wait for replica and users.",
)
@click.option("--accept-new-issuer", is_flag=True, help="Confirm that all token checks accept the new iss.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@with_context
def replicate(
    context: CommandContext,
    *,
    is_applied: bool,
    accept_new_issuer: bool,
    yes: bool,
    wait_minutes: int,
    observer: tuple[str, ...],
    **options: str,
) -> ExitCode:
    """Replicate a user pool, and verify the replica.

    Without --apply it shows the plan and changes nothing. After an interrupted run, run it again: it resumes.
    """
    spec = _build_spec(observer, options)
    clients: dict[tuple[str, str], Any] = {}

    def get_client(service: str, region: str) -> Any:
        if (service, region) not in clients:
            clients[service, region] = context.runtime.create_client(replace(context.target, region=region), service)
        return clients[service, region]

    replication_context = ReplicationContext(spec=spec, get_client=get_client)
    planned_steps = plan_steps(replication_context)
    if not is_applied or _is_done(planned_steps):
        context.output.print_answer(_build_answer(replication_context, planned_steps), render_plan)
        return ExitCode.DONE
    if not yes:
        require_terminal("No terminal can confirm the plan. Give --yes if you are sure of it.", context)
        for part in render_plan(_build_answer(replication_context, planned_steps)):
            context.output.print_preview(part)
    breaking_changes = [step.status.breaking_change for step in planned_steps if step.status.breaking_change]
    if breaking_changes and not accept_new_issuer:
        raise ReplicationRefusedError(
            f"Nothing was changed. {breaking_changes[0]} When this is done, run this again with --accept-new-issuer."
        )
    if not yes:
        confirm("Make these changes?")
    clock = WaitClock(now=context.runtime.now, sleep=context.runtime.sleep, patience_seconds=wait_minutes * 60.0)
    applied_steps = apply_steps(
        replication_context,
        clock,
        lambda step: context.output.print_progress(format_progress(step)),
        accept_breaking_changes=accept_new_issuer,
    )
    context.output.print_answer(_build_answer(replication_context, applied_steps), render_plan)
    return ExitCode.DONE


def _build_spec(observers: tuple[str, ...], options: dict[str, str]) -> ReplicationSpec:
    pool_id = options["pool"]
    primary = options["primary"] or pool_id.rpartition("_")[0]
    if not primary:
        raise click.UsageError("Give --pool an id such as ap-northeast-1_AbCdEfGhI, or --new-pool with --primary.")
    return ReplicationSpec(
        pool_id=pool_id,
        new_pool_name=options["new_pool"],
        primary_region=primary,
        standby_region=options["standby"],
        key_arn=options["key"],
        observer_regions=observers,
        secret_name=options["secret_name"],
    )


def _is_done(planned_steps: list[PlannedStep]) -> bool:
    return all(step.status.state is StepState.DONE for step in planned_steps)


def _build_answer(replication_context: ReplicationContext, planned_steps: list[PlannedStep]) -> dict[str, Any]:
    if not _is_done(planned_steps):
        changes = sum(step.status.state is StepState.CHANGE for step in planned_steps)
        message = (
            f"{changes} of {len(planned_steps)} steps make a change. Nothing was changed. Give --apply to make them."
        )
        return {"done": False, "message": message, "steps": serialize_steps(planned_steps)}
    return {
        "done": True,
        "message": "The pool is replicated, and sign-in in both Regions is verified. Parameters for the controller:",
        "steps": serialize_steps(planned_steps),
        "parameters": _list_parameters(replication_context),
    }


def _list_parameters(replication_context: ReplicationContext) -> dict[str, str]:
    """Return parameters of the controller's template."""
    replication_context = replication_context.with_empty_cache()
    pool = replication_context.require_pool()
    secret = read_secret(replication_context, pool)
    return {
        "PrimaryRegion": replication_context.spec.primary_region,
        "UserPoolId": pool["Id"],
        "ClientId": replication_context.find_client_id(pool["Id"]) or "",
        "CanarySecretArn": replace_region(secret.arn, replication_context.spec.standby_region) if secret else "",
    }
