import json
from pathlib import Path
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from sandbox.iam_condition_keys import build_record_set_keys
from scripts import break_glass
from tests.unit.docs.pages import ROOT
from tests.unit.template.rendering import MANAGED_LOGIN, Rendering, load_resources, load_template

FOLDER = ROOT / "docs" / "policies"
POLICIES = sorted(FOLDER.glob("*.json"))
MANAGED_POLICY_CHARACTERS = 6144
"""IAM's limit for a managed policy, without white space."""

STACKS = ("cognito-failover-rotation", "cognito-failover", "cognito-front")
DEPLOYERS = {
    "template.yaml": ("deployer-functions.json", "deployer-resources.json"),
    "infra/front.yaml": ("front-deployer.json",),
    "infra/rotation.yaml": ("rotation-deployer.json",),
}
WHOLE_ACCOUNT_ONLY = {
    "cloudwatch:DescribeAlarms",
    "cloudwatch:PutCompositeAlarm",
    "logs:DescribeIndexPolicies",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "sns:GetSubscriptionAttributes",
    "sns:Unsubscribe",
}
"""Actions that AWS refuses, for composite alarms or always, unless they are allowed on all resources."""

CHANGE = "route53:ChangeResourceRecordSets"

CLOUDFORMATION_SERVICES = {
    "AWS::ApiGateway::Account": "apigateway",
    "AWS::ApiGateway::BasePathMapping": "apigateway",
    "AWS::ApiGateway::DomainName": "apigateway",
    "AWS::CloudWatch::Alarm": "cloudwatch",
    "AWS::CloudWatch::CompositeAlarm": "cloudwatch",
    "AWS::CloudWatch::Dashboard": "cloudwatch",
    "AWS::Events::Rule": "events",
    "AWS::Lambda::Alias": "lambda",
    "AWS::Lambda::Permission": "lambda",
    "AWS::Route53::HealthCheck": "route53",
    "AWS::S3::Bucket": "s3",
    "AWS::S3::BucketPolicy": "s3",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::IAM::ManagedPolicy": "iam",
    "AWS::IAM::Role": "iam",
    "AWS::Logs::LogGroup": "logs",
    "AWS::SNS::Subscription": "sns",
    "AWS::SNS::Topic": "sns",
    "AWS::SNS::TopicPolicy": "sns",
    "AWS::Scheduler::Schedule": "scheduler",
    "AWS::Scheduler::ScheduleGroup": "scheduler",
    "AWS::SecretsManager::RotationSchedule": "secretsmanager",
    "AWS::Serverless::Api": "apigateway",
    "AWS::Serverless::Application": "cloudformation",
    "AWS::Serverless::Function": "lambda",
    "AWS::Serverless::LayerVersion": "lambda",
    "AWS::WAFv2::WebACL": "wafv2",
    "AWS::WAFv2::WebACLAssociation": "wafv2",
}


def read_statements(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))["Statement"])


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def list_actions(path: Path) -> set[str]:
    return {action for statement in read_statements(path) for action in as_list(statement["Action"])}


@pytest.mark.parametrize("path", POLICIES)
def test_policy_allows_only_named_actions(path: Path) -> None:
    assert all(statement["Effect"] == "Allow" and statement["Sid"] for statement in read_statements(path))
    assert not any("*" in action for action in list_actions(path))


@pytest.mark.parametrize("path", POLICIES)
def test_policy_fits_managed_policy_size_for_any_names(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("us-east-1", "ap-northeast-1")
    for stack in STACKS:
        text = text.replace(stack, "x" * 30)

    assert len(json.dumps(json.loads(text), separators=(",", ":"))) <= MANAGED_POLICY_CHARACTERS


@pytest.mark.parametrize(("template", "policies"), DEPLOYERS.items())
def test_deployer_may_create_every_resource_type(template: str, policies: tuple[str, ...]) -> None:
    resources = [*load_template(ROOT / template)["Resources"].values(), *load_resources(ROOT / template).values()]
    needed = {CLOUDFORMATION_SERVICES[resource["Type"]] for resource in resources}
    granted = {action for policy in policies for action in list_actions(FOLDER / policy)}

    assert needed <= {action.partition(":")[0] for action in granted}


@pytest.mark.parametrize("path", POLICIES)
def test_account_wide_actions_are_allowed_on_all_resources(path: Path) -> None:
    narrowed = {
        action
        for statement in read_statements(path)
        for action in as_list(statement["Action"])
        if action in WHOLE_ACCOUNT_ONLY and statement["Resource"] != "*"
    }

    assert narrowed == set()


DELETING_ACTIONS = {
    "AWS::CloudWatch::Alarm": {"cloudwatch:DeleteAlarms"},
    "AWS::DynamoDB::Table": {"dynamodb:DeleteTable"},
    "AWS::Route53::HealthCheck": {"route53:DeleteHealthCheck"},
    "AWS::S3::Bucket": {"s3:DeleteBucket"},
    "AWS::S3::BucketPolicy": {"s3:DeleteBucketPolicy"},
}


def test_deployer_may_clean_up_after_a_failed_first_deploy() -> None:
    granted = {action for policy in DEPLOYERS["template.yaml"] for action in list_actions(FOLDER / policy)}
    resources = load_resources(ROOT / "template.yaml").values()
    kept = {each["Type"] for each in resources if each.get("DeletionPolicy") == "RetainExceptOnCreate"}

    assert kept == DELETING_ACTIONS.keys()
    assert set().union(*DELETING_ACTIONS.values()) <= granted


def test_front_deployer_may_create_the_role_of_an_accounts_first_domain() -> None:
    [statement] = [
        each
        for each in read_statements(FOLDER / "front-deployer.json")
        if "iam:CreateServiceLinkedRole" in each["Action"]
    ]

    assert "/aws-service-role/ops.apigateway.amazonaws.com/" in statement["Resource"]
    assert statement["Condition"] == {"StringEquals": {"iam:AWSServiceName": "ops.apigateway.amazonaws.com"}}


def test_rotation_deployer_may_enable_rotation() -> None:
    granted = {
        action: statement
        for statement in read_statements(FOLDER / "rotation-deployer.json")
        for action in as_list(statement["Action"])
    }

    assert granted["secretsmanager:RotateSecret"]["Resource"].endswith(":secret:cognito-failover/*")
    # RotateSecret is refused without the permission to invoke the function.
    assert granted["lambda:InvokeFunction"]["Resource"].endswith(":function:cognito-failover-rotation-rotation")


@pytest.mark.parametrize("path", POLICIES)
def test_for_all_values_condition_requires_presence(path: Path) -> None:
    for statement in read_statements(path):
        condition = statement.get("Condition", {})
        of_all = {key for operator, keys in condition.items() if operator.startswith("ForAllValues:") for key in keys}

        assert {key for key, absent in condition.get("Null", {}).items() if absent == "false"} >= of_all


def is_change_allowed(path: Path, body: bytes) -> bool:
    """Return whether a policy allows a change of the zone's records, by an IAM evaluator."""
    keys = build_record_set_keys(body)
    call = EvalContext(
        principal_arn="arn:aws:iam::123456789012:user/on-call",
        principal_type="User",
        principal_account="123456789012",
        action=CHANGE,
        resource_arn="arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ",
        region="us-east-1",
        service_context={name.lower(): value for name, value in keys.items()},
    )
    return bool(
        evaluate(call, [parse_policy_document(json.loads(path.read_text(encoding="utf-8")))]).decision == "Allow"
    )


def make_batch(records: list[dict[str, Any]]) -> bytes:
    """Return the break-glass script's change of a domain, with the parts that IAM evaluates."""
    moves, _ = break_glass.plan_changes(records, "auth.example.com", "us-east-1")
    changes = "".join(
        f"<Change><Action>{change['Action']}</Action><ResourceRecordSet><Name>{change['ResourceRecordSet']['Name']}</Name>"
        f"<Type>{change['ResourceRecordSet']['Type']}</Type></ResourceRecordSet></Change>"
        for change in break_glass.build_change_batch(moves)["Changes"]
    )
    return f"<ChangeBatch><Changes>{changes}</Changes></ChangeBatch>".encode()


@pytest.mark.parametrize("kind", break_glass.TRAFFIC_RECORD_TYPES)
def test_break_glass_role_may_make_script_change(kind: str) -> None:
    records = [*make_record_pair("auth.example.com.", kind), *make_record_pair("_region.auth.example.com.", "TXT")]

    assert is_change_allowed(FOLDER / "break-glass.json", make_batch(records))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("www.example.com", "A"), ("_region.www.example.com", "TXT"), ("auth.example.com", "MX")],
)
def test_break_glass_role_may_change_nothing_else_in_zone(name: str, kind: str) -> None:
    body = make_batch(make_record_pair("auth.example.com.", "A"))
    record = f"<ResourceRecordSet><Name>{name}.</Name><Type>{kind}</Type></ResourceRecordSet>"
    other = f"<Change><Action>DELETE</Action>{record}</Change>"

    assert not is_change_allowed(
        FOLDER / "break-glass.json", body.replace(b"</Changes>", f"{other}</Changes>".encode())
    )
    assert not is_change_allowed(FOLDER / "break-glass.json", b"")


def make_record_pair(name: str, kind: str) -> list[dict[str, Any]]:
    return [
        {
            "Name": name,
            "Type": kind,
            "SetIdentifier": region,
            "Weight": weight,
            "ResourceRecords": [{"Value": f"1 {region}.example.net."}],
        }
        for region, weight in (("ap-northeast-1", 255), ("us-east-1", 0))
    ]


def test_cross_account_role_matches_stack_permissions() -> None:
    both = Rendering(**MANAGED_LOGIN)
    own = {
        statement["Sid"]: statement
        for policy in ("MovePolicy", "AttachPolicy")
        for statement in both.get_resource(policy)["PolicyDocument"]["Statement"]
        if "route53" in json.dumps(statement) and "healthcheck" not in json.dumps(statement)
    }

    assert read_statements(FOLDER / "zone-role.json") == list(own.values())
