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


def find_full_role(weights: Weights) -> RegionRole | None:
    """Return the only Region with a weight above 0; None if both have one, or neither. Two zeros mean equal shares."""
    roles = [role for role, weight in weights if weight]
    return roles[0] if len(roles) == 1 else None


def have_equal_shares(first: Weights, second: Weights) -> bool:
    """Return whether two pairs of weights split users alike: only the ratio counts, as 100/0 is 255/0."""

    def get_shares(weights: Weights) -> Weights:
        return weights if weights.primary or weights.standby else PerRole(primary=1, standby=1)

    first_shares, second_shares = get_shares(first), get_shares(second)
    return first_shares.primary * second_shares.standby == first_shares.standby * second_shares.primary
