"""The Regions of Route 53's health checkers, and their published addresses.

Source of the ranges: ``ip-ranges.json`` (service ``ROUTE53_HEALTHCHECKS``, IPv4, without the China partition). It names
the Region of all ranges except ``15.177.0.0/18``. Each Region has two independent checkers.
"""

from collections.abc import Iterable
from dataclasses import dataclass

GLOBAL_RANGE = "15.177.0.0/18"
RANGES_OF_REGIONS = {
    "us-east-1": ("54.243.31.192/26", "107.23.255.0/26"),
    "us-west-1": ("54.183.255.128/26", "54.241.32.64/26"),
    "us-west-2": ("54.244.52.192/26", "54.245.168.0/26"),
    "eu-west-1": ("54.228.16.0/26", "176.34.159.192/26"),
    "ap-southeast-1": ("54.251.31.128/26", "54.255.254.192/26"),
    "ap-southeast-2": ("54.252.79.128/26", "54.252.254.192/26"),
    "ap-northeast-1": ("54.248.220.0/26", "54.250.253.192/26"),
    "sa-east-1": ("54.232.40.64/26", "177.71.207.128/26"),
}
REGIONS = tuple(RANGES_OF_REGIONS)

PUBLISHED_RANGES = tuple(sorted({GLOBAL_RANGE, *(cidr for ranges in RANGES_OF_REGIONS.values() for cidr in ranges)}))
"""The ranges that a policy for health checkers must allow, as ``GetCheckerIpRanges`` lists them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checker:
    """One health checker.

    Attributes
    ----------
    number
        Counted from 0. It determines the checker's address in the sandbox.
    address
        The IPv4 source address that policies see, invented within the published range.

    """

    number: int
    region: str
    address: str


def _build_checkers() -> Iterable[Checker]:
    # One checker of each Region uses the Region's range, the other the range that all Regions share. AWS uses both, and
    # a policy that lacks one of them must be noticed.
    for index, (region, ranges) in enumerate(RANGES_OF_REGIONS.items()):
        old_range = ranges[0].partition("/")[0]
        first_three, _, last = old_range.rpartition(".")
        yield Checker(number=2 * index, region=region, address=f"{first_three}.{int(last) + 21}")
        yield Checker(number=2 * index + 1, region=region, address=f"15.177.{8 * index + 2}.21")


CHECKERS = tuple(_build_checkers())


def list_checkers(regions: Iterable[str]) -> tuple[Checker, ...]:
    """Return the checkers in the Regions that a health check names, or all checkers if it names none."""
    named = set(regions) or set(REGIONS)
    return tuple(checker for checker in CHECKERS if checker.region in named)
