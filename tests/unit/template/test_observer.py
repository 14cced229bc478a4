"""The stack of an observer in a further Region."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from cognito_failover.common.time_budget import INVOCATION_INTERVAL_SECONDS
from cognito_failover.observer.observer import ObservationResult
from cognito_failover.settings.observer import ObserverSettings
from cognito_failover.telemetry.metrics import NAMESPACE
from tests.unit.template.rendering import (
    ACCOUNT,
    INFRA,
    RECORDS,
    REQUIRED_PARAMETERS,
    STANDBY_REGION,
    Rendering,
    has_alarm_actions,
    list_alarms,
)

OBSERVER = INFRA / "observer.yaml"
REGION = "eu-west-1"
SERVICE = "cognito-failover-observer"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:canary-AbCdEf"
SECRET_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234"
TABLE = f"arn:aws:dynamodb:{STANDBY_REGION}:{ACCOUNT}:table/ledger"
DIFFERENTLY_NAMED = {"TABLE_NAME": "LedgerTableName"}
SET_BY_STACK = {"OBSERVER_REGION"}


def render_stack(region: str = REGION, **parameters: str) -> Rendering:
    given = {
        "StandbyRegion": STANDBY_REGION,
        "LedgerTableName": "ledger",
        **{name: REQUIRED_PARAMETERS[name] for name in ("PrimaryRegion", "UserPoolId", "ClientId")},
        **RECORDS,
        "CanarySecretArn": SECRET,
    }
    return Rendering(OBSERVER, region=region, **{**given, **parameters})


def render_environment(**parameters: str) -> dict[str, str]:
    variables: dict[str, str] = render_stack(**parameters).get_resource("Observer")["Environment"]["Variables"]
    return {name: str(value) for name, value in variables.items()}


def read_settings(**parameters: str) -> ObserverSettings:
    return ObserverSettings.from_env(render_environment(**parameters))


def list_statements(**parameters: str) -> Iterator[dict[str, Any]]:
    for policy in render_stack(**parameters).get_resource("ObserverRole")["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def is_allowed(action: str, resource: str, keys: Mapping[str, Any] | None = None, **parameters: str) -> bool:
    """Ask an IAM evaluator what the observer's role says to one call."""
    document = {"Version": "2012-10-17", "Statement": list(list_statements(**parameters))}
    call = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/observer/observer",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region=STANDBY_REGION,
        service_context={name.lower(): value for name, value in (keys or {}).items()},
    )
    return bool(evaluate(call, [parse_policy_document(document)]).decision == "Allow")


def make_leading_keys(*partitions: str) -> dict[str, list[str]]:
    return {"dynamodb:LeadingKeys": list(partitions)}


OWN, HEARTBEAT = f"observation#{REGION}", f"observation#{STANDBY_REGION}"


def test_function_gets_exactly_its_settings() -> None:
    given = {name for name in render_environment() if not name.startswith("POWERTOOLS_")}
    assert given == {setting.metadata["env"] for setting in fields(ObserverSettings)}


def test_parameters_give_valid_settings() -> None:
    made = read_settings()
    assert (made.observer_region, made.standby_region, made.table_name) == (REGION, STANDBY_REGION, "ledger")
    assert made.probed_witness_regions == ("us-west-2", "ap-southeast-1")


@pytest.mark.parametrize(
    "setting", [each for each in fields(ObserverSettings) if each.default is not MISSING], ids=lambda each: each.name
)
def test_defaults_match_package(setting: Any) -> None:
    parameters = dict.fromkeys(("DomainName", "PrimaryTarget", "StandbyTarget"), "")
    assert getattr(read_settings(**parameters), setting.name) == setting.default


def test_controller_parameters_are_accepted_unchanged() -> None:
    own, controllers = render_stack().template["Parameters"], Rendering().template["Parameters"]
    variables = {setting.metadata["env"] for setting in fields(ObserverSettings)} - SET_BY_STACK
    names = {DIFFERENTLY_NAMED.get(name, "".join(word.capitalize() for word in name.split("_"))) for name in variables}
    assert names <= own.keys()
    assert names - controllers.keys() == {"StandbyRegion", "LedgerTableName"}


@pytest.mark.parametrize("name", render_stack().template["Parameters"])
def test_parameter_has_description_and_constraint_message(name: str) -> None:
    declared = render_stack().template["Parameters"][name]
    assert declared["Description"].endswith(".")
    assert declared["ConstraintDescription"].startswith("Give ")


def test_observer_may_write_only_its_own_observation() -> None:
    assert is_allowed("dynamodb:PutItem", TABLE, make_leading_keys(OWN))
    for other in (HEARTBEAT, "observation#us-west-2", "state", "lease", "keys", "history"):
        assert not is_allowed("dynamodb:PutItem", TABLE, make_leading_keys(other))
    assert not is_allowed("dynamodb:PutItem", TABLE, make_leading_keys(OWN, "state"))
    assert not is_allowed("dynamodb:PutItem", TABLE)


def test_observer_may_read_only_the_heartbeat() -> None:
    assert is_allowed("dynamodb:BatchGetItem", TABLE, make_leading_keys(HEARTBEAT))
    assert not is_allowed("dynamodb:BatchGetItem", TABLE, make_leading_keys(HEARTBEAT, "state"))
    assert not is_allowed("dynamodb:BatchGetItem", TABLE, make_leading_keys("state"))
    assert not is_allowed("dynamodb:BatchGetItem", TABLE)


@pytest.mark.parametrize("action", ["Query", "Scan", "GetItem", "UpdateItem", "DeleteItem", "DeleteTable"])
def test_observer_has_no_other_table_permission(action: str) -> None:
    assert not is_allowed(f"dynamodb:{action}", TABLE, make_leading_keys(OWN))
    assert not is_allowed(f"dynamodb:{action}", TABLE, make_leading_keys(HEARTBEAT))


def test_other_table_is_denied() -> None:
    assert not is_allowed("dynamodb:PutItem", f"{TABLE}2", make_leading_keys(OWN))
    assert not is_allowed("dynamodb:PutItem", TABLE.replace(STANDBY_REGION, REGION), make_leading_keys(OWN))


def test_secret_is_readable_and_decryptable_only_with_named_key() -> None:
    via = {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}
    with_key = {"CanarySecretKmsKeyArn": SECRET_KEY}
    assert is_allowed("secretsmanager:GetSecretValue", SECRET)
    assert not is_allowed("secretsmanager:GetSecretValue", f"{SECRET}2")
    assert is_allowed("kms:Decrypt", SECRET_KEY, via, **with_key)
    assert not is_allowed("kms:Decrypt", SECRET_KEY, None, **with_key)
    assert not is_allowed("kms:Decrypt", SECRET_KEY, via)


def test_observer_has_no_lever_permission() -> None:
    actions = {
        action
        for each in list_statements(CanarySecretKmsKeyArn=SECRET_KEY)
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    assert {action.split(":")[0] for action in actions} == {"dynamodb", "secretsmanager", "kms", "logs"}
    assert not [action for action in actions if "*" in action]


@pytest.mark.parametrize(
    ("rendering", "refusal"),
    [
        (render_stack(region="ap-northeast-1"), "This is the primary Region"),
        (render_stack(region=STANDBY_REGION), "This is the standby Region"),
        (render_stack(WitnessRegions="ap-northeast-1"), "WitnessRegions names the primary Region"),
        (render_stack(WitnessRegions=STANDBY_REGION), "WitnessRegions names the standby Region"),
    ],
)
def test_invalid_deployment_is_rejected(rendering: Rendering, refusal: str) -> None:
    (said,) = rendering.list_rule_violations()
    assert said.startswith(refusal)


def test_default_deployment_is_accepted() -> None:
    assert render_stack().list_rule_violations() == []


@pytest.mark.parametrize("interval", ["10", "12", "15", "20", "30", "60"])
def test_heartbeat_alarm_needs_three_intervals_and_one_minute(interval: str) -> None:
    alarm = render_stack(RoundIntervalSeconds=interval).get_resource("ControllerHeartbeatMeasured")
    assert alarm["Threshold"] == max(60, 3 * int(interval))
    assert (alarm["Statistic"], alarm["TreatMissingData"]) == ("Minimum", "breaching")
    assert (alarm["Namespace"], alarm["Dimensions"]) == (NAMESPACE, [{"Name": "service", "Value": SERVICE}])
    assert alarm["MetricName"] == "HeartbeatAge"
    assert "heartbeat_age_seconds" in {each.name for each in fields(ObservationResult)}
    assert render_environment()["POWERTOOLS_SERVICE_NAME"] == SERVICE


def test_every_alarm_notifies_in_this_region() -> None:
    rendering = render_stack()
    alarms = [logical for logical in list_alarms(OBSERVER) if has_alarm_actions(OBSERVER, logical)]
    (statement,) = rendering.get_resource("NotificationsPolicy")["PolicyDocument"]["Statement"]
    prefix = statement["Condition"]["ArnLike"]["aws:SourceArn"].removesuffix("*")
    assert len(alarms) == 3
    for alarm in map(rendering.get_resource, alarms):
        assert alarm["AlarmActions"] == ["Notifications"]
        assert f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{alarm['AlarmName']}".startswith(prefix)


def test_failed_tick_is_not_retried_and_timeout_exceeds_minute() -> None:
    rendering = render_stack()
    never_later = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    assert rendering.get_resource("EveryMinute")["Target"]["RetryPolicy"] == never_later
    assert rendering.get_resource("Observer")["EventInvokeConfig"] == never_later
    assert rendering.get_resource("Observer")["Timeout"] > INVOCATION_INTERVAL_SECONDS
