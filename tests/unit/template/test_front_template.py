import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.firewall import Firewall, InspectedRequest
from sandbox.operations import find_service_model, list_unsigned_operations
from tests.unit.template.rendering import INFRA, Rendering

FRONT = INFRA / "front.yaml"
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


def is_passed_by_firewall(front: Rendering, **request: Any) -> bool:
    web_acl = {"ARN": "operations", **front.get_resource("Operations")}
    asked = {"method": "POST", "path": "/", "headers": {}, "source_address": "192.0.2.1", **request}
    return Firewall(lambda: 0.0).is_allowed(web_acl, InspectedRequest(**asked))


def make_target_header(operation: str) -> dict[str, str]:
    return {"x-amz-target": f"AWSCognitoIdentityProviderService.{operation}"}


def test_exactly_unsigned_operations_pass(front: Rendering) -> None:
    model = find_service_model("cognito-idp")
    assert model is not None

    passing = {name for name in model.operation_names if is_passed_by_firewall(front, headers=make_target_header(name))}

    assert passing == list_unsigned_operations("cognito-idp")


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
def test_other_target_is_rejected(front: Rendering, headers: dict[str, str]) -> None:
    assert not is_passed_by_firewall(front, headers=headers)


def test_documents_of_this_pool_only_pass(front: Rendering) -> None:
    assert is_passed_by_firewall(front, method="GET", path=f"/{POOL_ID}/.well-known/jwks.json")
    assert not is_passed_by_firewall(front, method="GET", path="/ap-northeast-1_SomeOther/.well-known/jwks.json")
    assert not is_passed_by_firewall(front, method="DELETE", path=f"/{POOL_ID}/.well-known/jwks.json")


def test_browser_preflight_passes(front: Rendering) -> None:
    assert is_passed_by_firewall(front, method="OPTIONS")


def test_regular_expressions_are_within_service_limit(front: Rendering) -> None:
    lengths = [len(text) for text in find_values(front.get_resource("Operations"), "RegexString")]

    assert lengths
    assert max(lengths) <= REGEX_LIMIT


def test_request_content_is_not_logged(front: Rendering) -> None:
    api = front.get_resource("Api")
    logged = set(re.findall(r"\$(context[.\w]+)", api["AccessLogSetting"]["Format"]))

    assert json.loads(api["AccessLogSetting"]["Format"].replace("$", ""))
    telling = re.compile("header|body|authorizer|context.path|querystring", re.IGNORECASE)
    assert not {name for name in logged if telling.search(name)}
    for settings in api["MethodSettings"]:
        assert (settings["DataTraceEnabled"], settings["LoggingLevel"]) == (False, "OFF")
    assert set(find_values(front.get_resource("Operations"), "SampledRequestsEnabled")) == {False}


def test_dns_name_depends_on_web_acl(front: Rendering) -> None:
    resources = front.template["Resources"]

    assert resources["DomainMapping"]["DependsOn"] == "OperationsAssociation"
    assert front.get_resource("Api")["DisableExecuteApiEndpoint"] is True


def test_parameter_change_redeploys_stage(front: Rendering) -> None:
    assert front.get_resource("Api")["AlwaysDeploy"] is True


def test_gateway_errors_look_like_cognito_errors(front: Rendering) -> None:
    model = find_service_model("cognito-idp")
    assert model is not None
    modelled = {shape.name for shape in model.operation_model("InitiateAuth").error_shapes}
    responses = front.get_resource("Api")["DefinitionBody"]["x-amazon-apigateway-gateway-responses"]

    for response in responses.values():
        body = response["responseTemplates"]["application/json"].replace("$context.error.messageString", '"said"')
        assert json.loads(body)["__type"] in modelled
        assert response["responseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"


def test_calls_go_to_cognito_in_same_region(front: Rendering) -> None:
    uris = list(find_values(front.get_resource("Api")["DefinitionBody"], "uri"))

    assert uris
    assert all(uri.startswith("https://cognito-idp.ap-northeast-1.amazonaws.com/") for uri in uris)


def find_values(node: Any, name: str) -> Iterator[Any]:
    """Yield what has a name, however deep."""
    if isinstance(node, dict):
        for key, item in node.items():
            if key == name:
                yield item
            yield from find_values(item, name)
    elif isinstance(node, list):
        for item in node:
            yield from find_values(item, name)
