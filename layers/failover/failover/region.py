"""The two Regions of a pool, named by the part each plays."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class Side(StrEnum):
    """The part a Region plays in replication: it never changes, whichever serves the traffic."""

    PRIMARY = "primary"
    STANDBY = "standby"

    @property
    def other(self) -> "Side":
        """The side that traffic would move to."""
        match self:
            case Side.PRIMARY:
                return Side.STANDBY
            case Side.STANDBY:
                return Side.PRIMARY
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerSide[T]:
    """One value for each side."""

    primary: T
    standby: T

    def __getitem__(self, side: Side) -> T:
        match side:
            case Side.PRIMARY:
                return self.primary
            case Side.STANDBY:
                return self.standby
            case _:
                assert_never(side)

    def __iter__(self) -> Iterator[tuple[Side, T]]:
        yield Side.PRIMARY, self.primary
        yield Side.STANDBY, self.standby

    def replace(self, side: Side, value: T) -> "PerSide[T]":
        """Return the pair with the value of one side changed."""
        match side:
            case Side.PRIMARY:
                return PerSide(primary=value, standby=self.standby)
            case Side.STANDBY:
                return PerSide(primary=self.primary, standby=value)
            case _:
                assert_never(side)


type Instant = float
"""A moment, in seconds since the epoch (UTC)."""

FULL_WEIGHT = 255
"""Route 53's largest weight, for the side that serves."""

type Weights = PerSide[int]
"""Route 53 weights of the two sides, 0 to 255 each."""


def all_to(side: Side) -> Weights:
    """Weights that send every user to one side."""
    return PerSide(primary=0, standby=0).replace(side, FULL_WEIGHT)


def share_to(side: Side, percent: int) -> Weights:
    """Weights that send a share of the users, 0 to 100 percent, to one side and the rest to the other."""
    weight = round(FULL_WEIGHT * percent / 100)
    return PerSide(primary=FULL_WEIGHT - weight, standby=FULL_WEIGHT - weight).replace(side, weight)
