"""The registrar of the hosted zones' names: to which name servers the zone above delegates each."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.exchange import Request, Response
from sandbox.refusal import refusal

SERVICE = "route53domains"
TARGET = "Route53Domains_v20140515"


class Registrar:
    """Registers every hosted zone's name with its own name servers, until somebody changes them.

    Parameters
    ----------
    name_servers
        Returns the name servers of a hosted zone, by its name without a trailing dot; none where there is none.

    """

    def __init__(self, name_servers: Callable[[str], tuple[str, ...]]) -> None:
        self._name_servers = name_servers
        self._changed: dict[str, tuple[str, ...]] = {}

    def delegation(self, name: str) -> tuple[str, ...]:
        """Return to which name servers a name is delegated; none where nobody has registered it."""
        own = self._name_servers(name)
        return self._changed.get(name, own) if own else ()

    async def handle(self, request: Request) -> Response:
        """Answer a call to Route 53 Domains."""
        document: Mapping[str, Any] = json.loads(request.body or b"{}")
        name = str(document.get("DomainName", "")).rstrip(".").lower()
        if not self._name_servers(name):
            return refusal(request, code="InvalidInput", status=400, message=f"Domain {name} not found in this account")
        match request.operation:
            case "GetDomainDetail":
                return _answer({"DomainName": name, "Nameservers": [{"Name": each} for each in self.delegation(name)]})
            case "UpdateDomainNameservers":
                self._changed[name] = tuple(each["Name"].rstrip(".").lower() for each in document["Nameservers"])
                return _answer({"OperationId": "sandbox"})
            case operation:
                return refusal(
                    request, code="InvalidInput", status=400, message=f"{operation} isn't part of the sandbox"
                )


def _answer(document: Mapping[str, Any]) -> Response:
    return Response(
        status=200, headers={"content-type": "application/x-amz-json-1.1"}, body=json.dumps(document).encode()
    )
