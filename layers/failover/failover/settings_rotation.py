"""What the rotation of the canary's password is told by the person who deploys it."""

from collections.abc import Mapping
from dataclasses import dataclass

from failover.environment import read, variable
from failover.errors import SettingsError
from failover.region import PerSide
from failover.settings_checks import misnamed_region


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationSettings:
    """Everything the rotation is told, each field from one environment variable.

    Raises
    ------
    SettingsError
        At construction, if the values contradict each other.

    """

    primary_region: str = variable("PRIMARY_REGION")
    standby_region: str = variable("STANDBY_REGION")
    user_pool_id: str = variable("USER_POOL_ID")
    canary_secret_arn: str = variable("CANARY_SECRET_ARN")

    def __post_init__(self) -> None:
        if problem := self._problem():
            raise SettingsError(problem)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "RotationSettings":
        """Read the settings from environment variables.

        Raises
        ------
        SettingsError
            If one is missing, or they contradict each other.

        """
        return cls(**read(cls, env))

    @property
    def regions(self) -> PerSide[str]:
        """The pool's two Regions."""
        return PerSide(primary=self.primary_region, standby=self.standby_region)

    def _problem(self) -> str | None:
        misnamed = misnamed_region((("PRIMARY_REGION", self.primary_region), ("STANDBY_REGION", self.standby_region)))
        if misnamed:
            return misnamed
        if self.primary_region == self.standby_region:
            return f"STANDBY_REGION is {self.standby_region}, where this stack is; give the Region of the replica."
        if not self.user_pool_id.startswith(f"{self.primary_region}_"):
            return (
                f"USER_POOL_ID is {self.user_pool_id!r}, and this stack is in {self.primary_region}. Passwords are set "
                f"on the primary only: deploy it in the pool's primary Region, with which its id begins."
            )
        secret_region = [*self.canary_secret_arn.split(":"), "", "", "", ""][3]
        if secret_region != self.primary_region:
            return (
                f"CANARY_SECRET_ARN names a secret in {secret_region or 'no Region'}, and only its primary copy can be "
                f"rotated; give the ARN of the one in {self.primary_region}."
            )
        return None
