"""Cognito's multi-Region replication, in front of an engine whose Regions know nothing of each other."""

import time
from collections.abc import Callable

from sandbox.cognito.keys import Keys
from sandbox.cognito.permitted import changes_what_replicates, not_enabled, permitted
from sandbox.cognito.pools import Pools
from sandbox.cognito.replicas import Replica, Replicas, Timing
from sandbox.cognito.settings import check_key, check_replicated, check_secondary, created, updated
from sandbox.cognito.sign_in import SignIns
from sandbox.cognito.well_known import is_well_known, well_known
from sandbox.cognito.wire import Call, Document, Refusal, answer, document_of
from sandbox.exchange import Handler, Request, Response

_OK = 200


class Cognito:
    """User pools in several Regions, replicated as Amazon Cognito does it.

    Parameters
    ----------
    clock
        Returns the time in seconds.
    creating_seconds, deleting_seconds, lag_seconds
        See `Timing`.
    linked
        Whether a primary and a standby Region reach each other now; called with their names in this order.

    Attributes
    ----------
    timing
        The durations; changing them takes effect on what is on its way, too.

    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        creating_seconds: float = 120,
        deleting_seconds: float = 30,
        lag_seconds: float = 1,
        linked: Callable[[str, str], bool] = lambda _primary, _standby: True,
    ) -> None:
        self.timing = Timing(
            creating_seconds=creating_seconds,
            deleting_seconds=deleting_seconds,
            lag_seconds=lag_seconds,
        )
        self._pools = Pools()
        self._keys = Keys()
        self._replicas = Replicas(pools=self._pools, keys=self._keys, timing=self.timing, clock=clock, linked=linked)
        self._sign_ins = SignIns(self._pools, self._replicas, clock)
        self._of_replicas: dict[str, Callable[[Call], Document]] = {
            "CreateUserPoolReplica": self._replicas.create,
            "UpdateUserPoolReplica": self._replicas.update,
            "DeleteUserPoolReplica": self._replicas.delete,
            "ListUserPoolReplicas": self._replicas.list,
        }

    def replicate(self) -> None:
        """Deliver what has had the time and the link to arrive.

        Every call does this by itself. Whoever is about to cut two Regions off from each other calls it first,
        so that a change that was due before the cut does not wait for its end.
        """
        self._replicas.advance()

    async def intercept(self, request: Request, next_handler: Handler) -> Response:
        """Answer a call to ``cognito-idp`` or to an issuer's host; ``next_handler`` is the engine."""
        self.replicate()
        try:
            if is_well_known(request):
                return well_known(request, self._pools)
            return await self._api(self._pools.read(request), next_handler)
        except Refusal as refusal:
            return refusal.response()

    async def _api(self, call: Call, next_handler: Handler) -> Response:
        replica = self._replicas.of(call.account, call.pool_id)
        secondary = replica is not None and replica.region == call.region
        self._check(call, replica if secondary else None)
        if own := self._of_replicas.get(call.operation):
            return answer(own(call))
        self._check_settings(call, replica)
        self._sign_ins.check(call, secondary=secondary)
        with self._pools.scope(call.account, call.region):
            response = await next_handler(call.request)
        if response.status == _OK:
            response = self._keep_settings(call, response, secondary=secondary)
        self._sign_ins.answered(call, response, secondary=secondary)
        if replica is not None and not secondary and changes_what_replicates(call.operation):
            self._replicas.changed(replica)
        return response

    def _check(self, call: Call, here: Replica | None) -> None:
        """Refuse what this Region doesn't know, or what its replica doesn't do."""
        if here is not None:
            if self._pools.get(call.account, call.region, call.pool_id) is None:
                raise Refusal("ResourceNotFoundException", f"User pool {call.pool_id} does not exist.")
            if not permitted(call.operation, here.status):
                raise not_enabled(call.operation)
        client_id = call.document.get("ClientId")
        # RevokeToken models no such refusal.
        if client_id and not call.pool_id and call.operation != "RevokeToken":
            raise Refusal("ResourceNotFoundException", f"User pool client {client_id} does not exist.")

    def _check_settings(self, call: Call, replica: Replica | None) -> None:
        if call.operation == "DeleteUserPool":
            self._replicas.check_deletable(call)
        if call.operation == "CreateUserPool":
            check_key(call, self._keys)
        pool = self._pools.get(call.account, call.region, call.pool_id)
        if call.operation != "UpdateUserPool" or pool is None:
            return
        if replica is not None and replica.region == call.region:
            check_secondary(call, pool)
            return
        check_key(call, self._keys)
        if replica is not None:
            check_replicated(call, pool)

    def _keep_settings(self, call: Call, response: Response, *, secondary: bool) -> Response:
        if call.operation == "CreateUserPool":
            document = document_of(response)
            pool = self._pools.get(call.account, call.region, document["UserPool"]["Id"])
            if pool is not None:
                document["UserPool"] |= created(pool, call.document)
                return answer(document)
        elif call.operation == "UpdateUserPool":
            pool = self._pools.get(call.account, call.region, call.pool_id)
            if pool is not None:
                updated(pool, call.document, secondary=secondary)
        return response
