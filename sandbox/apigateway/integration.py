"""An HTTP proxy integration: API Gateway's call to the endpoint, and its answer."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

from sandbox.apigateway.headers import build_client_headers, build_integration_headers
from sandbox.http_messages import EndpointResponse
from sandbox.listeners import CallHandler, HttpCall, UnansweredCall

type FindEndpoint = Callable[[str], CallHandler | None]
"""Returns the handler of a host for a caller in the gateway's Region, or None if the host is unknown."""

_HTTPS = "https"


class IntegrationError(Exception):
    """The integration failed.

    Parameters
    ----------
    response_type
        The type of the gateway response for the client.

    """

    def __init__(self, response_type: str, message: str) -> None:
        super().__init__(message)
        self.response_type = response_type
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """The settings of an HTTP proxy integration.

    Attributes
    ----------
    uri
        The endpoint's URI, with path parameters in braces.
    path_sources
        The source of each path parameter, such as ``method.request.path.NAME``.

    """

    method: str
    uri: str
    path_sources: Mapping[str, str]
    timeout_seconds: float

    @classmethod
    def from_engine(cls, integration: Mapping[str, Any]) -> "Integration":
        """Return an integration from the engine's record.

        Raises
        ------
        IntegrationError
            If its type or a mapping is not supported.

        """
        parameters = integration.get("requestParameters") or {}
        prefix = "integration.request.path."
        if integration["type"] != "HTTP_PROXY" or any(not name.startswith(prefix) for name in parameters):
            raise IntegrationError("API_CONFIGURATION_ERROR", f"The sandbox does not support {integration}")
        return cls(
            method=integration["httpMethod"],
            uri=integration["uri"],
            path_sources={name.removeprefix(prefix): source for name, source in parameters.items()},
            timeout_seconds=int(integration["timeoutInMillis"]) / 1000,
        )

    async def forward(
        self,
        call: HttpCall,
        *,
        api_id: str,
        path_parameters: Mapping[str, str],
        find_endpoint: FindEndpoint,
        source_address: str,
    ) -> EndpointResponse:
        """Make the call and return the endpoint's answer.

        Parameters
        ----------
        source_address
            The source address of the call.

        Raises
        ------
        IntegrationError
            If the endpoint does not answer in time, or closes the connection.

        """
        uri = urlsplit(self._build_uri(path_parameters))
        endpoint = find_endpoint(uri.hostname or "") if uri.scheme == _HTTPS else None
        if endpoint is None:
            raise IntegrationError("INTEGRATION_FAILURE", f"No connection to {uri.scheme}://{uri.hostname}")
        headers = build_integration_headers(
            call.headers,
            host=uri.hostname or "",
            api_id=api_id,
            source_address=call.source_address,
            length=len(call.body),
        )
        onward = replace(
            call,
            scope={
                **call.scope,
                "method": self.method,
                "path": uri.path,
                "raw_path": quote(uri.path).encode(),
                "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
            },
            source_address=source_address,
        )
        try:
            async with asyncio.timeout(self.timeout_seconds):
                response = await endpoint(onward)
                if response is UnansweredCall.HANG:
                    await asyncio.Event().wait()
        except TimeoutError:
            raise IntegrationError("INTEGRATION_TIMEOUT", "Endpoint request timed out") from None
        if not isinstance(response, EndpointResponse):
            raise IntegrationError("INTEGRATION_FAILURE", "The connection was reset")
        return replace(response, headers=build_client_headers(response.headers))

    def _build_uri(self, path_parameters: Mapping[str, str]) -> str:
        uri = self.uri
        for name, source in self.path_sources.items():
            uri = uri.replace(f"{{{name}}}", quote(path_parameters[source.rpartition(".")[2]], safe=""))
        return uri
