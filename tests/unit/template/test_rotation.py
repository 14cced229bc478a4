"""The stack that rotates the canary's password."""

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from cognito_failover.common.errors import SettingsError
from cognito_failover.rotation.handler import OVERDUE_CHECK_EVENT
from cognito_failover.settings.rotation import RotationSettings
from cognito_failover.telemetry.metrics import NAMESPACE
from tests.unit.template.rendering import ACCOUNT, INFRA, STANDBY_REGION, Rendering

ROTATION = INFRA / "rotation.yaml"
REGION = "ap-northeast-1"
POOL = f"{REGION}_AbCdEfGhI"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:cognito-failover/pool-AbCdEf"
PRIMARY_POOL = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{POOL}"
REPLICA = f"arn:aws:cognito-idp:{STANDBY_REGION}:{ACCOUNT}:userpool/{POOL}"
SECRET_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234"


def render_stack(region: str = REGION, **parameters: str) -> Rendering:
    given = {"UserPoolId": POOL, "CanarySecretArn": SECRET, "StandbyRegion": STANDBY_REGION}
    return Rendering(ROTATION, region=region, **{**given, **parameters})


def render_environment(**parameters: str) -> dict[str, str]:
    variables: dict[str, str] = render_stack(**parameters).get_resource("Rotation")["Environment"]["Variables"]
    return {name: str(value) for name, value in variables.items()}


def list_statements(**parameters: str) -> Iterator[dict[str, Any]]:
    for policy in render_stack(**parameters).get_resource("RotationRole")["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def is_allowed(action: str, resource: str, **parameters: str) -> bool:
    document = {"Version": "2012-10-17", "Statement": list(list_statements(**parameters))}
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


def test_function_gets_exactly_its_settings() -> None:
    given = {name for name in render_environment() if not name.startswith("POWERTOOLS_")}
    assert given == {setting.metadata["env"] for setting in fields(RotationSettings)}


def test_parameters_give_valid_settings() -> None:
    made = RotationSettings.from_env(render_environment())
    assert (made.regions.primary, made.regions.standby) == (REGION, STANDBY_REGION)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"STANDBY_REGION": REGION}, f"STANDBY_REGION is {REGION}, the Region of this stack"),
        ({"STANDBY_REGION": "Virginia"}, "STANDBY_REGION is 'Virginia', which is not a Region name"),
        ({"USER_POOL_ID": "us-east-1_AbC"}, "Deploy the stack in the pool's primary Region"),
        (
            {"CANARY_SECRET_ARN": SECRET.replace(REGION, "us-east-1")},
            "names a secret in us-east-1, and only its primary",
        ),
        ({"CANARY_SECRET_ARN": "canary"}, "names a secret in no Region"),
        ({"USER_POOL_ID": ""}, "USER_POOL_ID is not set"),
    ],
)
def test_contradictory_values_are_rejected(changes: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        RotationSettings.from_env({**render_environment(), **changes})


def test_standby_region_is_rejected() -> None:
    assert render_stack().list_rule_violations() == []
    assert len(render_stack(region=STANDBY_REGION).list_rule_violations()) == 1


@pytest.mark.parametrize("action", ["AdminGetUser", "AdminSetUserPassword", "AdminUpdateUserAttributes"])
def test_only_users_of_this_pool_on_primary_may_change(action: str) -> None:
    assert is_allowed(f"cognito-idp:{action}", PRIMARY_POOL)
    assert not is_allowed(f"cognito-idp:{action}", PRIMARY_POOL + "x")
    assert is_allowed(f"cognito-idp:{action}", REPLICA) is (action == "AdminGetUser")


@pytest.mark.parametrize("action", ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"])
def test_only_one_secret_may_change(action: str) -> None:
    assert is_allowed(f"secretsmanager:{action}", SECRET)
    assert not is_allowed(f"secretsmanager:{action}", SECRET + "x")


@pytest.mark.parametrize(
    "action",
    ["cognito-idp:AdminDeleteUser", "cognito-idp:AdminInitiateAuth", "secretsmanager:DeleteSecret", "iam:PassRole"],
)
def test_nothing_else_is_allowed(action: str) -> None:
    assert not any(is_allowed(action, resource) for resource in (PRIMARY_POOL, SECRET, "*"))


def test_every_permission_names_its_resource() -> None:
    for each in list_statements(CanarySecretKmsKeyArn=SECRET_KEY):
        assert "*" not in each["Resource"]


def test_own_key_is_used_only_if_given() -> None:
    assert "UseSecretKey" not in {each["Sid"] for each in list_statements()}
    [key] = [each for each in list_statements(CanarySecretKmsKeyArn=SECRET_KEY) if each["Sid"] == "UseSecretKey"]
    assert key["Resource"] == SECRET_KEY
    assert key["Condition"] == {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}


def test_only_secrets_manager_may_invoke_for_this_secret() -> None:
    permission = render_stack().get_resource("RotationPermission")
    assert permission["Principal"] == "secretsmanager.amazonaws.com"
    assert (permission["SourceArn"], permission["SourceAccount"]) == (SECRET, ACCOUNT)


def test_deployment_changes_no_password() -> None:
    schedule = render_stack(RotationDays="7").get_resource("RotationSchedule")
    assert schedule["RotateImmediatelyOnUpdate"] is False
    assert schedule["RotationRules"] == {"AutomaticallyAfterDays": "7"}


def test_schedule_sends_valid_event() -> None:
    assert json.loads(render_stack().get_resource("OverdueCheck")["Target"]["Input"]) == OVERDUE_CHECK_EVENT


def test_schedule_is_off_until_rotation_is_enabled() -> None:
    """A rate counts from its creation: the function would fail, and ring the alarm, in the middle of the deploy."""
    check = render_stack().template["Resources"]["OverdueCheck"]

    assert check["Properties"]["ScheduleExpression"].startswith("rate(")
    assert check["DependsOn"] == "RotationSchedule"


def test_stack_has_no_traffic_resources() -> None:
    services = {resource["Type"].split("::")[1] for resource in render_stack().template["Resources"].values()}
    assert services == {"Serverless", "IAM", "Lambda", "SecretsManager", "Scheduler", "SNS", "Logs", "CloudWatch"}


def test_failure_and_delay_alarms_have_remedy() -> None:
    failed, overdue = (
        render_stack().get_resource("RotationFailedAlarm"),
        render_stack().get_resource("RotationOverdueAlarm"),
    )
    assert (failed["Namespace"], failed["MetricName"]) == ("AWS/Lambda", "Errors")
    assert (overdue["Namespace"], overdue["MetricName"], overdue["Threshold"]) == (NAMESPACE, "RotationOverdue", 86400)
    for alarm in (failed, overdue):
        assert alarm["AlarmActions"] == ["Notifications"]
        assert "log says why" in alarm["AlarmDescription"]
