"""What API Gateway does to the headers of a call that an HTTP proxy integration passes, and to those of its answer."""

from collections.abc import Mapping

_HOP_BY_HOP = frozenset(
    {"connection", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
_REMAPPED = frozenset({"date", "server", "www-authenticate", "x-amzn-requestid"})
_LENGTHS = frozenset({"content-length"})


def build_integration_headers(
    headers: Mapping[str, str], *, host: str, api_id: str, source_address: str, length: int
) -> dict[str, str]:
    """Return what the integration's endpoint gets: all that the client sent, but the host's own name.

    Where the call came from is in ``X-Forwarded-For``, with what the client itself claimed before it.
    """
    kept = {name: value for name, value in headers.items() if name not in _HOP_BY_HOP | _LENGTHS}
    claimed = headers.get("x-forwarded-for")
    added = {
        "host": host,
        "x-forwarded-for": f"{claimed}, {source_address}" if claimed else source_address,
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        "x-amzn-apigateway-api-id": api_id,
    }
    return {**kept, **added, **({"content-length": str(length)} if length else {})}


def build_client_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what the client gets of the endpoint's headers: all, a few of them under another name.

    The developer guide ("Important notes") says that these may be remapped. That the request's id is one of them is not
    documented.
    """
    return {
        f"x-amzn-remapped-{name}" if name in _REMAPPED else name: value
        for name, value in ((name.lower(), value) for name, value in headers.items())
        if name not in _HOP_BY_HOP | _LENGTHS
    }


def build_request_id_headers(request_id: str) -> dict[str, str]:
    """Return the ids that the gateway gives every answer."""
    return {"x-amzn-requestid": request_id, "x-amz-apigw-id": f"{request_id.replace('-', '')[:15]}="}
