"""The replicas of user pools: their operations, their statuses over time, and how changes reach them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.cognito.keys import Keys
from sandbox.cognito.permitted import Status
from sandbox.cognito.pools import Pool, Pools, primary_region
from sandbox.cognito.snapshot import capture, in_region, merge, new_replica
from sandbox.cognito.stream import Change, Stream
from sandbox.cognito.wire import Call, Document, Refusal

_TIERS = ("ESSENTIALS", "PLUS")


@dataclass(slots=True, kw_only=True)
class Replica:
    """A pool's replica; ``status_ends_at`` is when CREATING or DELETING is over, in seconds of the clock."""

    account: str
    pool_id: str
    region: str
    tags: dict[str, str]
    status_ends_at: float
    status: Status = Status.CREATING

    @property
    def primary(self) -> str:
        """The Region of the primary."""
        return primary_region(self.pool_id)


@dataclass(slots=True, kw_only=True)
class Timing:
    """How long things take, in seconds; may be changed while the sandbox runs.

    Attributes
    ----------
    creating_seconds
        From ``CreateUserPoolReplica`` until the replica is INACTIVE; the article saw about two minutes.
    deleting_seconds
        From ``DeleteUserPoolReplica`` until the replica is gone.
    lag_seconds
        From a change in one Region until the other knows it.

    """

    creating_seconds: float
    deleting_seconds: float
    lag_seconds: float


@dataclass(slots=True, kw_only=True)
class Replicas:
    """The replicas of all pools, one at most for each."""

    pools: Pools
    keys: Keys
    timing: Timing
    clock: Callable[[], float]
    linked: Callable[[str, str], bool]
    _stream: Stream = field(default_factory=Stream)
    _held: dict[tuple[str, str], Replica] = field(default_factory=dict)

    def of(self, account: str, pool_id: str) -> Replica | None:
        """Return a pool's replica, in whatever status; None if it has none."""
        return self._held.get((account, pool_id))

    def advance(self) -> None:
        """Bring statuses and replicated changes to where they are by the clock.

        What could travel until now has arrived when this returns, so it must also run right before two Regions
        are cut off from each other.
        """
        now = self.clock()
        for replica in list(self._held.values()):
            if replica.status is Status.CREATING and now >= replica.status_ends_at:
                self._created(replica)
            elif replica.status is Status.DELETING and now >= replica.status_ends_at:
                self.pools.remove(replica.account, replica.region, replica.pool_id)
                del self._held[replica.account, replica.pool_id]
        self._stream.deliver(now, self.timing.lag_seconds, self.linked)

    def changed(self, replica: Replica) -> None:
        """Send the present state of the primary to its replica."""
        primary = self.pools.get(replica.account, replica.primary, replica.pool_id)
        if primary is None or replica.status in {Status.CREATING, Status.DELETING}:
            return
        self._send_state(replica, primary, self.clock())

    def send(self, replica: Replica, made_in: str, deliver: Callable[[], None]) -> None:
        """Let ``deliver`` run when what happened in one Region just now has reached the other."""
        self._record(replica, made_in, self.clock(), deliver)

    def create(self, call: Call) -> Document:
        """Answer ``CreateUserPoolReplica``.

        Raises
        ------
        Refusal
            ``ResourceNotFoundException``, ``InvalidParameterException``, ``LimitExceededException`` for a second
            replica, ``FeatureUnavailableInTierException``; `Keys.check` for a key that can't be used in a Region.

        """
        primary = self._here(call)
        region = call.document["RegionName"]
        if self.of(call.account, call.pool_id) is not None:
            raise Refusal(
                "LimitExceededException",
                "User pool has reached the maximum allowed number of replicas",
            )
        if region == call.region:
            raise _invalid(f"User pool {call.pool_id} can't have a replica in its own Region, {region}.")
        if primary["UserPoolTier"] not in _TIERS:
            raise Refusal(
                "FeatureUnavailableInTierException",
                f"Multi-Region replication needs the {' or '.join(_TIERS)} tier, not {primary['UserPoolTier']}.",
            )
        self._check_key(call, primary, region)
        if primary.get("IssuerConfiguration", {}).get("Type") != "UPDATED":
            raise _invalid(f"User pool {call.pool_id} needs IssuerConfiguration Type UPDATED for a replica.")
        replica = Replica(
            account=call.account,
            pool_id=call.pool_id,
            region=region,
            tags=call.document.get("UserPoolTags", {}),
            status_ends_at=self.clock() + self.timing.creating_seconds,
        )
        self._held[call.account, call.pool_id] = replica
        return {"UserPoolReplica": _described(replica, primary)}

    def update(self, call: Call) -> Document:
        """Answer ``UpdateUserPoolReplica``, in either Region.

        Raises
        ------
        Refusal
            ``ResourceNotFoundException``, ``InvalidParameterException``, and ``InternalErrorException`` where
            the called Region can't reach the replica's; the last is inferred.

        """
        pool = self._here(call)
        replica = self._named(call)
        if replica.status in {Status.CREATING, Status.DELETING}:
            raise _invalid(f"The replica in {replica.region} is {replica.status}; it can't be updated yet.")
        try:
            status = {"ACTIVE": Status.ACTIVE, "INACTIVE": Status.INACTIVE}[call.document["Status"]]
        except KeyError:
            raise _invalid(f"Status must be ACTIVE or INACTIVE, not {call.document['Status']}.") from None
        if call.region != replica.region and not self.linked(replica.primary, replica.region):
            message = f"{call.region} can't reach the replica in {replica.region}."
            raise Refusal("InternalErrorException", message, status=500)
        replica.status = status
        return {"UserPoolReplica": _described(replica, pool)}

    def delete(self, call: Call) -> Document:
        """Answer ``DeleteUserPoolReplica``, in the primary Region.

        Raises
        ------
        Refusal
            ``ResourceNotFoundException``; ``InvalidParameterException`` unless the replica is INACTIVE.

        """
        primary = self._here(call)
        replica = self._named(call)
        if replica.status is not Status.INACTIVE:
            raise _invalid(f"The replica in {replica.region} is {replica.status}; it must be INACTIVE.")
        replica.status = Status.DELETING
        replica.status_ends_at = self.clock() + self.timing.deleting_seconds
        return {"UserPoolReplica": _described(replica, primary)}

    def list(self, call: Call) -> Document:
        """Answer ``ListUserPoolReplicas``: the replica, if there is one, and the primary.

        Raises
        ------
        Refusal
            ``ResourceNotFoundException`` where the Region doesn't know the pool.

        """
        pool = self._here(call)
        replica = self.of(call.account, call.pool_id)
        primary = primary_region(call.pool_id)
        described = [] if replica is None else [_described(replica, pool)]
        described.append(
            {
                "RegionName": primary,
                "Status": Status.ACTIVE,
                "Role": "PRIMARY",
                "UserPoolArn": in_region(pool["Arn"], primary),
            },
        )
        return {"UserPoolReplicas": described}

    def check_deletable(self, call: Call) -> None:
        """Refuse ``DeleteUserPool`` for a pool with a replica; that the service does so is inferred.

        Raises
        ------
        Refusal
            ``InvalidParameterException`` that names the replica.

        """
        if (replica := self.of(call.account, call.pool_id)) is not None:
            raise _invalid(f"Delete the replica of user pool {call.pool_id} in {replica.region} first.")

    def _created(self, replica: Replica) -> None:
        primary = self.pools.get(replica.account, replica.primary, replica.pool_id)
        if primary is None or not self.linked(replica.primary, replica.region):
            return
        self.pools.put(replica.account, replica.region, new_replica(primary, replica.region, replica.tags))
        replica.status = Status.INACTIVE
        self._send_state(replica, primary, replica.status_ends_at)

    def _send_state(self, replica: Replica, primary: Pool, made_at: float) -> None:
        captured = capture(primary)

        def deliver() -> None:
            held = self.pools.get(replica.account, replica.region, replica.pool_id)
            if held is not None:
                merge(captured, held, replica.region)

        self._record(replica, replica.primary, made_at, deliver)

    def _record(self, replica: Replica, made_in: str, made_at: float, deliver: Callable[[], None]) -> None:
        self._stream.record(
            Change(
                made_at=made_at,
                primary=replica.primary,
                standby=replica.region,
                made_in=made_in,
                deliver=deliver,
            ),
        )

    def _check_key(self, call: Call, primary: Pool, region: str) -> None:
        configuration = primary.get("KeyConfiguration", {})
        if configuration.get("KeyType") != "CUSTOMER_MANAGED_KEY":
            raise _invalid(
                f"User pool {call.pool_id} is encrypted with an AWS owned key; "
                "a replica needs a customer managed multi-Region key.",
            )
        for where in (call.region, region):
            self.keys.check(
                call.account,
                where,
                configuration["KmsKeyArn"],
                multi_region=True,
                pool_arn=in_region(primary["Arn"], where),
            )

    def _here(self, call: Call) -> Pool:
        pool = self.pools.get(call.account, call.region, call.pool_id)
        if pool is None:
            raise Refusal("ResourceNotFoundException", f"User pool {call.pool_id} does not exist.")
        return pool

    def _named(self, call: Call) -> Replica:
        replica = self.of(call.account, call.pool_id)
        region = call.document["RegionName"]
        if replica is None or replica.region != region:
            raise Refusal(
                "ResourceNotFoundException",
                f"User pool {call.pool_id} has no secondary replica in {region}.",
            )
        return replica


def _invalid(message: str) -> Refusal:
    return Refusal("InvalidParameterException", message)


def _described(replica: Replica, pool: Pool) -> Document:
    return {
        "RegionName": replica.region,
        "Status": replica.status,
        "Role": "SECONDARY",
        "UserPoolArn": in_region(pool["Arn"], replica.region),
    }
