"""The two Regions of a user pool, by role."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class RegionRole(StrEnum):
    """The role of a Region in replication. It never changes, whichever Region is active."""

    PRIMARY = "primary"
    STANDBY = "standby"

    @property
    def opposite(self) -> "RegionRole":
        """The other Region."""
        match self:
            case RegionRole.PRIMARY:
                return RegionRole.STANDBY
            case RegionRole.STANDBY:
                return RegionRole.PRIMARY
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerRole[T]:
    """One value for each Region."""

    primary: T
    standby: T

    def __getitem__(self, role: RegionRole) -> T:
        match role:
            case RegionRole.PRIMARY:
                return self.primary
            case RegionRole.STANDBY:
                return self.standby
            case _:
                assert_never(role)

    def __iter__(self) -> Iterator[tuple[RegionRole, T]]:
        yield RegionRole.PRIMARY, self.primary
        yield RegionRole.STANDBY, self.standby

    def replace(self, role: RegionRole, value: T) -> "PerRole[T]":
        """Return the pair with one value replaced."""
        match role:
            case RegionRole.PRIMARY:
                return PerRole(primary=value, standby=self.standby)
            case RegionRole.STANDBY:
                return PerRole(primary=self.primary, standby=value)
            case _:
                assert_never(role)


type Instant = float
"""A time in seconds since the epoch (UTC)."""

FULL_WEIGHT = 255
"""The maximum weight in Route 53, for the Region with all users."""

type Weights = PerRole[int]
"""The Route 53 weights of both Regions, 0 to 255 each."""


def route_all_to(role: RegionRole) -> Weights:
    """Return the weights that send all users to one Region."""
    return PerRole(primary=0, standby=0).replace(role, FULL_WEIGHT)


def split_traffic(role: RegionRole, percent: int) -> Weights:
    """Return the weights that send 0 to 100 percent of the users to one Region, and the rest to the other."""
    weight = round(FULL_WEIGHT * percent / 100)
    return PerRole(primary=FULL_WEIGHT - weight, standby=FULL_WEIGHT - weight).replace(role, weight)
