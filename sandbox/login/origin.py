"""Managed login in the Regions, with the faults on the way to it and in it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus

from sandbox.cognito import Cognito
from sandbox.cognito.domain import CustomDomain
from sandbox.cognito.login_pages import error_page, refused_page
from sandbox.exchange import Request, Response
from sandbox.faults import LOGIN, Faults, Passage
from sandbox.listeners import Silence

_SIGNS_IN = ("POST", "/login")

type Meet = Callable[[Request], Awaitable[Response | Silence | None]]
"""Lets a call meet the faults on its way; None if it comes through."""


class ManagedLoginOrigin:
    """What a distribution's request finds in a Region.

    It meets the faults of the service ``login`` first, from outside every Region, and then, from inside the Region,
    those of ``cognito-idp``: for a sign-in those of ``InitiateAuth``.
    """

    def __init__(self, *, cognito: Cognito, faults: Faults, meet: Meet) -> None:
        self._cognito = cognito
        self._faults = faults
        self._meet = meet

    async def answer(self, request: Request, domain: CustomDomain) -> Response | Silence:
        """Answer in the Region that a request names."""
        match self._faults.passage(caller_region=None, region=request.region, service=LOGIN):
            case Passage.HANG:
                return Silence.HANG
            case Passage.REFUSE:
                return Silence.RESET
            case Passage.OPEN:
                pass
        operation = "InitiateAuth" if (request.method, request.path) == _SIGNS_IN else ""
        inside = replace(request, service="cognito-idp", operation=operation, caller_region=request.region)
        for on_the_way in (request, inside):
            match met := await self._meet(on_the_way):
                case Silence():
                    return met
                case Response():
                    return refused_page(met, lambda message: error_page(HTTPStatus.BAD_REQUEST, message))
                case None:
                    continue
        response = await self._cognito.log_in(request, domain)
        return Silence.HANG if self._faults.severed(None, request.region) else response
