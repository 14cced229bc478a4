"""The figures stored in the command match the templates and the code."""

import pytest

from bench.benchmark import deployed_stack
from cognito_failover.core.preflight_result import PreflightResult
from cognito_failover.core.replication_lag import LagState
from cognito_failover.preflight.function import build_metrics
from cognito_failover.telemetry.metrics import build_round_metrics
from failoverctl.commands.cost import INTERVALS
from failoverctl.cost import deployed, invocation_profile
from failoverctl.cost.invocation_profile import ScheduledFunction, UsageMeasurementsError
from tests.unit.notifications.examples import NOW, make_reading, make_round_result, make_settings, make_state
from tests.unit.template.rendering import load_template


def test_stored_stack_figures_match_the_templates() -> None:
    assert deployed.read() == deployed_stack.read_deployed(), "run: make costs"


@pytest.mark.parametrize("function", ScheduledFunction)
def test_every_interval_of_the_template_is_measured(function: ScheduledFunction) -> None:
    allowed = load_template()["Parameters"]["RoundIntervalSeconds"]["AllowedValues"]

    assert [profile.interval_seconds for profile in invocation_profile.read().profiles[function]] == allowed


def test_metric_count_matches_steady_state_and_preflight() -> None:
    reading = make_reading(target_latency_seconds=0.1)
    state = make_state(lag_state=LagState(lag_seconds=1.0, measured_at=NOW))
    metric_sets = build_round_metrics(
        make_round_result(primary=reading, standby=reading, state=state), make_settings(), took_seconds=1.0
    )

    preflight_count = len(build_metrics(PreflightResult(at=NOW, findings=())).metrics)
    round_count = sum(len(metric_set.metrics) for metric_set in metric_sets)

    assert deployed.read().controller.metrics == round_count + preflight_count, "run: make costs"


def test_command_offers_every_interval_of_the_template() -> None:
    allowed = load_template()["Parameters"]["RoundIntervalSeconds"]["AllowedValues"]

    assert [int(interval) for interval in INTERVALS] == allowed


def test_unmeasured_interval_is_named_in_the_error() -> None:
    with pytest.raises(UsageMeasurementsError, match="controller was not measured with rounds 7 s apart"):
        invocation_profile.read().get_profile(ScheduledFunction.CONTROLLER, 7)
