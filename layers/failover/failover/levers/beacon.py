"""The pair of TXT records beside a name that says in plain text which Region serves it."""

from failover.levers.lever import RecordSet
from failover.levers.records import absolute
from failover.region import PerSide, Weights

BEACON_LABEL = "_region"


def beacon_name(domain_name: str) -> str:
    """Return the name of the beacon that stands for a domain name."""
    return absolute(f"{BEACON_LABEL}.{domain_name}")


def beacon_pair(
    stands_for: PerSide[RecordSet], *, domain_name: str, regions: PerSide[str], weights: Weights, ttl_seconds: int
) -> PerSide[RecordSet]:
    """Return the beacon's two record sets, which follow the health checks of the two they stand for."""

    def one(region: str, weight: int, original: RecordSet) -> RecordSet:
        health_check = {key: original[key] for key in ("HealthCheckId",) if key in original}
        return {
            "Name": beacon_name(domain_name),
            "Type": "TXT",
            "SetIdentifier": region,
            "Weight": weight,
            "TTL": ttl_seconds,
            "ResourceRecords": [{"Value": f'"{region}"'}],
            **health_check,
        }

    return PerSide(
        primary=one(regions.primary, weights.primary, stands_for.primary),
        standby=one(regions.standby, weights.standby, stands_for.standby),
    )
