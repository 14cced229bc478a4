"""Health checks on the data stream of a CloudWatch alarm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.health_checkers.metric_stream import MetricStream
from sandbox.metric_series import MetricSample
from tests.unit.sandbox_route53.harness import Route53Harness

ALARM = {
    "Namespace": "CognitoFailover",
    "MetricName": "Latched",
    "Dimensions": {"Pool": "one"},
    "Statistic": "Maximum",
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "Threshold": 1.0,
    "Period": 60,
    "EvaluationPeriods": 1,
    "StateValue": "OK",
}


@dataclass
class FakeCloudWatch:
    """CloudWatch with the alarms and samples of the test."""

    alarms: dict[str, dict[str, Any]] = field(default_factory=lambda: {"latched": dict(ALARM)})
    published: list[MetricSample] = field(default_factory=list)

    def find_alarm(self, account: str, region: str, name: str) -> Mapping[str, Any] | None:
        """Return an alarm of us-east-1."""
        return self.alarms.get(name) if (account, region) == ("123456789012", "us-east-1") else None

    def list_samples(self, account: str, region: str, alarm: Mapping[str, Any]) -> Sequence[MetricSample]:
        """Return the published samples."""
        known = (alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"])
        named = (ALARM["Namespace"], ALARM["MetricName"], [{"Name": "Pool", "Value": "one"}])
        return self.published if known == named and self.find_alarm(account, region, "latched") else []


@dataclass
class MetricCheckHarness:
    """A Route 53 whose health checks follow CloudWatch metrics."""

    route53_harness: Route53Harness
    cloudwatch: FakeCloudWatch = field(default_factory=FakeCloudWatch)
    is_reachable: bool = True

    def __post_init__(self) -> None:
        stream = MetricStream(
            self.cloudwatch, is_reachable=lambda _region: self.is_reachable, clock=self.route53_harness.clock
        )
        self.route53_harness.route53.health_checks.read_alarm_settings = stream.read_alarm_settings
        self.route53_harness.route53.health_statuses.evaluate_metric = stream.evaluate_health

    def create_check(self, **more: Any) -> str:
        alarm = {"Region": "us-east-1", "Name": "latched"}
        config: Any = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": alarm, **more}
        return self.route53_harness.client.create_health_check(CallerReference="one", HealthCheckConfig=config)[
            "HealthCheck"
        ]["Id"]

    def publish(self, value: float) -> None:
        """Publish a value and let its minute pass."""
        self.cloudwatch.published.append(MetricSample(at_seconds=self.route53_harness.clock.now, value=value))
        self.route53_harness.clock.now += 60

    def is_healthy(self, check: str) -> bool:
        return self.route53_harness.route53.is_healthy(check)


@pytest.fixture
def watched(harness: Route53Harness) -> MetricCheckHarness:
    return MetricCheckHarness(harness)


def test_status_follows_published_samples(watched: MetricCheckHarness) -> None:
    check = watched.create_check()
    watched.publish(1)
    assert not watched.is_healthy(check)
    watched.publish(0)
    assert watched.is_healthy(check)


def test_setting_alarm_state_has_no_effect(watched: MetricCheckHarness) -> None:
    check = watched.create_check()
    watched.publish(0)
    watched.cloudwatch.alarms["latched"]["StateValue"] = "ALARM"
    assert watched.is_healthy(check)


def test_changed_alarm_applies_only_after_check_update(watched: MetricCheckHarness) -> None:
    check = watched.create_check()
    watched.cloudwatch.alarms["latched"]["Threshold"] = 5.0
    watched.publish(1)
    assert not watched.is_healthy(check)
    client = watched.route53_harness.client
    client.update_health_check(HealthCheckId=check, AlarmIdentifier={"Region": "us-east-1", "Name": "latched"})
    assert watched.is_healthy(check)
    assert client.get_health_check(HealthCheckId=check)["HealthCheck"]["CloudWatchAlarmConfiguration"] == {
        "EvaluationPeriods": 1,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Period": 60,
        "MetricName": "Latched",
        "Namespace": "CognitoFailover",
        "Statistic": "Maximum",
        "Dimensions": [{"Name": "Pool", "Value": "one"}],
    }


@pytest.mark.parametrize(("setting", "healthy"), [("Healthy", True), ("Unhealthy", False), ("LastKnownStatus", False)])
def test_status_without_data_follows_setting(watched: MetricCheckHarness, setting: str, healthy: bool) -> None:
    check = watched.create_check(InsufficientDataHealthStatus=setting)
    watched.publish(1)
    assert not watched.is_healthy(check)
    watched.route53_harness.clock.now += 3600
    assert watched.is_healthy(check) is healthy


def test_new_check_without_data_is_healthy_and_an_inverted_one_is_not(watched: MetricCheckHarness) -> None:
    check = watched.create_check(InsufficientDataHealthStatus="LastKnownStatus")
    assert watched.is_healthy(check)
    watched.route53_harness.client.update_health_check(HealthCheckId=check, Inverted=True)
    assert not watched.is_healthy(check)


def test_unreachable_region_gives_no_data(watched: MetricCheckHarness) -> None:
    check = watched.create_check(InsufficientDataHealthStatus="LastKnownStatus")
    watched.publish(1)
    assert not watched.is_healthy(check)
    watched.is_reachable = False
    watched.publish(0)
    assert not watched.is_healthy(check)
    watched.is_reachable = True
    assert watched.is_healthy(check)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"Period": 10}, "high-resolution"),
        ({"ExtendedStatistic": "p99"}, "statistic"),
        ({"MetricName": None}, "single metric"),
    ],
    ids=str,
)
def test_unsupported_alarm_is_rejected(watched: MetricCheckHarness, change: dict[str, Any], word: str) -> None:
    watched.cloudwatch.alarms["latched"] |= change
    with watched.route53_harness.expect_error("InvalidInput", word):
        watched.create_check()
