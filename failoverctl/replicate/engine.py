"""Plans all steps, or takes them one by one, each from a fresh look at the world."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from failoverctl.aws import explain_error, is_retryable
from failoverctl.replicate.aws_errors import to_step_error
from failoverctl.replicate.canary import CanaryClient, CanaryUsers
from failoverctl.replicate.context import ReplicationContext
from failoverctl.replicate.errors import ReplicationRefusedError, ReplicationStepError, StillPendingError
from failoverctl.replicate.keys import KeyPolicy, PrimaryKey, StandbyKey
from failoverctl.replicate.pool import PoolIssuer, PoolKey
from failoverctl.replicate.replica import PoolReplica, ReplicaActivation
from failoverctl.replicate.requirements import check_requirements
from failoverctl.replicate.secret import CanaryPasswords, CanarySecret, CanarySecretReplicas
from failoverctl.replicate.spec import ReplicationSpec
from failoverctl.replicate.step import ReplicationStep, StepDescription, StepState, StepStatus
from failoverctl.replicate.verification import ReplicaContentCheck, ReplicaSignInCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step as a look at the world found it."""

    description: StepDescription
    status: StepStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitClock:
    """The clock, and a way to let seconds pass."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]


def build_steps(spec: ReplicationSpec) -> tuple[ReplicationStep, ...]:
    """Return all steps in their order."""
    regions = (spec.primary_region, spec.standby_region)
    policies = tuple(KeyPolicy(region) for region in regions)
    narrowed_policies = tuple(KeyPolicy(region, is_narrowing=True) for region in regions) if spec.new_pool_name else ()
    return (
        PrimaryKey(),
        StandbyKey(),
        *policies,
        PoolKey(),
        *narrowed_policies,
        PoolIssuer(),
        PoolReplica(),
        CanaryClient(),
        CanaryUsers(),
        CanarySecret(),
        CanaryPasswords(),
        ReplicaActivation(),
        CanarySecretReplicas(),
        ReplicaContentCheck(),
        ReplicaSignInCheck(),
    )


def plan_steps(context: ReplicationContext) -> list[PlannedStep]:
    """Look at everything, and change nothing.

    Raises
    ------
    FailoverctlError
        If something stands in the way, or AWS can't be asked.

    """
    _translate_errors("requirements", lambda: check_requirements(context.with_empty_cache()))
    return [
        PlannedStep(description=step.description, status=_inspect(step, context)) for step in build_steps(context.spec)
    ]


def apply_steps(
    context: ReplicationContext,
    clock: WaitClock,
    on_step: Callable[[PlannedStep], None],
    *,
    accept_breaking_changes: bool,
) -> list[PlannedStep]:
    """Take every step that is not done yet, each from a fresh look, and return how all were found at the end.

    Parameters
    ----------
    site
        What is wanted, and where.
    pace
        For what takes time.
    tell
        Called before a change, before a wait, and after each step.
    accepts_breaks
        Whether changes are wanted that stop something for users and their programs.

    Raises
    ------
    NotYetError
        If something takes longer than it is waited for.
    FailoverctlError
        If something stands in the way, or AWS does not do what it is asked for. What was done stays done.

    """
    _translate_errors("requirements", lambda: check_requirements(context.with_empty_cache()))
    return [
        _run_step(step, context, clock, on_step, accept_breaking_changes=accept_breaking_changes)
        for step in build_steps(context.spec)
    ]


def _run_step(
    step: ReplicationStep,
    context: ReplicationContext,
    clock: WaitClock,
    on_step: Callable[[PlannedStep], None],
    *,
    accept_breaking_changes: bool,
) -> PlannedStep:
    planned = PlannedStep(description=step.description, status=_inspect(step, context))
    if planned.status.state is StepState.DONE:
        on_step(planned)
        return planned
    if planned.status.breaking_change and not accept_breaking_changes:
        raise ReplicationRefusedError(
            f"{step.description.name}: {planned.status.breaking_change} If they are ready for it, say so with --accept-new-issuer."
        )
    on_step(planned)
    if planned.status.state is StepState.CHANGE:
        _translate_errors(step.description.name, lambda: step.apply(context.with_empty_cache()))
    planned = PlannedStep(description=step.description, status=_wait_until_done(step, context, clock))
    on_step(planned)
    return planned


def _wait_until_done(step: ReplicationStep, context: ReplicationContext, clock: WaitClock) -> StepStatus:
    """Look until the step is done.

    A look that gets no answer, or is throttled, is one that saw nothing: there will be another.
    """
    started_at = clock.now()
    while True:
        observed = ""
        try:
            status = _inspect(step, context)
        except ReplicationStepError as error:
            if not (error.__cause__ and isinstance(error.__cause__, Exception) and is_retryable(error.__cause__)):
                raise
            observed = error.format_message()
        else:
            if status.state is StepState.DONE:
                return status
            observed = status.actual
        waited_seconds = (clock.now() - started_at).total_seconds()
        if waited_seconds >= step.wait_policy.timeout_seconds:
            raise StillPendingError(
                f"{step.description.name}: {observed}; still so after {waited_seconds:.0f} s. Nothing is lost: run the same "
                f"command again, and it goes on from here."
            )
        clock.sleep(step.wait_policy.interval_seconds)


def _inspect(step: ReplicationStep, context: ReplicationContext) -> StepStatus:
    return _translate_errors(step.description.name, lambda: step.inspect(context.with_empty_cache()))


def _translate_errors[T](name: str, call: Callable[[], T]) -> T:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `failoverctl.aws.client`

    try:
        return call()
    except (BotoCoreError, ClientError) as error:
        raise to_step_error(name, error, explain_error(error)) from error
