import json
from typing import Any

import botocore.session
import pytest
from botocore.serialize import create_serializer

from sandbox.iam_condition_keys import (
    build_condition_keys,
    build_leading_keys,
    build_record_set_keys,
    normalize_record_name,
)


def build_change(name: str, record_type: str, action: str) -> dict[str, Any]:
    values = [{"Value": "target.example.com"}]
    return {
        "Action": action,
        "ResourceRecordSet": {"Name": name, "Type": record_type, "TTL": 60, "ResourceRecords": values},
    }


def build_batch(*changes: dict[str, Any]) -> bytes:
    """Serialize a batch as boto3 does."""
    model = botocore.session.get_session().get_service_model("route53")
    request = create_serializer("rest-xml").serialize_to_request(
        {"HostedZoneId": "Z1", "ChangeBatch": {"Changes": list(changes)}},
        model.operation_model("ChangeResourceRecordSets"),
    )
    return bytes(request["body"])


def test_batch_has_every_name_type_and_action_once() -> None:
    body = build_batch(
        build_change("Auth.Example.com.", "CNAME", "DELETE"),
        build_change("auth.example.com", "CNAME", "CREATE"),
        build_change("_region.auth.example.com", "TXT", "CREATE"),
    )
    assert build_record_set_keys(body) == {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_region.auth.example.com", "auth.example.com"],
        "route53:ChangeResourceRecordSetsRecordTypes": ["CNAME", "TXT"],
        "route53:ChangeResourceRecordSetsActions": ["CREATE", "DELETE"],
    }


def test_body_without_xml_has_no_keys() -> None:
    assert build_record_set_keys(b"not xml") == {}


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("WWW.Example.COM.", "www.example.com"),
        ("*.example.com", "\\052.example.com"),
        ("\\052.example.com", "\\052.example.com"),
        ("a b.example.com", "a\\040b.example.com"),
    ],
)
def test_name_is_normalized_as_policies_compare_it(name: str, plain: str) -> None:
    assert normalize_record_name(name) == plain


@pytest.mark.parametrize(
    "call",
    [
        {"TableName": "ledger", "Key": {"pk": {"S": "state"}, "sk": {"S": "x"}}},
        {"TableName": "arn:aws:dynamodb:us-east-1:123456789012:table/ledger", "Item": {"pk": {"S": "state"}}},
        {
            "TableName": "ledger",
            "KeyConditionExpression": "#k = :k AND sk > :s",
            "ExpressionAttributeNames": {"#k": "pk"},
            "ExpressionAttributeValues": {":k": {"S": "state"}, ":s": {"S": "x"}},
        },
        {"TransactItems": [{"Update": {"TableName": "ledger", "Key": {"pk": {"S": "state"}}}}]},
        {"RequestItems": {"ledger": {"Keys": [{"pk": {"S": "state"}}]}}},
        {"RequestItems": {"ledger": [{"PutRequest": {"Item": {"pk": {"S": "state"}}}}]}},
        {"RequestItems": {"ledger": [{"DeleteRequest": {"Key": {"pk": {"S": "state"}}}}]}},
    ],
)
def test_leading_keys_are_found_in_every_kind_of_call(call: dict[str, Any]) -> None:
    assert build_leading_keys(json.dumps(call).encode(), {"ledger": "pk"}) == {"dynamodb:LeadingKeys": ["state"]}


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"TableName": "other", "Key": {"pk": {"S": "x"}}}'])
def test_call_without_keys_has_none(body: bytes) -> None:
    assert build_leading_keys(body, {"ledger": "pk"}) == {}


def test_events_have_their_sources_and_detail_types() -> None:
    entries = [{"Source": "b", "DetailType": "FailedOver"}, {"Source": "a", "DetailType": "FailedOver"}]
    assert build_condition_keys("events:PutEvents", json.dumps({"Entries": entries}).encode()) == {
        "events:source": ["a", "b"],
        "events:detail-type": "FailedOver",
    }


@pytest.mark.parametrize(
    "body", [b'{"Namespace": "CognitoFailover"}', b"Action=PutMetricData&Namespace=CognitoFailover"]
)
def test_metrics_have_their_namespace(body: bytes) -> None:
    assert build_condition_keys("cloudwatch:PutMetricData", body) == {"cloudwatch:namespace": "CognitoFailover"}


def test_other_actions_have_no_keys() -> None:
    assert build_condition_keys("sns:Publish", b"Action=Publish") == {}
