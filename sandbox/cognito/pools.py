"""The engine's user pools in all accounts and Regions, and the patches of the engine for replicas.

The engine derives a pool's Region from its id, but a replica has the id of its primary. So this module replaces four
functions of the engine: three that select the Region of a pool, client or token, and the one that signs tokens, which
must name the pool's issuer.
"""

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from botocore import xform_name

from sandbox.cognito.wire import AwsServiceError, JsonObject, UserPoolCall, parse_json_object
from sandbox.http_messages import EndpointRequest, EndpointResponse

type UserPoolState = dict[str, Any]
"""The engine's record of a user pool: the API's settings, and ``_users``, ``_clients``, ``_groups``…"""

type OperationOverride = Callable[[str, str, JsonObject], JsonObject | None]
"""Answers an operation for an account in a Region, or returns None to let the engine answer."""

_TOKEN_FIELDS = ("AccessToken", "RefreshToken", "Token")

_current_scope: ContextVar[tuple[str, str] | None] = ContextVar("sandbox_cognito_scope", default=None)
"""Account and Region of the current call's pool."""


def parse_primary_region(pool_id: str) -> str:
    """Return the Region in which a pool was created, which is the prefix of its id."""
    return pool_id.rpartition("_")[0]


def build_issuer(pool: UserPoolState) -> str:
    """Return the ``iss`` of a pool's tokens. It names the primary Region in both Regions."""
    is_updated = pool.get("IssuerConfiguration", {}).get("Type") == "UPDATED"
    host = "issuer-cognito-idp" if is_updated else "cognito-idp"
    return f"https://{host}.{parse_primary_region(pool['Id'])}.amazonaws.com/{pool['Id']}"


def parse_claims(token: object) -> JsonObject:
    """Return a token's claims without verification; empty for an invalid token."""
    if not isinstance(token, str) or token.count(".") != 2:  # noqa: PLR2004 - a JWT has three parts
        return {}
    payload = token.split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


class UserPools:
    """The engine's user pools, by account, Region and id."""

    def __init__(self) -> None:
        # Late import: the engine's module writes its signing key under STATE_DIR.
        from ministack.core import responses  # noqa: PLC0415
        from ministack.services import cognito  # noqa: PLC0415

        self._engine = cognito
        self._responses = responses
        self._pools = cognito._user_pools  # noqa: SLF001 - the engine has no public accessor
        self._override_engine()

    def get(self, account: str, region: str, pool_id: str) -> UserPoolState | None:
        """Return a pool's record in a Region, or None."""
        pool: UserPoolState | None = self._pools.get_scoped(account, region, pool_id)
        return pool

    def put(self, account: str, region: str, pool: UserPoolState) -> None:
        """Store a pool's record in a Region."""
        self._pools.set_scoped(account, region, pool["Id"], pool)

    def remove(self, account: str, region: str, pool_id: str) -> None:
        """Remove a pool's record from a Region."""
        self._pools.pop_scoped(account, region, pool_id, None)

    def find_by_region(self, region: str, pool_id: str) -> tuple[str, UserPoolState] | None:
        """Return the account and the record of a pool in a Region, or None."""
        for (account, pool_region, identifier), pool in self._pools.all_items():
            if (pool_region, identifier) == (region, pool_id):
                return account, pool
        return None

    def parse_call(self, request: EndpointRequest) -> UserPoolCall:
        """Return a call with its pool and the pool's account."""
        document = parse_json_object(request)
        pool_id = _parse_pool_id(document) or self._find_pool_of_client(request, document)
        account = request.account
        if not request.signed and (match := self.find_by_region(request.region, pool_id)) is not None:
            account = match[0]
        return UserPoolCall(request, document, account, pool_id)

    def resolve_username(self, pool: UserPoolState, name: str) -> str:
        """Return the username for a username or alias. Return an unknown name unchanged."""
        user, _ = self._engine._resolve_user(pool, name)  # noqa: SLF001 - the engine resolves aliases
        return str(user["Username"]) if user else name

    def get_jwks(self, pool_id: str) -> bytes:
        """Return a pool's public signing keys, which are the same for primary and replica."""
        body: bytes = self._engine.well_known_jwks(pool_id)[2]
        return body

    def get_distribution_name(self, domain: str) -> str:
        """Return the host name of a custom domain's CloudFront distribution."""
        return str(self._engine._cloudfront_domain(domain))  # noqa: SLF001 - the name that stacks also show

    def prepend_handler(self, operation: str, override: OperationOverride) -> None:
        """Put a handler in front of one of the engine's operations, for API calls and stacks.

        Parameters
        ----------
        operation
            The engine's name of it, such as ``create_user_pool_domain``.
        override
            Returns the answer, or None to let the engine answer. May raise `AwsServiceError`.

        """
        name = f"_{operation}"
        current = getattr(self._engine, name)
        original = getattr(current, "original", current)

        def answer(document: JsonObject) -> Any:
            account, region = self._responses.get_account_id(), self._responses.get_region()
            try:
                result = override(account, region, document)
            except AwsServiceError as refusal:
                response = refusal.to_response()
                return response.status, dict(response.headers), response.body
            return original(document) if result is None else self._responses.json_response(result)

        answer.original = original  # type: ignore[attr-defined] # as in _override_engine
        setattr(self._engine, name, answer)

    async def perform(self, operation: str, request: EndpointRequest) -> EndpointResponse:
        """Perform an operation for managed login in the engine.

        Skips the checks of an app client's flows and secret, which apply only to API callers.
        """
        handler = getattr(self._engine, f"_{xform_name(operation)}")
        # In a thread: a Lambda trigger may call the sandbox.
        status, headers, body = await asyncio.to_thread(handler, parse_json_object(request))
        return EndpointResponse(status=status, headers=headers, body=body)

    @contextmanager
    def use_scope(self, account: str, region: str) -> Iterator[None]:
        """Use the pools of an account and Region for the engine's calls inside the ``with`` block."""
        outer = _current_scope.set((account, region))
        try:
            with self._responses.request_scope(account, region):
                yield
        finally:
            _current_scope.reset(outer)

    def _find_pool_of_client(self, request: EndpointRequest, document: JsonObject) -> str:
        client_id = document.get("ClientId")
        for (account, region, pool_id), pool in self._pools.all_items():
            if region != request.region or client_id not in pool["_clients"]:
                continue
            if not request.signed or account == request.account:
                return str(pool_id)
        return ""

    def _override_engine(self) -> None:
        """Keep calls in the Region that they arrive in, and set the pool's issuer in tokens."""
        engine, responses, pools = self._engine, self._responses, self._pools
        sign, find, find_client = (
            getattr(function, "original", function)
            for function in (engine._signed_jwt, engine._get_pool_unscoped, engine._find_pool_by_client_id)  # noqa: SLF001
        )

        def stay_in_region(_document: JsonObject) -> None:
            if (scope := _current_scope.get()) is not None:
                account, region = scope
                responses._request_account_id.set(account)  # noqa: SLF001 - its setter takes an access key
                responses.set_request_region(region)

        def find_in_region(pool_id: str) -> UserPoolState | None:
            scope = _current_scope.get()
            pool: UserPoolState | None = find(pool_id) if scope is None else pools.get_scoped(*scope, pool_id)
            return pool

        def find_client_in_region(client_id: str) -> tuple[str | None, UserPoolState | None, JsonObject | None]:
            scope = _current_scope.get()
            if scope is None:
                match: tuple[str | None, UserPoolState | None, JsonObject | None] = find_client(client_id)
                return match
            for (account, region, pool_id), pool in pools.all_items():
                if (account, region) == scope and client_id in pool["_clients"]:
                    return pool_id, pool, pool["_clients"][client_id]
            return None, None, None

        def sign_as_issuer(claims: JsonObject, pool_id: str = "", use: str = "") -> str:
            pool = pools.get(pool_id)
            token: str = sign(claims if pool is None else claims | {"iss": build_issuer(pool)}, pool_id, use)
            return token

        # Keep the originals: a second UserPools must wrap them, not the first one's wrappers.
        sign_as_issuer.original, find_in_region.original = sign, find  # type: ignore[attr-defined]
        find_client_in_region.original = find_client  # type: ignore[attr-defined]
        engine._find_pool_by_client_id = find_client_in_region  # noqa: SLF001
        engine._get_pool_unscoped = find_in_region  # noqa: SLF001
        engine._pin_unsigned_idp_scope = stay_in_region  # noqa: SLF001
        engine._signed_jwt = sign_as_issuer  # noqa: SLF001


def _parse_pool_id(document: JsonObject) -> str:
    """Return the pool id in a call: from its id, its ARN, or a token's issuer."""
    if pool_id := document.get("UserPoolId"):
        return str(pool_id)
    if arn := document.get("ResourceArn"):
        return str(arn).rpartition("/")[2]
    for field in _TOKEN_FIELDS:
        if iss := parse_claims(document.get(field)).get("iss"):
            return str(iss).rpartition("/")[2]
    return ""
