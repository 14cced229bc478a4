from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from tests.unit.template.rendering import (
    ACCOUNT,
    ALARMS,
    DOMAIN_ONLY,
    INFRA,
    MANAGED_LOGIN,
    STANDBY_REGION,
    TEMPLATE,
    Rendering,
    load_resources,
    load_template,
)

ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
ZONE_ROLE = "arn:aws:iam::210987654321:role/dns"
SECRET_KEY = f"arn:aws:kms:{STANDBY_REGION}:{ACCOUNT}:key/1234"
DEFAULT_BUS = f"arn:aws:events:{STANDBY_REGION}:{ACCOUNT}:event-bus/default"
CHANGE = "route53:ChangeResourceRecordSets"


def make_batch(*, names: list[str], types: list[str], actions: list[str]) -> dict[str, list[str]]:
    return {f"{CHANGE}NormalizedRecordNames": names, f"{CHANGE}RecordTypes": types, f"{CHANGE}Actions": actions}


MOVE_BATCH = make_batch(
    names=["auth.example.com", "_fence.auth.example.com", "_region.auth.example.com"],
    types=["A", "AAAA", "CNAME", "HTTPS", "SVCB", "TXT"],
    actions=["DELETE", "CREATE"],
)


def is_allowed(rendering: Rendering, action: str, resource: str, **keys: Any) -> bool:
    """Ask an IAM evaluator what the policy that moves traffic says to one call."""
    policy = parse_policy_document(rendering.get_resource("MovePolicy")["PolicyDocument"])
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


def list_statements(rendering: Rendering) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every statement that permits something."""
    for name in rendering.deployed_resources:
        properties = rendering.get_resource(name)
        documents = [
            properties.get("PolicyDocument"),
            *(own["PolicyDocument"] for own in properties.get("Policies", ())),
        ]
        for document in filter(None, documents):
            yield from ((name, each) for each in document["Statement"] if each["Effect"] == "Allow")


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


DEPLOYMENT_VARIANTS = [
    Rendering(),
    Rendering(HostedZoneRoleArn=ZONE_ROLE, CanarySecretKmsKeyArn=SECRET_KEY),
    Rendering(LatchType="none"),
    Rendering(LatchType="metric", **MANAGED_LOGIN),
    Rendering(**DOMAIN_ONLY),
]
ACCOUNT_WIDE_ACTIONS = {
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:PutMetricData",
    "cognito-idp:DescribeUserPoolDomain",
    "cloudfront:UpdateDistribution",
    "route53:GetCheckerIpRanges",
    "cognito-idp:GetProvisionedLimit",
    "ses:GetAccount",
    "sns:GetSMSAttributes",
    "sns:GetSMSSandboxAccountStatus",
}
"""Actions without resource-level permissions, of the whole account, or on resources of another account."""

RESOURCES_NAMED_ELSEWHERE = {
    f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/*",
    f"arn:aws:kms:{STANDBY_REGION}:{ACCOUNT}:key/*",
    f"arn:aws:lambda:{STANDBY_REGION}:{ACCOUNT}:function:*",
    f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/*",
    f"arn:aws:wafv2:ap-northeast-1:{ACCOUNT}:regional/webacl/*",
    f"arn:aws:wafv2:{STANDBY_REGION}:{ACCOUNT}:regional/webacl/*",
    "arn:aws:route53:::healthcheck/*",
}
"""Resources that may only be read. The pool or the records name them."""

WRITE_ACTIONS = ("Create", "Delete", "Put", "Set", "Update", "Change", "Publish", "Admin")


def test_domain_fence_and_region_record_may_change_together() -> None:
    assert is_allowed(Rendering(), CHANGE, ZONE, **MOVE_BATCH)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({f"{CHANGE}NormalizedRecordNames": ["auth.example.com", "example.com"]}, id="another name"),
        pytest.param({f"{CHANGE}NormalizedRecordNames": ["_region.example.com"]}, id="another name's beacon"),
        pytest.param({f"{CHANGE}RecordTypes": ["A", "MX"]}, id="another type"),
        pytest.param({f"{CHANGE}Actions": ["UPSERT"]}, id="an upsert, which compares nothing"),
    ],
)
def test_other_records_in_zone_may_not_change(change: dict[str, list[str]]) -> None:
    assert not is_allowed(Rendering(), CHANGE, ZONE, **{**MOVE_BATCH, **change})


@pytest.mark.parametrize("missing", MOVE_BATCH)
def test_change_without_named_records_is_denied(missing: str) -> None:
    assert not is_allowed(
        Rendering(), CHANGE, ZONE, **{key: value for key, value in MOVE_BATCH.items() if key != missing}
    )


def test_other_zone_is_neither_writable_nor_readable() -> None:
    other = "arn:aws:route53:::hostedzone/Z9"

    assert not is_allowed(Rendering(), CHANGE, other, **MOVE_BATCH)
    assert not is_allowed(Rendering(), "route53:ListResourceRecordSets", other)
    assert is_allowed(Rendering(), "route53:ListResourceRecordSets", ZONE)


def test_zone_in_another_account_is_reached_through_role_only() -> None:
    elsewhere = Rendering(HostedZoneRoleArn=ZONE_ROLE)

    assert is_allowed(elsewhere, "sts:AssumeRole", ZONE_ROLE)
    assert not is_allowed(elsewhere, "sts:AssumeRole", "arn:aws:iam::210987654321:role/admin")
    of_no_zone = {"route53:GetCheckerIpRanges", "route53:GetHealthCheck", "route53:GetHealthCheckStatus"}
    assert not any(
        action.startswith("route53:") and action not in of_no_zone
        for _, statement in list_statements(elsewhere)
        for action in as_list(statement["Action"])
    )


def test_no_role_is_assumed_for_zone_in_same_account() -> None:
    assert not is_allowed(Rendering(), "sts:AssumeRole", ZONE_ROLE)


def test_only_one_secret_is_readable() -> None:
    arn = f"arn:aws:secretsmanager:{STANDBY_REGION}:{ACCOUNT}:secret:canary-AbCdEf"

    assert is_allowed(Rendering(), "secretsmanager:GetSecretValue", arn)
    assert not is_allowed(Rendering(), "secretsmanager:GetSecretValue", f"{arn}2")
    assert not is_allowed(Rendering(), "secretsmanager:PutSecretValue", arn)


def test_secret_key_decrypts_only_if_named_and_via_secrets_manager() -> None:
    via = {"kms:ViaService": f"secretsmanager.{STANDBY_REGION}.amazonaws.com"}
    keyed = Rendering(CanarySecretKmsKeyArn=SECRET_KEY)

    assert is_allowed(keyed, "kms:Decrypt", SECRET_KEY, **via)
    assert not is_allowed(keyed, "kms:Decrypt", SECRET_KEY)
    assert not is_allowed(Rendering(), "kms:Decrypt", SECRET_KEY, **via)


def test_events_are_put_only_under_product_source() -> None:
    assert is_allowed(Rendering(), "events:PutEvents", DEFAULT_BUS, **{"events:source": "cognito-failover"})
    assert not is_allowed(Rendering(), "events:PutEvents", DEFAULT_BUS, **{"events:source": "another"})
    assert not is_allowed(Rendering(), "events:PutEvents", DEFAULT_BUS)


@pytest.mark.parametrize("action", ["ssm:GetParameter", "ssm:PutParameter"])
def test_only_one_parameter_is_readable_and_writable(action: str) -> None:
    own = Rendering().read_environment("Controller")["DECIDED_REGION_PARAMETER"]
    arn = f"arn:aws:ssm:{STANDBY_REGION}:{ACCOUNT}:parameter"

    assert is_allowed(Rendering(), action, f"{arn}{own}")
    assert not is_allowed(Rendering(), action, f"{arn}/another")
    assert not is_allowed(Rendering(), "ssm:DeleteParameter", f"{arn}{own}")


def test_ledger_is_writable_but_not_scannable_or_deletable() -> None:
    assert is_allowed(Rendering(), "dynamodb:PutItem", "Ledger.Arn")
    assert not is_allowed(Rendering(), "dynamodb:Scan", "Ledger.Arn")
    assert not is_allowed(Rendering(), "dynamodb:PutItem", "Another.Arn")
    assert not is_allowed(Rendering(), "dynamodb:DeleteTable", "Ledger.Arn")


def test_only_lease_may_be_deleted_from_ledger() -> None:
    key = "dynamodb:LeadingKeys"

    assert is_allowed(Rendering(), "dynamodb:DeleteItem", "Ledger.Arn", **{key: ["lease"]})
    assert not is_allowed(Rendering(), "dynamodb:DeleteItem", "Ledger.Arn", **{key: ["state"]})
    assert not is_allowed(Rendering(), "dynamodb:DeleteItem", "Ledger.Arn", **{key: ["lease", "history"]})
    assert not is_allowed(Rendering(), "dynamodb:DeleteItem", "Ledger.Arn")


@pytest.mark.parametrize("rendering", DEPLOYMENT_VARIANTS)
def test_no_statement_allows_everything(rendering: Rendering) -> None:
    known_only_afterwards = {"arn:aws:route53:::change/*", "arn:aws:s3:::Bucket/reports/*"}
    resources = {
        resource
        for _, statement in list_statements(rendering)
        for resource in as_list(statement.get("Resource", []))
        if not set(as_list(statement["Action"])) <= ACCOUNT_WIDE_ACTIONS
    }

    assert {resource for resource in resources if "*" in resource} <= known_only_afterwards | RESOURCES_NAMED_ELSEWHERE


@pytest.mark.parametrize("latch", ["object", "none"])
def test_health_checks_are_readable_but_not_changeable(latch: str) -> None:
    readers = {
        name: set(as_list(statement["Action"]))
        for name, statement in list_statements(Rendering(LatchType=latch))
        if "arn:aws:route53:::healthcheck/*" in as_list(statement.get("Resource", []))
    }

    names = ("PreflightPolicy", "AttachPolicy") if latch == "object" else ("PreflightPolicy",)
    assert readers == {name: {"route53:GetHealthCheck", "route53:GetHealthCheckStatus"} for name in names}


@pytest.mark.parametrize("rendering", DEPLOYMENT_VARIANTS)
def test_preflight_may_write_only_its_item_and_log(rendering: Rendering) -> None:
    own = [statement for name, statement in list_statements(rendering) if name.startswith("Preflight")]
    writes = {
        action: statement
        for statement in own
        for action in as_list(statement["Action"])
        if action.partition(":")[2].startswith(WRITE_ACTIONS)
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


def test_preflight_reads_secret_in_both_places() -> None:
    own = {statement["Sid"]: statement for name, statement in list_statements(Rendering()) if name == "PreflightPolicy"}

    assert own["CompareSecretVersions"]["Resource"] == [
        f"arn:aws:secretsmanager:{STANDBY_REGION}:{ACCOUNT}:secret:canary-AbCdEf",
        f"arn:aws:secretsmanager:ap-northeast-1:{ACCOUNT}:secret:canary-AbCdEf",
    ]


def test_preflight_reads_web_acl_of_pool_in_both_regions() -> None:
    """WAF checks the call on the pool and on the web ACL that it finds, and that it may be read."""
    own = [statement for name, statement in list_statements(Rendering()) if name.startswith("Preflight")]
    on = {
        (action, resource)
        for statement in own
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }
    for region in ("ap-northeast-1", STANDBY_REGION):
        pool = f"arn:aws:cognito-idp:{region}:{ACCOUNT}:userpool/ap-northeast-1_AbCdEfGhI"
        web_acl = f"arn:aws:wafv2:{region}:{ACCOUNT}:regional/webacl/*"
        assert {(f"wafv2:{action}", web_acl) for action in ("GetWebACL", "GetWebACLForResource")} <= on
        assert {(f"{service}:GetWebACLForResource", pool) for service in ("wafv2", "cognito-idp")} <= on


def test_hourly_schedule_may_invoke_only_preflight() -> None:
    (own,) = Rendering().get_resource("HourRole")["Policies"]

    assert [(each["Action"], each["Resource"]) for each in own["PolicyDocument"]["Statement"]] == [
        ("lambda:InvokeFunction", "Preflight.Arn")
    ]


@pytest.mark.parametrize("rendering", DEPLOYMENT_VARIANTS)
def test_permitted_actions_have_no_wildcards(rendering: Rendering) -> None:
    for _, statement in list_statements(rendering):
        assert "NotAction" not in statement
        assert "NotResource" not in statement
        assert not [action for action in as_list(statement["Action"]) if "*" in action]


@pytest.mark.parametrize(("function", "logs"), [("Controller", "ControllerLogs"), ("Operator", "OperatorLogs")])
def test_function_has_own_role_that_writes_own_log(function: str, logs: str) -> None:
    rendering = Rendering()
    role = rendering.get_resource(f"{function}Role")

    assert rendering.get_resource(function)["Role"] == f"{function}Role.Arn"
    assert role["ManagedPolicyArns"] == [
        "MovePolicy",
        *(["AttachPolicy", "ReadReportsPolicy"] if function == "Operator" else []),
    ]
    [own] = role["Policies"]
    assert own["PolicyName"] == "WriteItsOwnLog"
    assert [statement["Resource"] for statement in own["PolicyDocument"]["Statement"]] == [f"{logs}.Arn"]


def test_only_stack_schedule_group_may_invoke_controller() -> None:
    role = Rendering().get_resource("TickRole")
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


def test_only_stack_schedule_group_may_invoke_operator_for_drills() -> None:
    role = Rendering(DrillSchedule="cron(0 2 ? * TUE#1 *)").get_resource("DrillRole")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    (own,) = role["Policies"]

    assert [(s["Action"], s["Resource"]) for s in own["PolicyDocument"]["Statement"]] == [
        ("lambda:InvokeFunction", "Operator.Arn")
    ]
    assert trust == Rendering().get_resource("TickRole")["AssumeRolePolicyDocument"]["Statement"][0]


def test_only_stack_alarms_may_publish_to_topic() -> None:
    rendering = Rendering()
    (statement,) = rendering.get_resource("NotificationsPolicy")["PolicyDocument"]["Statement"]
    prefix = statement["Condition"]["ArnLike"]["aws:SourceArn"].removesuffix("*")
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    for alarm in ALARMS:
        name = rendering.get_resource(alarm)["AlarmName"]
        assert f"arn:aws:cloudwatch:{STANDBY_REGION}:{ACCOUNT}:alarm:{name}".startswith(prefix)


BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/landing-zone"
WITH_LIMITS = {"PermissionsBoundaryArn": BOUNDARY, "RolePath": "/apps/"}
ROLES = [
    (path, logical)
    for path in (TEMPLATE, *(INFRA / name for name in ("observer.yaml", "rotation.yaml", "front.yaml")))
    for logical, resource in load_resources(path).items()
    if resource["Type"] == "AWS::IAM::Role"
]


@pytest.mark.parametrize(("path", "role"), ROLES)
def test_every_role_can_have_a_boundary_and_a_path(path: Path, role: str) -> None:
    limited, usual = Rendering(path, **WITH_LIMITS).get_resource(role), Rendering(path).get_resource(role)

    assert (limited["PermissionsBoundary"], limited["Path"]) == (BOUNDARY, "/apps/")
    assert "PermissionsBoundary" not in usual
    assert usual["Path"] == "/"


def test_every_template_with_roles_has_the_tested_ones() -> None:
    files = (TEMPLATE, *sorted(INFRA.glob("*.yaml")))
    roles = [each for path in files for each in load_template(path)["Resources"].values()]

    assert len(ROLES) == sum(resource["Type"] == "AWS::IAM::Role" for resource in roles)
