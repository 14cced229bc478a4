import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.docs.pages import ROOT
from tests.unit.template.rendering import MANAGED_LOGIN, Rendering, load

FOLDER = ROOT / "docs" / "policies"
POLICIES = sorted(FOLDER.glob("*.json"))
MANAGED_POLICY_CHARACTERS = 6144
"""IAM's limit for a managed policy, white space not counted."""

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
    "AWS::Serverless::Api": "apigateway",
    "AWS::Serverless::Function": "lambda",
    "AWS::Serverless::LayerVersion": "lambda",
    "AWS::WAFv2::WebACL": "wafv2",
    "AWS::WAFv2::WebACLAssociation": "wafv2",
}


def statements(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8"))["Statement"])


def actions(path: Path) -> set[str]:
    granted = [statement["Action"] for statement in statements(path)]
    return {action for each in granted for action in ([each] if isinstance(each, str) else each)}


@pytest.mark.parametrize("path", POLICIES)
def test_a_policy_allows_named_actions_only(path: Path) -> None:
    assert all(statement["Effect"] == "Allow" and statement["Sid"] for statement in statements(path))
    assert not any("*" in action for action in actions(path))


@pytest.mark.parametrize("path", POLICIES)
def test_a_policy_fits_into_a_managed_one(path: Path) -> None:
    compact = json.dumps(json.loads(path.read_text(encoding="utf-8")), separators=(",", ":"))

    assert len(compact) <= MANAGED_POLICY_CHARACTERS


@pytest.mark.parametrize(
    ("template", "policy"), [("template.yaml", "deployer.json"), ("front.yaml", "front-deployer.json")]
)
def test_the_deployer_may_make_every_type_of_resource_in_the_template(template: str, policy: str) -> None:
    resources = load(ROOT / template)["Resources"].values()
    needed = {CLOUDFORMATION_SERVICES[resource["Type"]] for resource in resources}

    assert needed <= {action.partition(":")[0] for action in actions(FOLDER / policy)}


def test_the_role_in_another_account_allows_what_the_stack_has_in_its_own() -> None:
    both = Rendering(**MANAGED_LOGIN)
    own = {
        statement["Sid"]: statement
        for policy in ("MovePolicy", "AttachPolicy")
        for statement in both.resource(policy)["PolicyDocument"]["Statement"]
        if "route53" in json.dumps(statement)
    }

    assert statements(FOLDER / "zone-role.json") == list(own.values())
