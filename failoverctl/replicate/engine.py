"""Plans all steps, or applies them one by one. Each step reads the actual state first."""

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

_POLLS_PER_WAIT = 60
"""The interval between two inspections grows with the wait, to at least this fraction of it."""

_PROGRESS_SECONDS = 60.0
"""Interval between two lines of progress while a step waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step with its status."""

    description: StepDescription
    status: StepStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitClock:
    """The clock, a function that waits, and the longest wait for a step that can take hours, in seconds."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    patience_seconds: float


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
    """Return all steps with their status. Changes nothing.

    Raises
    ------
    FailoverctlError
        If a requirement is violated, or a call to AWS fails.

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
    """Apply all steps that are not done, and return all steps with their final status.

    Parameters
    ----------
    context
        The desired state and the AWS clients.
    clock
        For waiting.
    on_step
        Called before a change, before a wait, and after each step.
    accept_breaking_changes
        Whether to make changes that break something for users or their programs.

    Raises
    ------
    StillPendingError
        If a step is not done within its timeout.
    FailoverctlError
        If a requirement is violated, or a call to AWS fails. Finished steps are kept.

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
            f"{step.description.name}: {planned.status.breaking_change} When this is done, give --accept-new-issuer."
        )
    on_step(planned)
    if planned.status.state is StepState.CHANGE:
        _translate_errors(step.description.name, lambda: step.apply(context.with_empty_cache()))
    planned = PlannedStep(description=step.description, status=_wait_until_done(step, context, clock, on_step))
    on_step(planned)
    return planned


def _wait_until_done(
    step: ReplicationStep, context: ReplicationContext, clock: WaitClock, on_step: Callable[[PlannedStep], None]
) -> StepStatus:
    """Inspect the step until it is done. Unanswered and throttled calls are retried. Show the progress."""
    policy = step.wait_policy
    timeout_seconds = (
        max(policy.timeout_seconds, clock.patience_seconds) if policy.can_take_hours else policy.timeout_seconds
    )
    started_at = shown_at = clock.now()
    while True:
        try:
            status = _inspect(step, context)
        except ReplicationStepError as error:
            if not (error.__cause__ and isinstance(error.__cause__, Exception) and is_retryable(error.__cause__)):
                raise
            progress = error.format_message()
        else:
            if status.state is StepState.DONE:
                return status
            progress = status.actual
        waited_seconds = (clock.now() - started_at).total_seconds()
        if waited_seconds >= timeout_seconds:
            raise StillPendingError(
                f"{step.description.name}: not done after {waited_seconds:.0f} s: {progress}. Finished steps are kept. "
                f"To resume, run the same command again{', with a longer --wait' if policy.can_take_hours else ''}."
            )
        if (clock.now() - shown_at).total_seconds() >= _PROGRESS_SECONDS:
            shown_at = clock.now()
            waiting = StepStatus(state=StepState.WAIT, actual=f"{progress}, after {waited_seconds / 60:.0f} min")
            on_step(PlannedStep(description=step.description, status=waiting))
        interval_seconds = max(policy.interval_seconds, waited_seconds / _POLLS_PER_WAIT)
        clock.sleep(min(interval_seconds, timeout_seconds - waited_seconds))


def _inspect(step: ReplicationStep, context: ReplicationContext) -> StepStatus:
    return _translate_errors(step.description.name, lambda: step.inspect(context.with_empty_cache()))


def _translate_errors[T](name: str, call: Callable[[], T]) -> T:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see `failoverctl.aws`

    try:
        return call()
    except (BotoCoreError, ClientError) as error:
        raise to_step_error(name, error, explain_error(error)) from error
