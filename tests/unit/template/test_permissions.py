from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from tests.unit.template.rendering import ACCOUNT, ALARMS, DOMAIN_ONLY, MANAGED_LOGIN, STANDBY_REGION, Rendering

ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
ZONE_ROLE = "arn:aws:iam::210987654321:role/dns"
SECRET_KEY = f"arn:aws:kms:{STANDBY_REGION}:{ACCOUNT}:key/1234"
DEFAULT_BUS = f"arn:aws:events:{STANDBY_REGION}:{ACCOUNT}:event-bus/default"
CHANGE = "route53:ChangeResourceRecordSets"


def batch(*, names: list[str], types: list[str], actions: list[str]) -> dict[str, list[str]]:
    return {f"{CHANGE}NormalizedRecordNames": names, f"{CHANGE}RecordTypes": types, f"{CHANGE}Actions": actions}


A_MOVE = batch(
    names=["auth.example.com", "_region.auth.example.com"],
    types=["A", "AAAA", "CNAME", "TXT"],
    actions=["DELETE", "CREATE"],
)


def allows(rendering: Rendering, action: str, resource: str, **keys: Any) -> bool:
    """Ask an IAM evaluator what the policy that moves traffic says to one call."""
    policy = parse_policy_document(rendering.resource("MovePolicy")["PolicyDocument"])
    call = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/controller/controller",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region=STANDBY_REGION,
        service_context={name.lower(): value for name, value in keys.items()},
    )
    return bool(evaluate(call, [policy]).decision == "Allow")


def statements(rendering: Rendering) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every statement that permits something."""
    for name in rendering.deployed:
        properties = rendering.resource(name)
        documents = [
            properties.get("PolicyDocument"),
            *(own["PolicyDocument"] for own in properties.get("Policies", ())),
        ]
        for document in filter(None, documents):
            yield from ((name, each) for each in document["Statement"] if each["Effect"] == "Allow")


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


EVERY_KIND_OF_DEPLOY = [
    Rendering(),
    Rendering(HostedZoneRoleArn=ZONE_ROLE, CanarySecretKmsKeyArn=SECRET_KEY),
    Rendering(LatchForm="none"),
    Rendering(LatchForm="metric", **MANAGED_LOGIN),
    Rendering(**DOMAIN_ONLY),
]
WITHOUT_A_RESOURCE = {
    "cloudwatch:PutMetricData",
    "cognito-idp:DescribeUserPoolDomain",
    "cloudfront:UpdateDistribution",
    "route53:GetCheckerIpRanges",
    "servicequotas:ListServiceQuotas",
    "ses:GetAccount",
    "sns:GetSMSAttributes",
    "sns:GetSMSSandboxAccountStatus",
}
"""Actions that IAM can narrow by conditions only, that concern the account, or what is in another one."""

NAMED_BY_THE_POOL = {
    f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/*",
    f"arn:aws:kms:{STANDBY_REGION}:{ACCOUNT}:key/*",
    f"arn:aws:lambda:{STANDBY_REGION}:{ACCOUNT}:function:*",
    f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/*",
    f"arn:aws:wafv2:ap-northeast-1:{ACCOUNT}:regional/webacl/*",
    f"arn:aws:wafv2:{STANDBY_REGION}:{ACCOUNT}:regional/webacl/*",
}
"""What preflight may read of whichever it is: only the pool says which."""

WRITING = ("Create", "Delete", "Put", "Set", "Update", "Change", "Publish", "Admin")


def test_the_domain_and_its_beacon_may_move_together() -> None:
    assert allows(Rendering(), CHANGE, ZONE, **A_MOVE)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({f"{CHANGE}NormalizedRecordNames": ["auth.example.com", "example.com"]}, id="another name"),
        pytest.param({f"{CHANGE}NormalizedRecordNames": ["_region.example.com"]}, id="another name's beacon"),
        pytest.param({f"{CHANGE}RecordTypes": ["A", "MX"]}, id="another type"),
        pytest.param({f"{CHANGE}Actions": ["UPSERT"]}, id="an upsert, which compares nothing"),
    ],
)
def test_nothing_else_in_the_zone_may_be_touched(change: dict[str, list[str]]) -> None:
    assert not allows(Rendering(), CHANGE, ZONE, **{**A_MOVE, **change})


@pytest.mark.parametrize("missing", A_MOVE)
def test_a_call_that_does_not_say_what_it_changes_is_refused(missing: str) -> None:
    assert not allows(Rendering(), CHANGE, ZONE, **{key: value for key, value in A_MOVE.items() if key != missing})


def test_another_zone_may_neither_be_changed_nor_read() -> None:
    other = "arn:aws:route53:::hostedzone/Z9"

    assert not allows(Rendering(), CHANGE, other, **A_MOVE)
    assert not allows(Rendering(), "route53:ListResourceRecordSets", other)
    assert allows(Rendering(), "route53:ListResourceRecordSets", ZONE)


def test_a_zone_in_another_account_is_reached_through_its_role_only() -> None:
    elsewhere = Rendering(HostedZoneRoleArn=ZONE_ROLE)

    assert allows(elsewhere, "sts:AssumeRole", ZONE_ROLE)
    assert not allows(elsewhere, "sts:AssumeRole", "arn:aws:iam::210987654321:role/admin")
    of_no_zone = {"route53:GetCheckerIpRanges", "route53:GetHealthCheck"}
    assert not any(
        action.startswith("route53:") and action not in of_no_zone
        for _, statement in statements(elsewhere)
        for action in listed(statement["Action"])
    )


def test_no_role_may_be_assumed_where_the_zone_is_in_this_account() -> None:
    assert not allows(Rendering(), "sts:AssumeRole", ZONE_ROLE)


def test_one_secret_may_be_read() -> None:
    arn = f"arn:aws:secretsmanager:{STANDBY_REGION}:{ACCOUNT}:secret:canary-AbCdEf"

    assert allows(Rendering(), "secretsmanager:GetSecretValue", arn)
    assert not allows(Rendering(), "secretsmanager:GetSecretValue", f"{arn}2")
    assert not allows(Rendering(), "secretsmanager:PutSecretValue", arn)


def test_a_key_may_decrypt_the_secret_only_where_one_is_named_and_only_for_secrets_manager() -> None:
    via = {"kms:ViaService": f"secretsmanager.{STANDBY_REGION}.amazonaws.com"}
    keyed = Rendering(CanarySecretKmsKeyArn=SECRET_KEY)

    assert allows(keyed, "kms:Decrypt", SECRET_KEY, **via)
    assert not allows(keyed, "kms:Decrypt", SECRET_KEY)
    assert not allows(Rendering(), "kms:Decrypt", SECRET_KEY, **via)


def test_events_are_put_under_this_products_name_only() -> None:
    assert allows(Rendering(), "events:PutEvents", DEFAULT_BUS, **{"events:source": "cognito-failover"})
    assert not allows(Rendering(), "events:PutEvents", DEFAULT_BUS, **{"events:source": "another"})
    assert not allows(Rendering(), "events:PutEvents", DEFAULT_BUS)


@pytest.mark.parametrize("action", ["ssm:GetParameter", "ssm:PutParameter"])
def test_one_parameter_may_be_read_and_written(action: str) -> None:
    own = Rendering().environment("Controller")["DECIDED_REGION_PARAMETER"]
    arn = f"arn:aws:ssm:{STANDBY_REGION}:{ACCOUNT}:parameter"

    assert allows(Rendering(), action, f"{arn}{own}")
    assert not allows(Rendering(), action, f"{arn}/another")
    assert not allows(Rendering(), "ssm:DeleteParameter", f"{arn}{own}")


def test_the_ledger_may_be_kept_but_not_scanned_or_deleted() -> None:
    assert allows(Rendering(), "dynamodb:PutItem", "Ledger.Arn")
    assert not allows(Rendering(), "dynamodb:Scan", "Ledger.Arn")
    assert not allows(Rendering(), "dynamodb:PutItem", "Another.Arn")
    assert not allows(Rendering(), "dynamodb:DeleteTable", "Ledger.Arn")


def test_of_the_ledger_the_lease_alone_may_be_deleted() -> None:
    key = "dynamodb:LeadingKeys"

    assert allows(Rendering(), "dynamodb:DeleteItem", "Ledger.Arn", **{key: ["lease"]})
    assert not allows(Rendering(), "dynamodb:DeleteItem", "Ledger.Arn", **{key: ["state"]})
    assert not allows(Rendering(), "dynamodb:DeleteItem", "Ledger.Arn", **{key: ["lease", "history"]})
    assert not allows(Rendering(), "dynamodb:DeleteItem", "Ledger.Arn")


@pytest.mark.parametrize("rendering", EVERY_KIND_OF_DEPLOY)
def test_no_permission_is_for_everything(rendering: Rendering) -> None:
    known_only_afterwards = {"arn:aws:route53:::change/*", "arn:aws:s3:::ReportBucket/reports/*"}
    resources = {
        resource
        for _, statement in statements(rendering)
        for resource in listed(statement.get("Resource", []))
        if not set(listed(statement["Action"])) <= WITHOUT_A_RESOURCE
    }

    assert {resource for resource in resources if "*" in resource} <= known_only_afterwards | NAMED_BY_THE_POOL


@pytest.mark.parametrize("rendering", EVERY_KIND_OF_DEPLOY)
def test_the_preflight_may_write_its_own_item_and_its_log_and_nothing_else(rendering: Rendering) -> None:
    own = [statement for name, statement in statements(rendering) if name == "PreflightRole"]
    writes = {
        action: statement
        for statement in own
        for action in listed(statement["Action"])
        if action.partition(":")[2].startswith(WRITING)
    }

    assert writes.keys() == {
        "cognito-idp:AdminGetUser",
        "dynamodb:PutItem",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }
    assert writes["dynamodb:PutItem"]["Condition"] == {
        "Null": {"dynamodb:LeadingKeys": "false"},
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["preflight"]},
    }
    assert writes["logs:PutLogEvents"]["Resource"] == "PreflightLogs.Arn"


def test_the_preflight_compares_the_secret_where_it_is_read_and_on_the_primary() -> None:
    own = {statement["Sid"]: statement for name, statement in statements(Rendering()) if name == "PreflightRole"}

    assert own["CompareTheSecretsVersions"]["Resource"] == [
        f"arn:aws:secretsmanager:{STANDBY_REGION}:{ACCOUNT}:secret:canary-AbCdEf",
        f"arn:aws:secretsmanager:ap-northeast-1:{ACCOUNT}:secret:canary-AbCdEf",
    ]


def test_the_preflight_may_read_the_web_acl_before_the_pool_in_both_regions() -> None:
    """WAF checks the call on the pool and on the web ACL that it finds, and that it may be read."""
    own = [statement for name, statement in statements(Rendering()) if name == "PreflightRole"]
    on = {
        (action, resource)
        for statement in own
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }
    for region in ("ap-northeast-1", STANDBY_REGION):
        pool = f"arn:aws:cognito-idp:{region}:{ACCOUNT}:userpool/ap-northeast-1_AbCdEfGhI"
        web_acl = f"arn:aws:wafv2:{region}:{ACCOUNT}:regional/webacl/*"
        assert {(f"wafv2:{action}", web_acl) for action in ("GetWebACL", "GetWebACLForResource")} <= on
        assert {(f"{service}:GetWebACLForResource", pool) for service in ("wafv2", "cognito-idp")} <= on


def test_the_hourly_schedule_may_start_the_preflight_alone() -> None:
    (own,) = Rendering().resource("PreflightScheduleRole")["Policies"]

    assert [(each["Action"], each["Resource"]) for each in own["PolicyDocument"]["Statement"]] == [
        ("lambda:InvokeFunction", "Preflight.Arn")
    ]


@pytest.mark.parametrize("rendering", EVERY_KIND_OF_DEPLOY)
def test_every_permitted_action_is_spelled_out(rendering: Rendering) -> None:
    for _, statement in statements(rendering):
        assert "NotAction" not in statement
        assert "NotResource" not in statement
        assert not [action for action in listed(statement["Action"]) if "*" in action]


@pytest.mark.parametrize(("function", "logs"), [("Controller", "ControllerLogs"), ("Operator", "OperatorLogs")])
def test_a_function_has_a_role_of_its_own_that_writes_its_own_log(function: str, logs: str) -> None:
    rendering = Rendering()
    role = rendering.resource(f"{function}Role")

    assert rendering.resource(function)["Role"] == f"{function}Role.Arn"
    assert role["ManagedPolicyArns"] == ["MovePolicy", *(["AttachPolicy"] if function == "Operator" else [])]
    own = {each["PolicyName"]: each["PolicyDocument"]["Statement"] for each in role["Policies"]}
    assert [statement["Resource"] for statement in own["WriteItsOwnLog"]] == [f"{logs}.Arn"]
    assert set(own) - {"WriteItsOwnLog"} == ({"LinkToReports"} if function == "Operator" else set())


def test_the_schedule_may_start_the_controller_and_only_its_own_group_may_use_that() -> None:
    role = Rendering().resource("ScheduleRole")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    (own,) = role["Policies"]

    assert [(s["Action"], s["Resource"]) for s in own["PolicyDocument"]["Statement"]] == [
        ("lambda:InvokeFunction", "Controller.Arn")
    ]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": ACCOUNT,
        "aws:SourceArn": f"arn:aws:scheduler:{STANDBY_REGION}:{ACCOUNT}:schedule-group/ScheduleGroup",
    }


def test_the_drills_schedule_may_ask_the_operator_and_only_its_own_group_may_use_that() -> None:
    role = Rendering(DrillSchedule="cron(0 2 ? * TUE#1 *)").resource("DrillScheduleRole")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    (own,) = role["Policies"]

    assert [(s["Action"], s["Resource"]) for s in own["PolicyDocument"]["Statement"]] == [
        ("lambda:InvokeFunction", "Operator.Arn")
    ]
    assert trust == Rendering().resource("ScheduleRole")["AssumeRolePolicyDocument"]["Statement"][0]


def test_only_this_stacks_alarms_may_publish_to_the_topic() -> None:
    rendering = Rendering()
    (statement,) = rendering.resource("NotificationsPolicy")["PolicyDocument"]["Statement"]
    prefix = statement["Condition"]["ArnLike"]["aws:SourceArn"].removesuffix("*")
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    for alarm in ALARMS:
        name = rendering.resource(alarm)["AlarmName"]
        assert f"arn:aws:cloudwatch:{STANDBY_REGION}:{ACCOUNT}:alarm:{name}".startswith(prefix)
