"""Settings that every function that probes needs: the controller and the observers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cognito_failover.common.environment import declare_env_field, read_environment
from cognito_failover.common.region import PerRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSettings:
    """Settings of a function that probes both Regions, each read from one environment variable."""

    primary_region: str = declare_env_field("PRIMARY_REGION")
    standby_region: str = declare_env_field("STANDBY_REGION")
    user_pool_id: str = declare_env_field("USER_POOL_ID")
    client_id: str = declare_env_field("CLIENT_ID")
    canary_secret_arn: str = declare_env_field("CANARY_SECRET_ARN")
    issuer: str = declare_env_field("ISSUER", default="")

    domain_name: str = declare_env_field("DOMAIN_NAME", default="")
    primary_target: str = declare_env_field("PRIMARY_TARGET", default="")
    standby_target: str = declare_env_field("STANDBY_TARGET", default="")
    target_probe_path: str = declare_env_field("TARGET_PROBE_PATH", default="")

    witness_regions: tuple[str, ...] = declare_env_field("WITNESS_REGIONS", default=("eu-west-1", "us-west-2"))
    round_interval_seconds: int = declare_env_field("ROUND_INTERVAL_SECONDS", default=10)
    suspect_interval_seconds: int = declare_env_field("SUSPECT_INTERVAL_SECONDS", default=5)
    connect_timeout_seconds: float = declare_env_field("CONNECT_TIMEOUT_SECONDS", default=2.0)
    read_timeout_seconds: float = declare_env_field("READ_TIMEOUT_SECONDS", default=3.0)
    probe_deadline_seconds: float = declare_env_field("PROBE_DEADLINE_SECONDS", default=5.0)
    suspect_rounds: int = declare_env_field("SUSPECT_ROUNDS", default=3)

    table_name: str = declare_env_field("TABLE_NAME")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read the settings from environment variables. An empty variable counts as missing.

        Raises
        ------
        SettingsError
            If a variable is missing, has the wrong type, or contradicts another.

        """
        return cls(**read_environment(cls, env))

    @property
    def regions(self) -> PerRole[str]:
        """Names of both Regions."""
        return PerRole(primary=self.primary_region, standby=self.standby_region)

    @property
    def has_managed_records(self) -> bool:
        """Whether the domain has weighted records. If not, only Cognito's own domain is moved."""
        return bool(self.domain_name)

    @property
    def probed_witness_regions(self) -> tuple[str, ...]:
        """Witness Regions that this function asks."""
        return self.witness_regions

    @property
    def expected_issuer(self) -> str:
        """The ``iss`` of every token from both Regions. The default is that of issuer type UPDATED."""
        return self.issuer or f"https://issuer-cognito-idp.{self.primary_region}.amazonaws.com/{self.user_pool_id}"

    @property
    def observation_ttl_seconds(self) -> float:
        """Maximum age of an observation that counts: two round intervals."""
        return 2.0 * self.round_interval_seconds
