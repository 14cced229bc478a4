"""The reporter: started by the ends of this stack's moves, able to read what happened and to write reports."""

import json
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from failover.decision.announcement import MOVE_ENDS, Kind
from failover.outside.watched import LONGEST_AFTERMATH_SECONDS
from failover.signals.event import SOURCE, detail_type
from failover.signals.timeline_event import DETAIL_TYPE
from tests.unit.template.rendering import ACCOUNT, DOMAIN_ONLY, STANDBY_REGION, Rendering

TEMPLATE = Rendering()
BUCKET = TEMPLATE.resource("ReportBucket")


def allows(action: str, resource: str, **keys: Any) -> bool:
    [own] = TEMPLATE.resource("ReporterRole")["Policies"]
    call = EvalContext(
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/reporter/reporter",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region=STANDBY_REGION,
        service_context={name.lower(): value for name, value in keys.items()},
    )
    return bool(evaluate(call, [parse_policy_document(own["PolicyDocument"])]).decision == "Allow")


def test_every_end_of_a_move_and_of_its_aftermath_starts_it() -> None:
    pattern = TEMPLATE.resource("SomethingEnded")["EventPattern"]

    assert pattern["source"] == [SOURCE]
    assert set(pattern["detail-type"]) == {*map(detail_type, MOVE_ENDS | {Kind.DRILL_ENDED}), DETAIL_TYPE}


@pytest.mark.parametrize(
    ("rendering", "domain"), [(TEMPLATE, "auth.example.com"), (Rendering(**DOMAIN_ONLY), "login.example.com")]
)
def test_another_stacks_moves_do_not(rendering: Rendering, domain: str) -> None:
    pattern = rendering.resource("SomethingEnded")["EventPattern"]

    assert pattern["detail"] == {"domain": [domain], "user_pool_id": ["ap-northeast-1_AbCdEfGhI"]}


def test_only_that_rule_may_start_it() -> None:
    permission = TEMPLATE.resource("LetEventsStartTheReporter")

    assert permission["Principal"] == "events.amazonaws.com"
    assert permission["SourceArn"] == "SomethingEnded.Arn"


def test_an_event_is_tried_again_for_an_hour() -> None:
    [target] = TEMPLATE.resource("SomethingEnded")["Targets"]

    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 3600
    assert TEMPLATE.resource("Reporter")["EventInvokeConfig"]["MaximumRetryAttempts"] > 0


@pytest.mark.parametrize("partition", ["history", "timeline"])
def test_it_may_read_what_happened(partition: str) -> None:
    assert allows("dynamodb:Query", "Ledger.Arn", **{"dynamodb:LeadingKeys": [partition]})


def test_it_may_read_nothing_else_and_write_nothing_there() -> None:
    assert not allows("dynamodb:Query", "Ledger.Arn", **{"dynamodb:LeadingKeys": ["state"]})
    assert not allows("dynamodb:Query", "Ledger.Arn")
    assert not allows("dynamodb:PutItem", "Ledger.Arn", **{"dynamodb:LeadingKeys": ["history"]})


def test_it_may_put_reports_but_not_read_or_delete_them() -> None:
    assert allows("s3:PutObject", "arn:aws:s3:::ReportBucket/reports/one.html")
    assert not allows("s3:PutObject", "arn:aws:s3:::ReportBucket/one.html")
    assert not allows("s3:GetObject", "arn:aws:s3:::ReportBucket/reports/one.html")
    assert not allows("s3:DeleteObject", "arn:aws:s3:::ReportBucket/reports/one.html")


def test_it_moves_nobody() -> None:
    role = TEMPLATE.resource("ReporterRole")
    [own] = role["Policies"]
    services = {
        action.partition(":")[0]
        for statement in own["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }

    assert "ManagedPolicyArns" not in role
    assert services == {"dynamodb", "s3", "logs"}


def test_reports_are_private_encrypted_and_outlive_the_stack() -> None:
    resource = TEMPLATE.template["Resources"]["ReportBucket"]
    [statement] = TEMPLATE.resource("ReportBucketPolicy")["PolicyDocument"]["Statement"]

    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert set(BUCKET["PublicAccessBlockConfiguration"].values()) == {True}
    assert "AES256" in json.dumps(BUCKET["BucketEncryption"])
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_reports_are_kept_as_long_as_is_asked_for() -> None:
    def kept_days(rendering: Rendering) -> int:
        [rule] = rendering.resource("ReportBucket")["LifecycleConfiguration"]["Rules"]
        return int(rule["ExpirationInDays"])

    assert kept_days(TEMPLATE) == 400
    assert kept_days(Rendering(ReportRetentionDays="3650")) == 3650


def test_it_is_given_the_settings_of_the_others() -> None:
    own = TEMPLATE.environment("Reporter")
    others = TEMPLATE.environment("Controller")

    assert {**own, "POWERTOOLS_SERVICE_NAME": ""} == {**others, "POWERTOOLS_SERVICE_NAME": ""}
    assert own["REPORT_BUCKET"] == "ReportBucket"


def test_the_longest_aftermath_is_far_shorter_than_an_event_is_tried() -> None:
    [target] = TEMPLATE.resource("SomethingEnded")["Targets"]

    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] > LONGEST_AFTERMATH_SECONDS
