"""The public documents of a pool's issuer: its signing keys and its OpenID configuration."""

import json

from sandbox.cognito.domains import CustomDomains
from sandbox.cognito.pools import UserPools, UserPoolState, build_issuer, parse_primary_region
from sandbox.http_messages import EndpointRequest, EndpointResponse

ISSUER_SERVICE = "issuer-cognito-idp"
_JWKS_NAME = "jwks.json"
_OPENID_CONFIGURATION_NAME = "openid-configuration"


def is_well_known_request(request: EndpointRequest) -> bool:
    """Return whether a request is for a public document and not for the API."""
    return request.method in {"GET", "HEAD"} and "/.well-known/" in request.path


def serve_well_known(request: EndpointRequest, pools: UserPools, domains: CustomDomains) -> EndpointResponse:
    """Answer a request for a public document.

    Each Region with the pool serves the document at ``cognito-idp.REGION.amazonaws.com``. The issuer host
    ``issuer-cognito-idp.REGION.amazonaws.com`` serves pools of its Region with the UPDATED issuer, and fails with that
    Region: AWS keeps the document in other Regions, but the name does not resolve to them.
    """
    pool_id, _, name = request.path.strip("/").partition("/.well-known/")
    owner = pools.find_by_region(request.region, pool_id)
    if owner is None or not _is_served_here(request, owner[1]):
        return _build_json_response(404, {"message": f"User pool {pool_id} does not exist."})
    if name == _JWKS_NAME:
        return EndpointResponse(status=200, headers={"content-type": "application/json"}, body=pools.get_jwks(pool_id))
    if name == _OPENID_CONFIGURATION_NAME:
        domain = domains.find_by_pool(owner[0], pool_id)
        return _build_json_response(
            200, _build_configuration(build_issuer(owner[1])) | (_build_endpoints(domain.name) if domain else {})
        )
    return _build_json_response(
        404, {"message": f"Unknown document {name}; use {_JWKS_NAME} or {_OPENID_CONFIGURATION_NAME}."}
    )


def _is_served_here(request: EndpointRequest, pool: UserPoolState) -> bool:
    if request.service != ISSUER_SERVICE:
        return True
    is_updated = pool.get("IssuerConfiguration", {}).get("Type") == "UPDATED"
    return is_updated and request.region == parse_primary_region(pool["Id"])


def _build_configuration(iss: str) -> dict[str, object]:
    return {
        "issuer": iss,
        "jwks_uri": f"{iss}/.well-known/{_JWKS_NAME}",
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "token"],
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }


def _build_endpoints(domain: str) -> dict[str, object]:
    return {
        "authorization_endpoint": f"https://{domain}/oauth2/authorize",
        "token_endpoint": f"https://{domain}/oauth2/token",
        "userinfo_endpoint": f"https://{domain}/oauth2/userInfo",
        "revocation_endpoint": f"https://{domain}/oauth2/revoke",
        "end_session_endpoint": f"https://{domain}/logout",
    }


def _build_json_response(status: int, document: dict[str, object]) -> EndpointResponse:
    headers = {"content-type": "application/json"}
    return EndpointResponse(status=status, headers=headers, body=json.dumps(document).encode())
