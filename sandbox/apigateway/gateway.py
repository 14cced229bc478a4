"""The path of a call to a Regional domain through web ACL, stage and integration."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.apigateway.access_log import format_line
from sandbox.apigateway.engine_extensions import extend_engine, is_logging_allowed
from sandbox.apigateway.headers import build_request_id_headers
from sandbox.apigateway.integration import FindEndpoint, Integration, IntegrationError
from sandbox.firewall import Firewall, FirewallAction, InspectedRequest, build_action_response
from sandbox.http_messages import EndpointResponse
from sandbox.listeners import HttpCall

_NO_BASE = "(none)"


@dataclass(slots=True, kw_only=True)
class _GatewayCall:
    """A call to a stage, and the variables of its access log line."""

    call: HttpCall
    region: str
    source_address: str
    api_id: str
    stage_name: str
    stage: Mapping[str, Any]
    path: str
    find_endpoint: FindEndpoint
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    resource_path: str = ""
    log: dict[str, object] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return str(self.call.scope["method"])


class Gateway:
    """API Gateway's data plane for the engine's APIs, stages and domains.

    Parameters
    ----------
    clock
        Seconds, for rate limits.

    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        # Late import: the engine reads the environment that emulator.configure_process() prepares.
        from ministack.core import responses  # noqa: PLC0415
        from ministack.services import apigateway_v1, cloudwatch_logs, waf  # noqa: PLC0415

        self._scope: Any = responses.request_scope
        self._api: Any = apigateway_v1
        self._logs: Any = cloudwatch_logs
        self._waf: Any = waf
        self._firewall = Firewall(clock)
        self._clock = clock
        extend_engine()

    async def handle(
        self, call: HttpCall, *, region: str, source_address: str, find_endpoint: FindEndpoint
    ) -> EndpointResponse | None:
        """Answer a call to one of the Region's domains. Return None if no domain has the called name.

        Parameters
        ----------
        source_address, find_endpoint
            The source address of integrations, and the endpoints that they reach.

        """
        host = call.headers.get("host", "").partition(":")[0].lower()
        account, domain = self._find_domain(region, host)
        if domain is None:
            return None
        with self._scope(account, region):
            mapped = self._match_base_path(domain, str(call.scope["path"]))
            if mapped is None:
                return _build_forbidden()
            api_id, stage_name, path = mapped
            passing = _GatewayCall(
                call=call,
                region=region,
                source_address=source_address,
                api_id=api_id,
                stage_name=stage_name,
                stage=self._api._stages_v1.get(api_id)[stage_name],  # noqa: SLF001 - the engine's state, here and below
                path=path,
                find_endpoint=find_endpoint,
            )
            began = self._clock()
            response = await self._serve_stage(passing)
            passing.log["context.responseLatency"] = self._get_elapsed_milliseconds(began)
            self._write_log(passing, response)
            return response

    def _find_domain(self, region: str, host: str) -> tuple[str, str | None]:
        """Return account and name of the Region's domain with a host name."""
        domains = list(self._api._domain_names.all_items())  # noqa: SLF001
        matches = (
            (account, name)
            for (account, domain_region, name), _ in domains
            if (domain_region, name.lower()) == (region, host)
        )
        return next(matches, ("", None))

    def _match_base_path(self, domain: str, path: str) -> tuple[str, str, str] | None:
        """Return API, stage, and path within the stage, by the domain's longest base path."""
        mappings = self._api._base_path_mappings.get(domain, {})  # noqa: SLF001
        prefixes = {"" if base == _NO_BASE else f"/{base}": mapping for base, mapping in mappings.items()}
        for prefix in sorted(prefixes, key=len, reverse=True):
            if path == prefix or path.startswith(f"{prefix}/"):
                mapping = prefixes[prefix]
                return mapping["restApiId"], mapping["stage"], path.removeprefix(prefix) or "/"
        return None

    async def _serve_stage(self, call: _GatewayCall) -> EndpointResponse:
        action = self._decide_by_web_acl(call)
        if action is not FirewallAction.ALLOW:
            call.log["context.wafResponseCode"] = f"WAF_{action.upper()}"
            own_response = build_action_response(action)
            if own_response is None:
                return self._reject(call, "WAF_FILTERED", "Forbidden")
            return replace(own_response, headers={**own_response.headers, **build_request_id_headers(call.request_id)})
        resource, path_parameters = self._match_resource(call)
        method = resource and resource["resourceMethods"].get(call.method)
        if method is None:
            return self._reject(call, "MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
        call.resource_path = resource["path"]
        throttled = self._api._check_throttle(  # noqa: SLF001
            call.stage, call.api_id, call.stage_name, call.resource_path, call.method, None
        )
        if throttled is not None:
            return self._reject(call, throttled.response_type, throttled.message)
        if method["authorizationType"] != "NONE" or method["apiKeyRequired"]:
            return self._reject(call, "API_CONFIGURATION_ERROR", "The sandbox does not support authorization")
        return await self._call_integration(call, method["methodIntegration"], path_parameters)

    async def _call_integration(
        self, call: _GatewayCall, integration: Mapping[str, Any], path_parameters: Mapping[str, str]
    ) -> EndpointResponse:
        began = self._clock()
        try:
            response = await Integration.from_engine(integration).forward(
                call.call,
                api_id=call.api_id,
                path_parameters=path_parameters,
                find_endpoint=call.find_endpoint,
                source_address=call.source_address,
            )
        except IntegrationError as error:
            return self._reject(call, error.response_type, error.message)
        call.log["context.integration.status"] = response.status
        call.log["context.integration.latency"] = self._get_elapsed_milliseconds(began)
        return EndpointResponse(
            status=response.status,
            headers={**response.headers, **build_request_id_headers(call.request_id)},
            body=response.body,
        )

    def _decide_by_web_acl(self, call: _GatewayCall) -> FirewallAction:
        stage = f"arn:aws:apigateway:{call.region}::/restapis/{call.api_id}/stages/{call.stage_name}"
        request = InspectedRequest(
            method=call.method,
            path=str(call.call.scope["path"]),
            headers=call.call.headers,
            source_address=call.call.source_address,
        )
        return self._decide(stage, request)

    def decide_by_web_acl(
        self, resource_arn: str, request: InspectedRequest, *, account: str, region: str
    ) -> FirewallAction:
        """Return what the web ACL of a resource, such as a user pool, does with a request."""
        with self._scope(account, region):
            return self._decide(resource_arn, request)

    def _decide(self, resource_arn: str, request: InspectedRequest) -> FirewallAction:
        """Return the action of the resource's web ACL. Without one, the request is allowed."""
        arn = self._waf._associations.get(resource_arn)  # noqa: SLF001 - the engine has no public accessor
        if arn is None:
            return FirewallAction.ALLOW
        web_acl = next(acl for acl in self._waf._web_acls.values() if acl["ARN"] == arn)  # noqa: SLF001
        return self._firewall.decide(web_acl, request)

    def _match_resource(self, call: _GatewayCall) -> tuple[Any, dict[str, str]]:
        """Return the resource for a path in the stage's deployment. Later changes are not deployed yet."""
        deployment = self._api._deployments_v1.get(call.api_id)[call.stage["deploymentId"]]  # noqa: SLF001
        resources = deployment["resources"]
        root = next(resource for resource in resources.values() if resource["path"] == "/")
        segments = [segment for segment in call.path.split("/") if segment]
        if not segments:
            return root, {}
        found: tuple[Any, dict[str, str]] = self._api._match_recursive(  # noqa: SLF001
            resources, root["id"], segments, {}
        )
        return found

    def _reject(self, call: _GatewayCall, response_type: str, message: str) -> EndpointResponse:
        """Answer with the deployed gateway response of a type."""
        call.log["context.error.responseType"] = response_type
        status, headers, body = self._api._gateway_error_response(  # noqa: SLF001
            self._api._gw_error(response_type, message),  # noqa: SLF001
            {
                "api_id": call.api_id,
                "stage_name": call.stage_name,
                "stage": call.stage,
                "headers": call.call.headers,
                "query_params": {},
                "path_params": {},
                "resource_path": call.resource_path,
                "request_id": call.request_id,
            },
        )
        lowered = {name.lower(): value for name, value in headers.items()}
        return EndpointResponse(
            status=status, headers={**lowered, **build_request_id_headers(call.request_id)}, body=body
        )

    def _write_log(self, call: _GatewayCall, response: EndpointResponse) -> None:
        setting = call.stage["accessLogSettings"]
        if not setting.get("destinationArn") or not is_logging_allowed(self._api):
            return
        now = self._clock()
        text = format_line(
            setting["format"],
            {
                **call.log,
                "context.requestId": call.request_id,
                "context.extendedRequestId": response.headers["x-amz-apigw-id"],
                "context.requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
                "context.identity.sourceIp": call.call.source_address,
                "context.httpMethod": call.method,
                "context.resourcePath": call.resource_path or None,
                "context.status": response.status,
                "context.responseLength": len(response.body),
            },
        )
        group = setting["destinationArn"].removesuffix(":*").rpartition(":log-group:")[2]
        stream = call.api_id
        self._logs._create_log_stream({"logGroupName": group, "logStreamName": stream})  # noqa: SLF001
        self._logs._put_log_events(  # noqa: SLF001
            {
                "logGroupName": group,
                "logStreamName": stream,
                "logEvents": [{"timestamp": int(now * 1000), "message": text}],
            }
        )

    def _get_elapsed_milliseconds(self, started_at: float) -> int:
        return int((self._clock() - started_at) * 1000)


def _build_forbidden() -> EndpointResponse:
    """Return the answer of a domain without an API."""
    return EndpointResponse(status=403, headers={"content-type": "application/json"}, body=b'{"message":"Forbidden"}')
