"""Where the users of one steered name are, as DNS shows it."""

from dataclasses import dataclass
from enum import StrEnum

from cognito_failover.common.region import Instant, RegionRole


class LocationSource(StrEnum):
    """What a location was observed by."""

    NAME = "name"
    """The answers of the name itself, as clients get them."""

    REGION_RECORD = "region-record"
    """The region TXT record of the name. Its weights and health checks are those of the name."""

    CHECK_RECORD = "check-record"
    """The TXT record of the latch's health check. The location of the name's users is presumed from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCounts:
    """The answers of one server, by the Region that they send users to.

    Attributes
    ----------
    primary, standby
        Answers that lead only to that Region.
    unclear
        Answers that fit neither Region, or both.
    missing
        Questions without an answer in time, or without a record in the answer.
    empty
        Those of them with an answer.

    """

    primary: int = 0
    standby: int = 0
    unclear: int = 0
    missing: int = 0
    empty: int = 0

    def count_for(self, role: RegionRole) -> int:
        """Return the number of answers that lead to a Region."""
        return self.primary if role is RegionRole.PRIMARY else self.standby

    @property
    def total(self) -> int:
        """The number of answers."""
        return self.primary + self.standby + self.unclear

    @property
    def has_answered(self) -> bool:
        """Whether the server has answered anything."""
        return self.total + self.empty > 0

    @property
    def shows_region(self) -> bool:
        """Whether any answer leads to one Region. Other answers are no evidence."""
        return self.primary + self.standby > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where the users of one steered name are, observed at one moment.

    Attributes
    ----------
    observed_at
        When the answers were complete.
    source
        What shows the location.
    servers
        The answers of each name server that was asked.

    """

    observed_at: Instant
    source: LocationSource
    servers: dict[str, AnswerCounts]

    @property
    def answering_count(self) -> int:
        """The number of name servers whose answers show a Region."""
        return sum(counts.shows_region for counts in self.servers.values())

    @property
    def silent_servers(self) -> tuple[str, ...]:
        """The name servers whose answers show no Region."""
        return tuple(server for server, counts in self.servers.items() if not counts.shows_region)

    @property
    def role(self) -> RegionRole | None:
        """The only Region that answers lead to; None if there is no such answer, or if they differ."""
        roles = [role for role in RegionRole if self.get_share(role) > 0]
        return roles[0] if len(roles) == 1 else None

    @property
    def unknown_share(self) -> float:
        """The share of users whose Region no answer shows, from 0 to 1."""
        return max(0.0, 1.0 - self.get_share(RegionRole.PRIMARY) - self.get_share(RegionRole.STANDBY))

    def get_share(self, role: RegionRole) -> float:
        """Return the share of users that DNS sends to a Region, 0 to 1: the mean over the servers that answered."""
        shares = [counts.count_for(role) / counts.total for counts in self.servers.values() if counts.total]
        return sum(shares) / len(shares) if shares else 0.0

    def list_servers_elsewhere(self, role: RegionRole) -> tuple[str, ...]:
        """Return the name servers with at least one answer that leads to the other Region."""
        return tuple(server for server, counts in self.servers.items() if counts.count_for(role.opposite))


LOOKS_TO_CONFIRM = 2
"""The number of looks in a row that make a difference certain. One look may meet a change on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationDifference:
    """Users of one steered name are elsewhere than decided.

    Attributes
    ----------
    since
        When a look first showed it.
    location
        The last location that showed it. A later look without an answer does not change it.
    looks
        The number of looks that showed it.

    """

    since: Instant
    location: Location
    looks: int = 1

    @property
    def is_confirmed(self) -> bool:
        """Whether enough looks showed it."""
        return self.looks >= LOOKS_TO_CONFIRM
