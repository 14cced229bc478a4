"""The pair of TXT records that names, in plain text, the Region that a domain sends users to."""

from collections.abc import Iterable

from cognito_failover.common.region import PerRole, Weights, have_equal_shares
from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.record_set import get_health_checks, get_weights, to_absolute_name

REGION_RECORD_LABEL = "_region"


def build_region_record_name(domain_name: str) -> str:
    """Return the name of a domain's region TXT record."""
    return to_absolute_name(f"{REGION_RECORD_LABEL}.{domain_name}")


def build_region_record_pair(
    source_pair: PerRole[RecordSet], *, domain_name: str, regions: PerRole[str], weights: Weights, ttl_seconds: int
) -> PerRole[RecordSet]:
    """Return the two record sets of the region TXT record, with the health checks of the source pair."""

    def build_record(region: str, weight: int, source: RecordSet) -> RecordSet:
        record_set = {
            "Name": build_region_record_name(domain_name),
            "Type": "TXT",
            "SetIdentifier": region,
            "Weight": weight,
            "TTL": ttl_seconds,
            "ResourceRecords": [{"Value": f'"{region}"'}],
        }
        return copy_health_check(source, record_set)

    return PerRole(
        primary=build_record(regions.primary, weights.primary, source_pair.primary),
        standby=build_record(regions.standby, weights.standby, source_pair.standby),
    )


def copy_health_check(source: RecordSet, record_set: RecordSet) -> RecordSet:
    """Return the record set with the health check of the source, or without one if the source has none."""
    others = {key: value for key, value in record_set.items() if key != "HealthCheckId"}
    return {**others, "HealthCheckId": source["HealthCheckId"]} if "HealthCheckId" in source else others


def describe_region_record_problem(
    region_pair: PerRole[RecordSet], pairs: Iterable[PerRole[RecordSet]], *, domain_name: str
) -> str:
    """Return why the region TXT record may name another Region than the domain's pairs lead to; empty if it can't."""
    own_weights, own_checks = get_weights(region_pair), get_health_checks(region_pair)
    for pair in pairs:
        weights, checks = get_weights(pair), get_health_checks(pair)
        if not have_equal_shares(own_weights, weights):
            difference = (
                f"has the weights {own_weights.primary} and {own_weights.standby}, and the domain's records have "
                f"{weights.primary} and {weights.standby}"
            )
        elif own_checks != checks:
            difference = f"has {_describe_checks(own_checks)}, and the domain's records have {_describe_checks(checks)}"
        else:
            continue
        return (
            f"The region TXT record {build_region_record_name(domain_name)} {difference}. Apps that read it may use "
            f"another Region than the users of {domain_name}. Give both the same weights and health checks in Route "
            f"53. The next move by the weights does so too."
        )
    return ""


def _describe_checks(checks: PerRole[str]) -> str:
    return f"the health checks {checks.primary or 'none'} (primary) and {checks.standby or 'none'} (standby)"
