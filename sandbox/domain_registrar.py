"""The registrar of the hosted zones' names: to which name servers the zone above delegates each."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.aws_errors import build_error_response
from sandbox.http_messages import EndpointRequest, EndpointResponse

SERVICE = "route53domains"
TARGET_PREFIX = "Route53Domains_v20140515"


class DomainRegistrar:
    """Registers every hosted zone's name with its own name servers, until somebody changes them.

    Parameters
    ----------
    name_servers
        Returns the name servers of a hosted zone, by its name without a trailing dot; none where there is none.

    """

    def __init__(self, list_name_servers: Callable[[str], tuple[str, ...]]) -> None:
        self._list_name_servers = list_name_servers
        self._overrides: dict[str, tuple[str, ...]] = {}

    def get_delegation(self, name: str) -> tuple[str, ...]:
        """Return to which name servers a name is delegated; none where nobody has registered it."""
        own = self._list_name_servers(name)
        return self._overrides.get(name, own) if own else ()

    async def handle(self, request: EndpointRequest) -> EndpointResponse:
        """Answer a call to Route 53 Domains."""
        document: Mapping[str, Any] = json.loads(request.body or b"{}")
        name = str(document.get("DomainName", "")).rstrip(".").lower()
        if not self._list_name_servers(name):
            return build_error_response(
                request, code="InvalidInput", status=400, message=f"Domain {name} not found in this account"
            )
        match request.operation:
            case "GetDomainDetail":
                return _build_response(
                    {"DomainName": name, "Nameservers": [{"Name": each} for each in self.get_delegation(name)]}
                )
            case "UpdateDomainNameservers":
                self._overrides[name] = tuple(each["Name"].rstrip(".").lower() for each in document["Nameservers"])
                return _build_response({"OperationId": "sandbox"})
            case operation:
                return build_error_response(
                    request, code="InvalidInput", status=400, message=f"{operation} isn't part of the sandbox"
                )


def _build_response(document: Mapping[str, Any]) -> EndpointResponse:
    return EndpointResponse(
        status=200, headers={"content-type": "application/x-amz-json-1.1"}, body=json.dumps(document).encode()
    )
