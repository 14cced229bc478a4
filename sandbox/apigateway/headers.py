"""Changes that API Gateway makes to the headers of a call and its answer in an HTTP proxy integration."""

from collections.abc import Mapping

_HOP_BY_HOP = frozenset(
    {"connection", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
_REMAPPED = frozenset({"date", "server", "www-authenticate", "x-amzn-requestid"})
_LENGTHS = frozenset({"content-length"})


def build_integration_headers(
    headers: Mapping[str, str], *, host: str, api_id: str, source_address: str, length: int
) -> dict[str, str]:
    """Return the headers for the integration's endpoint: the client's headers with the endpoint's host name.

    ``X-Forwarded-For`` contains the client's own value, then the source address.
    """
    client_headers = {name: value for name, value in headers.items() if name not in _HOP_BY_HOP | _LENGTHS}
    claimed = headers.get("x-forwarded-for")
    added = {
        "host": host,
        "x-forwarded-for": f"{claimed}, {source_address}" if claimed else source_address,
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        "x-amzn-apigateway-api-id": api_id,
    }
    return {**client_headers, **added, **({"content-length": str(length)} if length else {})}


def build_client_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the endpoint's headers for the client. Some are remapped to other names.

    The developer guide ("Important notes") documents the remapping, but not that of the request id.
    """
    return {
        f"x-amzn-remapped-{name}" if name in _REMAPPED else name: value
        for name, value in ((name.lower(), value) for name, value in headers.items())
        if name not in _HOP_BY_HOP | _LENGTHS
    }


def build_request_id_headers(request_id: str) -> dict[str, str]:
    """Return the id headers of every answer."""
    return {"x-amzn-requestid": request_id, "x-amz-apigw-id": f"{request_id.replace('-', '')[:15]}="}
