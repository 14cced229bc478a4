"""A call to a Regional domain, on its way through web ACL, stage and integration, as they are deployed."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.apigateway.access_log import line
from sandbox.apigateway.completed import complete, logs_are_allowed
from sandbox.apigateway.firewall import Firewall, Inspected
from sandbox.apigateway.headers import own
from sandbox.apigateway.integration import EndpointOf, Integration, IntegrationError
from sandbox.exchange import Response
from sandbox.listeners import Call

_NO_BASE = "(none)"


@dataclass(slots=True, kw_only=True)
class _Passing:
    """A call on its way through a stage, and what its line in the access log will say."""

    call: Call
    region: str
    source: str
    api_id: str
    stage_name: str
    stage: Mapping[str, Any]
    path: str
    endpoint_of: EndpointOf
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    resource_path: str = ""
    log: dict[str, object] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return str(self.call.scope["method"])


class Gateway:
    """API Gateway's data plane, on the engine's own APIs, stages and domains.

    Parameters
    ----------
    clock
        Seconds; rates are limited by it.

    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        # Imported late: the engine reads the environment that emulator.surround() prepares.
        from ministack.core import responses  # noqa: PLC0415
        from ministack.services import apigateway_v1, cloudwatch_logs, waf  # noqa: PLC0415

        self._scope: Any = responses.request_scope
        self._api: Any = apigateway_v1
        self._logs: Any = cloudwatch_logs
        self._waf: Any = waf
        self._firewall = Firewall(clock)
        self._clock = clock
        complete()

    async def answer(self, call: Call, *, region: str, source: str, endpoint_of: EndpointOf) -> Response | None:
        """Answer a call to one of the Region's domains; None if none there has the name it was called by.

        Parameters
        ----------
        source, endpoint_of
            Where integrations call from, and what they reach.

        """
        host = call.headers.get("host", "").partition(":")[0].lower()
        account, domain = self._domain(region, host)
        if domain is None:
            return None
        with self._scope(account, region):
            mapped = self._mapped(domain, str(call.scope["path"]))
            if mapped is None:
                return _forbidden()
            api_id, stage_name, path = mapped
            passing = _Passing(
                call=call,
                region=region,
                source=source,
                api_id=api_id,
                stage_name=stage_name,
                stage=self._api._stages_v1.get(api_id)[stage_name],  # noqa: SLF001 - the engine's state, here and below
                path=path,
                endpoint_of=endpoint_of,
            )
            began = self._clock()
            response = await self._through_stage(passing)
            passing.log["context.responseLatency"] = self._milliseconds_since(began)
            self._write_log(passing, response)
            return response

    def _domain(self, region: str, host: str) -> tuple[str, str | None]:
        """Return account and name of the Region's domain that a host is."""
        domains = list(self._api._domain_names.all_items())  # noqa: SLF001
        found = ((account, name) for (account, where, name), _ in domains if (where, name.lower()) == (region, host))
        return next(found, ("", None))

    def _mapped(self, domain: str, path: str) -> tuple[str, str, str] | None:
        """Return API, stage, and path within the stage, by the domain's longest base path."""
        mappings = self._api._base_path_mappings.get(domain, {})  # noqa: SLF001
        prefixes = {"" if base == _NO_BASE else f"/{base}": mapping for base, mapping in mappings.items()}
        for prefix in sorted(prefixes, key=len, reverse=True):
            if path == prefix or path.startswith(f"{prefix}/"):
                mapping = prefixes[prefix]
                return mapping["restApiId"], mapping["stage"], path.removeprefix(prefix) or "/"
        return None

    async def _through_stage(self, passing: _Passing) -> Response:
        if not self._web_acl_passes(passing):
            passing.log["context.wafResponseCode"] = "WAF_BLOCK"
            return self._refuse(passing, "WAF_FILTERED", "Forbidden")
        resource, path_parameters = self._resource(passing)
        method = resource and resource["resourceMethods"].get(passing.method)
        if method is None:
            return self._refuse(passing, "MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
        passing.resource_path = resource["path"]
        throttled = self._api._check_throttle(  # noqa: SLF001
            passing.stage, passing.api_id, passing.stage_name, passing.resource_path, passing.method, None
        )
        if throttled is not None:
            return self._refuse(passing, throttled.response_type, throttled.message)
        if method["authorizationType"] != "NONE" or method["apiKeyRequired"]:
            return self._refuse(passing, "API_CONFIGURATION_ERROR", "Authorization is not understood here")
        return await self._integrate(passing, method["methodIntegration"], path_parameters)

    async def _integrate(
        self, passing: _Passing, integration: Mapping[str, Any], path_parameters: Mapping[str, str]
    ) -> Response:
        began = self._clock()
        try:
            answered = await Integration.of(integration).pass_on(
                passing.call,
                api_id=passing.api_id,
                path_parameters=path_parameters,
                endpoint_of=passing.endpoint_of,
                source=passing.source,
            )
        except IntegrationError as error:
            return self._refuse(passing, error.response_type, error.message)
        passing.log["context.integration.status"] = answered.status
        passing.log["context.integration.latency"] = self._milliseconds_since(began)
        return Response(
            status=answered.status, headers={**answered.headers, **own(passing.request_id)}, body=answered.body
        )

    def _web_acl_passes(self, passing: _Passing) -> bool:
        stage = f"arn:aws:apigateway:{passing.region}::/restapis/{passing.api_id}/stages/{passing.stage_name}"
        arn = self._waf._associations.get(stage)  # noqa: SLF001
        if arn is None:
            return True
        web_acl = next(acl for acl in self._waf._web_acls.values() if acl["ARN"] == arn)  # noqa: SLF001
        return self._firewall.passes(
            web_acl,
            Inspected(
                method=passing.method,
                path=str(passing.call.scope["path"]),
                headers=passing.call.headers,
                source_address=passing.call.source_address,
            ),
        )

    def _resource(self, passing: _Passing) -> tuple[Any, dict[str, str]]:
        """Return the resource a path leads to, in the stage's deployment: what came later is not deployed yet."""
        deployment = self._api._deployments_v1.get(passing.api_id)[passing.stage["deploymentId"]]  # noqa: SLF001
        resources = deployment["resources"]
        root = next(resource for resource in resources.values() if resource["path"] == "/")
        segments = [segment for segment in passing.path.split("/") if segment]
        if not segments:
            return root, {}
        found: tuple[Any, dict[str, str]] = self._api._match_recursive(  # noqa: SLF001
            resources, root["id"], segments, {}
        )
        return found

    def _refuse(self, passing: _Passing, response_type: str, message: str) -> Response:
        """Answer with the deployed gateway response of a type."""
        passing.log["context.error.responseType"] = response_type
        status, headers, body = self._api._gateway_error_response(  # noqa: SLF001
            self._api._gw_error(response_type, message),  # noqa: SLF001
            {
                "api_id": passing.api_id,
                "stage_name": passing.stage_name,
                "stage": passing.stage,
                "headers": passing.call.headers,
                "query_params": {},
                "path_params": {},
                "resource_path": passing.resource_path,
                "request_id": passing.request_id,
            },
        )
        lowered = {name.lower(): value for name, value in headers.items()}
        return Response(status=status, headers={**lowered, **own(passing.request_id)}, body=body)

    def _write_log(self, passing: _Passing, response: Response) -> None:
        setting = passing.stage["accessLogSettings"]
        if not setting.get("destinationArn") or not logs_are_allowed(self._api):
            return
        now = self._clock()
        text = line(
            setting["format"],
            {
                **passing.log,
                "context.requestId": passing.request_id,
                "context.extendedRequestId": response.headers["x-amz-apigw-id"],
                "context.requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
                "context.identity.sourceIp": passing.call.source_address,
                "context.httpMethod": passing.method,
                "context.resourcePath": passing.resource_path or None,
                "context.status": response.status,
                "context.responseLength": len(response.body),
            },
        )
        group = setting["destinationArn"].removesuffix(":*").rpartition(":log-group:")[2]
        stream = passing.api_id
        self._logs._create_log_stream({"logGroupName": group, "logStreamName": stream})  # noqa: SLF001
        self._logs._put_log_events(  # noqa: SLF001
            {
                "logGroupName": group,
                "logStreamName": stream,
                "logEvents": [{"timestamp": int(now * 1000), "message": text}],
            }
        )

    def _milliseconds_since(self, began: float) -> int:
        return int((self._clock() - began) * 1000)


def _forbidden() -> Response:
    """Answer where a domain leads to no API."""
    return Response(status=403, headers={"content-type": "application/json"}, body=b'{"message":"Forbidden"}')
