"""Cognito's multi-Region replication, in front of an engine whose Regions are separate."""

import json
import time
from collections.abc import Callable

from sandbox.cognito.attributes import filter_readable, reject_unauthorized_write
from sandbox.cognito.certificates import Certificates
from sandbox.cognito.code_delivery import adapt_code_delivery
from sandbox.cognito.domain import CustomDomain
from sandbox.cognito.domain_rules import DomainRules
from sandbox.cognito.domains import CustomDomains, DomainTiming
from sandbox.cognito.keys import KmsKeys
from sandbox.cognito.managed_login import ManagedLogin
from sandbox.cognito.mfa_setup import MfaSetup
from sandbox.cognito.pools import UserPools
from sandbox.cognito.replica_permissions import build_not_enabled_error, changes_replicated_state, is_permitted
from sandbox.cognito.replicas import Replicas, ReplicationTiming, UserPoolReplica
from sandbox.cognito.security_settings import RegionalSecuritySettings
from sandbox.cognito.settings import (
    apply_created_settings,
    apply_updated_settings,
    filter_described,
    reject_global_changes,
    reject_replication_loss,
    reject_unusable_key,
)
from sandbox.cognito.sign_in import SignInTracker
from sandbox.cognito.well_known import is_well_known_request, serve_well_known
from sandbox.cognito.wire import AwsServiceError, JsonObject, UserPoolCall, build_json_response, parse_json_object
from sandbox.firewall import FirewallAction, build_action_response
from sandbox.http_messages import EndpointRequest, EndpointResponse, RequestHandler

_OK = 200


class Cognito:
    """User pools in several Regions, replicated as in Amazon Cognito.

    Parameters
    ----------
    clock
        Returns the time in seconds.
    creating_seconds, deleting_seconds, lag_seconds
        See `ReplicationTiming`.
    distributing_seconds
        See `DomainTiming`.
    is_connected
        Returns whether two Regions reach each other now. Called with a pool's primary and standby, and for changes of
        domains with the called Region and a Region that it needs.
    has_health_check
        Returns whether an account has a Route 53 health check with an id.
    has_address
        Returns whether a name, without a trailing dot, resolves to an IPv4 address.
    decide_by_web_acl
        Returns what the web ACL of a pool, given by its ARN, does with a request.

    Attributes
    ----------
    timing, domain_timing
        The durations. New values also apply to pending changes.
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
        is_connected: Callable[[str, str], bool] = lambda _primary, _standby: True,
        has_health_check: Callable[[str, str], bool] = lambda _account, _id: True,
        has_address: Callable[[str], bool] = lambda _name: True,
        decide_by_web_acl: Callable[[str, EndpointRequest], FirewallAction] = lambda _arn, _request: (
            FirewallAction.ALLOW
        ),
    ) -> None:
        self._decide_by_web_acl = decide_by_web_acl
        self.timing = ReplicationTiming(
            creating_seconds=creating_seconds,
            deleting_seconds=deleting_seconds,
            lag_seconds=lag_seconds,
        )
        self._pools = UserPools()
        self._keys = KmsKeys()
        self._replicas = Replicas(
            pools=self._pools, keys=self._keys, timing=self.timing, clock=clock, is_connected=is_connected
        )
        self._sign_ins = SignInTracker(self._pools, self._replicas, clock)
        self._mfa_setup = MfaSetup(self._pools)
        self.domain_timing = DomainTiming(distributing_seconds=distributing_seconds)
        self.domains = CustomDomains(
            pools=self._pools,
            rules=DomainRules(
                replicas=self._replicas,
                certificates=Certificates(),
                health_check_exists=has_health_check,
                has_address=has_address,
            ),
            timing=self.domain_timing,
            clock=clock,
        )
        self._managed_login = ManagedLogin(
            pools=self._pools,
            replicas=self._replicas,
            sign_ins=self._sign_ins,
            perform_operation=self._perform_operation,
            clock=clock,
        )
        self._regional_operations = RegionalSecuritySettings(self._pools).operations
        self._replica_operations: dict[str, Callable[[UserPoolCall], JsonObject]] = {
            "CreateUserPoolReplica": self._replicas.create,
            "UpdateUserPoolReplica": self._replicas.update,
            "DeleteUserPoolReplica": self._replicas.delete,
            "ListUserPoolReplicas": self._replicas.list,
        }

    def deliver_changes(self) -> None:
        """Deliver the changes that are due.

        Every call does this first. Also call it before two Regions are cut off from each other: a change that is due
        before the cut must not wait for its end.
        """
        self._replicas.update_to_now()

    async def intercept(self, request: EndpointRequest, next_handler: RequestHandler) -> EndpointResponse:
        """Answer a call to ``cognito-idp`` or to an issuer host. ``next_handler`` is the engine."""
        self.deliver_changes()
        try:
            if is_well_known_request(request):
                return serve_well_known(request, self._pools, self.domains)
            call = self._pools.parse_call(request)
            if (answer := self._answer_as_firewall(call)) is not None:
                return answer
            return await self._handle_call(call, next_handler)
        except AwsServiceError as refusal:
            return refusal.to_response()

    def _answer_as_firewall(self, call: UserPoolCall) -> EndpointResponse | None:
        """Return AWS WAF's answer to a public call, or None if the pool's web ACL allows it."""
        pool = self._pools.get(call.account, call.region, call.pool_id)
        if call.request.signed or pool is None:
            return None
        action = self._decide_by_web_acl(pool["Arn"], call.request)
        if action is FirewallAction.BLOCK:
            raise AwsServiceError("ForbiddenException", "Request not allowed due to WAF block.")
        return build_action_response(action)

    async def serve_managed_login(self, request: EndpointRequest, domain: CustomDomain) -> EndpointResponse:
        """Answer a request to managed login that a domain's distribution sends to ``request.region``."""
        self.deliver_changes()
        return await self._managed_login.handle(request, domain)

    def change_replica(self, operation: str, account: str, region: str, document: JsonObject) -> JsonObject:
        """Perform an operation on replicas for a stack.

        Raises
        ------
        AwsServiceError
            As the operations of `Replicas`.

        """
        self.deliver_changes()
        return self._replica_operations[operation](self._build_call(operation, account, region, document))

    def configure_pool(self, account: str, region: str, pool_id: str, settings: JsonObject) -> None:
        """Set a pool's key and issuer for a stack. The engine handles the other settings.

        Raises
        ------
        AwsServiceError
            As ``UpdateUserPool``: the key is unusable, or a pool with a replica would lose it.

        """
        self.deliver_changes()
        call = self._build_call("UpdateUserPool", account, region, {"UserPoolId": pool_id, **settings})
        pool = self._pools.get(account, region, pool_id)
        if pool is None:
            raise AwsServiceError("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
        reject_unusable_key(call, self._keys, pool)
        if (replica := self._replicas.find(account, pool_id)) is not None:
            reject_replication_loss(call, pool)
        apply_created_settings(pool, settings)
        if replica is not None:
            self._replicas.send_primary_state(replica)

    def configure_replica(self, account: str, region: str, pool_id: str, settings: JsonObject) -> None:
        """Set a replica's regional settings for a stack. Settings that are not given stay.

        Raises
        ------
        AwsServiceError
            ``ResourceNotFoundException`` if the Region has no replica of the pool.

        """
        self.deliver_changes()
        replica, pool = self._replicas.find(account, pool_id), self._pools.get(account, region, pool_id)
        if replica is None or replica.region != region or pool is None:
            raise AwsServiceError("ResourceNotFoundException", f"User pool {pool_id} has no replica in {region}.")
        pool.update(settings)

    def _build_call(self, operation: str, account: str, region: str, document: JsonObject) -> UserPoolCall:
        """Build a call that AWS makes for an account."""
        return self._pools.parse_call(
            EndpointRequest(
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

    async def _perform_operation(
        self, operation: str, account: str, region: str, document: JsonObject
    ) -> EndpointResponse:
        async def engine(passed: EndpointRequest) -> EndpointResponse:
            return await self._pools.perform(operation, passed)

        try:
            return await self._handle_call(self._build_call(operation, account, region, document), engine)
        except AwsServiceError as refusal:
            return refusal.to_response()

    async def _handle_call(self, call: UserPoolCall, next_handler: RequestHandler) -> EndpointResponse:
        replica = self._replicas.find(call.account, call.pool_id)
        is_replica = replica is not None and replica.region == call.region
        self._reject_unavailable(call, replica if is_replica else None)
        if perform := self._replica_operations.get(call.operation) or self._regional_operations.get(call.operation):
            return build_json_response(perform(call))
        self._reject_invalid_settings(call, replica)
        self._sign_ins.reject_invalid_sign_in(call, is_replica=is_replica)
        self._mfa_setup.reject_unverified(call)
        with self._pools.use_scope(call.account, call.region):
            response = await next_handler(call.request)
        if response.status == _OK:
            response = self._adapt_answer(call, self._apply_settings(call, response, is_replica=is_replica))
        self._sign_ins.record_response(call, response, is_replica=is_replica)
        if replica is not None and not is_replica and changes_replicated_state(call.operation):
            self._replicas.send_primary_state(replica)
        return response

    def _adapt_answer(self, call: UserPoolCall, response: EndpointResponse) -> EndpointResponse:
        """Return the engine's answer as Cognito gives it."""
        document = parse_json_object(response)
        pool = self._pools.get(call.account, call.region, call.pool_id)
        adapted = adapt_code_delivery(call.operation, pool, self._mfa_setup.adapt_answer(call, document))
        return response if adapted == document else build_json_response(adapted)

    def _reject_unavailable(self, call: UserPoolCall, local_replica: UserPoolReplica | None) -> None:
        """Reject calls for a pool or client that this Region does not know, or that its replica does not support."""
        if local_replica is not None:
            if self._pools.get(call.account, call.region, call.pool_id) is None:
                raise AwsServiceError("ResourceNotFoundException", f"User pool {call.pool_id} does not exist.")
            if not is_permitted(call.operation, local_replica.status):
                raise build_not_enabled_error(call.operation)
        client_id = call.document.get("ClientId")
        # RevokeToken's model lists no ResourceNotFoundException.
        if client_id and not call.pool_id and call.operation != "RevokeToken":
            raise AwsServiceError("ResourceNotFoundException", f"User pool client {client_id} does not exist.")

    def _reject_invalid_settings(self, call: UserPoolCall, replica: UserPoolReplica | None) -> None:
        pool = self._pools.get(call.account, call.region, call.pool_id)
        if call.operation == "UpdateUserAttributes" and pool is not None:
            reject_unauthorized_write(call, pool)
        if call.operation == "DeleteUserPool":
            self._replicas.reject_deletion_with_replica(call)
            if pool is not None:
                self.domains.reject_deletion_with_domain(call.account, pool)
        if call.operation == "CreateUserPool":
            reject_unusable_key(call, self._keys)
        if call.operation != "UpdateUserPool" or pool is None:
            return
        if replica is not None and replica.region == call.region:
            reject_global_changes(call, pool)
            return
        reject_unusable_key(call, self._keys, pool)
        if replica is not None:
            reject_replication_loss(call, pool)

    def _apply_settings(self, call: UserPoolCall, response: EndpointResponse, *, is_replica: bool) -> EndpointResponse:
        if call.operation == "CreateUserPool":
            document = parse_json_object(response)
            pool = self._pools.get(call.account, call.region, document["UserPool"]["Id"])
            if pool is not None:
                document["UserPool"] |= apply_created_settings(pool, call.document)
                return build_json_response(document)
        elif call.operation == "DescribeUserPool":
            document = parse_json_object(response)
            document["UserPool"] = filter_described(document["UserPool"])
            if (domain := self.domains.find_by_pool(call.account, call.pool_id)) is not None:
                document["UserPool"]["CustomDomain"] = domain.name
            return build_json_response(document)
        elif call.operation == "GetUser":
            pool = self._pools.get(call.account, call.region, call.pool_id)
            return (
                response
                if pool is None
                else build_json_response(filter_readable(call, pool, parse_json_object(response)))
            )
        elif call.operation == "UpdateUserPool":
            pool = self._pools.get(call.account, call.region, call.pool_id)
            if pool is not None:
                apply_updated_settings(pool, call.document, is_replica=is_replica)
        return response
