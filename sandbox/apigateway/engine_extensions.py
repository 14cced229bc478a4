"""Features of deployed REST APIs that the engine lacks: definitions, access log, web ACL, errors."""

import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

type _ApiResponse = tuple[int, dict[str, str], bytes]

_ZONE_IDS = {
    "ap-northeast-1": "Z1YSHQZHG15GKL",
    "ap-northeast-2": "Z20JF4UZKIW1U8",
    "ap-south-1": "Z3VO1THU9YC4UR",
    "ap-southeast-1": "ZL327KTPIQFUL",
    "ap-southeast-2": "Z2RPCDW04V8134",
    "ca-central-1": "Z19DQILCV0OWEC",
    "eu-central-1": "Z1U9ULNL0V5AJ3",
    "eu-west-1": "ZLY8HYME6SFDD",
    "eu-west-2": "ZJ5UAJN8Y3Z2Q",
    "eu-west-3": "Z3KY65QIEKYHQQ",
    "sa-east-1": "ZCMLWB8V5SYIT",
    "us-east-1": "Z1UJRXOUMOOFQ8",
    "us-east-2": "ZOJJZC49E0EPZ",
    "us-west-1": "Z2MUQ32089INYE",
    "us-west-2": "Z2OJLYMUO9EFXC",
}
"""The hosted zones of Regional domains (AWS General Reference, "Amazon API Gateway endpoints and quotas")."""


def extend_engine() -> None:
    """Add the missing features to the engine."""
    # Late import: the engine reads the environment that emulator.configure_process() prepares.
    from ministack.core.responses import get_account_id, get_region  # noqa: PLC0415
    from ministack.services import acm, apigateway_v1, waf  # noqa: PLC0415
    from ministack.services.cloudformation import provisioners  # noqa: PLC0415

    _extend_import(apigateway_v1)
    _extend_deployments(apigateway_v1)
    _extend_domains(apigateway_v1, acm, get_account_id, get_region)
    _extend_stages(apigateway_v1, provisioners)
    _add_web_acl_associations(waf, provisioners)


def _extend_import(api: Any) -> None:
    """Keep the integration settings and the gateway responses of an imported definition."""
    import_operation, import_api = api._import_operation, api._import_rest_api  # noqa: SLF001

    def import_with_parameters(
        api_id: str, resource_id: str, method: str, operation: Mapping[str, Any], *rest: object
    ) -> None:
        import_operation(api_id, resource_id, method, operation, *rest)
        integration = operation.get("x-amazon-apigateway-integration") or {}
        kept = api._resources.get(api_id)[resource_id]["resourceMethods"][method].get("methodIntegration")  # noqa: SLF001
        for name in ("requestParameters", "timeoutInMillis", "passthroughBehavior"):
            if kept is not None and name in integration:
                kept[name] = integration[name]

    def import_with_responses(definition: Mapping[str, Any], *rest: object) -> str:
        api_id = str(import_api(definition, *rest))
        for kind, response in definition.get("x-amazon-apigateway-gateway-responses", {}).items():
            status, _, body = api._put_gateway_response(api_id, kind, response)  # noqa: SLF001
            if status >= HTTPStatus.BAD_REQUEST:
                raise ValueError(f"AWS::ApiGateway::RestApi: gateway response {kind}: {body!r}")
        return api_id

    api._import_operation, api._import_rest_api = import_with_parameters, import_with_responses  # noqa: SLF001


def _extend_deployments(api: Any) -> None:
    """Keep a copy of the API in each deployment. Later changes take effect with the next deployment."""
    create = api._create_deployment  # noqa: SLF001

    def create_with_resources(api_id: str, data: Mapping[str, Any]) -> _ApiResponse:
        answer: _ApiResponse = create(api_id, data)
        status, _, body = answer
        if status == HTTPStatus.CREATED:
            deployment = api._deployments_v1[api_id][json.loads(body)["id"]]  # noqa: SLF001
            deployment["resources"] = copy.deepcopy(api._resources.get(api_id))  # noqa: SLF001
        return answer

    api._create_deployment = create_with_resources  # noqa: SLF001


def _extend_domains(api: Any, acm: Any, get_account_id: Callable[[], str], get_region: Callable[[], str]) -> None:
    """Require a certificate for a Regional domain, and give it names like the service's."""
    create = api._create_domain_name  # noqa: SLF001

    def create_with_certificate(data: Mapping[str, Any]) -> _ApiResponse:
        arn, name, region = data.get("regionalCertificateArn", ""), data.get("domainName", ""), get_region()
        certificate = acm._certificates.get_scoped(get_account_id(), region, arn)  # noqa: SLF001
        if certificate is None or name not in certificate["SubjectAlternativeNames"]:
            refused: _ApiResponse = api._v1_error(  # noqa: SLF001
                "BadRequestException", f"There is no certificate for {name} in {region}: {arn or 'none given'}.", 400
            )
            return refused
        status, headers, body = create(data)
        unique = hashlib.sha256(f"{get_account_id()}{region}{name}".encode()).hexdigest()[:10]
        domain = api._domain_names[name]  # noqa: SLF001
        domain["regionalDomainName"] = f"d-{unique}.execute-api.{region}.amazonaws.com"
        domain["regionalHostedZoneId"] = _ZONE_IDS.get(region, domain["regionalHostedZoneId"])
        return status, headers, json.dumps({**json.loads(body), **domain}).encode()

    api._create_domain_name = create_with_certificate  # noqa: SLF001


def _extend_stages(api: Any, provisioners: Any) -> None:
    """Set the access log of a stack's stage, or reject it if API Gateway may not write logs."""
    handler = provisioners._RESOURCE_HANDLERS["AWS::ApiGateway::Stage"]  # noqa: SLF001
    create, update = handler["create"], handler["update"]

    def set_access_log(properties: Mapping[str, Any]) -> None:
        setting = properties.get("AccessLogSetting") or {}
        if setting and not is_logging_allowed(api):
            raise ValueError("CloudWatch Logs role ARN must be set in account settings to enable logging")
        stage = api._stages_v1.get(properties["RestApiId"])[properties["StageName"]]  # noqa: SLF001
        stage["accessLogSettings"] = {
            "destinationArn": setting.get("DestinationArn", ""),
            "format": setting.get("Format", ""),
        }

    def create_with_log(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> object:
        created = create(logical_id, properties, stack_name)
        set_access_log(properties)
        return created

    def update_with_log(physical_id: str, old: Mapping[str, Any], new: Mapping[str, Any], stack_name: str) -> object:
        updated = update(physical_id, old, new, stack_name)
        set_access_log(new)
        return updated

    handler["create"], handler["update"] = create_with_log, update_with_log


def is_logging_allowed(api: Any) -> bool:
    """Return whether API Gateway may write logs in the Region of the current request."""
    return bool((api._account_settings.get("settings") or {}).get("cloudwatchRoleArn"))  # noqa: SLF001


def _add_web_acl_associations(waf: Any, provisioners: Any) -> None:
    """Add the resource type that associates a web ACL with a stage."""

    def create(_logical_id: str, properties: Mapping[str, str], _stack_name: str) -> tuple[str, dict[str, str]]:
        waf._associations[properties["ResourceArn"]] = properties["WebACLArn"]  # noqa: SLF001
        return f"{properties['WebACLArn']}|{properties['ResourceArn']}", {}

    def update(
        physical_id: str, _old: Mapping[str, str], new: Mapping[str, str], stack_name: str
    ) -> tuple[str, dict[str, str]]:
        delete(physical_id, _old)
        return create("", new, stack_name)

    def delete(_physical_id: str, properties: Mapping[str, str]) -> None:
        waf._associations.pop(properties["ResourceArn"], None)  # noqa: SLF001

    provisioners._RESOURCE_HANDLERS["AWS::WAFv2::WebACLAssociation"] = {  # noqa: SLF001
        "create": create,
        "update": update,
        "delete": delete,
    }
