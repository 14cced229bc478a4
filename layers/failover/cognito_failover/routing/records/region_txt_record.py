"""The pair of TXT records that names, in plain text, the Region that a domain sends users to."""

from cognito_failover.common.region import PerRole, Weights
from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.record_set import to_absolute_name

REGION_RECORD_LABEL = "_region"


def build_region_record_name(domain_name: str) -> str:
    """Return the name of a domain's region TXT record."""
    return to_absolute_name(f"{REGION_RECORD_LABEL}.{domain_name}")


def build_region_record_pair(
    source_pair: PerRole[RecordSet], *, domain_name: str, regions: PerRole[str], weights: Weights, ttl_seconds: int
) -> PerRole[RecordSet]:
    """Return the two record sets of the region TXT record, with the health checks of the source pair."""

    def build_record(region: str, weight: int, source: RecordSet) -> RecordSet:
        health_check = {key: source[key] for key in ("HealthCheckId",) if key in source}
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
