"""What the command keeps of templates and measurements is what they say now."""

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
def test_every_interval_that_the_template_allows_is_measured(function: ScheduledFunction) -> None:
    allowed = load_template()["Parameters"]["RoundIntervalSeconds"]["AllowedValues"]

    assert [each.interval_seconds for each in invocation_profile.read().profiles[function]] == allowed


def test_metric_count_matches_steady_state_and_preflight() -> None:
    seen = make_reading(target_latency_seconds=0.1)
    fresh = make_state(lag_state=LagState(lag_seconds=1.0, measured_at=NOW))
    sets = build_round_metrics(
        make_round_result(primary=seen, standby=seen, state=fresh), make_settings(), took_seconds=1.0
    )

    of_preflight = len(build_metrics(PreflightResult(at=NOW, findings=())).metrics)
    of_round = sum(len(each.metrics) for each in sets)

    assert deployed.read().controller.metrics == of_round + of_preflight, "run: make costs"


def test_the_command_offers_every_interval_that_the_template_allows() -> None:
    allowed = load_template()["Parameters"]["RoundIntervalSeconds"]["AllowedValues"]

    assert [int(each) for each in INTERVALS] == allowed


def test_unmeasured_interval_is_named_in_the_error() -> None:
    with pytest.raises(UsageMeasurementsError, match="controller was not measured with rounds 7 s apart"):
        invocation_profile.read().get_profile(ScheduledFunction.CONTROLLER, 7)
