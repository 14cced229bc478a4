"""Managed login in the Regions as an origin, with the active faults."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus

from sandbox.cognito import Cognito
from sandbox.cognito.domain import CustomDomain
from sandbox.cognito.login_pages import build_error_page, build_refusal_page
from sandbox.faults import LOGIN_SERVICE, ConnectionEffect, Faults
from sandbox.http_messages import EndpointRequest, EndpointResponse
from sandbox.listeners import UnansweredCall

_SIGN_IN_REQUEST = ("POST", "/login")

type ApplyFaults = Callable[[EndpointRequest], Awaitable[EndpointResponse | UnansweredCall | None]]
"""Applies the active faults to a call. Returns None if the call continues."""


class ManagedLoginOrigin:
    """The origin of a distribution's requests in a Region.

    It applies the faults of the service ``login`` for a caller outside all Regions, and then those of ``cognito-idp``
    for a caller inside the Region. A sign-in is an ``InitiateAuth``.
    """

    def __init__(self, *, cognito: Cognito, faults: Faults, apply_faults: ApplyFaults) -> None:
        self._cognito = cognito
        self._faults = faults
        self._apply_faults = apply_faults

    async def handle(self, request: EndpointRequest, domain: CustomDomain) -> EndpointResponse | UnansweredCall:
        """Answer a request in its Region."""
        match self._faults.find_connection_effect(caller_region=None, region=request.region, service=LOGIN_SERVICE):
            case ConnectionEffect.HANG:
                return UnansweredCall.HANG
            case ConnectionEffect.REFUSE:
                return UnansweredCall.RESET
            case ConnectionEffect.OPEN:
                pass
        operation = "InitiateAuth" if (request.method, request.path) == _SIGN_IN_REQUEST else ""
        inside = replace(request, service="cognito-idp", operation=operation, caller_region=request.region)
        for on_the_way in (request, inside):
            match met := await self._apply_faults(on_the_way):
                case UnansweredCall():
                    return met
                case EndpointResponse():
                    return build_refusal_page(met, lambda message: build_error_page(HTTPStatus.BAD_REQUEST, message))
                case None:
                    continue
        response = await self._cognito.serve_managed_login(request, domain)
        return UnansweredCall.HANG if self._faults.is_partitioned(None, request.region) else response
