"""Cognito's multi-Region replication, in front of an engine whose Regions know nothing of each other."""

import json
import time
from collections.abc import Callable

from sandbox.cognito.attributes import check_write, readable
from sandbox.cognito.certificates import Certificates
from sandbox.cognito.domain import CustomDomain
from sandbox.cognito.domain_rules import DomainRules
from sandbox.cognito.domains import Domains, DomainTiming
from sandbox.cognito.keys import Keys
from sandbox.cognito.managed_login import ManagedLogin
from sandbox.cognito.permitted import changes_what_replicates, not_enabled, permitted
from sandbox.cognito.pools import Pools
from sandbox.cognito.protection import Protection
from sandbox.cognito.replicas import Replica, Replicas, Timing
from sandbox.cognito.settings import check_key, check_replicated, check_secondary, created, described, updated
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
    distributing_seconds
        See `DomainTiming`.
    linked
        Whether two Regions reach each other now: called with a pool's primary and standby in this order, and for
        changes of domains with the Region that was called and one that it needs.
    health_check_exists
        Whether an account has a Route 53 health check of an id.
    has_address
        Whether a name, without a trailing dot, resolves to an IPv4 address.

    Attributes
    ----------
    timing, domain_timing
        The durations; changing ``timing`` takes effect on what is on its way, too.
    domains
        The custom domains.

    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        creating_seconds: float = 120,
        deleting_seconds: float = 30,
        lag_seconds: float = 1,
        distributing_seconds: float = 0,
        linked: Callable[[str, str], bool] = lambda _primary, _standby: True,
        health_check_exists: Callable[[str, str], bool] = lambda _account, _id: True,
        has_address: Callable[[str], bool] = lambda _name: True,
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
        self.domain_timing = DomainTiming(distributing_seconds=distributing_seconds)
        self.domains = Domains(
            pools=self._pools,
            rules=DomainRules(
                replicas=self._replicas,
                certificates=Certificates(),
                health_check_exists=health_check_exists,
                has_address=has_address,
            ),
            timing=self.domain_timing,
            clock=clock,
        )
        self._managed_login = ManagedLogin(
            pools=self._pools,
            replicas=self._replicas,
            sign_ins=self._sign_ins,
            perform=self._perform,
            clock=clock,
        )
        self._of_regions = Protection(self._pools).operations
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
                return well_known(request, self._pools, self.domains)
            return await self._api(self._pools.read(request), next_handler)
        except Refusal as refusal:
            return refusal.response()

    async def log_in(self, request: Request, domain: CustomDomain) -> Response:
        """Answer a request to managed login that a domain's distribution has sent to ``request.region``."""
        self.replicate()
        return await self._managed_login.answer(request, domain)

    def change_replica(self, operation: str, account: str, region: str, document: Document) -> Document:
        """Answer an operation on replicas that no request asks for, but a stack.

        Raises
        ------
        Refusal
            As the operations of `Replicas`.

        """
        self.replicate()
        return self._of_replicas[operation](self._call(operation, account, region, document))

    def configure_pool(self, account: str, region: str, pool_id: str, settings: Document) -> None:
        """Set a pool's key and issuer for a stack, whose other settings the engine sees to.

        Raises
        ------
        Refusal
            As ``UpdateUserPool``, where the key can't be used, or would be taken from a pool with a replica.

        """
        self.replicate()
        call = self._call("UpdateUserPool", account, region, {"UserPoolId": pool_id, **settings})
        pool = self._pools.get(account, region, pool_id)
        if pool is None:
            raise Refusal("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
        check_key(call, self._keys, pool)
        if (replica := self._replicas.of(account, pool_id)) is not None:
            check_replicated(call, pool)
        created(pool, settings)
        if replica is not None:
            self._replicas.changed(replica)

    def configure_replica(self, account: str, region: str, pool_id: str, settings: Document) -> None:
        """Set what the replica's Region has of its own, for a stack there; what isn't given stays.

        Raises
        ------
        Refusal
            ``ResourceNotFoundException`` where the Region has no replica of the pool.

        """
        self.replicate()
        replica, pool = self._replicas.of(account, pool_id), self._pools.get(account, region, pool_id)
        if replica is None or replica.region != region or pool is None:
            raise Refusal("ResourceNotFoundException", f"User pool {pool_id} has no replica in {region}.")
        pool.update(settings)

    def _call(self, operation: str, account: str, region: str, document: Document) -> Call:
        """Describe a call that is made inside AWS, for an account."""
        return self._pools.read(
            Request(
                region=region,
                caller_region=region,
                account=account,
                service="cognito-idp",
                operation=operation,
                method="POST",
                path="/",
                query="",
                headers={},
                body=json.dumps(document).encode(),
                signed=True,
            )
        )

    async def _perform(self, operation: str, account: str, region: str, document: Document) -> Response:
        async def engine(passed: Request) -> Response:
            return await self._pools.perform(operation, passed)

        try:
            return await self._api(self._call(operation, account, region, document), engine)
        except Refusal as refusal:
            return refusal.response()

    async def _api(self, call: Call, next_handler: Handler) -> Response:
        replica = self._replicas.of(call.account, call.pool_id)
        secondary = replica is not None and replica.region == call.region
        self._check(call, replica if secondary else None)
        if own := self._of_replicas.get(call.operation) or self._of_regions.get(call.operation):
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
        pool = self._pools.get(call.account, call.region, call.pool_id)
        if call.operation == "UpdateUserAttributes" and pool is not None:
            check_write(call, pool)
        if call.operation == "DeleteUserPool":
            self._replicas.check_deletable(call)
            if pool is not None:
                self.domains.check_pool_deletable(call.account, pool)
        if call.operation == "CreateUserPool":
            check_key(call, self._keys)
        if call.operation != "UpdateUserPool" or pool is None:
            return
        if replica is not None and replica.region == call.region:
            check_secondary(call, pool)
            return
        check_key(call, self._keys, pool)
        if replica is not None:
            check_replicated(call, pool)

    def _keep_settings(self, call: Call, response: Response, *, secondary: bool) -> Response:
        if call.operation == "CreateUserPool":
            document = document_of(response)
            pool = self._pools.get(call.account, call.region, document["UserPool"]["Id"])
            if pool is not None:
                document["UserPool"] |= created(pool, call.document)
                return answer(document)
        elif call.operation == "DescribeUserPool":
            document = document_of(response)
            document["UserPool"] = described(document["UserPool"])
            if (domain := self.domains.of_pool(call.account, call.pool_id)) is not None:
                document["UserPool"]["CustomDomain"] = domain.name
            return answer(document)
        elif call.operation == "GetUser":
            pool = self._pools.get(call.account, call.region, call.pool_id)
            return response if pool is None else answer(readable(call, pool, document_of(response)))
        elif call.operation == "UpdateUserPool":
            pool = self._pools.get(call.account, call.region, call.pool_id)
            if pool is not None:
                updated(pool, call.document, secondary=secondary)
        return response
