from dataclasses import fields

import pytest

from cognito_failover.settings.controller import FailbackPolicy, Settings
from cognito_failover.telemetry.metrics import get_service_name
from tests.unit.template.rendering import RECORDS, STANDBY_REGION, Rendering, list_alarms
from tests.unit.template.test_stack import list_metrics

FUNCTIONS = ("Controller", "Operator", "Preflight")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_gets_exactly_its_settings(function: str) -> None:
    given = {name for name in Rendering().read_environment(function) if not name.startswith("POWERTOOLS_")}

    assert given == {setting.metadata["env"] for setting in fields(Settings)}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_required_parameters_alone_give_valid_settings(function: str) -> None:
    settings = Settings.from_env(Rendering().read_environment(function))

    assert settings.standby_region == STANDBY_REGION
    assert settings.domain_name == RECORDS["DomainName"]
    assert settings.table_name == "Ledger"
    assert settings.topic_arn == "Notifications"


@pytest.mark.parametrize(
    ("parameter", "text", "setting", "value"),
    [
        ("Issuer", "https://issuer.example.com/pool", "issuer", "https://issuer.example.com/pool"),
        ("HostedZoneRoleArn", "arn:aws:iam::210987654321:role/dns", "hosted_zone_role_arn", None),
        ("RecordTtlSeconds", "30", "record_ttl_seconds", 30),
        ("TargetProbePath", "/health", "target_probe_path", "/health"),
        ("WitnessRegions", "eu-west-1", "witness_regions", ("eu-west-1",)),
        ("PublicResolvers", "1.1.1.1", "public_resolvers", ("1.1.1.1",)),
        ("PublicResolvers", "none", "public_resolvers", ("none",)),
        ("Observers", "eu-west-1,eu-central-1", "remote_observers", ("eu-west-1", "eu-central-1")),
        ("RoundIntervalSeconds", "20", "round_interval_seconds", 20),
        ("ConnectTimeoutSeconds", "1.5", "connect_timeout_seconds", 1.5),
        ("ReadTimeoutSeconds", "2.5", "read_timeout_seconds", 2.5),
        ("ProbeDeadlineSeconds", "6", "probe_deadline_seconds", 6),
        ("SuspectRounds", "4", "suspect_rounds", 4),
        ("RecoveryRounds", "31", "recovery_rounds", 31),
        ("ReplicationLagAlarmSeconds", "61", "replication_lag_alarm_seconds", 61),
        ("MaxReplicationLagSeconds", "300", "max_replication_lag_seconds", 300),
        ("CoolDownSeconds", "901", "cool_down_seconds", 901),
        ("MaxAutomaticMovesPerDay", "3", "max_automatic_moves_per_day", 3),
        ("CountTriggerAsSick", "true", "count_trigger_as_sick", True),
        ("ObserveOnly", "true", "observe_only", True),
        ("DrillWindow", "Tue 02:00-05:00 UTC", "drill_window", "Tue 02:00-05:00 UTC"),
    ],
)
def test_parameter_sets_only_its_setting(parameter: str, text: str, setting: str, value: object) -> None:
    usual = Settings.from_env(Rendering().read_environment("Controller"))
    changed = Settings.from_env(Rendering(**{parameter: text}).read_environment("Controller"))

    assert getattr(changed, setting) == (text if value is None else value)
    assert [f.name for f in fields(Settings) if getattr(usual, f.name) != getattr(changed, f.name)] == [setting]


@pytest.mark.parametrize("policy", FailbackPolicy)
def test_failback_policy_sets_its_setting(policy: FailbackPolicy) -> None:
    rendering = Rendering(FailbackPolicy=policy.value, MaxAutomaticMovesPerDay="3")

    assert rendering.list_rule_violations() == []
    assert Settings.from_env(rendering.read_environment("Controller")).failback_policy is policy


def test_metrics_name_their_function() -> None:
    services = {function: Rendering().read_environment(function)["POWERTOOLS_SERVICE_NAME"] for function in FUNCTIONS}

    assert services == {
        "Controller": "cognito-failover-controller",
        "Operator": "cognito-failover-operator",
        "Preflight": "cognito-failover-preflight",
    }


def test_stack_metrics_and_alarms_use_stack_name() -> None:
    rendering = Rendering()
    watched = {
        each["Value"]
        for alarm in map(rendering.get_resource, list_alarms())
        for metric in list_metrics(alarm)
        for each in metric["Dimensions"]
        if each["Name"] == "service"
    }

    assert watched == {
        get_service_name(rendering.read_environment(function), "?") for function in ("Controller", "Preflight")
    }


def test_default_service_name_is_function_role() -> None:
    assert get_service_name({}, "controller") == "controller"
