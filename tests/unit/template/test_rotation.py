"""The stack that rotates the canary's password."""

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from failover.errors import SettingsError
from failover.rotation.serving import OVERDUE
from failover.settings_rotation import RotationSettings
from failover.signals.metrics import NAMESPACE
from tests.unit.template.rendering import ACCOUNT, STANDBY_REGION, TEMPLATE, Rendering

ROTATION = TEMPLATE.with_name("rotation.yaml")
REGION = "ap-northeast-1"
POOL = f"{REGION}_AbCdEfGhI"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:cognito-failover/pool-AbCdEf"
PRIMARY_POOL = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{POOL}"
REPLICA = f"arn:aws:cognito-idp:{STANDBY_REGION}:{ACCOUNT}:userpool/{POOL}"
SECRET_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234"


def stack(region: str = REGION, **parameters: str) -> Rendering:
    given = {"UserPoolId": POOL, "CanarySecretArn": SECRET, "StandbyRegion": STANDBY_REGION}
    return Rendering(ROTATION, region=region, **{**given, **parameters})


def environment(**parameters: str) -> dict[str, str]:
    variables: dict[str, str] = stack(**parameters).resource("Rotation")["Environment"]["Variables"]
    return {name: str(value) for name, value in variables.items()}


def statements(**parameters: str) -> Iterator[dict[str, Any]]:
    for policy in stack(**parameters).resource("RotationRole")["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def allows(action: str, resource: str, **parameters: str) -> bool:
    document = {"Version": "2012-10-17", "Statement": list(statements(**parameters))}
    call = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/rotation/rotation",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region=REGION,
        service_context={},
    )
    return bool(evaluate(call, [parse_policy_document(document)]).decision == "Allow")


def test_the_function_is_given_every_setting_and_nothing_else() -> None:
    given = {name for name in environment() if not name.startswith("POWERTOOLS_")}
    assert given == {setting.metadata["env"] for setting in fields(RotationSettings)}


def test_the_parameters_make_settings_that_hold_together() -> None:
    made = RotationSettings.from_env(environment())
    assert (made.regions.primary, made.regions.standby) == (REGION, STANDBY_REGION)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"STANDBY_REGION": REGION}, f"STANDBY_REGION is {REGION}, where this stack is"),
        ({"STANDBY_REGION": "Virginia"}, "STANDBY_REGION is 'Virginia', which is no Region's name"),
        ({"USER_POOL_ID": "us-east-1_AbC"}, "deploy it in the pool's primary Region, with which its id begins"),
        (
            {"CANARY_SECRET_ARN": SECRET.replace(REGION, "us-east-1")},
            "names a secret in us-east-1, and only its primary",
        ),
        ({"CANARY_SECRET_ARN": "canary"}, "names a secret in no Region"),
        ({"USER_POOL_ID": ""}, "USER_POOL_ID is not set"),
    ],
)
def test_values_that_contradict_each_other_are_refused(changes: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        RotationSettings.from_env({**environment(), **changes})


def test_it_is_refused_in_the_standby_region() -> None:
    assert stack().refusals() == []
    assert len(stack(region=STANDBY_REGION).refusals()) == 1


@pytest.mark.parametrize("action", ["AdminGetUser", "AdminSetUserPassword", "AdminUpdateUserAttributes"])
def test_users_are_changed_in_this_pool_on_the_primary_only(action: str) -> None:
    assert allows(f"cognito-idp:{action}", PRIMARY_POOL)
    assert not allows(f"cognito-idp:{action}", PRIMARY_POOL + "x")
    assert allows(f"cognito-idp:{action}", REPLICA) is (action == "AdminGetUser")


@pytest.mark.parametrize("action", ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"])
def test_one_secret_is_changed_and_no_other(action: str) -> None:
    assert allows(f"secretsmanager:{action}", SECRET)
    assert not allows(f"secretsmanager:{action}", SECRET + "x")


@pytest.mark.parametrize(
    "action",
    ["cognito-idp:AdminDeleteUser", "cognito-idp:AdminInitiateAuth", "secretsmanager:DeleteSecret", "iam:PassRole"],
)
def test_nothing_else_is_allowed(action: str) -> None:
    assert not any(allows(action, resource) for resource in (PRIMARY_POOL, SECRET, "*"))


def test_every_permission_names_its_resource() -> None:
    for each in statements(CanarySecretKmsKeyArn=SECRET_KEY):
        assert "*" not in each["Resource"]


def test_a_key_of_ones_own_is_used_only_where_there_is_one() -> None:
    assert "DecryptAndEncryptTheSecret" not in {each["Sid"] for each in statements()}
    [key] = [
        each for each in statements(CanarySecretKmsKeyArn=SECRET_KEY) if each["Sid"] == "DecryptAndEncryptTheSecret"
    ]
    assert key["Resource"] == SECRET_KEY
    assert key["Condition"] == {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}


def test_only_secrets_manager_may_call_it_and_for_this_secret_only() -> None:
    permission = stack().resource("LetSecretsManagerIn")
    assert permission["Principal"] == "secretsmanager.amazonaws.com"
    assert (permission["SourceArn"], permission["SourceAccount"]) == (SECRET, ACCOUNT)


def test_a_deploy_changes_no_password() -> None:
    schedule = stack(RotationDays="7").resource("RotationSchedule")
    assert schedule["RotateImmediatelyOnUpdate"] is False
    assert schedule["RotationRules"] == {"AutomaticallyAfterDays": "7"}


def test_the_schedule_asks_what_the_function_takes() -> None:
    assert json.loads(stack().resource("OverdueCheck")["Target"]["Input"]) == OVERDUE


def test_it_is_not_asked_before_rotation_is_switched_on() -> None:
    """A rate counts from its creation: the function would fail, and ring the alarm, in the middle of the deploy."""
    check = stack().template["Resources"]["OverdueCheck"]

    assert check["Properties"]["ScheduleExpression"].startswith("rate(")
    assert check["DependsOn"] == "RotationSchedule"


def test_nothing_in_the_stack_steers_traffic() -> None:
    services = {resource["Type"].split("::")[1] for resource in stack().template["Resources"].values()}
    assert services == {"Serverless", "IAM", "Lambda", "SecretsManager", "Scheduler", "SNS", "Logs", "CloudWatch"}


def test_a_failure_and_a_delay_are_alarmed_with_what_to_do() -> None:
    failed, overdue = stack().resource("RotationFailedAlarm"), stack().resource("RotationOverdueAlarm")
    assert (failed["Namespace"], failed["MetricName"]) == ("AWS/Lambda", "Errors")
    assert (overdue["Namespace"], overdue["MetricName"], overdue["Threshold"]) == (NAMESPACE, "RotationOverdue", 86400)
    for alarm in (failed, overdue):
        assert alarm["AlarmActions"] == ["Notifications"]
        assert "log says what stands in the way" in alarm["AlarmDescription"]
