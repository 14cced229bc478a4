"""The pair of TXT records that shows the state of a latch's health check in DNS."""

from collections.abc import Iterable
from dataclasses import dataclass

from cognito_failover.common.region import FULL_WEIGHT, PerRole, RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.record_set import are_equal, to_absolute_name
from cognito_failover.routing.records.region_txt_record import build_region_record_name
from cognito_failover.settings.controller import Settings

LATCH_RECORD_LABEL = "_latch"
"""Label under the domain's name: the state TXT record of the records' latch."""

SETTLING_RECORD_LABEL = "_latch-settling"
"""Label under a domain's name while a latch is being attached. Only the attaching process reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchStateRecord:
    """A weighted TXT pair of fixed weights, with the latch's check on the primary's half.

    The primary's half answers while the check is healthy. While the check is unhealthy, Route 53 answers with the
    standby's half, because no record with a weight above 0 is healthy.

    Attributes
    ----------
    name
        The pair's absolute name.
    regions
        The text of each half.
    check_id
        The latch's health check.
    ttl_seconds
        The TTL of a new pair.

    """

    name: str
    regions: PerRole[str]
    check_id: str
    ttl_seconds: int

    @property
    def pair(self) -> PerRole[RecordSet]:
        """The two record sets, as the controller creates them."""

        def build_record(role: RegionRole, weight: int) -> RecordSet:
            return {
                "Name": self.name,
                "Type": "TXT",
                "SetIdentifier": self.regions[role],
                "Weight": weight,
                "TTL": self.ttl_seconds,
                "ResourceRecords": [{"Value": f'"{self.regions[role]}"'}],
            }

        return PerRole(
            primary={**build_record(RegionRole.PRIMARY, FULL_WEIGHT), "HealthCheckId": self.check_id},
            standby=build_record(RegionRole.STANDBY, 0),
        )

    @property
    def record_sets(self) -> tuple[RecordSet, ...]:
        """The two record sets as a sequence."""
        return tuple(record_set for _, record_set in self.pair)

    def find_in(self, record_sets: Iterable[RecordSet]) -> tuple[RecordSet, ...]:
        """Return this pair from the record sets, with any TTL; empty if it is missing or has another check."""
        candidates = [
            record_set
            for record_set in record_sets
            if to_absolute_name(record_set["Name"]) == self.name and record_set["Type"] == "TXT"
        ]
        normalized = [{**record_set, "TTL": self.ttl_seconds} for record_set in candidates if "TTL" in record_set]
        return tuple(candidates) if are_equal(normalized, self.record_sets) else ()


def build_latch_state_record(name: SteeredName, settings: Settings) -> LatchStateRecord:
    """Return the state TXT record of a latch. The domain's is also the region TXT record that clients read."""
    names = {
        SteeredName.RECORDS: to_absolute_name(f"{LATCH_RECORD_LABEL}.{settings.domain_name}"),
        SteeredName.DOMAIN: build_region_record_name(settings.managed_login_domain),
    }
    return _build_record(name, names[name], settings)


def build_settling_record(name: SteeredName, settings: Settings) -> LatchStateRecord:
    """Return the pair that shows whether a check has settled, before any other record has the check."""
    domain_names = {SteeredName.RECORDS: settings.domain_name, SteeredName.DOMAIN: settings.managed_login_domain}
    return _build_record(name, to_absolute_name(f"{SETTLING_RECORD_LABEL}.{domain_names[name]}"), settings)


def _build_record(name: SteeredName, record_name: str, settings: Settings) -> LatchStateRecord:
    return LatchStateRecord(
        name=record_name,
        regions=settings.regions,
        check_id=settings.latch_check_ids[name],
        ttl_seconds=settings.record_ttl_seconds,
    )
