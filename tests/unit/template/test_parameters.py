import re
from dataclasses import MISSING, fields
from typing import Any

import pytest

from failover.errors import SettingsError
from failover.settings import Settings
from tests.unit.template.rendering import RECORDS, REQUIRED_PARAMETERS, Rendering, load

PARAMETERS: dict[str, dict[str, Any]] = load()["Parameters"]
OF_THE_STACK_ALONE = {
    "CanarySecretKmsKeyArn",
    "NotificationEmail",
    "LogRetentionDays",
    "ReportRetentionDays",
    "MemorySizeMb",
} | {
    "Architecture",
    "ReserveConcurrency",
    "LatchForm",
    "HealthCheckerRanges",
    "RecordsHealthCheckId",
    "DomainHealthCheckId",
    "StandbyHealthCheckId",
    "DrillSchedule",
    "DrillKind",
    "DrillHoldSeconds",
}
SET_BY_THE_STACK = {"StandbyRegion", "TableName", "TopicArn", "EventBusName", "DecidedRegionParameter"} | {
    "LatchBucket",
    "ReportBucket",
    "LatchMetricNamespace",
    "RecordsLatchCheckId",
    "DomainLatchCheckId",
    "StandbyCheckId",
    "StackId",
}


def parameter_of(env: str) -> str:
    return "".join(word.capitalize() for word in env.split("_"))


SETTINGS = {parameter_of(setting.metadata["env"]): setting for setting in fields(Settings)}
BOUNDED = sorted(name for name, declared in PARAMETERS.items() if "MinValue" in declared and name in SETTINGS)


def settings(**parameters: str) -> Settings:
    return Settings.from_env(Rendering(**parameters).environment("Controller"))


def test_parameters_and_settings_have_the_same_names() -> None:
    assert set(PARAMETERS) - OF_THE_STACK_ALONE == set(SETTINGS) - SET_BY_THE_STACK


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_says_what_it_is_what_it_takes_and_what_to_give_instead(name: str) -> None:
    declared = PARAMETERS[name]

    assert declared["Description"].endswith(".")
    assert declared["ConstraintDescription"].startswith("Give ")
    assert "AllowedPattern" in declared or "AllowedValues" in declared or {"MinValue", "MaxValue"} <= declared.keys()


@pytest.mark.parametrize("name", [name for name in PARAMETERS if "AllowedPattern" in PARAMETERS[name]])
def test_a_pattern_spans_the_whole_value(name: str) -> None:
    pattern = PARAMETERS[name]["AllowedPattern"]

    assert pattern.startswith("^")
    assert pattern.endswith("$")


@pytest.mark.parametrize("name", REQUIRED_PARAMETERS)
def test_an_ordinary_value_fits_the_pattern_and_nothing_does_not(name: str) -> None:
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
def test_a_value_of_the_wrong_shape_is_refused(name: str, wrong: str) -> None:
    assert not re.fullmatch(PARAMETERS[name]["AllowedPattern"], wrong)


def test_what_only_the_deployer_knows_is_asked_first_and_has_no_default() -> None:
    assert [name for name, declared in PARAMETERS.items() if "Default" not in declared] == list(PARAMETERS)[
        : len(REQUIRED_PARAMETERS)
    ]


def test_every_parameter_is_shown_in_one_group() -> None:
    groups = load()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]

    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(PARAMETERS)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, setting in SETTINGS.items()
        if setting.default is not MISSING and name not in SET_BY_THE_STACK | RECORDS.keys()  # one name must be given
    ],
)
def test_a_default_is_the_packages_own(name: str) -> None:
    assert getattr(settings(), SETTINGS[name].name) == SETTINGS[name].default


@pytest.mark.parametrize("name", BOUNDED)
def test_the_template_refuses_the_numbers_that_the_package_refuses(name: str) -> None:
    least, most = PARAMETERS[name]["MinValue"], PARAMETERS[name]["MaxValue"]
    limits = f"{SETTINGS[name].metadata['env']} is .*; it must be from {least:g} to {most:g}\\."

    with pytest.raises(SettingsError, match=limits):
        settings(**{name: "0"})
    with pytest.raises(SettingsError, match=limits):
        settings(**{name: str(most + 1)})


def test_every_interval_on_offer_is_one_that_the_package_takes() -> None:
    for interval in PARAMETERS["RoundIntervalSeconds"]["AllowedValues"]:
        assert settings(RoundIntervalSeconds=str(interval)).round_interval_seconds == interval


def test_an_interval_not_on_offer_is_one_that_the_package_refuses() -> None:
    for interval in set(range(10, 61)) - set(PARAMETERS["RoundIntervalSeconds"]["AllowedValues"]):
        with pytest.raises(SettingsError, match="ROUND_INTERVAL_SECONDS"):
            settings(RoundIntervalSeconds=str(interval))
