"""Managed login in the Regions of a user pool, behind the pool's custom domain."""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from sandbox.cognito.directory_pages import DIRECTORY_PATHS, DirectoryPages
from sandbox.cognito.domain import CustomDomain
from sandbox.cognito.login_pages import CsrfForms, build_error_page, parse_form, read_cookie, with_cookie
from sandbox.cognito.oauth import AuthorizationRequest, OAuthEndpoints
from sandbox.cognito.opaque_handles import OpaqueHandles
from sandbox.cognito.operations import PerformOperation
from sandbox.cognito.pools import UserPools
from sandbox.cognito.replica_permissions import ReplicaStatus, build_not_enabled_error
from sandbox.cognito.replicas import Replicas
from sandbox.cognito.sign_in import SignInTracker
from sandbox.cognito.sign_in_pages import SignInPages
from sandbox.cognito.wire import parse_json_object
from sandbox.http_messages import EndpointRequest, EndpointResponse

type _Endpoint = Callable[[EndpointRequest, CustomDomain], Awaitable[EndpointResponse]]

_CODE_SECONDS = 5 * 60
_SESSION_SECONDS = 60 * 60
_SESSION_COOKIE = "cognito"


class ManagedLogin:
    """Pages and OAuth endpoints in every Region.

    Codes, sessions and forms are valid only in the Region that issued them. This is inferred, not documented.

    Parameters
    ----------
    clock
        Returns the time in seconds.

    """

    def __init__(
        self,
        *,
        pools: UserPools,
        replicas: Replicas,
        sign_ins: SignInTracker,
        perform_operation: PerformOperation,
        clock: Callable[[], float],
    ) -> None:
        self._pools = pools
        self._replicas = replicas
        self._sign_ins = sign_ins
        self._perform_operation = perform_operation
        self._oauth = OAuthEndpoints(pools)
        self._codes: OpaqueHandles[bool] = OpaqueHandles(clock, _CODE_SECONDS)
        self._sessions: OpaqueHandles[tuple[str, str]] = OpaqueHandles(clock, _SESSION_SECONDS)
        forms = CsrfForms(clock)
        self._sign_in_pages = SignInPages(forms=forms, perform_operation=perform_operation)
        self._directory_pages = DirectoryPages(forms=forms, perform_operation=perform_operation)
        self._endpoints: dict[tuple[str, str], _Endpoint] = {
            ("GET", "/oauth2/authorize"): self._authorize,
            ("GET", "/login"): self._show_login,
            ("POST", "/login"): self._submit_login,
            ("POST", "/oauth2/token"): self._exchange_token,
            ("POST", "/oauth2/revoke"): self._revoke_token,
            ("GET", "/oauth2/userInfo"): self._get_user_info,
            ("POST", "/oauth2/userInfo"): self._get_user_info,
            ("GET", "/logout"): self._log_out,
            **{("GET", path): self._show_directory for path in DIRECTORY_PATHS},
            **{("POST", path): self._directory_pages.submit_form for path in DIRECTORY_PATHS},
        }

    async def handle(self, request: EndpointRequest, domain: CustomDomain) -> EndpointResponse:
        """Answer a request from a domain's distribution to ``request.region``."""
        if self._pools.get(domain.account, request.region, domain.pool_id) is None:
            return build_error_page(HTTPStatus.BAD_REQUEST, f"User pool {domain.pool_id} does not exist.")
        replica = self._replicas.find(domain.account, domain.pool_id)
        if replica is not None and replica.region == request.region and replica.status is not ReplicaStatus.ACTIVE:
            return build_error_page(HTTPStatus.BAD_REQUEST, build_not_enabled_error("").message)
        endpoint = self._endpoints.get((request.method, request.path))
        if endpoint is None:
            return build_error_page(HTTPStatus.NOT_FOUND, f"Unknown page: {request.method} {request.path}.")
        return await endpoint(request, domain)

    async def _authorize(self, request: EndpointRequest, domain: CustomDomain) -> EndpointResponse:
        grant = self._parse_grant(request, domain)
        if isinstance(grant, EndpointResponse):
            return grant
        pool_id, username = self._sessions.find(request.region, read_cookie(request, _SESSION_COOKIE)) or ("", "")
        if pool_id == domain.pool_id:
            return self._redirect_with_code(request, domain, grant, username)
        return _build_redirect(f"/login?{request.query}")

    async def _show_login(self, request: EndpointRequest, domain: CustomDomain) -> EndpointResponse:
        grant = self._parse_grant(request, domain)
        return grant if isinstance(grant, EndpointResponse) else self._sign_in_pages.show_form(request)

    async def _submit_login(self, request: EndpointRequest, domain: CustomDomain) -> EndpointResponse:
        grant = self._parse_grant(request, domain)
        if isinstance(grant, EndpointResponse):
            return grant
        signed_in = await self._sign_in_pages.submit_form(request, domain, grant.query["client_id"])
        if isinstance(signed_in, EndpointResponse):
            return signed_in
        return self._redirect_with_code(request, domain, grant, signed_in)

    async def _exchange_token(self, request: EndpointRequest, domain: CustomDomain) -> EndpointResponse:
        form = parse_form(request)
        match form.get("grant_type"):
            case "authorization_code":
                is_known = self._codes.find(request.region, form.get("code", "")) is not None
            case "refresh_token":
                is_known = self._sign_ins.has_token(request.region, form.get("refresh_token", ""))
            case _:
                is_known = True
        if not is_known:
            return _build_oauth_error("invalid_grant")
        response = await self._oauth.issue_token(request)
        if response.status == HTTPStatus.OK and (token := parse_json_object(response).get("refresh_token")):
            self._sign_ins.record_token(domain.account, request.region, domain.pool_id, token)
        return response

    async def _revoke_token(self, request: EndpointRequest, domain: CustomDomain) -> EndpointResponse:
        form = parse_form(request)
        document = {"Token": form.get("token", ""), "ClientId": form.get("client_id", "")}
        response = await self._perform_operation("RevokeToken", domain.account, request.region, document)
        return (
            EndpointResponse(status=HTTPStatus.OK)
            if response.status == HTTPStatus.OK
            else _build_oauth_error("invalid_request")
        )

    async def _get_user_info(self, request: EndpointRequest, _domain: CustomDomain) -> EndpointResponse:
        return self._oauth.get_user_info(request)

    async def _log_out(self, request: EndpointRequest, _domain: CustomDomain) -> EndpointResponse:
        self._sessions.revoke(request.region, read_cookie(request, _SESSION_COOKIE))
        # With redirect_uri instead of logout_uri, the user signs in again.
        signs_in_again = "redirect_uri" in parse_qs(request.query)
        response = _build_redirect(f"/login?{request.query}") if signs_in_again else self._oauth.log_out(request)
        return with_cookie(response, _SESSION_COOKIE, "", seconds=0)

    async def _show_directory(self, request: EndpointRequest, _domain: CustomDomain) -> EndpointResponse:
        return self._directory_pages.show_form(request)

    def _parse_grant(self, request: EndpointRequest, domain: CustomDomain) -> AuthorizationRequest | EndpointResponse:
        query = parse_qs(request.query)
        pool = self._pools.get(domain.account, request.region, domain.pool_id)
        if "identity_provider" in query or "idp_identifier" in query:
            return build_error_page(HTTPStatus.BAD_REQUEST, "The sandbox does not support federated sign-in.")
        if "client_id" in query and pool is not None and query["client_id"][0] not in pool["_clients"]:
            return build_error_page(HTTPStatus.BAD_REQUEST, "Client does not exist.")
        return self._oauth.parse_authorization(request)

    def _redirect_with_code(
        self, request: EndpointRequest, domain: CustomDomain, grant: AuthorizationRequest, username: str
    ) -> EndpointResponse:
        response = self._oauth.redirect_with_code(request, domain.pool_id, grant, username)
        code = parse_qs(urlsplit(response.headers.get("Location", "")).query).get("code")
        if code is None:
            return response
        self._codes.issue(request.region, content=True, handle=code[0])
        session = self._sessions.issue(request.region, (domain.pool_id, username))
        return with_cookie(response, _SESSION_COOKIE, session, seconds=_SESSION_SECONDS)


def _build_redirect(location: str) -> EndpointResponse:
    return EndpointResponse(status=HTTPStatus.FOUND, headers={"location": location, "cache-control": "no-store"})


def _build_oauth_error(error: str) -> EndpointResponse:
    body = json.dumps({"error": error}).encode()
    return EndpointResponse(status=HTTPStatus.BAD_REQUEST, headers={"content-type": "application/json"}, body=body)
