"""Measures the replication lag, and whether changes arrive in the order of writing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

from cognito_failover.probe.lag_marker import MARKER_ATTRIBUTE, parse_marker
from failoverctl.measure.cognito import CognitoCallResult, SignInTokens, call_cognito, sign_in
from failoverctl.measure.context import MeasurementContext
from failoverctl.measure.measurement import Assumption, Measurement, MeasurementError, MeasurementSample

IN_ORDER = "in the order of writing"

_WRITE_COUNT = 3
_POLL_INTERVAL_SECONDS = 0.2
_TIMEOUT_SECONDS = 300.0


@contextmanager
def _open_session(context: MeasurementContext) -> Iterator[Callable[[], MeasurementSample]]:
    last_value = 0

    def take_sample() -> MeasurementSample:
        nonlocal last_value
        tokens = {region: sign_in(context, region) for region in context.deployment.regions}
        first_value = max(int(context.now()), last_value + 1)
        last_value = first_value + _WRITE_COUNT - 1
        started_at = context.monotonic()
        for value in range(first_value, last_value + 1):
            started_at = context.monotonic()
            _write_marker(context, tokens[context.deployment.primary], value)
        observed, seconds = _wait_for_marker(context, tokens[context.deployment.standby], last_value, started_at)
        return MeasurementSample(seconds={"arrived": seconds}, answers={"order": _describe_order(observed)})

    yield take_sample


def _write_marker(context: MeasurementContext, tokens: SignInTokens, value: int) -> None:
    request = {"AccessToken": tokens.access_token, "UserAttributes": [{"Name": MARKER_ATTRIBUTE, "Value": str(value)}]}
    _require_success(
        "UpdateUserAttributes", call_cognito(context, context.deployment.primary, "UpdateUserAttributes", request)
    )


def _wait_for_marker(
    context: MeasurementContext, tokens: SignInTokens, expected: int, started_at: float
) -> tuple[list[int], float]:
    observed: list[int] = []
    while True:
        result = call_cognito(context, context.deployment.standby, "GetUser", {"AccessToken": tokens.access_token})
        value = parse_marker(dict(_require_success("GetUser", result).fields))
        seconds = context.monotonic() - started_at
        if value is not None:
            observed.append(value)
            # The controller writes markers, too. A later marker has arrived after ours.
            if value >= expected:
                return observed, seconds
        if seconds > _TIMEOUT_SECONDS:
            raise MeasurementError(
                f"After {seconds:.0f} s the replica does not show a write of the primary. failoverctl status shows the "
                f"controller's own measurement. See the runbook of the alarm replication-lag."
            )
        context.sleep(_POLL_INTERVAL_SECONDS)


def _require_success(operation: str, result: CognitoCallResult) -> CognitoCallResult:
    if not result.is_success:
        raise MeasurementError(
            f"{operation} failed with {result.code}: {result.message} The canary's app client needs to read and write "
            f"the attribute {MARKER_ATTRIBUTE}. failoverctl replicate creates a client that can."
        )
    return result


def _describe_order(observed: list[int]) -> str:
    inversions = [f"{later} after {earlier}" for earlier, later in pairwise(observed) if later < earlier]
    return f"backwards: {', '.join(inversions)}" if inversions else IN_ORDER


LAG = Measurement(
    name="lag",
    question="How long after a write on the primary does the replica show it? Do writes arrive in order?",
    creates=f"values of the canary's attribute {MARKER_ATTRIBUTE}, as the controller writes them every minute",
    cost="nothing",
    duration_seconds=(0, 5),
    assumptions=(
        Assumption(
            name="arrived",
            rationale="changes of this time may be missing after a failover",
            max_p95_seconds=60.0,
            if_violated="raise `ReplicationLagAlarmSeconds` against false alarms",
        ),
        Assumption(
            name="order",
            rationale="otherwise the measured lag is too small",
            expected_answer=IN_ORDER,
            if_violated="`core/replication_lag.py`; share no canary",
        ),
    ),
    open_session=_open_session,
)
