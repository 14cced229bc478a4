"""The desired state: the pool, its Regions and its canary."""

import re
from dataclasses import dataclass

from failoverctl.replicate.errors import ReplicationRefusedError

CLIENT_NAME = "cognito-failover-canary"
"""The name of the canary's app client."""

CANARY_NAME_PREFIX = "cognito-failover-canary"
"""Prefix of the two canary users' names."""

_ARN_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
"""The end that Secrets Manager adds to a name in an ARN. It warns of names that end so (CreateSecret, Name)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationSpec:
    """The desired state.

    Attributes
    ----------
    pool_id
        An existing user pool; empty for a new one.
    new_pool_name
        Name of the pool to create; empty for an existing one.
    primary_region, standby_region
        The two Regions.
    key_arn
        The multi-Region key in the primary Region; empty for the pool's key or a new one.
    observer_regions
        More Regions that read the canary's secret.
    secret_name
        Name of the secret; empty for a name with the pool's id.

    Raises
    ------
    ReplicationRefusedError
        If the fields contradict each other.

    """

    pool_id: str = ""
    new_pool_name: str = ""
    primary_region: str
    standby_region: str
    key_arn: str = ""
    observer_regions: tuple[str, ...] = ()
    secret_name: str = ""

    def __post_init__(self) -> None:
        if bool(self.pool_id) == bool(self.new_pool_name):
            raise ReplicationRefusedError("Give either --pool (an existing pool) or --new-pool.")
        if self.pool_id and self.pool_id.rpartition("_")[0] != self.primary_region:
            raise ReplicationRefusedError(
                f"{self.pool_id} was created in {self.pool_id.rpartition('_')[0]}, which stays its primary Region: "
                f"there is no promote operation. Leave out --primary, or give that Region."
            )
        if _ARN_SUFFIX.search(self.secret_name):
            raise ReplicationRefusedError(
                f"The secret's name {self.secret_name} ends in a hyphen and six characters, as a secret's ARN does. "
                f"Secrets Manager may take an ARN without its own six characters for the whole one. Give another name."
            )
        if self.standby_region == self.primary_region:
            raise ReplicationRefusedError(
                f"Primary and standby are both {self.primary_region}. A replica needs another Region."
            )
        if self.key_arn and self.key_arn.split(":")[3:4] != [self.primary_region]:
            raise ReplicationRefusedError(
                f"{self.key_arn} is not a key in {self.primary_region}. Give the key's ARN in that Region: Cognito "
                f"accepts only a key in the pool's Region, by its ARN."
            )

    @property
    def pool_label(self) -> str:
        """The pool's id, or the name of a new pool."""
        return self.pool_id or self.new_pool_name

    @property
    def key_description(self) -> str:
        """Description of a key that this command creates. The key is found by it."""
        return f"cognito-failover: user pool {self.pool_label}"

    @property
    def secret_regions(self) -> tuple[str, ...]:
        """Regions that get a replica of the secret. The primary Region has the secret itself."""
        return tuple(
            region
            for region in dict.fromkeys((self.standby_region, *self.observer_regions))
            if region != self.primary_region
        )
