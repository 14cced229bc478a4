"""The public documents of a pool's issuer: its signing keys and its OpenID configuration."""

import json

from sandbox.cognito.domains import Domains
from sandbox.cognito.pools import Pool, Pools, issuer, primary_region
from sandbox.exchange import Request, Response

ISSUER_SERVICE = "issuer-cognito-idp"
_KEYS = "jwks.json"
_CONFIGURATION = "openid-configuration"


def is_well_known(request: Request) -> bool:
    """Whether a request is for a public document, not for the API."""
    return request.method in {"GET", "HEAD"} and "/.well-known/" in request.path


def well_known(request: Request, pools: Pools, domains: Domains) -> Response:
    """Answer a request for a public document, or say that there is none.

    Each Region that holds a pool serves it at ``cognito-idp.REGION.amazonaws.com``. The issuer's own host,
    ``issuer-cognito-idp.REGION.amazonaws.com``, serves pools of that Region with the UPDATED issuer, and goes
    down with that Region: that AWS keeps the document in other Regions too does not make the name resolve to
    them.
    """
    pool_id, _, name = request.path.strip("/").partition("/.well-known/")
    found = pools.find(request.region, pool_id)
    if found is None or not _served_here(request, found[1]):
        return _json(404, {"message": f"User pool {pool_id} does not exist."})
    if name == _KEYS:
        return Response(status=200, headers={"content-type": "application/json"}, body=pools.jwks(pool_id))
    if name == _CONFIGURATION:
        domain = domains.of_pool(found[0], pool_id)
        return _json(200, _configuration(issuer(found[1])) | (_endpoints(domain.name) if domain else {}))
    return _json(404, {"message": f"There is no {name} here, only {_KEYS} and {_CONFIGURATION}."})


def _served_here(request: Request, pool: Pool) -> bool:
    if request.service != ISSUER_SERVICE:
        return True
    updated = pool.get("IssuerConfiguration", {}).get("Type") == "UPDATED"
    return updated and request.region == primary_region(pool["Id"])


def _configuration(iss: str) -> dict[str, object]:
    return {
        "issuer": iss,
        "jwks_uri": f"{iss}/.well-known/{_KEYS}",
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "token"],
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }


def _endpoints(domain: str) -> dict[str, object]:
    return {
        "authorization_endpoint": f"https://{domain}/oauth2/authorize",
        "token_endpoint": f"https://{domain}/oauth2/token",
        "userinfo_endpoint": f"https://{domain}/oauth2/userInfo",
        "revocation_endpoint": f"https://{domain}/oauth2/revoke",
        "end_session_endpoint": f"https://{domain}/logout",
    }


def _json(status: int, document: dict[str, object]) -> Response:
    headers = {"content-type": "application/json"}
    return Response(status=status, headers=headers, body=json.dumps(document).encode())
