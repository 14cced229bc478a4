"""The engine's OAuth endpoints, for one account and Region."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from sandbox.cognito.pools import UserPools
from sandbox.http_messages import EndpointRequest, EndpointResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A valid authorize request.

    Attributes
    ----------
    query
        The request's parameters.
    redirect_uri
        The redirect URI for the code: from the query, or the app client's default.

    """

    query: dict[str, str]
    redirect_uri: str


class OAuthEndpoints:
    """Calls the engine's OAuth endpoints, which do not use a domain."""

    def __init__(self, pools: UserPools) -> None:
        # Late import: the engine reads STATE_DIR at import.
        from ministack.services import cognito  # noqa: PLC0415

        self._engine: Any = cognito
        self._pools = pools

    def parse_authorization(self, request: EndpointRequest) -> AuthorizationRequest | EndpointResponse:
        """Return the parsed authorize request, or the error response if its parameters are invalid."""
        query = {name: values[0] for name, values in parse_qs(request.query).items()}
        with self._pools.use_scope(request.account, request.region):
            status, headers, body = self._engine.handle_oauth2_authorize("GET", request.path, {}, query)
            if status != 200:  # noqa: PLR2004 - the engine shows a page if the request is valid
                return EndpointResponse(status=status, headers=headers, body=body)
            client = self._engine._find_pool_by_client_id(query["client_id"])[2]  # noqa: SLF001
        return AuthorizationRequest(query=query, redirect_uri=query.get("redirect_uri") or client["DefaultRedirectURI"])

    def redirect_with_code(
        self, request: EndpointRequest, pool_id: str, grant: AuthorizationRequest, username: str
    ) -> EndpointResponse:
        """Return the redirect to the app with a new authorization code."""
        query = grant.query
        with self._pools.use_scope(request.account, request.region):
            status, headers, body = self._engine._issue_auth_code_redirect(  # noqa: SLF001
                query["client_id"],
                pool_id,
                grant.redirect_uri,
                query.get("scope", ""),
                username,
                query.get("nonce", ""),
                query.get("code_challenge", ""),
                query.get("code_challenge_method", ""),
                query.get("state", ""),
            )
        return EndpointResponse(status=status, headers=headers, body=body)

    async def issue_token(self, request: EndpointRequest) -> EndpointResponse:
        """Answer the token endpoint."""
        with self._pools.use_scope(request.account, request.region):
            # In a thread: a Lambda trigger may call the sandbox.
            status, headers, body = await asyncio.to_thread(
                self._engine._oauth2_token,  # noqa: SLF001
                {},
                {},
                request.body,
                dict(request.headers),
            )
        return EndpointResponse(status=status, headers=headers, body=body)

    def get_user_info(self, request: EndpointRequest) -> EndpointResponse:
        """Answer the userInfo endpoint."""
        with self._pools.use_scope(request.account, request.region):
            status, headers, body = self._engine.handle_oauth2_userinfo(
                request.method, request.path, dict(request.headers), request.body, {}
            )
        return EndpointResponse(status=status, headers=headers, body=body)

    def log_out(self, request: EndpointRequest) -> EndpointResponse:
        """Answer the logout endpoint."""
        with self._pools.use_scope(request.account, request.region):
            status, headers, body = self._engine.handle_logout(
                request.method, request.path, {}, parse_qs(request.query)
            )
        return EndpointResponse(status=status, headers=headers, body=body)
