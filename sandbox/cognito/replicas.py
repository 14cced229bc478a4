"""The replicas of user pools: operations, status changes over time, and delivery of changes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.cognito.keys import KmsKeys
from sandbox.cognito.pools import UserPools, UserPoolState, parse_primary_region
from sandbox.cognito.replica_permissions import ReplicaStatus
from sandbox.cognito.replica_snapshot import apply_snapshot, build_replica, capture_snapshot, replace_region
from sandbox.cognito.replication_stream import ReplicatedChange, ReplicationStream
from sandbox.cognito.wire import AwsServiceError, JsonObject, UserPoolCall

_REPLICATION_TIERS = ("ESSENTIALS", "PLUS")
_CHANGING_STATUSES = frozenset({ReplicaStatus.PENDING_CREATE, ReplicaStatus.CREATING, ReplicaStatus.DELETING})


@dataclass(slots=True, kw_only=True)
class UserPoolReplica:
    """A pool's replica. ``status_ends_at`` is the end of CREATING or DELETING, in seconds of the clock."""

    account: str
    pool_id: str
    region: str
    tags: dict[str, str]
    status_ends_at: float
    pending_until: float = 0.0
    status: ReplicaStatus = ReplicaStatus.CREATING

    @property
    def primary(self) -> str:
        """The Region of the primary."""
        return parse_primary_region(self.pool_id)


@dataclass(slots=True, kw_only=True)
class ReplicationTiming:
    """Durations in seconds, which may change while the sandbox runs.

    Attributes
    ----------
    pending_seconds
        From ``CreateUserPoolReplica`` until the replica is CREATING. Before, it is PENDING_CREATE.
    creating_seconds
        From ``CreateUserPoolReplica`` until the replica is INACTIVE. The AWS article reports about two minutes.
    deleting_seconds
        From ``DeleteUserPoolReplica`` until the replica is deleted.
    lag_seconds
        From a change in one Region until it is applied in the other.

    """

    creating_seconds: float
    deleting_seconds: float
    lag_seconds: float
    pending_seconds: float = 0.0


@dataclass(slots=True, kw_only=True)
class Replicas:
    """The replicas of all pools, at most one for each."""

    pools: UserPools
    keys: KmsKeys
    timing: ReplicationTiming
    clock: Callable[[], float]
    is_connected: Callable[[str, str], bool]
    _stream: ReplicationStream = field(default_factory=ReplicationStream)
    _replicas: dict[tuple[str, str], UserPoolReplica] = field(default_factory=dict)

    def find(self, account: str, pool_id: str) -> UserPoolReplica | None:
        """Return a pool's replica in any status, or None."""
        return self._replicas.get((account, pool_id))

    def update_to_now(self) -> None:
        """Apply the status changes and replicated changes that are due.

        Also call this right before two Regions are cut off from each other.
        """
        now = self.clock()
        for replica in list(self._replicas.values()):
            if replica.status is ReplicaStatus.PENDING_CREATE and now >= replica.pending_until:
                replica.status = ReplicaStatus.CREATING
            if replica.status is ReplicaStatus.CREATING and now >= replica.status_ends_at:
                self._complete_creation(replica)
            elif replica.status is ReplicaStatus.DELETING and now >= replica.status_ends_at:
                self.pools.remove(replica.account, replica.region, replica.pool_id)
                del self._replicas[replica.account, replica.pool_id]
        self._stream.deliver_due(now, self.timing.lag_seconds, self.is_connected)

    def send_primary_state(self, replica: UserPoolReplica) -> None:
        """Send the primary's current state to its replica."""
        primary = self.pools.get(replica.account, replica.primary, replica.pool_id)
        if primary is None or replica.status in _CHANGING_STATUSES:
            return
        self._send_state(replica, primary, self.clock())

    def replicate(self, replica: UserPoolReplica, source_region: str, deliver: Callable[[], None]) -> None:
        """Call ``deliver`` when a change in one Region, made now, reaches the other."""
        self._record_change(replica, source_region, self.clock(), deliver)

    def create(self, call: UserPoolCall) -> JsonObject:
        """Answer ``CreateUserPoolReplica``.

        Raises
        ------
        AwsServiceError
            ``ResourceNotFoundException``, ``InvalidParameterException``, ``LimitExceededException`` for a second
            replica, ``FeatureUnavailableInTierException``; `KmsKeys.reject_unusable` for an unusable key.

        """
        primary = self._require_pool(call)
        region = call.document["RegionName"]
        if self.find(call.account, call.pool_id) is not None:
            raise AwsServiceError(
                "LimitExceededException",
                "User pool has reached the maximum allowed number of replicas",
            )
        if region == call.region:
            raise _build_invalid_parameter_error(
                f"User pool {call.pool_id} can't have a replica in its own Region, {region}."
            )
        if primary["UserPoolTier"] not in _REPLICATION_TIERS:
            tiers = " or ".join(_REPLICATION_TIERS)
            raise AwsServiceError(
                "FeatureUnavailableInTierException",
                f"Multi-Region replication needs the {tiers} tier, not {primary['UserPoolTier']}.",
            )
        self._reject_unusable_key(call, primary, region)
        if primary.get("IssuerConfiguration", {}).get("Type") != "UPDATED":
            raise _build_invalid_parameter_error(
                f"User pool {call.pool_id} needs IssuerConfiguration Type UPDATED for a replica."
            )
        replica = UserPoolReplica(
            account=call.account,
            pool_id=call.pool_id,
            region=region,
            tags=call.document.get("UserPoolTags", {}),
            status_ends_at=self.clock() + self.timing.creating_seconds,
            pending_until=self.clock() + self.timing.pending_seconds,
            status=ReplicaStatus.PENDING_CREATE if self.timing.pending_seconds else ReplicaStatus.CREATING,
        )
        self._replicas[call.account, call.pool_id] = replica
        return {"UserPoolReplica": _describe(replica, primary)}

    def update(self, call: UserPoolCall) -> JsonObject:
        """Answer ``UpdateUserPoolReplica``, in either Region.

        Raises
        ------
        AwsServiceError
            ``ResourceNotFoundException``, ``InvalidParameterException``, and ``InternalErrorException`` if the called
            Region cannot reach the replica's (inferred).

        """
        pool = self._require_pool(call)
        replica = self._require_replica(call)
        if replica.status in _CHANGING_STATUSES:
            raise _build_invalid_parameter_error(
                f"The replica in {replica.region} is {replica.status}; it can't be updated yet."
            )
        try:
            status = {"ACTIVE": ReplicaStatus.ACTIVE, "INACTIVE": ReplicaStatus.INACTIVE}[call.document["Status"]]
        except KeyError:
            raise _build_invalid_parameter_error(
                f"Status must be ACTIVE or INACTIVE, not {call.document['Status']}."
            ) from None
        if call.region != replica.region and not self.is_connected(replica.primary, replica.region):
            message = f"{call.region} can't reach the replica in {replica.region}."
            raise AwsServiceError("InternalErrorException", message, status=500)
        replica.status = status
        return {"UserPoolReplica": _describe(replica, pool)}

    def delete(self, call: UserPoolCall) -> JsonObject:
        """Answer ``DeleteUserPoolReplica``, in the primary Region.

        Raises
        ------
        AwsServiceError
            ``ResourceNotFoundException``; ``InvalidParameterException`` unless the replica is INACTIVE.

        """
        primary = self._require_pool(call)
        replica = self._require_replica(call)
        if replica.status is not ReplicaStatus.INACTIVE:
            raise _build_invalid_parameter_error(
                f"The replica in {replica.region} is {replica.status}; it must be INACTIVE."
            )
        replica.status = ReplicaStatus.DELETING
        replica.status_ends_at = self.clock() + self.timing.deleting_seconds
        return {"UserPoolReplica": _describe(replica, primary)}

    def list(self, call: UserPoolCall) -> JsonObject:
        """Answer ``ListUserPoolReplicas`` with the replica, if any, and the primary.

        Raises
        ------
        AwsServiceError
            ``ResourceNotFoundException`` if the Region does not know the pool.

        """
        pool = self._require_pool(call)
        replica = self.find(call.account, call.pool_id)
        primary = parse_primary_region(call.pool_id)
        described = [] if replica is None else [_describe(replica, pool)]
        described.append(
            {
                "RegionName": primary,
                "Status": ReplicaStatus.ACTIVE,
                "Role": "PRIMARY",
                "UserPoolArn": replace_region(pool["Arn"], primary),
            },
        )
        return {"UserPoolReplicas": described}

    def reject_deletion_with_replica(self, call: UserPoolCall) -> None:
        """Reject ``DeleteUserPool`` for a pool with a replica (inferred).

        Raises
        ------
        AwsServiceError
            ``InvalidParameterException`` that names the replica.

        """
        if (replica := self.find(call.account, call.pool_id)) is not None:
            raise _build_invalid_parameter_error(
                f"Delete the replica of user pool {call.pool_id} in {replica.region} first."
            )

    def _complete_creation(self, replica: UserPoolReplica) -> None:
        primary = self.pools.get(replica.account, replica.primary, replica.pool_id)
        if primary is None or not self.is_connected(replica.primary, replica.region):
            return
        self.pools.put(replica.account, replica.region, build_replica(primary, replica.region, replica.tags))
        replica.status = ReplicaStatus.INACTIVE
        self._send_state(replica, primary, replica.status_ends_at)

    def _send_state(self, replica: UserPoolReplica, primary: UserPoolState, changed_at: float) -> None:
        snapshot = capture_snapshot(primary)

        def deliver() -> None:
            pool = self.pools.get(replica.account, replica.region, replica.pool_id)
            if pool is not None:
                apply_snapshot(snapshot, pool, replica.region)

        self._record_change(replica, replica.primary, changed_at, deliver)

    def _record_change(
        self, replica: UserPoolReplica, source_region: str, changed_at: float, deliver: Callable[[], None]
    ) -> None:
        self._stream.record(
            ReplicatedChange(
                changed_at=changed_at,
                primary=replica.primary,
                standby=replica.region,
                source_region=source_region,
                deliver=deliver,
            ),
        )

    def _reject_unusable_key(self, call: UserPoolCall, primary: UserPoolState, region: str) -> None:
        configuration = primary.get("KeyConfiguration", {})
        if configuration.get("KeyType") != "CUSTOMER_MANAGED_KEY":
            raise _build_invalid_parameter_error(
                f"User pool {call.pool_id} is encrypted with an AWS owned key; "
                "a replica needs a customer managed multi-Region key.",
            )
        for key_region in (call.region, region):
            self.keys.reject_unusable(
                call.account,
                key_region,
                configuration["KmsKeyArn"],
                multi_region=True,
                pool_arn=replace_region(primary["Arn"], key_region),
            )

    def _require_pool(self, call: UserPoolCall) -> UserPoolState:
        pool = self.pools.get(call.account, call.region, call.pool_id)
        if pool is None:
            raise AwsServiceError("ResourceNotFoundException", f"User pool {call.pool_id} does not exist.")
        return pool

    def _require_replica(self, call: UserPoolCall) -> UserPoolReplica:
        replica = self.find(call.account, call.pool_id)
        region = call.document["RegionName"]
        if replica is None or replica.region != region:
            raise AwsServiceError(
                "ResourceNotFoundException",
                f"User pool {call.pool_id} has no secondary replica in {region}.",
            )
        return replica


def _build_invalid_parameter_error(message: str) -> AwsServiceError:
    return AwsServiceError("InvalidParameterException", message)


def _describe(replica: UserPoolReplica, pool: UserPoolState) -> JsonObject:
    return {
        "RegionName": replica.region,
        "Status": replica.status,
        "Role": "SECONDARY",
        "UserPoolArn": replace_region(pool["Arn"], replica.region),
    }
