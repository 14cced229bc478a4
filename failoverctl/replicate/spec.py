"""What is wanted: which pool, replicated to which Region, with which canary."""

from dataclasses import dataclass

from failoverctl.replicate.errors import ReplicationRefusedError

CLIENT_NAME = "cognito-failover-canary"
"""The name of the canary's app client."""

CANARY_NAME_PREFIX = "cognito-failover-canary"
"""What the names of the two canary users begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationSpec:
    """What is to be there afterwards.

    Attributes
    ----------
    pool_id
        Of an existing user pool; empty for a new one.
    new_pool
        The name of the pool to create; empty for an existing one.
    primary, standby
        The two Regions.
    key_arn
        The multi-Region key to use, in the primary Region; empty for the pool's own, or else a new one.
    observers
        Further Regions that read the canary's secret.
    secret_name
        The secret's name; empty for one that names the pool.

    Raises
    ------
    RefusedError
        If the parts don't fit together.

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
            raise ReplicationRefusedError("Name either an existing pool (--pool) or a new one (--new-pool).")
        if self.pool_id and self.pool_id.rpartition("_")[0] != self.primary_region:
            raise ReplicationRefusedError(
                f"{self.pool_id} was created in {self.pool_id.rpartition('_')[0]}, which stays its primary Region: "
                f"there is no promote operation. Leave out --primary, or name that Region."
            )
        if self.standby_region == self.primary_region:
            raise ReplicationRefusedError(
                f"Primary and standby are both {self.primary_region}: a replica lives in another Region."
            )
        if self.key_arn and self.key_arn.split(":")[3:4] != [self.primary_region]:
            raise ReplicationRefusedError(
                f"{self.key_arn} is not a key in {self.primary_region}. Give the ARN that the key has there: Cognito takes a "
                f"key in the pool's own Region only, by its ARN."
            )

    @property
    def pool_label(self) -> str:
        """What the pool is known by before it exists: its id, or else its name."""
        return self.pool_id or self.new_pool_name

    @property
    def key_description(self) -> str:
        """What a key that is made here is known by."""
        return f"cognito-failover: user pool {self.pool_label}"

    @property
    def secret_regions(self) -> tuple[str, ...]:
        """The Regions that get a replica of the secret, the primary not among them: it holds the secret itself."""
        return tuple(
            region
            for region in dict.fromkeys((self.standby_region, *self.observer_regions))
            if region != self.primary_region
        )
