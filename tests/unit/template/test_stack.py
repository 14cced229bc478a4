from typing import Any

import pytest

from bench.benchmark import measured_process
from bench.policies import controller as simulated_controller
from cognito_failover.common.time_budget import INVOCATION_INTERVAL_SECONDS, LEVER_BUDGET_SECONDS
from cognito_failover.controller.invocation import SHUTDOWN_SECONDS
from cognito_failover.core.preflight_result import PreflightResult
from cognito_failover.core.replication_lag import LagState
from cognito_failover.core.verdict import Verdict
from cognito_failover.preflight.function import build_metrics as measured_of_preflight
from cognito_failover.routing.latch.stack_policy import IMMUTABLE_TYPES, RETAINED_TYPES
from cognito_failover.settings.controller import Settings
from cognito_failover.settings.validation import RANGES
from cognito_failover.telemetry.metrics import NAMESPACE, build_round_metrics
from tests.support.virtual_time import FUNCTION_TIMEOUT_SECONDS
from tests.unit.notifications import examples
from tests.unit.template.rendering import (
    ALARMS,
    TEMPLATE,
    Rendering,
    list_alarms,
    list_nested_templates,
    load_resources,
    load_template,
)

RESOURCES = load_resources()
FUNCTIONS = ("Controller", "Operator", "Preflight")
MAX_DESCRIPTION_LENGTH = 1024  # characters, of PutMetricAlarm and PutCompositeAlarm
MAX_NAME_LENGTH = 64
"""The longest name of a role or a function."""

RANDOM_SUFFIX_LENGTH = 12
"""The random end of a physical name that CloudFormation generates."""

NESTED_SUFFIX_LENGTH = 13
"""The longest random end of a nested stack's name."""

MAX_TEMPLATE_BYTES = 51_200
"""CloudFormation's limit for a template in a request, without an upload to S3."""


def test_every_template_fits_into_request() -> None:
    sizes = {path.name: path.stat().st_size for path in (TEMPLATE, *list_nested_templates().values())}

    assert [name for name, size in sizes.items() if size > MAX_TEMPLATE_BYTES] == []


@pytest.mark.parametrize("logical", list_nested_templates())
def test_nested_stack_gets_exactly_its_parameters(logical: str) -> None:
    declared = load_template(list_nested_templates()[logical])["Parameters"]
    given = load_template()["Resources"][logical]["Properties"]["Parameters"]

    assert declared.keys() == given.keys()
    assert all(parameter["Type"] == "String" and "Default" not in parameter for parameter in declared.values())


def test_monitoring_and_preflight_can_be_left_out() -> None:
    everything = Rendering().deployed_resource_types
    without_monitoring = Rendering(DeployMonitoring="false").deployed_resource_types
    without_preflight = Rendering(DeployPreflight="false").deployed_resource_types

    assert everything.keys() - without_monitoring.keys() == {*list_alarms(), "Dashboard"} & everything.keys()
    assert everything.keys() - without_preflight.keys() == {
        "Preflight",
        "PreflightRole",
        "PreflightPolicy",
        "PreflightLogs",
        "PreflightFailedAlarm",
        "HourRole",
        "EveryHour",
    }


def test_latch_and_ledger_are_in_root_stack() -> None:
    """The stack policy that protects an attached latch applies to the root stack only."""
    own = load_template()["Resources"]

    assert "Ledger" in own
    assert {*IMMUTABLE_TYPES, *RETAINED_TYPES} <= {resource["Type"] for resource in own.values()}


def test_stack_has_no_traffic_resources() -> None:
    """Of these services no resource is in the path of a sign-in, so no deploy, rollback or deletion can move one."""
    services = {resource["Type"].split("::")[1] for resource in RESOURCES.values()}
    of_route_53 = {resource["Type"] for resource in RESOURCES.values() if "Route53" in resource["Type"]}

    assert services == {"Serverless", "IAM", "Scheduler", "DynamoDB", "SNS", "Logs", "CloudWatch", "S3", "Route53"} | {
        "Events",
        "Lambda",
    }
    assert of_route_53 == {"AWS::Route53::HealthCheck"}


def test_functions_have_no_other_event_sources() -> None:
    for function in (*FUNCTIONS, "Reporter"):
        assert not {"Events", "FunctionUrlConfig", "AutoPublishAlias"} & RESOURCES[function]["Properties"].keys()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_failed_invocation_is_not_retried(function: str) -> None:
    assert Rendering().get_resource(function)["EventInvokeConfig"] == {
        "MaximumRetryAttempts": 0,
        "MaximumEventAgeInSeconds": 60,
    }


def test_failed_tick_is_not_retried() -> None:
    schedule = Rendering().get_resource("EveryMinute")

    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}


def test_controller_timeout_exceeds_minute_but_not_next_tick() -> None:
    assert (
        INVOCATION_INTERVAL_SECONDS
        < Rendering().get_resource("Controller")["Timeout"]
        < 2 * INVOCATION_INTERVAL_SECONDS
    )


def test_round_started_in_minute_fits_timeout_for_any_probe_deadline() -> None:
    longest_round_seconds = RANGES["probe_deadline_seconds"][1] + LEVER_BUDGET_SECONDS
    least = INVOCATION_INTERVAL_SECONDS + longest_round_seconds + SHUTDOWN_SECONDS
    assert Rendering().get_resource("Controller")["Timeout"] >= least


def test_tests_and_bench_use_template_timeout() -> None:
    allowed = {
        FUNCTION_TIMEOUT_SECONDS,
        simulated_controller.FUNCTION_TIMEOUT_SECONDS,
        measured_process.FUNCTION_TIMEOUT_SECONDS,
    }
    assert allowed == {Rendering().get_resource("Controller")["Timeout"]}


def test_reserved_concurrency_is_optional_and_allows_next_tick() -> None:
    assert "ReservedConcurrentExecutions" not in Rendering().get_resource("Controller")
    assert Rendering(ReserveConcurrency="true").get_resource("Controller")["ReservedConcurrentExecutions"] == 2


@pytest.mark.parametrize(
    ("file_name", "logical"),
    [
        (path.name, logical)
        for path in (TEMPLATE, *sorted((TEMPLATE.parent / "infra").glob("*.yaml")))
        for logical, resource in load_template(path)["Resources"].items()
        if resource.get("UpdateReplacePolicy") == "Retain"
        and logical not in {"AccountLogs", "LogRole", "Activation"}  # of the account; their removal would do harm
    ],
)
def test_failed_first_deploy_keeps_nothing_that_deploys_retain(file_name: str, logical: str) -> None:
    path = TEMPLATE if file_name == TEMPLATE.name else TEMPLATE.parent / "infra" / file_name
    resource = load_template(path)["Resources"][logical]

    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert not resource["Properties"].get("DeletionProtectionEnabled")


def test_ledger_is_retained_with_point_in_time_recovery() -> None:
    ledger = Rendering().get_resource("Ledger")

    assert RESOURCES["Ledger"]["UpdateReplacePolicy"] == "Retain"
    assert ledger["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert ledger["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_layer_architecture_matches_functions() -> None:
    rendering = Rendering(Architecture="x86_64")

    assert rendering.get_resource("FailoverLayer")["CompatibleArchitectures"] == ["x86_64"]
    assert rendering.evaluate(RESOURCES["FailoverLayer"]["Metadata"])["BuildArchitecture"] == "x86_64"
    assert rendering.evaluate(rendering.template["Globals"])["Function"]["Architectures"] == ["x86_64"]


def test_email_subscription_needs_an_address() -> None:
    email = Rendering(NotificationEmail="ops@example.com")

    assert RESOURCES["EmailSubscription"]["Condition"] == "NotifiesByEmail"
    assert email.is_condition_met("NotifiesByEmail")
    assert not Rendering().is_condition_met("NotifiesByEmail")
    assert email.get_resource("EmailSubscription")["Endpoint"] == "ops@example.com"


@pytest.mark.parametrize("alarm", ALARMS)
def test_alarm_has_description_and_link(alarm: str) -> None:
    rendering = Rendering(RunbookUrl="https://wiki.example.com/runbooks")
    properties, name = rendering.get_resource(alarm), list_alarms()[alarm]

    assert properties["AlarmActions"] == ["Notifications"]
    assert len(properties["AlarmDescription"].split(". ")) >= 2
    assert len(properties["AlarmDescription"]) <= MAX_DESCRIPTION_LENGTH
    assert properties["AlarmDescription"].endswith(f"Runbook: https://wiki.example.com/runbooks/{name}.md")


def test_silent_alarm_is_part_of_a_notifying_one() -> None:
    parts = [name for name in list_alarms() if name not in ALARMS]
    rules = [RESOURCES[name]["Properties"]["AlarmRule"]["Fn::Sub"] for name in ALARMS if is_composite(name)]

    assert parts
    assert [part for part in parts if not any(f'ALARM("${{{part}}}")' in rule for rule in rules)] == []


def test_alarms_use_metrics_of_controller() -> None:
    fresh = examples.make_state(lag_state=LagState(lag_seconds=1.0, measured_at=examples.NOW))
    measured = {
        (metric.name, frozenset({("service", "cognito-failover-controller"), *metric_set.dimensions.items()}))
        for verdict in Verdict  # some metrics are published only for their verdict
        for metric_set in build_round_metrics(
            examples.make_round_result(primary=examples.make_reading(verdict, target_latency_seconds=0.1), state=fresh),
            examples.make_settings(),
            took_seconds=1.0,
        )
        for metric in metric_set.metrics
    }
    watched = {
        (metric["MetricName"], frozenset((each["Name"], each["Value"]) for each in metric["Dimensions"]))
        for alarm in map(Rendering().get_resource, list_alarms())
        for metric in list_metrics(alarm)
        if metric["Namespace"] == NAMESPACE
    }

    of_preflight = {
        (metric.name, frozenset({("service", "cognito-failover-preflight")}))
        for metric in measured_of_preflight(PreflightResult(at=examples.NOW, findings=())).metrics
    }
    assert watched - measured - of_preflight == set()


def list_role_suffixes() -> list[str]:
    """Return what follows the root stack's name in the names of roles, without the random end."""
    nested_stacks = list_nested_templates().items()
    stacks = {"": TEMPLATE} | {f"-{logical}-{'X' * NESTED_SUFFIX_LENGTH}": path for logical, path in nested_stacks}
    return [
        f"{nested}-{name}-"
        for nested, path in stacks.items()
        for name, resource in load_template(path)["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
    ]


def is_composite(logical: str) -> bool:
    return bool(RESOURCES[logical]["Type"] == "AWS::CloudWatch::CompositeAlarm")


def list_metrics(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the metrics that an alarm goes by: one, several by metric math, or none of a composite's own."""
    if "Metrics" in alarm:
        return [query["MetricStat"]["Metric"] for query in alarm["Metrics"] if "MetricStat" in query]
    return [alarm] if "MetricName" in alarm else []


def test_missing_controller_starts_are_alarmed_over_three_minutes() -> None:
    alarm = Rendering().get_resource("ControllerNotStartedMeasured")

    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 180
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": "Controller"}]


@pytest.mark.parametrize("interval", ["10", "12", "15", "20", "30", "60"])
def test_round_gap_is_alarmed_once_observations_expire(interval: str) -> None:
    rendering = Rendering(RoundIntervalSeconds=interval)
    settings = Settings.from_env(rendering.read_environment("Controller"))

    assert rendering.get_resource("RoundsDelayedAlarm")["Threshold"] == settings.observation_ttl_seconds


def test_default_round_gap_alarm_is_twenty_seconds() -> None:
    assert Rendering().get_resource("RoundsDelayedAlarm")["Threshold"] == 20


def test_lag_alarm_threshold_equals_move_warning() -> None:
    rendering = Rendering(ReplicationLagAlarmSeconds="90")
    settings = Settings.from_env(rendering.read_environment("Controller"))
    alarm = rendering.get_resource("ReplicationLagAlarm")

    assert float(alarm["Threshold"]) == settings.replication_lag_alarm_seconds
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"


def test_decision_limit_matches_settings() -> None:
    rendering = Rendering()
    bound = rendering.evaluate(rendering.template["Outputs"]["DecisionBound"]["Value"])
    settings = Settings.from_env(rendering.read_environment("Controller"))

    assert bound == "5 s + 10 s + (3 - 1) x the longer of 5 s and 5 s + 5 s"
    assert settings.max_detection_seconds == 5 + 10 + (3 - 1) * max(5, 5) + 5


def test_generated_names_fit_for_longest_stack_name() -> None:
    resources = RESOURCES
    roles = list_role_suffixes()
    functions = [
        resource["Properties"]["FunctionName"]["Fn::Sub"].removeprefix("${AWS::StackName}")
        for resource in resources.values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    page = " ".join((TEMPLATE.parent / "docs" / "deploying.md").read_text(encoding="utf-8").split())
    for_roles = MAX_NAME_LENGTH - max(map(len, roles)) - RANDOM_SUFFIX_LENGTH
    for_functions = MAX_NAME_LENGTH - max(len(name) for name in functions)

    assert f"may have {for_roles} characters at most" in page
    assert f"from {for_functions + 1} on, Lambda refuses" in page
