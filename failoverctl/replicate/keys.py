"""Steps for the multi-Region key, its replica, and Cognito's permissions for both."""

from collections.abc import Mapping
from typing import Any

from failoverctl.replicate.context import ReplicationContext, find_unique, replace_region
from failoverctl.replicate.errors import ReplicationRefusedError
from failoverctl.replicate.key_policy import KeyPolicyScope, build_statements, with_statements
from failoverctl.replicate.step import StepDescription, StepState, StepStatus, WaitPolicy

_POLICY_NAME = "default"  # the only valid name of a key policy
_MONTHLY_COST = "About $1.00 a month for each of the two keys, plus KMS requests."

type Key = Mapping[str, Any]


def find_key(context: ReplicationContext) -> Key | None:
    """Return the key in the primary Region: the pool's, the given one, or one created earlier.

    Raises
    ------
    ReplicationRefusedError
        If the key is not usable for a replica.

    """
    arn = _find_key_arn(context)
    if arn is None:
        return None
    kms = context.get_client("kms", context.spec.primary_region)
    try:
        key: Key = kms.describe_key(KeyId=arn)["KeyMetadata"]
    except kms.exceptions.NotFoundException:
        raise ReplicationRefusedError(f"There is no key {arn}. Give --key one that exists.") from None
    _ensure_usable(key)
    return key


def _find_key_arn(context: ReplicationContext) -> str | None:
    pool = context.find_pool()
    pool_key_arn = pool.get("KeyConfiguration", {}).get("KmsKeyArn") if pool else None
    if pool_key_arn and context.spec.key_arn and pool_key_arn != context.spec.key_arn:
        raise ReplicationRefusedError(
            f"The pool is encrypted with {pool_key_arn}, not with {context.spec.key_arn}. Leave out --key to keep the "
            f"pool's key, or change the pool's key first (for data that is already encrypted, see Cognito's docs)."
        )
    return pool_key_arn or context.spec.key_arn or _find_created_key(context)


def _find_created_key(context: ReplicationContext) -> str | None:
    """Return the key with our description. Only ids of multi-Region keys start with ``mrk-``."""
    kms = context.get_client("kms", context.spec.primary_region)
    keys = (
        kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        for page in kms.get_paginator("list_keys").paginate()
        for key in page["Keys"]
        if key["KeyId"].startswith("mrk-")
    )
    return find_unique(
        f"keys in {context.spec.primary_region} with the description {context.spec.key_description!r}; give --key one",
        (
            str(key["Arn"])
            for key in keys
            if key.get("Description") == context.spec.key_description and key["KeyState"] != "PendingDeletion"
        ),
    )


def _ensure_usable(key: Key) -> None:
    arn = key["Arn"]
    if not key.get("MultiRegion"):
        raise ReplicationRefusedError(
            f"{arn} is a single-Region key, and can't be converted. A replica needs a multi-Region key. Change the "
            f"pool's key first (UpdateUserPool, repeating all of the pool's settings), or use a new pool."
        )
    if (key.get("KeySpec"), key.get("KeyUsage")) != ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"):
        raise ReplicationRefusedError(
            f"{arn} is a {key.get('KeySpec')} key for {key.get('KeyUsage')}. Cognito accepts only SYMMETRIC_DEFAULT "
            f"for ENCRYPT_DECRYPT."
        )
    if key["KeyState"] not in {"Enabled", "Creating"}:
        raise ReplicationRefusedError(
            f"{arn} is {key['KeyState']}. Users can't sign in without it. Enable it, or cancel its deletion, first."
        )


def _require_key(context: ReplicationContext) -> Key:
    key = find_key(context)
    if key is None:
        raise ReplicationRefusedError(
            f"The key {context.spec.key_description!r} in {context.spec.primary_region} no longer exists."
        )
    return key


class PrimaryKey:
    """A multi-Region key in the primary Region."""

    description = StepDescription(
        name="key",
        purpose="Replication needs a customer managed multi-Region key, which encrypts the pool in both Regions.",
        cost=f"{_MONTHLY_COST} If the key is disabled or deleted, users can't sign in.",
    )
    wait_policy = WaitPolicy(timeout_seconds=60)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return whether the key exists and is enabled."""
        key = find_key(context)
        if key is None:
            return StepStatus(
                state=StepState.CHANGE,
                actual=f"no multi-Region key for the pool in {context.spec.primary_region}",
                desired=f"a new key with the description {context.spec.key_description!r}",
            )
        return _key_status(key)

    def apply(self, context: ReplicationContext) -> None:
        """Create the key."""
        context.get_client("kms", context.spec.primary_region).create_key(
            MultiRegion=True, Description=context.spec.key_description
        )


class StandbyKey:
    """The key's replica in the standby Region."""

    description = StepDescription(
        name="standby-key",
        purpose="The pool's replica is encrypted with the key's replica in the standby Region.",
        cost=_MONTHLY_COST,
    )
    wait_policy = WaitPolicy(timeout_seconds=300)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return whether the key exists and is enabled."""
        key = find_key(context)
        replica = self._find_replica(context, key) if key else None
        if replica is not None:
            _ensure_usable(replica)
            return _key_status(replica)
        return StepStatus(
            state=StepState.CHANGE,
            actual=f"not in {context.spec.standby_region}",
            desired="a replica of the key there, with the key's current policy",
        )

    @staticmethod
    def _find_replica(context: ReplicationContext, key: Key) -> Key | None:
        kms = context.get_client("kms", context.spec.standby_region)
        try:
            replica: Key = kms.describe_key(KeyId=replace_region(key["Arn"], context.spec.standby_region))[
                "KeyMetadata"
            ]
        except kms.exceptions.NotFoundException:
            return None
        return replica

    def apply(self, context: ReplicationContext) -> None:
        """Replicate the key, in the Region of the key's primary. It may differ from the pool's primary Region."""
        key = _require_key(context)
        policy = context.get_client("kms", context.spec.primary_region).get_key_policy(
            KeyId=key["Arn"], PolicyName=_POLICY_NAME
        )["Policy"]
        primary_key = key["MultiRegionConfiguration"]["PrimaryKey"]
        context.get_client("kms", primary_key["Region"]).replicate_key(
            KeyId=primary_key["Arn"],
            ReplicaRegion=context.spec.standby_region,
            Description=key.get("Description", ""),
            Policy=policy,
        )


def _key_status(key: Key) -> StepStatus:
    state = StepState.DONE if key["KeyState"] == "Enabled" else StepState.WAIT
    return StepStatus(state=state, actual=f"{key['Arn']} is {key['KeyState']}", desired="Enabled")


class KeyPolicy:
    """Cognito's permissions for the key in one Region.

    Parameters
    ----------
    region
        The Region.
    is_narrowing
        Whether this is the second step, when a new pool has its id.

    """

    wait_policy = WaitPolicy(timeout_seconds=30, interval_seconds=2)

    def __init__(self, region: str, *, is_narrowing: bool = False) -> None:
        self._region = region
        self.description = StepDescription(
            name=f"key-policy-{region}" + ("-narrowed" if is_narrowing else ""),
            purpose="Cognito can use the key only for this pool of this account."
            if is_narrowing
            else "Cognito can use the key, restricted by account, pool and encryption context.",
        )

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """Return whether the policy has the statements."""
        key = find_key(context)
        if key is None:
            return StepStatus(state=StepState.CHANGE, actual="no key yet", desired=self._describe_desired(context))
        kms, arn = self._locate_key(context, key)
        try:
            policy = self._build_missing_policy(context, key)
        except kms.exceptions.NotFoundException:
            return StepStatus(state=StepState.CHANGE, actual=f"no {arn} yet", desired=self._describe_desired(context))
        if policy is None:
            return StepStatus(state=StepState.DONE, actual=f"the policy of {arn} has the permissions for Cognito")
        return StepStatus(
            state=StepState.CHANGE,
            actual=f"the policy of {arn} lacks permissions for Cognito",
            desired=self._describe_desired(context),
        )

    def apply(self, context: ReplicationContext) -> None:
        """Add the statements to the policy."""
        key = _require_key(context)
        kms, arn = self._locate_key(context, key)
        policy = self._build_missing_policy(context, key)
        if policy is not None:
            kms.put_key_policy(KeyId=arn, PolicyName=_POLICY_NAME, Policy=policy)

    def _build_missing_policy(self, context: ReplicationContext, key: Key) -> str | None:
        kms, arn = self._locate_key(context, key)
        _, partition, _, _, account, _ = arn.split(":", 5)
        pool = context.find_pool()
        scope = KeyPolicyScope(
            partition=partition, account=account, region=self._region, pool_id=pool["Id"] if pool else "*"
        )
        return with_statements(
            kms.get_key_policy(KeyId=arn, PolicyName=_POLICY_NAME)["Policy"], build_statements(scope)
        )

    def _locate_key(self, context: ReplicationContext, key: Key) -> tuple[Any, str]:
        return context.get_client("kms", self._region), replace_region(key["Arn"], self._region)

    @staticmethod
    def _describe_desired(context: ReplicationContext) -> str:
        pool_text = context.spec.pool_id or "the account's pools until the new pool has an id, then for that pool"
        return f"four statements for {pool_text}; all other statements are kept"
