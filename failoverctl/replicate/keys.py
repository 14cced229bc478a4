"""The multi-Region key, its replica, and Cognito's rights to both."""

from collections.abc import Mapping
from typing import Any

from failoverctl.replicate.context import ReplicationContext, find_unique, replace_region
from failoverctl.replicate.errors import ReplicationRefusedError
from failoverctl.replicate.key_policy import KeyPolicyScope, build_statements, with_statements
from failoverctl.replicate.step import StepDescription, StepState, StepStatus, WaitPolicy

_POLICY_NAME = "default"  # the only name a key policy may have
_MONTHLY_COST = "About $1.00 a month for each of the two keys, and KMS's requests."

type Key = Mapping[str, Any]


def find_key(context: ReplicationContext) -> Key | None:
    """Return the key in the primary Region: the one given, the pool's own, or the one made here before.

    Raises
    ------
    RefusedError
        If it can't serve a replica.

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
            f"The pool is encrypted with {pool_key_arn}, not with {context.spec.key_arn}. Leave out --key to keep the pool's, or "
            f"change the pool's key first: what that means for data that is encrypted already is Cognito's to say."
        )
    return pool_key_arn or context.spec.key_arn or _find_created_key(context)


def _find_created_key(context: ReplicationContext) -> str | None:
    """Return the key that is described as ours; only multi-Region keys' ids begin with ``mrk-``."""
    kms = context.get_client("kms", context.spec.primary_region)
    keys = (
        kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        for page in kms.get_paginator("list_keys").paginate()
        for key in page["Keys"]
        if key["KeyId"].startswith("mrk-")
    )
    return find_unique(
        f"keys in {context.spec.primary_region} described {context.spec.key_description!r}; give --key the one to use",
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
            f"{arn} is a single-Region key, and can't be made another. A replica needs a multi-Region key: give the "
            f"pool one first (UpdateUserPool with all of the pool's settings repeated), or start with a new pool."
        )
    if (key.get("KeySpec"), key.get("KeyUsage")) != ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"):
        raise ReplicationRefusedError(
            f"{arn} is a key of {key.get('KeySpec')} for {key.get('KeyUsage')}; Cognito takes SYMMETRIC_DEFAULT for "
            f"ENCRYPT_DECRYPT only."
        )
    if key["KeyState"] not in {"Enabled", "Creating"}:
        raise ReplicationRefusedError(
            f"{arn} is {key['KeyState']}. Without it nobody signs in: enable it, or cancel its deletion, first."
        )


def _require_key(context: ReplicationContext) -> Key:
    key = find_key(context)
    if key is None:
        raise ReplicationRefusedError(
            f"There is no key {context.spec.key_description!r} in {context.spec.primary_region} any more."
        )
    return key


class PrimaryKey:
    """A multi-Region key in the primary Region."""

    description = StepDescription(
        name="key",
        purpose="Replication needs a multi-Region key of your own, which encrypts the pool in both Regions.",
        cost=f"{_MONTHLY_COST} Whoever disables or deletes it ends all sign-in.",
    )
    wait_policy = WaitPolicy(timeout_seconds=60)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """See whether there is one, and it is enabled."""
        key = find_key(context)
        if key is None:
            return StepStatus(
                state=StepState.CHANGE,
                actual=f"no multi-Region key for the pool in {context.spec.primary_region}",
                desired=f"a new one, described {context.spec.key_description!r}",
            )
        return _key_status(key)

    def apply(self, context: ReplicationContext) -> None:
        """Create it."""
        context.get_client("kms", context.spec.primary_region).create_key(
            MultiRegion=True, Description=context.spec.key_description
        )


class StandbyKey:
    """The key's replica in the standby Region."""

    description = StepDescription(
        name="standby-key",
        purpose="The replica of the pool is encrypted with the same key, in its own Region.",
        cost=_MONTHLY_COST,
    )
    wait_policy = WaitPolicy(timeout_seconds=300)

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """See whether there is one, and it is enabled."""
        key = find_key(context)
        replica = self._find_replica(context, key) if key else None
        if replica is not None:
            _ensure_usable(replica)
            return _key_status(replica)
        return StepStatus(
            state=StepState.CHANGE,
            actual=f"not in {context.spec.standby_region}",
            desired="a replica of the key there, with the key's present policy",
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
        """Replicate the key; that is done in the Region of its own primary, which needn't be the pool's."""
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
    """Cognito's rights to the key in one Region.

    Parameters
    ----------
    region
        Which one.
    narrowing
        Whether this is the second look, once a new pool has its id.

    """

    wait_policy = WaitPolicy(timeout_seconds=30, interval_seconds=2)

    def __init__(self, region: str, *, is_narrowing: bool = False) -> None:
        self._region = region
        self.description = StepDescription(
            name=f"key-policy-{region}" + ("-narrowed" if is_narrowing else ""),
            purpose="Cognito may use the key for this pool of this account and nothing else."
            if is_narrowing
            else "Cognito may use the key, by account, pool and encryption context.",
        )

    def inspect(self, context: ReplicationContext) -> StepStatus:
        """See whether the policy has the statements."""
        key = find_key(context)
        if key is None:
            return StepStatus(state=StepState.CHANGE, actual="no key yet", desired=self._describe_desired(context))
        kms, arn = self._locate_key(context, key)
        try:
            policy = self._build_missing_policy(context, key)
        except kms.exceptions.NotFoundException:
            return StepStatus(state=StepState.CHANGE, actual=f"no {arn} yet", desired=self._describe_desired(context))
        if policy is None:
            return StepStatus(state=StepState.DONE, actual=f"the policy of {arn} has what Cognito needs")
        return StepStatus(
            state=StepState.CHANGE,
            actual=f"the policy of {arn} lacks what Cognito needs",
            desired=self._describe_desired(context),
        )

    def apply(self, context: ReplicationContext) -> None:
        """Put the statements beside those that are there."""
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
        pool_text = context.spec.pool_id or "the account's pools until the new one has an id, then that one"
        return f"four statements for {pool_text}, all others kept"
