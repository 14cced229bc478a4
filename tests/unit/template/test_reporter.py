"""The reporter: started by the ends of this stack's moves, able to read what happened and to write reports."""

import json
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from cognito_failover.core.model.event import MOVE_END_KINDS, EventKind
from cognito_failover.notifications.eventbridge_event import SOURCE, TIMELINE_DETAIL_TYPE, format_detail_type
from cognito_failover.timeline.recording_window import MAX_POST_MOVE_SECONDS
from tests.unit.template.rendering import ACCOUNT, DOMAIN_ONLY, STANDBY_REGION, Rendering, load_resources

TEMPLATE = Rendering()
BUCKET = TEMPLATE.get_resource("Bucket")


def is_allowed(action: str, resource: str, **keys: Any) -> bool:
    document = TEMPLATE.get_resource("WriteReportsPolicy")["PolicyDocument"]
    call = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/reporter/reporter",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region=STANDBY_REGION,
        service_context={name.lower(): value for name, value in keys.items()},
    )
    return bool(evaluate(call, [parse_policy_document(document)]).decision == "Allow")


def test_every_end_of_move_or_recording_starts_reporter() -> None:
    pattern = TEMPLATE.get_resource("MoveEnded")["EventPattern"]

    assert pattern["source"] == [SOURCE]
    assert set(pattern["detail-type"]) == {
        *map(format_detail_type, MOVE_END_KINDS | {EventKind.DRILL_ENDED}),
        TIMELINE_DETAIL_TYPE,
    }


@pytest.mark.parametrize(
    ("rendering", "domain"), [(TEMPLATE, "auth.example.com"), (Rendering(**DOMAIN_ONLY), "login.example.com")]
)
def test_move_of_another_stack_does_not_start_reporter(rendering: Rendering, domain: str) -> None:
    pattern = rendering.get_resource("MoveEnded")["EventPattern"]

    assert pattern["detail"] == {"domain": [domain], "user_pool_id": ["ap-northeast-1_AbCdEfGhI"]}


def test_only_that_rule_may_invoke_reporter() -> None:
    permission = TEMPLATE.get_resource("ReporterPermission")

    assert permission["Principal"] == "events.amazonaws.com"
    assert permission["SourceArn"] == "MoveEnded.Arn"


def test_event_is_retried_for_an_hour() -> None:
    [target] = TEMPLATE.get_resource("MoveEnded")["Targets"]

    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 3600
    assert TEMPLATE.get_resource("Reporter")["EventInvokeConfig"]["MaximumRetryAttempts"] > 0


@pytest.mark.parametrize("partition", ["history", "timeline"])
def test_reporter_may_read_history_and_timeline(partition: str) -> None:
    assert is_allowed("dynamodb:Query", "Ledger.Arn", **{"dynamodb:LeadingKeys": [partition]})


def test_reporter_may_read_nothing_else_and_not_write_ledger() -> None:
    assert not is_allowed("dynamodb:Query", "Ledger.Arn", **{"dynamodb:LeadingKeys": ["state"]})
    assert not is_allowed("dynamodb:Query", "Ledger.Arn")
    assert not is_allowed("dynamodb:PutItem", "Ledger.Arn", **{"dynamodb:LeadingKeys": ["history"]})


def test_reporter_may_put_but_not_read_or_delete_reports() -> None:
    assert is_allowed("s3:PutObject", "arn:aws:s3:::Bucket/reports/one.html")
    assert not is_allowed("s3:PutObject", "arn:aws:s3:::Bucket/one.html")
    assert not is_allowed("s3:GetObject", "arn:aws:s3:::Bucket/reports/one.html")
    assert not is_allowed("s3:DeleteObject", "arn:aws:s3:::Bucket/reports/one.html")


def test_reporter_has_no_lever_permission() -> None:
    role = TEMPLATE.get_resource("ReporterRole")
    [own] = role["Policies"]
    documents = [own["PolicyDocument"], TEMPLATE.get_resource("WriteReportsPolicy")["PolicyDocument"]]
    services = {
        action.partition(":")[0]
        for document in documents
        for statement in document["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }

    assert role["ManagedPolicyArns"] == ["WriteReportsPolicy"]
    assert services == {"dynamodb", "s3", "logs"}


def test_reports_are_private_encrypted_and_retained() -> None:
    resource = load_resources()["Bucket"]
    [statement] = TEMPLATE.get_resource("BucketPolicy")["PolicyDocument"]["Statement"]

    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert set(BUCKET["PublicAccessBlockConfiguration"].values()) == {True}
    assert "AES256" in json.dumps(BUCKET["BucketEncryption"])
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_report_retention_follows_parameter() -> None:
    def get_retention_days(rendering: Rendering) -> int:
        [rule] = rendering.get_resource("Bucket")["LifecycleConfiguration"]["Rules"]
        return int(rule["ExpirationInDays"])

    assert get_retention_days(TEMPLATE) == 400
    assert get_retention_days(Rendering(ReportRetentionDays="3650")) == 3650


def test_reporter_gets_same_settings() -> None:
    own = TEMPLATE.read_environment("Reporter")
    others = TEMPLATE.read_environment("Controller")

    assert {**own, "POWERTOOLS_SERVICE_NAME": ""} == {**others, "POWERTOOLS_SERVICE_NAME": ""}
    assert own["REPORT_BUCKET"] == "Bucket"


def test_longest_recording_is_shorter_than_event_retry() -> None:
    [target] = TEMPLATE.get_resource("MoveEnded")["Targets"]

    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] > MAX_POST_MOVE_SECONDS
