import json
from pathlib import Path
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from sandbox.conditions import record_set_keys
from scripts import break_glass
from tests.unit.docs.pages import ROOT
from tests.unit.template.rendering import MANAGED_LOGIN, Rendering, load

FOLDER = ROOT / "docs" / "policies"
POLICIES = sorted(FOLDER.glob("*.json"))
MANAGED_POLICY_CHARACTERS = 6144
"""IAM's limit for a managed policy, white space not counted."""

STACKS = ("cognito-failover-rotation", "cognito-failover", "cognito-front")
DEPLOYERS = {
    "template.yaml": ("deployer-functions.json", "deployer-resources.json"),
    "front.yaml": ("front-deployer.json",),
    "rotation.yaml": ("rotation-deployer.json",),
}
WHOLE_ACCOUNT_ONLY = {
    "cloudwatch:DescribeAlarms",
    "cloudwatch:PutCompositeAlarm",
    "logs:DescribeIndexPolicies",
    "logs:DescribeLogGroups",
    "sns:GetSubscriptionAttributes",
    "sns:Unsubscribe",
}
"""What AWS refuses, for composite alarms or for everything, to whom it is allowed on less than everything."""

CHANGE = "route53:ChangeResourceRecordSets"

CLOUDFORMATION_SERVICES = {
    "AWS::ApiGateway::Account": "apigateway",
    "AWS::ApiGateway::BasePathMapping": "apigateway",
    "AWS::ApiGateway::DomainName": "apigateway",
    "AWS::CloudWatch::Alarm": "cloudwatch",
    "AWS::CloudWatch::CompositeAlarm": "cloudwatch",
    "AWS::CloudWatch::Dashboard": "cloudwatch",
    "AWS::Events::Rule": "events",
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
    "AWS::Serverless::Function": "lambda",
    "AWS::Serverless::LayerVersion": "lambda",
    "AWS::WAFv2::WebACL": "wafv2",
    "AWS::WAFv2::WebACLAssociation": "wafv2",
}


def statements(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))["Statement"])


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def actions(path: Path) -> set[str]:
    return {action for statement in statements(path) for action in listed(statement["Action"])}


@pytest.mark.parametrize("path", POLICIES)
def test_a_policy_allows_named_actions_only(path: Path) -> None:
    assert all(statement["Effect"] == "Allow" and statement["Sid"] for statement in statements(path))
    assert not any("*" in action for action in actions(path))


@pytest.mark.parametrize("path", POLICIES)
def test_a_policy_fits_into_a_managed_one_whatever_the_region_and_the_stack_are_called(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("us-east-1", "ap-northeast-1")
    for stack in STACKS:
        text = text.replace(stack, "x" * 30)

    assert len(json.dumps(json.loads(text), separators=(",", ":"))) <= MANAGED_POLICY_CHARACTERS


@pytest.mark.parametrize(("template", "policies"), DEPLOYERS.items())
def test_the_deployer_may_make_every_type_of_resource_in_the_template(template: str, policies: tuple[str, ...]) -> None:
    resources = load(ROOT / template)["Resources"].values()
    needed = {CLOUDFORMATION_SERVICES[resource["Type"]] for resource in resources}
    granted = {action for policy in policies for action in actions(FOLDER / policy)}

    assert needed <= {action.partition(":")[0] for action in granted}


@pytest.mark.parametrize("path", POLICIES)
def test_what_aws_ties_to_no_resource_is_allowed_on_all(path: Path) -> None:
    narrowed = {
        action
        for statement in statements(path)
        for action in listed(statement["Action"])
        if action in WHOLE_ACCOUNT_ONLY and statement["Resource"] != "*"
    }

    assert narrowed == set()


def test_who_deploys_the_rotation_may_switch_it_on() -> None:
    granted = {
        action: each for each in statements(FOLDER / "rotation-deployer.json") for action in listed(each["Action"])
    }

    assert granted["secretsmanager:RotateSecret"]["Resource"].endswith(":secret:cognito-failover/*")
    # RotateSecret is refused to who may not invoke the function.
    assert granted["lambda:InvokeFunction"]["Resource"].endswith(":function:cognito-failover-rotation-rotation")


@pytest.mark.parametrize("path", POLICIES)
def test_a_condition_on_all_values_demands_that_there_are_some(path: Path) -> None:
    for statement in statements(path):
        condition = statement.get("Condition", {})
        of_all = {key for operator, keys in condition.items() if operator.startswith("ForAllValues:") for key in keys}

        assert {key for key, absent in condition.get("Null", {}).items() if absent == "false"} >= of_all


def allows(path: Path, body: bytes) -> bool:
    """Ask an IAM evaluator what a policy says to a change of the zone's records."""
    keys = record_set_keys(body)
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


def batch_of(records: list[dict[str, Any]]) -> bytes:
    """Return the change by which the break-glass script moves a domain, as far as IAM looks at it."""
    moves, _ = break_glass.planned(records, "auth.example.com", "us-east-1")
    changes = "".join(
        f"<Change><Action>{change['Action']}</Action><ResourceRecordSet><Name>{change['ResourceRecordSet']['Name']}</Name>"
        f"<Type>{change['ResourceRecordSet']['Type']}</Type></ResourceRecordSet></Change>"
        for change in break_glass.batch(moves)["Changes"]
    )
    return f"<ChangeBatch><Changes>{changes}</Changes></ChangeBatch>".encode()


@pytest.mark.parametrize("kind", break_glass.STEERING_TYPES)
def test_who_breaks_glass_may_make_the_scripts_change(kind: str) -> None:
    records = [*pair("auth.example.com.", kind), *pair("_region.auth.example.com.", "TXT")]

    assert allows(FOLDER / "break-glass.json", batch_of(records))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("www.example.com", "A"), ("_region.www.example.com", "TXT"), ("auth.example.com", "MX")],
)
def test_who_breaks_glass_may_change_nothing_else_in_the_zone(name: str, kind: str) -> None:
    body = batch_of(pair("auth.example.com.", "A"))
    record = f"<ResourceRecordSet><Name>{name}.</Name><Type>{kind}</Type></ResourceRecordSet>"
    other = f"<Change><Action>DELETE</Action>{record}</Change>"

    assert not allows(FOLDER / "break-glass.json", body.replace(b"</Changes>", f"{other}</Changes>".encode()))
    assert not allows(FOLDER / "break-glass.json", b"")


def pair(name: str, kind: str) -> list[dict[str, Any]]:
    return [
        {"Name": name, "Type": kind, "SetIdentifier": region, "Weight": weight}
        for region, weight in (("ap-northeast-1", 255), ("us-east-1", 0))
    ]


def test_the_role_in_another_account_allows_what_the_stack_has_in_its_own() -> None:
    both = Rendering(**MANAGED_LOGIN)
    own = {
        statement["Sid"]: statement
        for policy in ("MovePolicy", "AttachPolicy")
        for statement in both.resource(policy)["PolicyDocument"]["Statement"]
        if "route53" in json.dumps(statement)
    }

    assert statements(FOLDER / "zone-role.json") == list(own.values())
