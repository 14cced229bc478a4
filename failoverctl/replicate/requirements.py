"""What a pool and a Region must be for a replica, and this command does not change."""

from collections.abc import Iterator

from failoverctl.replicate.errors import RefusedError
from failoverctl.replicate.site import Site


def check_requirements(site: Site) -> None:
    """See that nothing stands in the way from the start.

    Raises
    ------
    RefusedError
        Naming all that does.

    """
    reasons = [*_of_regions(site), *_of_pool(site)]
    if reasons:
        raise RefusedError("\n".join(reasons))


def _of_regions(site: Site) -> Iterator[str]:
    import boto3  # noqa: PLC0415 - a fifth of a second that help and completion don't need

    known = boto3.session.Session()
    partition = known.get_partition_for_region(site.wish.primary)
    cognito = known.get_available_regions("cognito-idp", partition_name=partition)
    for region in (site.wish.primary, site.wish.standby):
        if region not in cognito:
            yield (
                f"There are no user pools in {region}, as far as boto3 {boto3.__version__} knows for the partition of "
                f"{site.wish.primary}. Choose another Region, or install a newer boto3 if the Region is new."
            )


def _of_pool(site: Site) -> Iterator[str]:
    pool = site.pool()
    if pool is None:
        return
    if pool.get("UserPoolTier") == "LITE":
        yield (
            f"{pool['Id']} has the tier Lite, which has no replication. Change it to Essentials or Plus first; that "
            f"costs more for each active user."
        )
    if pool.get("MfaConfiguration") == "ON":
        yield (
            f"{pool['Id']} asks everybody for a second factor, which the canary can't have: nothing could tell whether "
            f"sign-in works. Make it OPTIONAL, or ask for it in a trigger that spares the canary."
        )
