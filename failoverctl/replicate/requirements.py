"""Requirements for a replica that this command does not change."""

from collections.abc import Iterator

from failoverctl.replicate.context import ReplicationContext
from failoverctl.replicate.errors import ReplicationRefusedError


def check_requirements(context: ReplicationContext) -> None:
    """Ensure that the pool and the Regions can have a replica.

    Raises
    ------
    ReplicationRefusedError
        With all problems, one per line.

    """
    problems = [*_find_region_problems(context), *_find_pool_problems(context)]
    if problems:
        raise ReplicationRefusedError("\n".join(problems))


def _find_region_problems(context: ReplicationContext) -> Iterator[str]:
    import boto3  # noqa: PLC0415 - takes a fifth of a second, and help and completion don't need it

    session = boto3.session.Session()
    partition = session.get_partition_for_region(context.spec.primary_region)
    cognito_regions = session.get_available_regions("cognito-idp", partition_name=partition)
    for region in (context.spec.primary_region, context.spec.standby_region):
        if region not in cognito_regions:
            yield (
                f"There are no user pools in {region}, according to boto3 {boto3.__version__} for the partition of "
                f"{context.spec.primary_region}. Choose another Region, or install a newer boto3 if the Region is new."
            )


def _find_pool_problems(context: ReplicationContext) -> Iterator[str]:
    pool = context.find_pool()
    if pool is None:
        return
    if pool.get("UserPoolTier") == "LITE":
        yield (
            f"{pool['Id']} has the tier Lite, which has no replication. Change it to Essentials or Plus first. It then "
            f"costs more for each active user."
        )
    if pool.get("MfaConfiguration") == "ON":
        yield (
            f"{pool['Id']} asks all users for a second factor, which the canary can't have. So the probes could not "
            f"sign in. Make it OPTIONAL, or require it in a trigger that exempts the canary."
        )
