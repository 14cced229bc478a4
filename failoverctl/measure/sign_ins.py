"""Measures the duration of a sign-in, at Cognito and through the targets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cognito_failover.core.probe_result import get_latency
from cognito_failover.probe.login import LoginClient
from cognito_failover.probe.probe_targets import Target, build_target_endpoint
from cognito_failover.timeline.user_sign_in import is_sign_in_working
from failoverctl.measure.cognito import sign_in
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import Assumption, Measurement, MeasurementError, MeasurementSample


@contextmanager
def _open_session(context: MeasurementContext) -> Iterator[Callable[[], MeasurementSample]]:
    yield lambda: MeasurementSample(seconds=_measure_sign_ins(context))


def _measure_sign_ins(context: MeasurementContext) -> dict[str, float]:
    deployment = context.deployment
    roles = dict(zip(("primary", "standby"), deployment.regions, strict=True))
    seconds = {role: sign_in(context, region).seconds for role, region in roles.items()}
    login = LoginClient(client_id=deployment.client_id, https=context.https, monotonic=context.monotonic)
    for role, region in roles.items():
        if not (target := deployment.targets.get(region)):
            continue
        endpoint = build_target_endpoint(target, deployment.domain_name)
        if deployment.probe_path:
            probe_result = Target(endpoint=endpoint, path=deployment.probe_path).request_path(login)
        else:
            probe_result = login.sign_in(endpoint, context.read_credentials())
        latency_seconds = get_latency(probe_result)
        if not is_sign_in_working(probe_result) or latency_seconds is None:
            raise MeasurementError(
                f"The canary's sign-in at {target} for {deployment.domain_name} failed: {probe_result}. See "
                f"failoverctl status."
            )
        seconds[f"{role}, through its target"] = latency_seconds
    return seconds


def _create_assumption(name: str) -> Assumption:
    return Assumption(
        name=name,
        rationale="a slower sign-in counts as sick",
        max_p95_seconds=3.0,
        if_violated="`ConnectTimeoutSeconds`, `ReadTimeoutSeconds`, `ProbeDeadlineSeconds`",
    )


SIGN_INS = Measurement(
    name="sign-ins",
    question="How long does a sign-in take in each Region, measured from here? Run this in the standby Region.",
    creates="two sign-ins of the canary per repeat, four with targets",
    cost="nothing",
    duration_seconds=(0, 2),
    assumptions=(
        _create_assumption("primary"),
        _create_assumption("standby"),
        _create_assumption("primary, through its target"),
        _create_assumption("standby, through its target"),
    ),
    open_session=_open_session,
)
