"""Requests that a boto3 client would not send."""

import asyncio

import pytest

from sandbox.http_messages import EndpointRequest, EndpointResponse
from tests.unit.sandbox_route53.harness import Route53Harness

BATCH = (
    "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes>{}</Changes></ChangeBatch>"
    "</ChangeResourceRecordSetsRequest>"
)
CHANGE = (
    "<Change><Action>CREATE</Action><ResourceRecordSet><Name>a.example.com</Name><Type>A</Type>{}"
    "</ResourceRecordSet></Change>"
)


def send(harness: Route53Harness, method: str, path: str, body: str = "", query: str = "") -> EndpointResponse:
    request = EndpointRequest(
        region="us-east-1",
        caller_region=None,
        account="123456789012",
        service="route53",
        operation="",
        method=method,
        path=path,
        query=query,
        headers={},
        body=body.encode(),
        signed=True,
    )
    return asyncio.run(harness.route53.handle(request))


def send_batch(harness: Route53Harness, body: str) -> EndpointResponse:
    return send(harness, "POST", f"/2013-04-01{harness.zone_id}/rrset/", body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<ChangeResource", "Invalid XML"),
        ("<ChangeResourceRecordSetsRequest/>", "&#39;changeBatch&#39;"),
        (BATCH.format("<Change/>"), "changeBatch.changes.1.member.action"),
        (BATCH.format(CHANGE.format("<Speed>1</Speed>")), "Speed"),
        (BATCH.format(CHANGE.format("<TTL>soon</TTL>")), "soon"),
        (BATCH.format(CHANGE.format("<MultiValueAnswer>maybe</MultiValueAnswer>")), "maybe"),
        (BATCH.format(CHANGE.format("<SetIdentifier></SetIdentifier>")), "setIdentifier"),
    ],
    ids=["broken", "no batch", "no action", "unknown element", "no number", "no boolean", "empty identifier"],
)
def test_malformed_document_is_invalid_input(harness: Route53Harness, body: str, words: str) -> None:
    response = send_batch(harness, body)
    text = response.body.decode().replace("'", "&#39;")
    assert response.status == 400
    assert "<Code>InvalidInput</Code>" in text
    assert words in text


def test_document_namespace_is_optional(harness: Route53Harness) -> None:
    change = CHANGE.format(
        "<TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords>"
    )
    for body in (BATCH.format(change), BATCH.format(change.replace("CREATE", "DELETE"))):
        named = body.replace("Request>", 'Request xmlns="https://route53.amazonaws.com/doc/2013-04-01/">', 1)
        assert send_batch(harness, named).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/2013-04-01/hostedzone"), ("GET", "/2012-12-12/hostedzone"), ("GET", "/")],
)
def test_path_without_operation_is_invalid_input(harness: Route53Harness, method: str, path: str) -> None:
    response = send(harness, method, path)
    assert response.status == 400
    assert f"Unknown operation: {method} {path}" in response.body.decode()


@pytest.mark.parametrize("ending", ["rrset", "rrset/"])
def test_path_may_end_in_a_slash(harness: Route53Harness, ending: str) -> None:
    response = send(harness, "GET", f"/2013-04-01{harness.zone_id}/{ending}", query="maxitems=1")
    assert response.status == 200
    assert b"<MaxItems>1</MaxItems>" in response.body


def test_error_has_status_from_model(harness: Route53Harness) -> None:
    assert send(harness, "GET", "/2013-04-01/hostedzone/ZUNKNOWN").status == 404
