"""The pair of TXT records beside a name that says in plain text which Region serves it."""

from cognito_failover.common.region import PerRole, Weights
from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.record_set import to_absolute_name

REGION_RECORD_LABEL = "_region"


def build_region_record_name(domain_name: str) -> str:
    """Return the name of the beacon that stands for a domain name."""
    return to_absolute_name(f"{REGION_RECORD_LABEL}.{domain_name}")


def build_region_record_pair(
    source_pair: PerRole[RecordSet], *, domain_name: str, regions: PerRole[str], weights: Weights, ttl_seconds: int
) -> PerRole[RecordSet]:
    """Return the beacon's two record sets, which follow the health checks of the two they stand for."""

    def build_record(region: str, weight: int, original: RecordSet) -> RecordSet:
        health_check = {key: original[key] for key in ("HealthCheckId",) if key in original}
        return {
            "Name": build_region_record_name(domain_name),
            "Type": "TXT",
            "SetIdentifier": region,
            "Weight": weight,
            "TTL": ttl_seconds,
            "ResourceRecords": [{"Value": f'"{region}"'}],
            **health_check,
        }

    return PerRole(
        primary=build_record(regions.primary, weights.primary, source_pair.primary),
        standby=build_record(regions.standby, weights.standby, source_pair.standby),
    )
