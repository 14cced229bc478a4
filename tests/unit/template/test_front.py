import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.apigateway.firewall import Firewall, Inspected
from sandbox.operations import service_model, unsigned_operations
from tests.unit.template.rendering import TEMPLATE, Rendering

FRONT = TEMPLATE.with_name("front.yaml")
POOL_ID = "ap-northeast-1_AbCdEfGhI"
REGEX_LIMIT = 512  # characters of a RegexMatchStatement, by the AWS WAF quotas


@pytest.fixture
def front() -> Rendering:
    return Rendering(
        FRONT,
        region="ap-northeast-1",
        DomainName="auth.example.com",
        CertificateArn="arn:aws:acm:ap-northeast-1:123456789012:certificate/0a1b2c3d",
        UserPoolId=POOL_ID,
    )


def passes(front: Rendering, **request: Any) -> bool:
    web_acl = {"ARN": "operations", **front.resource("Operations")}
    asked = {"method": "POST", "path": "/", "headers": {}, "source_address": "192.0.2.1", **request}
    return Firewall(lambda: 0.0).passes(web_acl, Inspected(**asked))


def target(operation: str) -> dict[str, str]:
    return {"x-amz-target": f"AWSCognitoIdentityProviderService.{operation}"}


def test_exactly_the_operations_that_need_no_signature_pass(front: Rendering) -> None:
    model = service_model("cognito-idp")
    assert model is not None

    passing = {name for name in model.operation_names if passes(front, headers=target(name))}

    assert passing == unsigned_operations("cognito-idp")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-amz-target": "InitiateAuth"},
        {"x-amz-target": "AWSCognitoIdentityService.GetId"},
        {"x-amz-target": "AWSCognitoIdentityProviderService.AdminInitiateAuth"},
        {"x-amz-target": "AWSCognitoIdentityProviderServiceXInitiateAuth"},
        {"x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth2"},
        {"x-amz-target": "x AWSCognitoIdentityProviderService.InitiateAuth"},
    ],
)
def test_no_other_target_passes(front: Rendering, headers: dict[str, str]) -> None:
    assert not passes(front, headers=headers)


def test_the_pools_documents_pass_and_no_other_pools(front: Rendering) -> None:
    assert passes(front, method="GET", path=f"/{POOL_ID}/.well-known/jwks.json")
    assert not passes(front, method="GET", path="/ap-northeast-1_SomeOther/.well-known/jwks.json")
    assert not passes(front, method="DELETE", path=f"/{POOL_ID}/.well-known/jwks.json")


def test_a_browsers_preflight_passes(front: Rendering) -> None:
    assert passes(front, method="OPTIONS")


def test_no_expression_is_longer_than_the_service_takes(front: Rendering) -> None:
    lengths = [len(text) for text in values_of(front.resource("Operations"), "RegexString")]

    assert lengths
    assert max(lengths) <= REGEX_LIMIT


def test_nothing_that_users_send_is_logged(front: Rendering) -> None:
    api = front.resource("Api")
    logged = set(re.findall(r"\$(context[.\w]+)", api["AccessLogSetting"]["Format"]))

    assert json.loads(api["AccessLogSetting"]["Format"].replace("$", ""))
    telling = re.compile("header|body|authorizer|context.path|querystring", re.IGNORECASE)
    assert not {name for name in logged if telling.search(name)}
    for settings in api["MethodSettings"]:
        assert (settings["DataTraceEnabled"], settings["LoggingLevel"]) == (False, "OFF")
    assert set(values_of(front.resource("Operations"), "SampledRequestsEnabled")) == {False}


def test_the_name_leads_nowhere_before_the_web_acl_is_there(front: Rendering) -> None:
    resources = front.template["Resources"]

    assert resources["DomainLeadsToApi"]["DependsOn"] == "OperationsOfTheApi"
    assert front.resource("Api")["DisableExecuteApiEndpoint"] is True


def test_a_changed_parameter_reaches_the_stage(front: Rendering) -> None:
    assert front.resource("Api")["AlwaysDeploy"] is True


def test_what_the_gateway_refuses_reads_as_cognitos_own(front: Rendering) -> None:
    model = service_model("cognito-idp")
    assert model is not None
    modelled = {shape.name for shape in model.operation_model("InitiateAuth").error_shapes}
    responses = front.resource("Api")["DefinitionBody"]["x-amazon-apigateway-gateway-responses"]

    for response in responses.values():
        body = response["responseTemplates"]["application/json"].replace("$context.error.messageString", '"said"')
        assert json.loads(body)["__type"] in modelled
        assert response["responseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"


def test_calls_go_to_cognito_in_the_same_region(front: Rendering) -> None:
    uris = list(values_of(front.resource("Api")["DefinitionBody"], "uri"))

    assert uris
    assert all(uri.startswith("https://cognito-idp.ap-northeast-1.amazonaws.com/") for uri in uris)


def values_of(node: Any, name: str) -> Iterator[Any]:
    """Yield what has a name, however deep."""
    if isinstance(node, dict):
        for key, item in node.items():
            if key == name:
                yield item
            yield from values_of(item, name)
    elif isinstance(node, list):
        for item in node:
            yield from values_of(item, name)
