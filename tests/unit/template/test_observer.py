"""The stack of an observer in a further Region."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from failover.rounds.observing import Look
from failover.settings_observer import ObserverSettings
from failover.signals.metrics import NAMESPACE
from failover.timing import INVOCATION_SECONDS
from tests.unit.template.rendering import (
    ACCOUNT,
    RECORDS,
    REQUIRED_PARAMETERS,
    STANDBY_REGION,
    TEMPLATE,
    Rendering,
    alarms_in,
    tells_people,
)

OBSERVER = TEMPLATE.with_name("observer.yaml")
REGION = "eu-west-1"
SERVICE = "cognito-failover-observer"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:canary-AbCdEf"
SECRET_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234"
TABLE = f"arn:aws:dynamodb:{STANDBY_REGION}:{ACCOUNT}:table/ledger"
NAMED_OTHERWISE = {"TABLE_NAME": "LedgerTableName"}
SET_BY_THE_STACK = {"OBSERVER_REGION"}


def stack(region: str = REGION, **parameters: str) -> Rendering:
    given = {
        "StandbyRegion": STANDBY_REGION,
        "LedgerTableName": "ledger",
        **{name: REQUIRED_PARAMETERS[name] for name in ("PrimaryRegion", "UserPoolId", "ClientId")},
        **RECORDS,
        "CanarySecretArn": SECRET,
    }
    return Rendering(OBSERVER, region=region, **{**given, **parameters})


def environment(**parameters: str) -> dict[str, str]:
    variables: dict[str, str] = stack(**parameters).resource("Observer")["Environment"]["Variables"]
    return {name: str(value) for name, value in variables.items()}


def settings(**parameters: str) -> ObserverSettings:
    return ObserverSettings.from_env(environment(**parameters))


def statements(**parameters: str) -> Iterator[dict[str, Any]]:
    for policy in stack(**parameters).resource("ObserverRole")["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def allows(action: str, resource: str, keys: Mapping[str, Any] | None = None, **parameters: str) -> bool:
    """Ask an IAM evaluator what the observer's role says to one call."""
    document = {"Version": "2012-10-17", "Statement": list(statements(**parameters))}
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


def keyed(*partitions: str) -> dict[str, list[str]]:
    return {"dynamodb:LeadingKeys": list(partitions)}


OWN, HEARTBEAT = f"observation#{REGION}", f"observation#{STANDBY_REGION}"


def test_the_function_is_given_every_setting_and_nothing_else() -> None:
    given = {name for name in environment() if not name.startswith("POWERTOOLS_")}
    assert given == {setting.metadata["env"] for setting in fields(ObserverSettings)}


def test_the_parameters_make_settings_that_hold_together() -> None:
    made = settings()
    assert (made.observer_region, made.standby_region, made.table_name) == (REGION, STANDBY_REGION, "ledger")
    assert made.witness_regions == ("us-west-2", "ap-southeast-1")


@pytest.mark.parametrize(
    "setting", [each for each in fields(ObserverSettings) if each.default is not MISSING], ids=lambda each: each.name
)
def test_a_default_is_the_packages_own(setting: Any) -> None:
    parameters = dict.fromkeys(("DomainName", "PrimaryTarget", "StandbyTarget"), "")
    assert getattr(settings(**parameters), setting.name) == setting.default


def test_an_observer_takes_the_controllers_parameters_as_they_are() -> None:
    own, controllers = stack().template["Parameters"], Rendering().template["Parameters"]
    variables = {setting.metadata["env"] for setting in fields(ObserverSettings)} - SET_BY_THE_STACK
    names = {NAMED_OTHERWISE.get(name, "".join(word.capitalize() for word in name.split("_"))) for name in variables}
    assert names <= own.keys()
    assert names - controllers.keys() == {"StandbyRegion", "LedgerTableName"}


@pytest.mark.parametrize("name", stack().template["Parameters"])
def test_a_parameter_says_what_it_is_and_what_to_give_instead(name: str) -> None:
    declared = stack().template["Parameters"][name]
    assert declared["Description"].endswith(".")
    assert declared["ConstraintDescription"].startswith("Give ")


def test_it_may_put_its_own_observation_and_nobody_elses() -> None:
    assert allows("dynamodb:PutItem", TABLE, keyed(OWN))
    for other in (HEARTBEAT, "observation#us-west-2", "state", "lease", "keys", "history"):
        assert not allows("dynamodb:PutItem", TABLE, keyed(other))
    assert not allows("dynamodb:PutItem", TABLE, keyed(OWN, "state"))
    assert not allows("dynamodb:PutItem", TABLE)


def test_it_may_read_the_heartbeat_and_nothing_else() -> None:
    assert allows("dynamodb:BatchGetItem", TABLE, keyed(HEARTBEAT))
    assert not allows("dynamodb:BatchGetItem", TABLE, keyed(HEARTBEAT, "state"))
    assert not allows("dynamodb:BatchGetItem", TABLE, keyed("state"))
    assert not allows("dynamodb:BatchGetItem", TABLE)


@pytest.mark.parametrize("action", ["Query", "Scan", "GetItem", "UpdateItem", "DeleteItem", "DeleteTable"])
def test_it_may_do_nothing_else_to_the_table(action: str) -> None:
    assert not allows(f"dynamodb:{action}", TABLE, keyed(OWN))
    assert not allows(f"dynamodb:{action}", TABLE, keyed(HEARTBEAT))


def test_another_table_is_out_of_its_reach() -> None:
    assert not allows("dynamodb:PutItem", f"{TABLE}2", keyed(OWN))
    assert not allows("dynamodb:PutItem", TABLE.replace(STANDBY_REGION, REGION), keyed(OWN))


def test_it_may_read_the_secret_and_decrypt_it_only_where_a_key_is_named() -> None:
    via = {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}
    with_key = {"CanarySecretKmsKeyArn": SECRET_KEY}
    assert allows("secretsmanager:GetSecretValue", SECRET)
    assert not allows("secretsmanager:GetSecretValue", f"{SECRET}2")
    assert allows("kms:Decrypt", SECRET_KEY, via, **with_key)
    assert not allows("kms:Decrypt", SECRET_KEY, None, **with_key)
    assert not allows("kms:Decrypt", SECRET_KEY, via)


def test_it_has_no_lever() -> None:
    actions = {
        action
        for each in statements(CanarySecretKmsKeyArn=SECRET_KEY)
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    assert {action.split(":")[0] for action in actions} == {"dynamodb", "secretsmanager", "kms", "logs"}
    assert not [action for action in actions if "*" in action]


@pytest.mark.parametrize(
    ("rendering", "refusal"),
    [
        (stack(region="ap-northeast-1"), "This is the primary Region"),
        (stack(region=STANDBY_REGION), "This is the standby Region"),
        (stack(WitnessRegions="ap-northeast-1"), "WitnessRegions names the primary Region"),
        (stack(WitnessRegions=STANDBY_REGION), "WitnessRegions names the standby Region"),
    ],
)
def test_a_deploy_that_could_not_work_is_refused(rendering: Rendering, refusal: str) -> None:
    (said,) = rendering.refusals()
    assert said.startswith(refusal)


def test_an_ordinary_deploy_is_let_through() -> None:
    assert stack().refusals() == []


@pytest.mark.parametrize("interval", ["10", "12", "15", "20", "30", "60"])
def test_a_heartbeat_is_old_after_three_intervals_and_not_before_a_minute(interval: str) -> None:
    alarm = stack(RoundIntervalSeconds=interval).resource("ControllerHeartbeatMeasured")
    assert alarm["Threshold"] == max(60, 3 * int(interval))
    assert (alarm["Statistic"], alarm["TreatMissingData"]) == ("Minimum", "breaching")
    assert (alarm["Namespace"], alarm["Dimensions"]) == (NAMESPACE, [{"Name": "service", "Value": SERVICE}])
    assert alarm["MetricName"] == "HeartbeatAge"
    assert "heartbeat_age_seconds" in {each.name for each in fields(Look)}
    assert environment()["POWERTOOLS_SERVICE_NAME"] == SERVICE


def test_every_alarm_tells_people_in_this_region() -> None:
    rendering = stack()
    alarms = [logical for logical in alarms_in(OBSERVER) if tells_people(OBSERVER, logical)]
    (statement,) = rendering.resource("NotificationsPolicy")["PolicyDocument"]["Statement"]
    prefix = statement["Condition"]["ArnLike"]["aws:SourceArn"].removesuffix("*")
    assert len(alarms) == 3
    for alarm in map(rendering.resource, alarms):
        assert alarm["AlarmActions"] == ["Notifications"]
        assert f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{alarm['AlarmName']}".startswith(prefix)


def test_a_tick_that_failed_is_never_sent_later_and_the_function_may_outlast_its_minute() -> None:
    rendering = stack()
    never_later = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    assert rendering.resource("EveryMinute")["Target"]["RetryPolicy"] == never_later
    assert rendering.resource("Observer")["EventInvokeConfig"] == never_later
    assert rendering.resource("Observer")["Timeout"] > INVOCATION_SECONDS
