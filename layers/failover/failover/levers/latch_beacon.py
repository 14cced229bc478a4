"""The pair of TXT records that shows the state of a latch's health check in DNS."""

from collections.abc import Iterable
from dataclasses import dataclass

from failover.levers.authority import Authority
from failover.levers.beacon import beacon_name
from failover.levers.confirmation import conclude, expectations, questions_for
from failover.levers.latch import LatchName
from failover.levers.lever import Confirmation, RecordSet, Sight
from failover.levers.records import absolute, same, values_of
from failover.region import FULL_WEIGHT, PerSide, Side
from failover.settings import Settings

LATCH_LABEL = "_latch"
"""Before the domain's name: the beacon of the records' latch."""

SETTLING_LABEL = "_latch-settling"
"""Before the same names while a latch is being attached: nobody reads it but whoever attaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchBeacon:
    """A weighted TXT pair of fixed weights, with the latch's check on the primary's half.

    The primary's half answers while the check is healthy. While it isn't, Route 53 answers with the standby's, since no
    record of another weight is healthy.

    Attributes
    ----------
    name
        Where the pair stands, absolute.
    regions
        What each half says.
    check_id
        The latch's health check.
    ttl_seconds
        The TTL of a pair to be created.

    """

    name: str
    regions: PerSide[str]
    check_id: str
    ttl_seconds: int

    @property
    def pair(self) -> PerSide[RecordSet]:
        """The two record sets as they are created."""

        def one(side: Side, weight: int) -> RecordSet:
            return {
                "Name": self.name,
                "Type": "TXT",
                "SetIdentifier": self.regions[side],
                "Weight": weight,
                "TTL": self.ttl_seconds,
                "ResourceRecords": [{"Value": f'"{self.regions[side]}"'}],
            }

        return PerSide(
            primary={**one(Side.PRIMARY, FULL_WEIGHT), "HealthCheckId": self.check_id}, standby=one(Side.STANDBY, 0)
        )

    @property
    def record_sets(self) -> tuple[RecordSet, ...]:
        """The same, one after the other."""
        return tuple(record_set for _, record_set in self.pair)

    def found_in(self, record_sets: Iterable[RecordSet]) -> tuple[RecordSet, ...]:
        """Return the pair as found among record sets; nothing where it is missing or stands for another check."""
        at_name = [each for each in record_sets if absolute(each["Name"]) == self.name and each["Type"] == "TXT"]
        shown = [{**each, "TTL": self.ttl_seconds} for each in at_name if "TTL" in each]
        return tuple(at_name) if same(shown, self.record_sets) else ()

    def answers(self, sight: Sight, side: Side, *, authority: Authority, budget_seconds: float) -> Confirmation:
        """Ask the name servers for a pair as it was seen, which side answers.

        Parameters
        ----------
        sight
            Of this pair.
        side
            The side that is to answer.
        authority
            Who asks.
        budget_seconds
            The longest it may take.

        """
        by_region = {min(values_of(each)): each for each in sight.record_sets}
        seen = PerSide(primary=by_region[self.regions.primary], standby=by_region[self.regions.standby])
        look = authority.look(sight.name_servers, questions_for([seen]), hosts=(), budget_seconds=budget_seconds)
        return conclude(look, expectations([seen], side, {}), new_region=self.regions[side])


def latch_beacon(name: LatchName, settings: Settings) -> LatchBeacon:
    """Return the beacon of one of the latches; the domain's doubles as the beacon its users' clients read."""
    names = {
        LatchName.RECORDS: absolute(f"{LATCH_LABEL}.{settings.domain_name}"),
        LatchName.DOMAIN: beacon_name(settings.managed_login_domain),
    }
    return _beacon(name, names[name], settings)


def settling_beacon(name: LatchName, settings: Settings) -> LatchBeacon:
    """Return the pair by which a check is seen to have settled, before anything else carries it."""
    stands_for = {LatchName.RECORDS: settings.domain_name, LatchName.DOMAIN: settings.managed_login_domain}
    return _beacon(name, absolute(f"{SETTLING_LABEL}.{stands_for[name]}"), settings)


def _beacon(name: LatchName, at: str, settings: Settings) -> LatchBeacon:
    return LatchBeacon(
        name=at,
        regions=settings.regions,
        check_id=settings.latch_check_ids[name],
        ttl_seconds=settings.record_ttl_seconds,
    )
