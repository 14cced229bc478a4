import re
from dataclasses import MISSING, fields
from typing import Any

import pytest

from cognito_failover.common.errors import SettingsError
from cognito_failover.settings.controller import Settings
from tests.unit.template.rendering import RECORDS, REQUIRED_PARAMETERS, Rendering, load_template

PARAMETERS: dict[str, dict[str, Any]] = load_template()["Parameters"]
STACK_ONLY = {
    "CanarySecretKmsKeyArn",
    "NotificationEmail",
    "LogRetentionDays",
    "ReportRetentionDays",
    "MemorySizeMb",
} | {
    "Architecture",
    "ReserveConcurrency",
    "LatchType",
    "HealthCheckerRanges",
    "RecordsHealthCheckId",
    "DomainHealthCheckId",
    "StandbyHealthCheckId",
    "DrillSchedule",
    "DrillKind",
    "DrillHoldSeconds",
    "DeployMonitoring",
    "DeployPreflight",
    "PermissionsBoundaryArn",
    "RolePath",
}
SET_BY_STACK = {"StandbyRegion", "TableName", "TopicArn", "EventBusName", "DecidedRegionParameter"} | {
    "LatchBucket",
    "ReportBucket",
    "LatchMetricNamespace",
    "RecordsLatchCheckId",
    "DomainLatchCheckId",
    "StandbyCheckId",
    "StackId",
}


def get_parameter_name(env: str) -> str:
    return "".join(word.capitalize() for word in env.split("_"))


SETTINGS = {get_parameter_name(setting.metadata["env"]): setting for setting in fields(Settings)}
BOUNDED_SETTINGS = sorted(name for name, declared in PARAMETERS.items() if "MinValue" in declared and name in SETTINGS)


def read_settings(**parameters: str) -> Settings:
    return Settings.from_env(Rendering(**parameters).read_environment("Controller"))


def test_parameters_and_settings_have_same_names() -> None:
    assert set(PARAMETERS) - STACK_ONLY == set(SETTINGS) - SET_BY_STACK


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameter_has_description_type_and_constraint_message(name: str) -> None:
    declared = PARAMETERS[name]

    assert declared["Description"].endswith(".")
    assert declared["ConstraintDescription"].startswith("Give ")
    assert "AllowedPattern" in declared or "AllowedValues" in declared or {"MinValue", "MaxValue"} <= declared.keys()


@pytest.mark.parametrize("name", [name for name in PARAMETERS if "AllowedPattern" in PARAMETERS[name]])
def test_pattern_matches_whole_value(name: str) -> None:
    pattern = PARAMETERS[name]["AllowedPattern"]

    assert pattern.startswith("^")
    assert pattern.endswith("$")


@pytest.mark.parametrize("name", REQUIRED_PARAMETERS)
def test_pattern_accepts_ordinary_value_and_rejects_empty_one(name: str) -> None:
    pattern = PARAMETERS[name]["AllowedPattern"]

    assert re.fullmatch(pattern, REQUIRED_PARAMETERS[name])
    assert not re.fullmatch(pattern, "")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("PrimaryRegion", "Tokyo"),
        ("UserPoolId", "AbCdEfGhI"),
        ("ClientId", "client id"),
        ("CanarySecretArn", "arn:aws:secretsmanager:us-east-1:123456789012:secret:canary"),
        ("CanarySecretKmsKeyArn", "alias/canary"),
        ("DomainName", "auth.example.com."),
        ("DomainName", "Auth.example.com"),
        ("DomainName", "*.example.com"),
        ("HostedZoneId", "/hostedzone/Z0123456789ABCDEFGHIJ"),
        ("HostedZoneRoleArn", "arn:aws:iam::123456789012:user/someone"),
        ("PrimaryTarget", "https://primary.target.example.com/"),
        ("TargetProbePath", "health"),
        ("Issuer", "http://issuer.example.com"),
        ("NotificationEmail", "someone"),
        ("WitnessRegions", "eu-west-1 us-west-2"),
        ("Observers", "eu-west-1;us-west-2"),
        ("PublicResolvers", "one.one.one.one"),
        ("PublicResolvers", ""),
        ("MaxReplicationLagSeconds", "0"),
        ("MaxReplicationLagSeconds", "5 min"),
    ],
)
def test_malformed_value_is_rejected(name: str, wrong: str) -> None:
    assert not re.fullmatch(PARAMETERS[name]["AllowedPattern"], wrong)


def test_required_parameters_come_first_without_default() -> None:
    assert [name for name, declared in PARAMETERS.items() if "Default" not in declared] == list(PARAMETERS)[
        : len(REQUIRED_PARAMETERS)
    ]


def test_every_parameter_is_in_one_group() -> None:
    groups = load_template()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]

    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(PARAMETERS)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, setting in SETTINGS.items()
        if setting.default is not MISSING and name not in SET_BY_STACK | RECORDS.keys()  # one name must be given
    ],
)
def test_defaults_match_package(name: str) -> None:
    assert getattr(read_settings(), SETTINGS[name].name) == SETTINGS[name].default


@pytest.mark.parametrize("name", BOUNDED_SETTINGS)
def test_template_rejects_numbers_rejected_by_package(name: str) -> None:
    least, most = PARAMETERS[name]["MinValue"], PARAMETERS[name]["MaxValue"]
    limits = f"{SETTINGS[name].metadata['env']} is .*; it must be from {least:g} to {most:g}\\."

    with pytest.raises(SettingsError, match=limits):
        read_settings(**{name: "0"})
    with pytest.raises(SettingsError, match=limits):
        read_settings(**{name: str(most + 1)})


def test_every_offered_interval_is_accepted_by_package() -> None:
    for interval in PARAMETERS["RoundIntervalSeconds"]["AllowedValues"]:
        assert read_settings(RoundIntervalSeconds=str(interval)).round_interval_seconds == interval


def test_other_intervals_are_rejected_by_package() -> None:
    for interval in set(range(10, 61)) - set(PARAMETERS["RoundIntervalSeconds"]["AllowedValues"]):
        with pytest.raises(SettingsError, match="ROUND_INTERVAL_SECONDS"):
            read_settings(RoundIntervalSeconds=str(interval))
