"""The user pools that the engine holds, of every account and Region, and the few turns it needs for replicas.

The engine derives a pool's Region from the pool's id, and a replica has the id of its primary. So four of the
engine's functions are replaced: the three that move a call to "the" Region of a pool, client or token, and the one
that signs tokens, which are to name the pool's issuer.
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
"""A user pool as the engine holds it: the API's settings, and ``_users``, ``_clients``, ``_groups``…"""

type OperationOverride = Callable[[str, str, JsonObject], JsonObject | None]
"""Answers an operation for an account in a Region; None where the engine is to answer."""

_TOKEN_FIELDS = ("AccessToken", "RefreshToken", "Token")

_current_scope: ContextVar[tuple[str, str] | None] = ContextVar("sandbox_cognito_scope", default=None)
"""Account and Region of the pool that the call in progress is about."""


def parse_primary_region(pool_id: str) -> str:
    """Return the Region in which a pool was created; its id begins with it."""
    return pool_id.rpartition("_")[0]


def build_issuer(pool: UserPoolState) -> str:
    """Return the ``iss`` of a pool's tokens: the primary Region's, whichever Region signs the user in."""
    updated = pool.get("IssuerConfiguration", {}).get("Type") == "UPDATED"
    host = "issuer-cognito-idp" if updated else "cognito-idp"
    return f"https://{host}.{parse_primary_region(pool['Id'])}.amazonaws.com/{pool['Id']}"


def parse_claims(token: object) -> JsonObject:
    """Return a token's claims, unverified; an empty object for what is no token."""
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
        # Importing the engine's module writes its signing key under STATE_DIR: only once that is set.
        from ministack.core import responses  # noqa: PLC0415
        from ministack.services import cognito  # noqa: PLC0415

        self._engine = cognito
        self._responses = responses
        self._pools = cognito._user_pools  # noqa: SLF001 - the engine has no other way to its state
        self._override_engine()

    def get(self, account: str, region: str, pool_id: str) -> UserPoolState | None:
        """Return the pool as one Region holds it, or None where that Region doesn't know it."""
        pool: UserPoolState | None = self._pools.get_scoped(account, region, pool_id)
        return pool

    def put(self, account: str, region: str, pool: UserPoolState) -> None:
        """Let a Region hold a pool."""
        self._pools.set_scoped(account, region, pool["Id"], pool)

    def remove(self, account: str, region: str, pool_id: str) -> None:
        """Let a Region forget a pool."""
        self._pools.pop_scoped(account, region, pool_id, None)

    def find_by_region(self, region: str, pool_id: str) -> tuple[str, UserPoolState] | None:
        """Return the owner of a pool that a Region holds, and the pool; None where it holds none of that id."""
        for (account, held_in, held_id), pool in self._pools.all_items():
            if (held_in, held_id) == (region, pool_id):
                return account, pool
        return None

    def parse_call(self, request: EndpointRequest) -> UserPoolCall:
        """Find out which pool a call is about, and whose it is."""
        document = parse_json_object(request)
        pool_id = _parse_pool_id(document) or self._find_pool_of_client(request, document)
        account = request.account
        if not request.signed and (found := self.find_by_region(request.region, pool_id)) is not None:
            account = found[0]
        return UserPoolCall(request, document, account, pool_id)

    def resolve_username(self, pool: UserPoolState, name: str) -> str:
        """Return the one name of a user who signs in by an alias; an unknown name as it is."""
        user, _ = self._engine._resolve_user(pool, name)  # noqa: SLF001 - aliases are the engine's
        return str(user["Username"]) if user else name

    def get_jwks(self, pool_id: str) -> bytes:
        """Return the public signing keys of a pool: the same for primary and replica."""
        body: bytes = self._engine.well_known_jwks(pool_id)[2]
        return body

    def get_distribution_name(self, domain: str) -> str:
        """Return the name of the CloudFront distribution behind a custom domain."""
        return str(self._engine._cloudfront_domain(domain))  # noqa: SLF001 - the engine names it in stacks, too

    def prepend_handler(self, operation: str, override: OperationOverride) -> None:
        """Have one of the engine's operations answered before the engine does, whoever calls it, stacks too.

        Parameters
        ----------
        operation
            As the engine names it: ``create_user_pool_domain``.
        answering
            May raise `Refusal`.

        """
        name = f"_{operation}"
        current = getattr(self._engine, name)
        original = getattr(current, "turned", current)

        def answer(document: JsonObject) -> Any:
            account, region = self._responses.get_account_id(), self._responses.get_region()
            try:
                answered = override(account, region, document)
            except AwsServiceError as refusal:
                response = refusal.to_response()
                return response.status, dict(response.headers), response.body
            return original(document) if answered is None else self._responses.json_response(answered)

        answer.turned = original  # type: ignore[attr-defined] # as in _turn_engine
        setattr(self._engine, name, answer)

    async def perform(self, operation: str, request: EndpointRequest) -> EndpointResponse:
        """Have the engine answer an operation of the user API as if managed login called it.

        That an app client allows a flow, or proves a secret, is asked of the API's callers only.
        """
        handler = getattr(self._engine, f"_{xform_name(operation)}")
        # In a thread: it may run a Lambda trigger, which may call back.
        status, headers, body = await asyncio.to_thread(handler, parse_json_object(request))
        return EndpointResponse(status=status, headers=headers, body=body)

    @contextmanager
    def use_scope(self, account: str, region: str) -> Iterator[None]:
        """Let the engine answer the calls made inside from this account's pools in this Region."""
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
        """Make calls stay in the Region they came to, and tokens name their pool's issuer."""
        engine, responses, held = self._engine, self._responses, self._pools
        sign, find, find_client = (
            getattr(f, "turned", f)
            for f in (engine._signed_jwt, engine._get_pool_unscoped, engine._find_pool_by_client_id)  # noqa: SLF001
        )

        def stay_in_region(_document: JsonObject) -> None:
            if (scope := _current_scope.get()) is not None:
                account, region = scope
                responses._request_account_id.set(account)  # noqa: SLF001 - its setter takes an access key
                responses.set_request_region(region)

        def find_in_region(pool_id: str) -> UserPoolState | None:
            scope = _current_scope.get()
            pool: UserPoolState | None = find(pool_id) if scope is None else held.get_scoped(*scope, pool_id)
            return pool

        def find_client_in_region(client_id: str) -> tuple[str | None, UserPoolState | None, JsonObject | None]:
            scope = _current_scope.get()
            if scope is None:
                found: tuple[str | None, UserPoolState | None, JsonObject | None] = find_client(client_id)
                return found
            for (account, region, pool_id), pool in held.all_items():
                if (account, region) == scope and client_id in pool["_clients"]:
                    return pool_id, pool, pool["_clients"][client_id]
            return None, None, None

        def sign_as_issuer(claims: JsonObject, pool_id: str = "", use: str = "") -> str:
            pool = held.get(pool_id)
            token: str = sign(claims if pool is None else claims | {"iss": build_issuer(pool)}, pool_id, use)
            return token

        # A second Pools turns the originals again, not what the first has made of them.
        sign_as_issuer.turned, find_in_region.turned = sign, find  # type: ignore[attr-defined]
        find_client_in_region.turned = find_client  # type: ignore[attr-defined]
        engine._find_pool_by_client_id = find_client_in_region  # noqa: SLF001
        engine._get_pool_unscoped = find_in_region  # noqa: SLF001
        engine._pin_unsigned_idp_scope = stay_in_region  # noqa: SLF001
        engine._signed_jwt = sign_as_issuer  # noqa: SLF001


def _parse_pool_id(document: JsonObject) -> str:
    """Return the pool that a call names itself: by id, by ARN, or by a token's issuer."""
    if pool_id := document.get("UserPoolId"):
        return str(pool_id)
    if arn := document.get("ResourceArn"):
        return str(arn).rpartition("/")[2]
    for field in _TOKEN_FIELDS:
        if iss := parse_claims(document.get(field)).get("iss"):
            return str(iss).rpartition("/")[2]
    return ""
