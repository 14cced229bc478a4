"""The two Regions of a pool, named by the part each plays."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class RegionRole(StrEnum):
    """The part a Region plays in replication: it never changes, whichever serves the traffic."""

    PRIMARY = "primary"
    STANDBY = "standby"

    @property
    def opposite(self) -> "RegionRole":
        """The side that traffic would move to."""
        match self:
            case RegionRole.PRIMARY:
                return RegionRole.STANDBY
            case RegionRole.STANDBY:
                return RegionRole.PRIMARY
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerRole[T]:
    """One value for each side."""

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
        """Return the pair with the value of one side changed."""
        match role:
            case RegionRole.PRIMARY:
                return PerRole(primary=value, standby=self.standby)
            case RegionRole.STANDBY:
                return PerRole(primary=self.primary, standby=value)
            case _:
                assert_never(role)


type Instant = float
"""A moment, in seconds since the epoch (UTC)."""

FULL_WEIGHT = 255
"""Route 53's largest weight, for the side that serves."""

type Weights = PerRole[int]
"""Route 53 weights of the two sides, 0 to 255 each."""


def route_all_to(role: RegionRole) -> Weights:
    """Weights that send every user to one side."""
    return PerRole(primary=0, standby=0).replace(role, FULL_WEIGHT)


def split_traffic(role: RegionRole, percent: int) -> Weights:
    """Weights that send a share of the users, 0 to 100 percent, to one side and the rest to the other."""
    weight = round(FULL_WEIGHT * percent / 100)
    return PerRole(primary=FULL_WEIGHT - weight, standby=FULL_WEIGHT - weight).replace(role, weight)
