from typing import Any

import pytest

from bench import running_subject
from bench.policies.controller import INVOCATION_ALLOWED_SECONDS
from failover.decision.freshness import Freshness
from failover.decision.preflight import Preflight
from failover.preflight.function import measured as measured_of_preflight
from failover.rounds.invocation import ENDING_SECONDS
from failover.settings import Settings
from failover.settings_checks import RANGES
from failover.signals.metrics import NAMESPACE, measure
from failover.timing import ACTING_SECONDS, INVOCATION_SECONDS
from tests.support.virtual import ALLOWED_SECONDS
from tests.unit.signals import examples
from tests.unit.template.rendering import ALARMS, TEMPLATE, Rendering, alarms_in

RESOURCES = Rendering().template["Resources"]
FUNCTIONS = ("Controller", "Operator", "Preflight")
LONGEST_DESCRIPTION = 1024  # characters, of PutMetricAlarm and PutCompositeAlarm
NAME_CHARACTERS = 64
"""The longest name of a role or a function."""

RANDOM_CHARACTERS = 12
"""What CloudFormation puts at the end of a name that it makes, after the stack's and the resource's."""


def test_nothing_in_the_stack_steers_traffic() -> None:
    """Of these services no resource is in the path of a sign-in, so no deploy, rollback or deletion can move one."""
    services = {resource["Type"].split("::")[1] for resource in RESOURCES.values()}
    of_route_53 = {resource["Type"] for resource in RESOURCES.values() if "Route53" in resource["Type"]}

    assert services == {"Serverless", "IAM", "Scheduler", "DynamoDB", "SNS", "Logs", "CloudWatch", "S3", "Route53"} | {
        "Events",
        "Lambda",
    }
    assert of_route_53 == {"AWS::Route53::HealthCheck"}


def test_no_function_listens_to_anybody_but_its_caller() -> None:
    for function in (*FUNCTIONS, "Reporter"):
        assert not {"Events", "FunctionUrlConfig", "AutoPublishAlias"} & RESOURCES[function]["Properties"].keys()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_an_invocation_that_failed_is_never_run_later(function: str) -> None:
    assert Rendering().resource(function)["EventInvokeConfig"] == {
        "MaximumRetryAttempts": 0,
        "MaximumEventAgeInSeconds": 60,
    }


def test_a_tick_that_failed_is_never_sent_later() -> None:
    schedule = Rendering().resource("EveryMinute")

    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}


def test_the_controller_may_outlast_its_minute_but_not_the_next_tick() -> None:
    assert INVOCATION_SECONDS < Rendering().resource("Controller")["Timeout"] < 2 * INVOCATION_SECONDS


def test_a_round_begun_in_the_minute_has_the_time_it_needs_with_any_deadline_of_its_probes() -> None:
    longest_round_seconds = RANGES["probe_deadline_seconds"][1] + ACTING_SECONDS
    least = INVOCATION_SECONDS + longest_round_seconds + ENDING_SECONDS
    assert Rendering().resource("Controller")["Timeout"] >= least


def test_rounds_are_tested_simulated_and_measured_with_the_time_that_the_template_allows() -> None:
    allowed = {ALLOWED_SECONDS, INVOCATION_ALLOWED_SECONDS, running_subject.INVOCATION_SECONDS}
    assert allowed == {Rendering().resource("Controller")["Timeout"]}


def test_concurrency_is_reserved_only_where_asked_for_and_leaves_room_for_the_next_tick() -> None:
    assert "ReservedConcurrentExecutions" not in Rendering().resource("Controller")
    assert Rendering(ReserveConcurrency="true").resource("Controller")["ReservedConcurrentExecutions"] == 2


def test_the_ledger_outlives_the_stack_and_can_be_brought_back_to_any_moment() -> None:
    ledger = Rendering().resource("Ledger")

    assert (RESOURCES["Ledger"]["DeletionPolicy"], RESOURCES["Ledger"]["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert ledger["DeletionProtectionEnabled"]
    assert ledger["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert ledger["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_layer_is_built_for_the_processor_the_functions_run_on() -> None:
    rendering = Rendering(Architecture="x86_64")

    assert rendering.resource("FailoverLayer")["CompatibleArchitectures"] == ["x86_64"]
    assert rendering.value(RESOURCES["FailoverLayer"]["Metadata"])["BuildArchitecture"] == "x86_64"
    assert rendering.value(rendering.template["Globals"])["Function"]["Architectures"] == ["x86_64"]


def test_somebody_is_told_by_mail_only_where_an_address_is_given() -> None:
    email = Rendering(NotificationEmail="ops@example.com")

    assert RESOURCES["EmailSubscription"]["Condition"] == "NotifiesByEmail"
    assert email.condition("NotifiesByEmail")
    assert not Rendering().condition("NotifiesByEmail")
    assert email.resource("EmailSubscription")["Endpoint"] == "ops@example.com"


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_tells_people_what_it_is_and_where_to_read_on(alarm: str) -> None:
    rendering = Rendering(RunbookUrl="https://wiki.example.com/runbooks")
    properties, name = rendering.resource(alarm), alarms_in()[alarm]

    assert properties["AlarmActions"] == ["Notifications"]
    assert len(properties["AlarmDescription"].split(". ")) >= 2
    assert len(properties["AlarmDescription"]) <= LONGEST_DESCRIPTION
    assert properties["AlarmDescription"].endswith(f"Runbook: https://wiki.example.com/runbooks/{name}.md")


def test_an_alarm_that_tells_nobody_is_a_part_of_one_that_does() -> None:
    parts = [name for name in alarms_in() if name not in ALARMS]
    rules = [RESOURCES[name]["Properties"]["AlarmRule"]["Fn::Sub"] for name in ALARMS if is_composite(name)]

    assert parts
    assert [part for part in parts if not any(f'ALARM("${{{part}}}")' in rule for rule in rules)] == []


def test_the_alarms_watch_what_the_controller_measures() -> None:
    fresh = examples.state(freshness=Freshness(lag_seconds=1.0, measured_at=examples.NOW))
    report = examples.report(primary=examples.reading(target_latency_seconds=0.1), state=fresh)
    measured = {
        (metric.name, frozenset({("service", "cognito-failover-controller"), *metric_set.dimensions.items()}))
        for metric_set in measure(report, examples.settings(), took_seconds=1.0)
        for metric in metric_set.metrics
    }
    watched = {
        (metric["MetricName"], frozenset((each["Name"], each["Value"]) for each in metric["Dimensions"]))
        for alarm in map(Rendering().resource, alarms_in())
        for metric in metrics_of(alarm)
        if metric["Namespace"] == NAMESPACE
    }

    of_preflight = {
        (metric.name, frozenset({("service", "cognito-failover-preflight")}))
        for metric in measured_of_preflight(Preflight(at=examples.NOW, findings=())).metrics
    }
    assert watched - measured - of_preflight == set()


def is_composite(logical: str) -> bool:
    return bool(RESOURCES[logical]["Type"] == "AWS::CloudWatch::CompositeAlarm")


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the metrics that an alarm goes by: one, several by metric math, or none of a composite's own."""
    if "Metrics" in alarm:
        return [query["MetricStat"]["Metric"] for query in alarm["Metrics"] if "MetricStat" in query]
    return [alarm] if "MetricName" in alarm else []


def test_a_controller_that_does_not_start_is_looked_for_over_three_minutes() -> None:
    alarm = Rendering().resource("ControllerNotStartedMeasured")

    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 180
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": "Controller"}]


@pytest.mark.parametrize("interval", ["10", "12", "15", "20", "30", "60"])
def test_a_gap_between_rounds_is_alarmed_once_observations_no_longer_count(interval: str) -> None:
    rendering = Rendering(RoundIntervalSeconds=interval)
    settings = Settings.from_env(rendering.environment("Controller"))

    assert rendering.resource("RoundGapAlarm")["Threshold"] == settings.fresh_seconds


def test_at_default_settings_a_gap_above_twenty_seconds_is_alarmed() -> None:
    assert Rendering().resource("RoundGapAlarm")["Threshold"] == 20


def test_a_lag_is_alarmed_from_where_a_move_carries_a_warning() -> None:
    rendering = Rendering(ReplicationLagAlarmSeconds="90")
    settings = Settings.from_env(rendering.environment("Controller"))
    alarm = rendering.resource("ReplicationLagAlarm")

    assert float(alarm["Threshold"]) == settings.replication_lag_alarm_seconds
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"


def test_the_decision_bound_is_the_settings_own() -> None:
    rendering = Rendering()
    bound = rendering.value(rendering.template["Outputs"]["DecisionBound"]["Value"])
    settings = Settings.from_env(rendering.environment("Controller"))

    assert bound == "5 s + 10 s + (3 - 1) x the longer of 5 s and 5 s + 5 s"
    assert settings.decided_within_seconds == 5 + 10 + (3 - 1) * max(5, 5) + 5


def test_names_made_from_the_longest_stack_name_that_is_documented_are_not_too_long() -> None:
    resources = RESOURCES
    roles = [name for name, resource in resources.items() if resource["Type"] == "AWS::IAM::Role"]
    functions = [
        resource["Properties"]["FunctionName"]["Fn::Sub"].removeprefix("${AWS::StackName}")
        for resource in resources.values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    page = (TEMPLATE.parent / "docs" / "deploying.md").read_text(encoding="utf-8")
    for_roles = NAME_CHARACTERS - max(len(f"--{name}") for name in roles) - RANDOM_CHARACTERS
    for_functions = NAME_CHARACTERS - max(len(name) for name in functions)

    assert f"may have {for_roles} characters at most" in page
    assert f"From {for_functions + 1} characters on, Lambda refuses" in page
