"""The registrar of the hosted zones' names. It decides the delegation of each zone in its parent zone."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandbox.aws_errors import build_error_response
from sandbox.http_messages import EndpointRequest, EndpointResponse

SERVICE = "route53domains"
TARGET_PREFIX = "Route53Domains_v20140515"


class DomainRegistrar:
    """Registers every hosted zone's name with the zone's name servers. ``UpdateDomainNameservers`` changes them.

    Parameters
    ----------
    list_name_servers
        Returns the name servers of a hosted zone by its name without a trailing dot; empty for an unknown zone.

    """

    def __init__(self, list_name_servers: Callable[[str], tuple[str, ...]]) -> None:
        self._list_name_servers = list_name_servers
        self._overrides: dict[str, tuple[str, ...]] = {}
        self._glue: dict[str, dict[str, str]] = {}

    def get_delegation(self, name: str) -> tuple[str, ...]:
        """Return the name servers that a name is delegated to; empty if it is not registered."""
        own = self._list_name_servers(name)
        return self._overrides.get(name, own) if own else ()

    def set_delegation(self, name: str, name_servers: Iterable[Mapping[str, Any]]) -> None:
        """Delegate a name to these name servers, given as ``Name`` and ``GlueIps``."""
        servers = {server["Name"].rstrip(".").lower(): server for server in name_servers}
        self._overrides[name] = tuple(servers)
        self._glue[name] = {server: given["GlueIps"][0] for server, given in servers.items() if given.get("GlueIps")}

    def get_glue(self, name: str) -> Mapping[str, str]:
        """Return the IPv4 addresses that were registered for a name's name servers."""
        return self._glue.get(name, {})

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
                    {"DomainName": name, "Nameservers": [{"Name": server} for server in self.get_delegation(name)]}
                )
            case "UpdateDomainNameservers":
                self.set_delegation(name, document["Nameservers"])
                return _build_response({"OperationId": "sandbox"})
            case operation:
                return build_error_response(
                    request, code="InvalidInput", status=400, message=f"The sandbox does not support {operation}"
                )


def _build_response(document: Mapping[str, Any]) -> EndpointResponse:
    return EndpointResponse(
        status=200, headers={"content-type": "application/x-amz-json-1.1"}, body=json.dumps(document).encode()
    )
