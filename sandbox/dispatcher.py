"""The path of a call from its connection to its service: faults, checks of the endpoint, dispatch."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sandbox.addresses import CONTROL_PLANE_REGION, GLOBAL_SERVICES, SandboxNetwork
from sandbox.aws_errors import build_error_response, build_throttling_error
from sandbox.emulator import ACCOUNT, Emulator
from sandbox.faults import TARGET_SERVICE, ConnectionEffect, Effect, Fault, Faults
from sandbox.firewall import FirewallAction, build_action_response
from sandbox.http_messages import EndpointRequest, EndpointResponse, Interceptor
from sandbox.listeners import CallHandler, HttpCall, UnansweredCall
from sandbox.operations import (
    SignatureScope,
    find_operation_name,
    find_service,
    list_unsigned_operations,
    parse_signature_scope,
)

if TYPE_CHECKING:
    from sandbox.apigateway import Gateway

COGNITO_SERVICE = "cognito-idp"
ISSUER_SERVICE = "issuer-cognito-idp"

_GATEWAY_TIMEOUT_SECONDS = 29
_ANY_REGION = "*"


class RequestDispatcher:
    """Answers calls to the Regions' addresses.

    Parameters
    ----------
    cognito
        Interceptor in front of Cognito. It also answers the issuer hosts.
    gateway
        API Gateway. It answers at the Regions' targets for deployed domains.

    """

    def __init__(
        self,
        network: SandboxNetwork,
        faults: Faults,
        emulator: Emulator,
        cognito: Interceptor | None,
        gateway: "Gateway | None" = None,
    ) -> None:
        self._network = network
        self._faults = faults
        self._emulator = emulator
        self._cognito = cognito
        self._gateway = gateway

    def build_api_endpoint(self, region: str) -> CallHandler:
        """Return the handler of a Region's API address."""

        async def answer(call: HttpCall) -> EndpointResponse | UnansweredCall:
            request, scope = self._parse_request(call, region)
            fault_result = await self.apply_faults(request)
            if fault_result is not None:
                return fault_result
            rejection = _reject_wrong_region(request, scope)
            if rejection is not None:
                return rejection
            public_call = replace(call, source_address=self._network.get_public_address(call.source_address))
            response = await self._dispatch(public_call, request)
            return UnansweredCall.HANG if self._is_partitioned(request) else response

        return answer

    def build_target_endpoint(self, region: str, names: Sequence[str]) -> CallHandler:
        """Return the handler of a Region's target address.

        A domain that is deployed in API Gateway is served as deployed. For the given names without a deployed domain,
        the handler passes the user operations of that Region's Cognito.
        """
        host_names = frozenset(name.lower() for name in names)

        async def answer(call: HttpCall) -> EndpointResponse | UnansweredCall:
            request, _ = self._parse_request(call, region)
            fault_result = await self.apply_faults(replace(request, service=TARGET_SERVICE))
            if fault_result is not None:
                return fault_result
            gateway_response = await self._call_gateway(region, call)
            if gateway_response is not None:
                return UnansweredCall.HANG if self._is_partitioned(request) else gateway_response
            if request.headers.get("host", "").partition(":")[0].lower() not in host_names:
                return _build_gateway_error(404, "Not Found")
            allowed = request.operation in list_unsigned_operations(COGNITO_SERVICE) and not request.signed
            if request.service != COGNITO_SERVICE or not allowed or (request.method, request.path) != ("POST", "/"):
                return _build_gateway_error(403, "Missing Authentication Token")
            response = await self._call_cognito_from_target(call, request)
            return UnansweredCall.HANG if self._is_partitioned(request) else response

        return answer

    async def _call_gateway(self, region: str, call: HttpCall) -> EndpointResponse | None:
        if self._gateway is None:
            return None
        return await self._gateway.handle(
            call,
            region=region,
            source_address=self._network.get_inside_address(region),
            find_endpoint=partial(self._find_internal_endpoint, region),
        )

    def _find_internal_endpoint(self, region: str, host: str) -> CallHandler | None:
        """Return the handler of an AWS host for callers inside a Region, or None if the host is unknown."""
        address = self._network.resolve_service(host)
        called_region = next(
            (name for name in self._network.regions if self._network.get_api_address(name) == address), None
        )
        if called_region is None:
            return None
        api = self.build_api_endpoint(called_region)

        async def answer(call: HttpCall) -> EndpointResponse | UnansweredCall:
            match self._faults.find_connection_effect(caller_region=region, region=called_region):
                case ConnectionEffect.HANG:
                    return UnansweredCall.HANG
                case ConnectionEffect.REFUSE:
                    return UnansweredCall.RESET
                case ConnectionEffect.OPEN:
                    return await api(call)

        return answer

    async def _call_cognito_from_target(self, call: HttpCall, request: EndpointRequest) -> EndpointResponse:
        """Call Cognito from inside the Region, as the gateway does."""
        host = f"{COGNITO_SERVICE}.{request.region}.amazonaws.com"
        inside = replace(request, caller_region=request.region, headers={**request.headers, "host": host})
        headers = [(name, value) for name, value in call.scope["headers"] if name.lower() != b"host"]
        forwarded = replace(
            call,
            scope={**call.scope, "headers": [*headers, (b"host", host.encode())]},
            source_address=self._network.get_inside_address(request.region),
        )
        match await self.apply_faults(inside):
            case UnansweredCall.HANG:
                await asyncio.sleep(_GATEWAY_TIMEOUT_SECONDS)
                return _build_gateway_error(504, "Endpoint request timed out")
            case UnansweredCall.RESET | UnansweredCall.TRUNCATE:
                return _build_gateway_error(502, "Internal server error")
            case EndpointResponse() as error:
                return error
            case None:
                return await self._dispatch(forwarded, inside)

    async def _dispatch(self, call: HttpCall, request: EndpointRequest) -> EndpointResponse:
        if self._cognito is None or not (
            request.service == ISSUER_SERVICE or (request.service == COGNITO_SERVICE and request.method == "GET")
        ):
            return await self._emulator.handle(call, request)

        async def engine(passed: EndpointRequest) -> EndpointResponse:
            return await self._emulator.handle(call, passed)

        return await self._cognito(request, engine)

    def _parse_request(self, call: HttpCall, region: str) -> tuple[EndpointRequest, SignatureScope | None]:
        headers = call.headers
        method, path = call.scope["method"], call.scope["path"]
        query = call.scope["query_string"].decode("latin-1")
        scope = parse_signature_scope(headers, query)
        service = find_service(headers, path, scope)
        operation = find_operation_name(service, method=method, path=path, query=query, headers=headers, body=call.body)
        request = EndpointRequest(
            # A tool with one endpoint for all services calls global services at any Region's address.
            region=CONTROL_PLANE_REGION if service in GLOBAL_SERVICES else region,
            caller_region=self._network.find_caller_region(call.source_address),
            account=ACCOUNT,
            service=service,
            operation=operation,
            method=method,
            path=path,
            query=query,
            headers=headers,
            body=call.body,
            signed=scope is not None,
        )
        return request, scope

    async def apply_faults(self, request: EndpointRequest) -> EndpointResponse | UnansweredCall | None:
        """Apply the active faults to a call. Return None if the call continues."""
        if self._is_partitioned(request):
            return UnansweredCall.HANG
        effect = self._faults.find_call_effect(request)
        if effect.wait_seconds:
            await asyncio.sleep(effect.wait_seconds)
        return _apply_terminal_fault(request, effect.terminal_fault)

    def _is_partitioned(self, request: EndpointRequest) -> bool:
        return self._faults.is_partitioned(request.caller_region, request.region)


def _apply_terminal_fault(request: EndpointRequest, fault: Fault | None) -> EndpointResponse | UnansweredCall | None:
    if fault is None:
        return None
    match fault.effect:
        case Effect.ERROR:
            return build_error_response(request, code=fault.code or "", status=fault.status, message=fault.message)
        case Effect.THROTTLE:
            return build_throttling_error(request)
        case Effect.HANG:
            return UnansweredCall.HANG
        case Effect.RESET:
            return UnansweredCall.RESET
        case Effect.TRUNCATE:
            return UnansweredCall.TRUNCATE
        case Effect.WAF_CHALLENGE:
            return build_action_response(FirewallAction.CHALLENGE)
        case Effect.MFA_CHALLENGE:
            challenge = {"ChallengeName": fault.code or "SMS_MFA", "Session": "session", "ChallengeParameters": {}}
            return EndpointResponse(status=200, body=json.dumps(challenge).encode())
        case Effect.LATENCY | Effect.REFUSE | Effect.DEAD | Effect.CUT_OFF | Effect.TWICE:
            raise AssertionError(f"{fault.effect} does not end a call")  # find_call_effect never returns it


def _reject_wrong_region(request: EndpointRequest, scope: SignatureScope | None) -> EndpointResponse | None:
    """Return the service's error if the signature names another Region than the endpoint's."""
    if scope is None or scope.region in (request.region, _ANY_REGION) or request.service in GLOBAL_SERVICES:
        return None
    if request.service == "s3":
        return build_error_response(
            request,
            code="AuthorizationHeaderMalformed",
            status=400,
            message="The authorization header is malformed; the region "
            f"'{scope.region}' is wrong; expecting '{request.region}'",
        )
    return build_error_response(
        request,
        code="InvalidSignatureException" if "x-amz-target" in request.headers else "SignatureDoesNotMatch",
        status=403,
        message="Credential should be scoped to a valid region.",
    )


def _build_gateway_error(status: int, message: str) -> EndpointResponse:
    return EndpointResponse(
        status=status,
        headers={"content-type": "application/json"},
        body=f'{{"message":"{message}"}}'.encode(),
    )
