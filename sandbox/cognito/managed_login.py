"""Managed login, as the Region of a user pool serves it behind the pool's domain."""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from sandbox.cognito.directory_pages import DIRECTORY_PATHS, DirectoryPages
from sandbox.cognito.domain import CustomDomain
from sandbox.cognito.handles import Handles
from sandbox.cognito.login_pages import Forms, cookie_of, error_page, form_of, with_cookie
from sandbox.cognito.oauth import Grant, OAuth
from sandbox.cognito.perform import Perform
from sandbox.cognito.permitted import Status, not_enabled
from sandbox.cognito.pools import Pools
from sandbox.cognito.replicas import Replicas
from sandbox.cognito.sign_in import SignIns
from sandbox.cognito.sign_in_pages import SignInPages
from sandbox.cognito.wire import document_of
from sandbox.exchange import Request, Response

type _Endpoint = Callable[[Request, CustomDomain], Awaitable[Response]]

_CODE_SECONDS = 5 * 60
_SESSION_SECONDS = 60 * 60
_SESSION_COOKIE = "cognito"


class ManagedLogin:
    """Pages and OAuth endpoints in every Region.

    Codes, sessions and forms belong to the Region that made them. That another one refuses them is inferred: the
    service doesn't say.

    Parameters
    ----------
    clock
        Returns the time in seconds.

    """

    def __init__(
        self, *, pools: Pools, replicas: Replicas, sign_ins: SignIns, perform: Perform, clock: Callable[[], float]
    ) -> None:
        self._pools = pools
        self._replicas = replicas
        self._sign_ins = sign_ins
        self._perform = perform
        self._oauth = OAuth(pools)
        self._codes: Handles[bool] = Handles(clock, _CODE_SECONDS)
        self._sessions: Handles[tuple[str, str]] = Handles(clock, _SESSION_SECONDS)
        forms = Forms(clock)
        self._sign_in_pages = SignInPages(forms=forms, perform=perform)
        self._directory_pages = DirectoryPages(forms=forms, perform=perform)
        self._endpoints: dict[tuple[str, str], _Endpoint] = {
            ("GET", "/oauth2/authorize"): self._authorize,
            ("GET", "/login"): self._show_login,
            ("POST", "/login"): self._log_in,
            ("POST", "/oauth2/token"): self._token,
            ("POST", "/oauth2/revoke"): self._revoke,
            ("GET", "/oauth2/userInfo"): self._user_info,
            ("POST", "/oauth2/userInfo"): self._user_info,
            ("GET", "/logout"): self._log_out,
            **{("GET", path): self._show_directory for path in DIRECTORY_PATHS},
            **{("POST", path): self._directory_pages.send for path in DIRECTORY_PATHS},
        }

    async def answer(self, request: Request, domain: CustomDomain) -> Response:
        """Answer a request that has come through a domain to ``request.region``, for its pool's account."""
        if self._pools.get(domain.account, request.region, domain.pool_id) is None:
            return error_page(HTTPStatus.BAD_REQUEST, f"User pool {domain.pool_id} does not exist.")
        replica = self._replicas.of(domain.account, domain.pool_id)
        if replica is not None and replica.region == request.region and replica.status is not Status.ACTIVE:
            return error_page(HTTPStatus.BAD_REQUEST, not_enabled("").message)
        endpoint = self._endpoints.get((request.method, request.path))
        if endpoint is None:
            return error_page(HTTPStatus.NOT_FOUND, f"{request.method} {request.path} is not here.")
        return await endpoint(request, domain)

    async def _authorize(self, request: Request, domain: CustomDomain) -> Response:
        grant = self._grant(request, domain)
        if isinstance(grant, Response):
            return grant
        pool_id, username = self._sessions.find(request.region, cookie_of(request, _SESSION_COOKIE)) or ("", "")
        if pool_id == domain.pool_id:
            return self._redirect_with_code(request, domain, grant, username)
        return _redirect(f"/login?{request.query}")

    async def _show_login(self, request: Request, domain: CustomDomain) -> Response:
        grant = self._grant(request, domain)
        return grant if isinstance(grant, Response) else self._sign_in_pages.show(request)

    async def _log_in(self, request: Request, domain: CustomDomain) -> Response:
        grant = self._grant(request, domain)
        if isinstance(grant, Response):
            return grant
        signed_in = await self._sign_in_pages.send(request, domain, grant.query["client_id"])
        if isinstance(signed_in, Response):
            return signed_in
        return self._redirect_with_code(request, domain, grant, signed_in)

    async def _token(self, request: Request, domain: CustomDomain) -> Response:
        form = form_of(request)
        match form.get("grant_type"):
            case "authorization_code":
                known = self._codes.find(request.region, form.get("code", "")) is not None
            case "refresh_token":
                known = self._sign_ins.knows_token(request.region, form.get("refresh_token", ""))
            case _:
                known = True
        if not known:
            return _oauth_error("invalid_grant")
        response = await self._oauth.token(request)
        if response.status == HTTPStatus.OK and (token := document_of(response).get("refresh_token")):
            self._sign_ins.token_issued(domain.account, request.region, domain.pool_id, token)
        return response

    async def _revoke(self, request: Request, domain: CustomDomain) -> Response:
        form = form_of(request)
        document = {"Token": form.get("token", ""), "ClientId": form.get("client_id", "")}
        response = await self._perform("RevokeToken", domain.account, request.region, document)
        return Response(status=HTTPStatus.OK) if response.status == HTTPStatus.OK else _oauth_error("invalid_request")

    async def _user_info(self, request: Request, _domain: CustomDomain) -> Response:
        return self._oauth.user_info(request)

    async def _log_out(self, request: Request, _domain: CustomDomain) -> Response:
        self._sessions.forget(request.region, cookie_of(request, _SESSION_COOKIE))
        # With a redirect_uri in place of a logout_uri, logging out leads to another sign-in.
        again = "redirect_uri" in parse_qs(request.query)
        response = _redirect(f"/login?{request.query}") if again else self._oauth.logout(request)
        return with_cookie(response, _SESSION_COOKIE, "", seconds=0)

    async def _show_directory(self, request: Request, _domain: CustomDomain) -> Response:
        return self._directory_pages.show(request)

    def _grant(self, request: Request, domain: CustomDomain) -> Grant | Response:
        query = parse_qs(request.query)
        pool = self._pools.get(domain.account, request.region, domain.pool_id)
        if "identity_provider" in query or "idp_identifier" in query:
            return error_page(HTTPStatus.BAD_REQUEST, "Federated sign-in is not part of the sandbox.")
        if "client_id" in query and pool is not None and query["client_id"][0] not in pool["_clients"]:
            return error_page(HTTPStatus.BAD_REQUEST, "Client does not exist.")
        return self._oauth.grant(request)

    def _redirect_with_code(self, request: Request, domain: CustomDomain, grant: Grant, username: str) -> Response:
        response = self._oauth.code_redirect(request, domain.pool_id, grant, username)
        code = parse_qs(urlsplit(response.headers.get("Location", "")).query).get("code")
        if code is None:
            return response
        self._codes.issue(request.region, content=True, handle=code[0])
        session = self._sessions.issue(request.region, (domain.pool_id, username))
        return with_cookie(response, _SESSION_COOKIE, session, seconds=_SESSION_SECONDS)


def _redirect(location: str) -> Response:
    return Response(status=HTTPStatus.FOUND, headers={"location": location, "cache-control": "no-store"})


def _oauth_error(error: str) -> Response:
    body = json.dumps({"error": error}).encode()
    return Response(status=HTTPStatus.BAD_REQUEST, headers={"content-type": "application/json"}, body=body)
