"""What the command keeps of templates and measurements is what they say now."""

import pytest

from bench import running_stack
from failover.decision.freshness import Freshness
from failover.decision.preflight import Preflight
from failover.preflight.function import measured
from failover.signals.metrics import measure
from failoverctl.commands.cost import INTERVALS
from failoverctl.cost import deployed, minute
from failoverctl.cost.minute import Function, MeasuredError
from tests.unit.signals.examples import NOW, reading, report, settings, state
from tests.unit.template.rendering import load


def test_what_is_deployed_is_what_the_templates_say() -> None:
    assert deployed.read() == running_stack.read(), "run: make costs"


@pytest.mark.parametrize("function", Function)
def test_every_interval_that_the_template_allows_is_measured(function: Function) -> None:
    allowed = load()["Parameters"]["RoundIntervalSeconds"]["AllowedValues"]

    assert [each.interval_seconds for each in minute.read().minutes[function]] == allowed


def test_the_metrics_are_as_many_as_a_calm_round_and_a_preflight_write() -> None:
    seen = reading(target_latency_seconds=0.1)
    fresh = state(freshness=Freshness(lag_seconds=1.0, measured_at=NOW))
    sets = measure(report(primary=seen, standby=seen, state=fresh), settings(), took_seconds=1.0)

    of_preflight = len(measured(Preflight(at=NOW, findings=())).metrics)
    of_round = sum(len(each.metrics) for each in sets)

    assert deployed.read().controller.metrics == of_round + of_preflight, "run: make costs"


def test_the_command_offers_every_interval_that_the_template_allows() -> None:
    allowed = load()["Parameters"]["RoundIntervalSeconds"]["AllowedValues"]

    assert [int(each) for each in INTERVALS] == allowed


def test_an_interval_that_was_not_measured_is_named() -> None:
    with pytest.raises(MeasuredError, match="controller was not measured with rounds 7 s apart"):
        minute.read().minute(Function.CONTROLLER, 7)
