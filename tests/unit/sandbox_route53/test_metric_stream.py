"""Health checks on the data stream of a CloudWatch alarm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.checkers.metric_stream import MetricStream
from sandbox.metric_series import Sample
from tests.unit.sandbox_route53.world import World

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
class CloudWatch:
    """Has the alarms and samples the test gives it."""

    alarms: dict[str, dict[str, Any]] = field(default_factory=lambda: {"latched": dict(ALARM)})
    published: list[Sample] = field(default_factory=list)

    def alarm(self, account: str, region: str, name: str) -> Mapping[str, Any] | None:
        """Give an alarm of us-east-1."""
        return self.alarms.get(name) if (account, region) == ("123456789012", "us-east-1") else None

    def samples(self, account: str, region: str, alarm: Mapping[str, Any]) -> Sequence[Sample]:
        """Give what was published of the one metric there is."""
        known = (alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"])
        named = (ALARM["Namespace"], ALARM["MetricName"], [{"Name": "Pool", "Value": "one"}])
        return self.published if known == named and self.alarm(account, region, "latched") else []


@dataclass
class Watched:
    """A world whose health checks follow a CloudWatch."""

    world: World
    cloudwatch: CloudWatch = field(default_factory=CloudWatch)
    heard: bool = True

    def __post_init__(self) -> None:
        stream = MetricStream(self.cloudwatch, heard=lambda _region: self.heard, clock=self.world.clock)
        self.world.route53.health_checks.alarm_settings = stream.settings
        self.world.route53.health.metric_state = stream.state

    def create(self, **more: Any) -> str:
        alarm = {"Region": "us-east-1", "Name": "latched"}
        config: Any = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": alarm, **more}
        return self.world.client.create_health_check(CallerReference="one", HealthCheckConfig=config)["HealthCheck"][
            "Id"
        ]

    def publish(self, value: float) -> None:
        """Publish a value and let its minute pass."""
        self.cloudwatch.published.append(Sample(at_seconds=self.world.clock.now, value=value))
        self.world.clock.now += 60

    def healthy(self, check: str) -> bool:
        return self.world.route53.healthy(check)


@pytest.fixture
def watched(world: World) -> Watched:
    return Watched(world)


def test_the_status_follows_what_is_published(watched: Watched) -> None:
    check = watched.create()
    watched.publish(1)
    assert not watched.healthy(check)
    watched.publish(0)
    assert watched.healthy(check)


def test_setting_the_alarms_state_changes_nothing(watched: Watched) -> None:
    check = watched.create()
    watched.publish(0)
    watched.cloudwatch.alarms["latched"]["StateValue"] = "ALARM"
    assert watched.healthy(check)


def test_changing_the_alarm_changes_nothing_until_the_check_is_updated(watched: Watched) -> None:
    check = watched.create()
    watched.cloudwatch.alarms["latched"]["Threshold"] = 5.0
    watched.publish(1)
    assert not watched.healthy(check)
    client = watched.world.client
    client.update_health_check(HealthCheckId=check, AlarmIdentifier={"Region": "us-east-1", "Name": "latched"})
    assert watched.healthy(check)
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
def test_without_data_the_setting_decides(watched: Watched, setting: str, healthy: bool) -> None:
    check = watched.create(InsufficientDataHealthStatus=setting)
    watched.publish(1)
    assert not watched.healthy(check)
    watched.world.clock.now += 3600
    assert watched.healthy(check) is healthy


def test_a_new_check_without_data_is_healthy_and_an_inverted_one_is_not(watched: Watched) -> None:
    check = watched.create(InsufficientDataHealthStatus="LastKnownStatus")
    assert watched.healthy(check)
    watched.world.client.update_health_check(HealthCheckId=check, Inverted=True)
    assert not watched.healthy(check)


def test_a_region_that_is_not_heard_gives_no_data(watched: Watched) -> None:
    check = watched.create(InsufficientDataHealthStatus="LastKnownStatus")
    watched.publish(1)
    assert not watched.healthy(check)
    watched.heard = False
    watched.publish(0)
    assert not watched.healthy(check)
    watched.heard = True
    assert watched.healthy(check)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"Period": 10}, "high-resolution"),
        ({"ExtendedStatistic": "p99"}, "statistic"),
        ({"MetricName": None}, "single metric"),
    ],
    ids=str,
)
def test_an_alarm_that_can_not_be_followed_is_refused(watched: Watched, change: dict[str, Any], word: str) -> None:
    watched.cloudwatch.alarms["latched"] |= change
    with watched.world.refusal("InvalidInput", word):
        watched.create()
