"""What happens to a call between its connection and its service: faults, the endpoint's own checks, dispatch."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sandbox.addresses import CONTROL_PLANE_REGION, GLOBAL_SERVICES, Network
from sandbox.emulator import ACCOUNT, Emulator
from sandbox.exchange import Interceptor, Request, Response
from sandbox.faults import TARGET, Effect, Fault, Faults, Passage
from sandbox.listeners import Call, Endpoint, Silence
from sandbox.operations import Scope, operation_of, service_of, signature_scope, unsigned_operations
from sandbox.refusal import refusal, throttle

if TYPE_CHECKING:
    from sandbox.apigateway import Gateway

COGNITO = "cognito-idp"
ISSUER = "issuer-cognito-idp"

_GATEWAY_TIMEOUT_SECONDS = 29
_ANY_REGION = "*"


class Engine:
    """Answers the calls that come to the Regions' addresses.

    Parameters
    ----------
    cognito
        Stands in front of Cognito, and answers its issuer hosts.
    gateway
        Answers at the Regions' targets for the domains that are deployed there.

    """

    def __init__(
        self,
        network: Network,
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

    def api(self, region: str) -> Endpoint:
        """Return what answers at a Region's API address."""

        async def answer(call: Call) -> Response | Silence:
            request, scope = self._understand(call, region)
            met = await self.meet(request)
            if met is not None:
                return met
            misdirected = _misdirected(request, scope)
            if misdirected is not None:
                return misdirected
            seen = replace(call, source_address=self._network.public_address(call.source_address))
            response = await self._dispatch(seen, request)
            return Silence.HANG if self._severed(request) else response

        return answer

    def target(self, region: str, names: Sequence[str]) -> Endpoint:
        """Return what answers at the user's own target in a Region: what is deployed there, by its domain.

        Where nothing is, it stands for a target with the given names, which passes the user API of that Region's
        Cognito.
        """
        host_names = frozenset(name.lower() for name in names)

        async def answer(call: Call) -> Response | Silence:
            request, _ = self._understand(call, region)
            met = await self.meet(replace(request, service=TARGET))
            if met is not None:
                return met
            deployed = await self._deployed(region, call)
            if deployed is not None:
                return Silence.HANG if self._severed(request) else deployed
            if request.headers.get("host", "").partition(":")[0].lower() not in host_names:
                return _gateway_says(404, "Not Found")
            allowed = request.operation in unsigned_operations(COGNITO) and not request.signed
            if request.service != COGNITO or not allowed or (request.method, request.path) != ("POST", "/"):
                return _gateway_says(403, "Missing Authentication Token")
            response = await self._behind_target(call, request)
            return Silence.HANG if self._severed(request) else response

        return answer

    async def _deployed(self, region: str, call: Call) -> Response | None:
        if self._gateway is None:
            return None
        return await self._gateway.answer(
            call,
            region=region,
            source=self._network.inside(region),
            endpoint_of=partial(self._from_inside, region),
        )

    def _from_inside(self, region: str, host: str) -> Endpoint | None:
        """Return what a caller inside a Region reaches at an AWS endpoint's host; None if there is no such host."""
        address = self._network.resolve_service(host)
        called = next((one for one in self._network.regions if self._network.api(one) == address), None)
        if called is None:
            return None
        api = self.api(called)

        async def answer(call: Call) -> Response | Silence:
            match self._faults.passage(caller_region=region, region=called):
                case Passage.HANG:
                    return Silence.HANG
                case Passage.REFUSE:
                    return Silence.RESET
                case Passage.OPEN:
                    return await api(call)

        return answer

    async def _behind_target(self, call: Call, request: Request) -> Response:
        """Call Cognito from inside the Region, as the gateway does."""
        host = f"{COGNITO}.{request.region}.amazonaws.com"
        inside = replace(request, caller_region=request.region, headers={**request.headers, "host": host})
        headers = [(name, value) for name, value in call.scope["headers"] if name.lower() != b"host"]
        forwarded = replace(
            call,
            scope={**call.scope, "headers": [*headers, (b"host", host.encode())]},
            source_address=self._network.inside(request.region),
        )
        match await self.meet(inside):
            case Silence.HANG:
                await asyncio.sleep(_GATEWAY_TIMEOUT_SECONDS)
                return _gateway_says(504, "Endpoint request timed out")
            case Silence.RESET:
                return _gateway_says(502, "Internal server error")
            case Response() as refused:
                return refused
            case None:
                return await self._dispatch(forwarded, inside)

    async def _dispatch(self, call: Call, request: Request) -> Response:
        if self._cognito is None or not (
            request.service == ISSUER or (request.service == COGNITO and request.method == "GET")
        ):
            return await self._emulator.answer(call, request)

        async def engine(passed: Request) -> Response:
            return await self._emulator.answer(call, passed)

        return await self._cognito(request, engine)

    def _understand(self, call: Call, region: str) -> tuple[Request, Scope | None]:
        headers = call.headers
        method, path = call.scope["method"], call.scope["path"]
        query = call.scope["query_string"].decode("latin-1")
        scope = signature_scope(headers, query)
        service = service_of(headers, path, scope)
        operation = operation_of(service, method=method, path=path, query=query, headers=headers, body=call.body)
        request = Request(
            # A global service called at some Region's address by a tool with one endpoint for everything.
            region=CONTROL_PLANE_REGION if service in GLOBAL_SERVICES else region,
            caller_region=self._network.region_inside(call.source_address),
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

    async def meet(self, request: Request) -> Response | Silence | None:
        """Let a call meet the faults on its way; None if it comes through."""
        if self._severed(request):
            return Silence.HANG
        treatment = self._faults.treatment(request)
        if treatment.wait_seconds:
            await asyncio.sleep(treatment.wait_seconds)
        return _end(request, treatment.ending)

    def _severed(self, request: Request) -> bool:
        return self._faults.severed(request.caller_region, request.region)


def _end(request: Request, fault: Fault | None) -> Response | Silence | None:
    if fault is None:
        return None
    match fault.effect:
        case Effect.ERROR:
            return refusal(request, code=fault.code or "", status=fault.status, message=fault.message)
        case Effect.THROTTLE:
            return throttle(request)
        case Effect.HANG:
            return Silence.HANG
        case Effect.RESET:
            return Silence.RESET
        case Effect.LATENCY | Effect.REFUSE | Effect.DEAD | Effect.CUT_OFF:
            raise AssertionError(f"{fault.effect} ends no call")  # treatment() never returns one


def _misdirected(request: Request, scope: Scope | None) -> Response | None:
    """Refuse a signature made for another Region than the endpoint's, as the service would."""
    if scope is None or scope.region in (request.region, _ANY_REGION) or request.service in GLOBAL_SERVICES:
        return None
    if request.service == "s3":
        return refusal(
            request,
            code="AuthorizationHeaderMalformed",
            status=400,
            message="The authorization header is malformed; the region "
            f"'{scope.region}' is wrong; expecting '{request.region}'",
        )
    return refusal(
        request,
        code="InvalidSignatureException" if "x-amz-target" in request.headers else "SignatureDoesNotMatch",
        status=403,
        message="Credential should be scoped to a valid region.",
    )


def _gateway_says(status: int, message: str) -> Response:
    return Response(
        status=status,
        headers={"content-type": "application/json"},
        body=f'{{"message":"{message}"}}'.encode(),
    )
