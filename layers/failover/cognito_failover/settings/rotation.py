"""Settings of the rotation of the canary's password."""

from collections.abc import Mapping
from dataclasses import dataclass

from cognito_failover.common.environment import declare_env_field, read_environment
from cognito_failover.common.errors import SettingsError
from cognito_failover.common.region import PerRole
from cognito_failover.settings.validation import find_invalid_region_name, get_secret_region


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationSettings:
    """Settings of the rotation, each read from one environment variable.

    Raises
    ------
    SettingsError
        At construction, if a value contradicts another.

    """

    primary_region: str = declare_env_field("PRIMARY_REGION")
    standby_region: str = declare_env_field("STANDBY_REGION")
    user_pool_id: str = declare_env_field("USER_POOL_ID")
    canary_secret_arn: str = declare_env_field("CANARY_SECRET_ARN")

    def __post_init__(self) -> None:
        if problem := self._find_problem():
            raise SettingsError(problem)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "RotationSettings":
        """Read the settings from environment variables.

        Raises
        ------
        SettingsError
            If a variable is missing or contradicts another.

        """
        return cls(**read_environment(cls, env))

    @property
    def regions(self) -> PerRole[str]:
        """Names of both Regions."""
        return PerRole(primary=self.primary_region, standby=self.standby_region)

    def _find_problem(self) -> str | None:
        name_problem = find_invalid_region_name(
            (("PRIMARY_REGION", self.primary_region), ("STANDBY_REGION", self.standby_region))
        )
        if name_problem:
            return name_problem
        if self.primary_region == self.standby_region:
            return f"STANDBY_REGION is {self.standby_region}, the Region of this stack. Use the Region of the replica."
        if not self.user_pool_id.startswith(f"{self.primary_region}_"):
            return (
                f"USER_POOL_ID is {self.user_pool_id!r}, and this stack is in {self.primary_region}. Passwords are set "
                f"only on the primary. Deploy the stack in the pool's primary Region: the pool's id begins with it."
            )
        secret_region = get_secret_region(self.canary_secret_arn)
        if secret_region != self.primary_region:
            return (
                f"CANARY_SECRET_ARN names a secret in {secret_region or 'no Region'}, and only its primary copy can be "
                f"rotated. Use the ARN of the secret in {self.primary_region}."
            )
        return None
