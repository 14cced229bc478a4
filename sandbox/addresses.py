"""The loopback addresses of a sandbox, and the AWS host names that resolve to them."""

import ipaddress
from dataclasses import dataclass

from sandbox.health_checkers.locations import CHECKERS, Checker

HTTPS_PORT = 8443
HTTP_PORT = 8080
DNS_PORT = 5353
CONTROL_PORT = 8500

UNPRIVILEGED_PORTS = {443: HTTPS_PORT, 80: HTTP_PORT, 53: DNS_PORT}
"""Sandbox port by AWS port."""

CONTROL_PLANE_REGION = "us-east-1"
"""The Region of the control planes of the global services."""

GLOBAL_SERVICES = frozenset({"cloudfront", "iam", "organizations", "route53", "route53domains"})
"""Services with one endpoint for all Regions, in the control-plane Region. Signatures name that Region."""

_GLOBAL_NAMES = frozenset({*GLOBAL_SERVICES, "s3", "sts"})
_DOMAIN = ".amazonaws.com"
_FIRST_CHECKER = 101
"""The last number of the first health checker's address."""


class AddressError(ValueError):
    """An invalid network prefix or list of Regions."""


@dataclass(frozen=True, slots=True)
class SandboxNetwork:
    """The loopback addresses of one sandbox.

    Attributes
    ----------
    prefix
        The first two numbers of every address, such as ``127.10``. Sandboxes with different prefixes can run at the
        same time.
    regions
        Primary, standby, then third Regions. The position of a Region, from 1, is the third number of its addresses.

    """

    prefix: str
    regions: tuple[str, ...]

    def __post_init__(self) -> None:
        try:
            loopback = ipaddress.IPv4Address(f"{self.prefix}.0.1").is_loopback
        except ValueError:
            loopback = False
        if not loopback or self.prefix.startswith("127.0"):
            raise AddressError(
                f"network {self.prefix!r} is not a loopback prefix; use two numbers from 127.1 to 127.255, "
                "for example 127.10"
            )
        if len(set(self.regions)) != len(self.regions):
            raise AddressError(f"the Regions contain a duplicate: {', '.join(self.regions)}")

    @classmethod
    def for_regions(cls, prefix: str, primary: str, standby: str, third: tuple[str, ...]) -> "SandboxNetwork":
        """Return the network for a primary, a standby and third Regions.

        The control-plane Region is added if it is missing. A third Region that equals primary or standby is ignored.

        Raises
        ------
        AddressError
            If primary and standby are the same, or the prefix is not a loopback prefix.

        """
        if primary == standby:
            raise AddressError(f"primary and standby are both {primary}; choose two different Regions")
        named = [primary, standby, *(region for region in third if region not in (primary, standby))]
        if CONTROL_PLANE_REGION not in named:
            named.append(CONTROL_PLANE_REGION)
        return cls(prefix, tuple(named))

    @property
    def control_address(self) -> str:
        """The address of the control endpoint, which sets and clears faults."""
        return f"{self.prefix}.0.1"

    @property
    def resolver(self) -> str:
        """The address of the recursive resolver."""
        return f"{self.prefix}.0.53"

    @property
    def name_servers(self) -> tuple[str, ...]:
        """The addresses of Route 53's four authoritative name servers."""
        return tuple(f"{self.prefix}.0.{number}" for number in (11, 12, 13, 14))

    @property
    def other_name_servers(self) -> tuple[str, ...]:
        """The addresses of the four name servers of zones whose names overlap with older zones."""
        return tuple(f"{self.prefix}.0.{number}" for number in (15, 16, 17, 18))

    @property
    def registry(self) -> str:
        """The address of the name server for the zones above the hosted zones."""
        return f"{self.prefix}.0.54"

    @property
    def distribution(self) -> str:
        """The address that serves Cognito's custom domains. It belongs to no Region."""
        return f"{self.prefix}.0.43"

    def get_api_address(self, region: str) -> str:
        """Return the address of the Region's API endpoints."""
        return f"{self.prefix}.{self._get_region_number(region)}.1"

    def get_inside_address(self, region: str) -> str:
        """Return the source address of calls from inside the Region."""
        return f"{self.prefix}.{self._get_region_number(region)}.2"

    def get_target_address(self, region: str) -> str:
        """Return the address of the user's own target in the Region."""
        return f"{self.prefix}.{self._get_region_number(region)}.3"

    def get_checker_address(self, checker: Checker) -> str:
        """Return the source address of a Route 53 health checker."""
        return f"{self.prefix}.0.{_FIRST_CHECKER + checker.number}"

    def find_caller_region(self, source_address: str) -> str | None:
        """Return the Region that a source address is in, or None if it is outside AWS or outside this network."""
        checker = self._find_checker(source_address)
        if checker is not None:
            return checker.region if checker.region in self.regions else None
        return next((region for region in self.regions if self.get_inside_address(region) == source_address), None)

    def find_region(self, address: str) -> str | None:
        """Return the Region that an address belongs to, or None if it belongs to no Region."""
        getters = (self.get_api_address, self.get_inside_address, self.get_target_address)
        return next((region for region in self.regions if address in {get(region) for get in getters}), None)

    def get_public_address(self, source_address: str) -> str:
        """Return the source address that policies see. For a health checker it is the published AWS address."""
        checker = self._find_checker(source_address)
        return source_address if checker is None else checker.address

    def resolve_service(self, name: str) -> str | None:
        """Return the address of an AWS endpoint by its host name, or None if the sandbox does not serve that name."""
        name = name.rstrip(".").lower()
        if not name.endswith(_DOMAIN):
            return None
        labels = name.removesuffix(_DOMAIN).split(".")
        if labels[-1] in self.regions and len(labels) > 1:
            return (
                self.get_target_address(labels[-1]) if labels[-2] == "execute-api" else self.get_api_address(labels[-1])
            )
        if labels[-1] in _GLOBAL_NAMES:
            return self.get_api_address(CONTROL_PLANE_REGION)
        return None

    def list_certificate_names(self, region: str) -> tuple[str, ...]:
        """Return the TLS host names of the Region's endpoints. Some are wildcards."""
        names = [f"*.{region}{_DOMAIN}", f"*.s3.{region}{_DOMAIN}"]
        if region == CONTROL_PLANE_REGION:
            names += [f"{service}{_DOMAIN}" for service in sorted(_GLOBAL_NAMES)]
            names.append(f"*.s3{_DOMAIN}")
        return tuple(names)

    def _find_checker(self, address: str) -> Checker | None:
        return next((checker for checker in CHECKERS if self.get_checker_address(checker) == address), None)

    def _get_region_number(self, region: str) -> int:
        try:
            return self.regions.index(region) + 1
        except ValueError:
            raise AddressError(f"unknown Region {region!r}; the Regions are {', '.join(self.regions)}") from None
