"""The multi-Region key, its replica, and Cognito's rights to both."""

from collections.abc import Mapping
from typing import Any

from failoverctl.replicate.errors import RefusedError
from failoverctl.replicate.key_policy import Scope, statements, with_statements
from failoverctl.replicate.site import Site, in_region, only
from failoverctl.replicate.step import Finding, Meaning, Patience, State

_POLICY = "default"  # the only name a key policy may have
_MONTHLY = "About $1.00 a month for each of the two keys, and KMS's requests."

type Key = Mapping[str, Any]


def find_key(site: Site) -> Key | None:
    """Return the key in the primary Region: the one given, the pool's own, or the one made here before.

    Raises
    ------
    RefusedError
        If it can't serve a replica.

    """
    arn = _known_arn(site)
    if arn is None:
        return None
    kms = site.client("kms", site.wish.primary)
    try:
        key: Key = kms.describe_key(KeyId=arn)["KeyMetadata"]
    except kms.exceptions.NotFoundException:
        raise RefusedError(f"There is no key {arn}. Give --key one that exists.") from None
    _check(key)
    return key


def _known_arn(site: Site) -> str | None:
    pool = site.pool()
    own = pool.get("KeyConfiguration", {}).get("KmsKeyArn") if pool else None
    if own and site.wish.key_arn and own != site.wish.key_arn:
        raise RefusedError(
            f"The pool is encrypted with {own}, not with {site.wish.key_arn}. Leave out --key to keep the pool's, or "
            f"change the pool's key first: what that means for data that is encrypted already is Cognito's to say."
        )
    return own or site.wish.key_arn or _made_before(site)


def _made_before(site: Site) -> str | None:
    """Return the key that is described as ours; only multi-Region keys' ids begin with ``mrk-``."""
    kms = site.client("kms", site.wish.primary)
    keys = (
        kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        for page in kms.get_paginator("list_keys").paginate()
        for key in page["Keys"]
        if key["KeyId"].startswith("mrk-")
    )
    return only(
        f"keys in {site.wish.primary} described {site.wish.key_description!r}; give --key the one to use",
        (
            str(key["Arn"])
            for key in keys
            if key.get("Description") == site.wish.key_description and key["KeyState"] != "PendingDeletion"
        ),
    )


def _check(key: Key) -> None:
    arn = key["Arn"]
    if not key.get("MultiRegion"):
        raise RefusedError(
            f"{arn} is a single-Region key, and can't be made another. A replica needs a multi-Region key: give the "
            f"pool one first (UpdateUserPool with all of the pool's settings repeated), or start with a new pool."
        )
    if (key.get("KeySpec"), key.get("KeyUsage")) != ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"):
        raise RefusedError(
            f"{arn} is a key of {key.get('KeySpec')} for {key.get('KeyUsage')}; Cognito takes SYMMETRIC_DEFAULT for "
            f"ENCRYPT_DECRYPT only."
        )
    if key["KeyState"] not in {"Enabled", "Creating"}:
        raise RefusedError(
            f"{arn} is {key['KeyState']}. Without it nobody signs in: enable it, or cancel its deletion, first."
        )


def _known_key(site: Site) -> Key:
    key = find_key(site)
    if key is None:
        raise RefusedError(f"There is no key {site.wish.key_description!r} in {site.wish.primary} any more.")
    return key


class PrimaryKey:
    """A multi-Region key in the primary Region."""

    meaning = Meaning(
        name="key",
        why="Replication needs a multi-Region key of your own, which encrypts the pool in both Regions.",
        costs=f"{_MONTHLY} Whoever disables or deletes it ends all sign-in.",
    )
    patience = Patience(seconds=60)

    def look(self, site: Site) -> Finding:
        """See whether there is one, and it is enabled."""
        key = find_key(site)
        if key is None:
            return Finding(
                state=State.CHANGE,
                found=f"no multi-Region key for the pool in {site.wish.primary}",
                wanted=f"a new one, described {site.wish.key_description!r}",
            )
        return _finding(key)

    def change(self, site: Site) -> None:
        """Create it."""
        site.client("kms", site.wish.primary).create_key(MultiRegion=True, Description=site.wish.key_description)


class StandbyKey:
    """The key's replica in the standby Region."""

    meaning = Meaning(
        name="standby-key",
        why="The replica of the pool is encrypted with the same key, in its own Region.",
        costs=_MONTHLY,
    )
    patience = Patience(seconds=300)

    def look(self, site: Site) -> Finding:
        """See whether there is one, and it is enabled."""
        key = find_key(site)
        replica = self._replica(site, key) if key else None
        if replica is not None:
            _check(replica)
            return _finding(replica)
        return Finding(
            state=State.CHANGE,
            found=f"not in {site.wish.standby}",
            wanted="a replica of the key there, with the key's present policy",
        )

    @staticmethod
    def _replica(site: Site, key: Key) -> Key | None:
        kms = site.client("kms", site.wish.standby)
        try:
            replica: Key = kms.describe_key(KeyId=in_region(key["Arn"], site.wish.standby))["KeyMetadata"]
        except kms.exceptions.NotFoundException:
            return None
        return replica

    def change(self, site: Site) -> None:
        """Replicate the key; that is done in the Region of its own primary, which needn't be the pool's."""
        key = _known_key(site)
        policy = site.client("kms", site.wish.primary).get_key_policy(KeyId=key["Arn"], PolicyName=_POLICY)["Policy"]
        own = key["MultiRegionConfiguration"]["PrimaryKey"]
        site.client("kms", own["Region"]).replicate_key(
            KeyId=own["Arn"],
            ReplicaRegion=site.wish.standby,
            Description=key.get("Description", ""),
            Policy=policy,
        )


def _finding(key: Key) -> Finding:
    state = State.DONE if key["KeyState"] == "Enabled" else State.WAIT
    return Finding(state=state, found=f"{key['Arn']} is {key['KeyState']}", wanted="Enabled")


class KeyPolicy:
    """Cognito's rights to the key in one Region.

    Parameters
    ----------
    region
        Which one.
    narrowing
        Whether this is the second look, once a new pool has its id.

    """

    patience = Patience(seconds=30, interval_seconds=2)

    def __init__(self, region: str, *, narrowing: bool = False) -> None:
        self._region = region
        self.meaning = Meaning(
            name=f"key-policy-{region}" + ("-narrowed" if narrowing else ""),
            why="Cognito may use the key for this pool of this account and nothing else."
            if narrowing
            else "Cognito may use the key, by account, pool and encryption context.",
        )

    def look(self, site: Site) -> Finding:
        """See whether the policy has the statements."""
        key = find_key(site)
        if key is None:
            return Finding(state=State.CHANGE, found="no key yet", wanted=self._wanted(site))
        kms, arn = self._key(site, key)
        try:
            policy = self._policy(site, key)
        except kms.exceptions.NotFoundException:
            return Finding(state=State.CHANGE, found=f"no {arn} yet", wanted=self._wanted(site))
        if policy is None:
            return Finding(state=State.DONE, found=f"the policy of {arn} has what Cognito needs")
        return Finding(
            state=State.CHANGE, found=f"the policy of {arn} lacks what Cognito needs", wanted=self._wanted(site)
        )

    def change(self, site: Site) -> None:
        """Put the statements beside those that are there."""
        key = _known_key(site)
        kms, arn = self._key(site, key)
        policy = self._policy(site, key)
        if policy is not None:
            kms.put_key_policy(KeyId=arn, PolicyName=_POLICY, Policy=policy)

    def _policy(self, site: Site, key: Key) -> str | None:
        kms, arn = self._key(site, key)
        _, partition, _, _, account, _ = arn.split(":", 5)
        pool = site.pool()
        scope = Scope(partition=partition, account=account, region=self._region, pool_id=pool["Id"] if pool else "*")
        return with_statements(kms.get_key_policy(KeyId=arn, PolicyName=_POLICY)["Policy"], statements(scope))

    def _key(self, site: Site, key: Key) -> tuple[Any, str]:
        return site.client("kms", self._region), in_region(key["Arn"], self._region)

    @staticmethod
    def _wanted(site: Site) -> str:
        pool = site.wish.pool_id or "the account's pools until the new one has an id, then that one"
        return f"four statements for {pool}, all others kept"
