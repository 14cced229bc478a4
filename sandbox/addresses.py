"""Who has which loopback address, and which name leads to it."""

import ipaddress
from dataclasses import dataclass

from sandbox.health_checkers.locations import CHECKERS, Checker

HTTPS_PORT = 8443
HTTP_PORT = 8080
DNS_PORT = 5353
CONTROL_PORT = 8500

UNPRIVILEGED_PORTS = {443: HTTPS_PORT, 80: HTTP_PORT, 53: DNS_PORT}
"""Where connections to the real ports lead."""

CONTROL_PLANE_REGION = "us-east-1"
"""Where the control planes of the global services live."""

GLOBAL_SERVICES = frozenset({"cloudfront", "iam", "organizations", "route53", "route53domains"})
"""Services with one endpoint for all Regions, signed for, and served from, the control-plane Region."""

_GLOBAL_NAMES = frozenset({*GLOBAL_SERVICES, "s3", "sts"})
_DOMAIN = ".amazonaws.com"
_FIRST_CHECKER = 101
"""The last number of the first health checker's address."""


class AddressError(ValueError):
    """A network prefix or a list of Regions that no sandbox can be built on."""


@dataclass(frozen=True, slots=True)
class SandboxNetwork:
    """The loopback addresses of one sandbox.

    Attributes
    ----------
    prefix
        The first two numbers of every address, ``127.10``; another one lets sandboxes run side by side.
    regions
        Primary, standby, then third Regions, in this order: the position is the third number.

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
                f"network {self.prefix!r} is not a loopback prefix of two numbers from 127.1 to 127.255, as 127.10"
            )
        if len(set(self.regions)) != len(self.regions):
            raise AddressError(f"a Region is named twice: {', '.join(self.regions)}")

    @classmethod
    def for_regions(cls, prefix: str, primary: str, standby: str, third: tuple[str, ...]) -> "SandboxNetwork":
        """Lay out a network for a pair of Regions and their witnesses.

        The control-plane Region is added if it is not among them; a witness that is one of the pair is left out.

        Raises
        ------
        AddressError
            If primary and standby are the same, or the prefix is not a loopback one.

        """
        if primary == standby:
            raise AddressError(f"primary and standby are both {primary}: a Region can't stand by for itself")
        named = [primary, standby, *(region for region in third if region not in (primary, standby))]
        if CONTROL_PLANE_REGION not in named:
            named.append(CONTROL_PLANE_REGION)
        return cls(prefix, tuple(named))

    @property
    def control_address(self) -> str:
        """Where faults are set and cleared."""
        return f"{self.prefix}.0.1"

    @property
    def resolver(self) -> str:
        """The recursive resolver of everybody in the sandbox."""
        return f"{self.prefix}.0.53"

    @property
    def name_servers(self) -> tuple[str, ...]:
        """The four authoritative name servers of Route 53."""
        return tuple(f"{self.prefix}.0.{number}" for number in (11, 12, 13, 14))

    @property
    def registry(self) -> str:
        """The name server of whatever is above the hosted zones."""
        return f"{self.prefix}.0.54"

    @property
    def distribution(self) -> str:
        """Where Cognito's custom domains are answered, in no Region."""
        return f"{self.prefix}.0.43"

    def get_api_address(self, region: str) -> str:
        """Return the address of the Region's API endpoints."""
        return f"{self.prefix}.{self._get_region_number(region)}.1"

    def get_inside_address(self, region: str) -> str:
        """Return the address from which everything that runs inside the Region calls."""
        return f"{self.prefix}.{self._get_region_number(region)}.2"

    def get_target_address(self, region: str) -> str:
        """Return the address of the user's own target in the Region."""
        return f"{self.prefix}.{self._get_region_number(region)}.3"

    def get_checker_address(self, checker: Checker) -> str:
        """Return the address from which a health checker of Route 53 calls."""
        return f"{self.prefix}.0.{_FIRST_CHECKER + checker.number}"

    def find_caller_region(self, source_address: str) -> str | None:
        """Return the Region a caller runs in, by its source address; None for one outside AWS or in none of ours."""
        checker = self._find_checker(source_address)
        if checker is not None:
            return checker.region if checker.region in self.regions else None
        return next((region for region in self.regions if self.get_inside_address(region) == source_address), None)

    def find_region(self, address: str) -> str | None:
        """Return the Region an address belongs to; None for one that is in no Region."""
        places = (self.get_api_address, self.get_inside_address, self.get_target_address)
        return next((region for region in self.regions if address in {place(region) for place in places}), None)

    def get_public_address(self, source_address: str) -> str:
        """Return the address a caller has in the eyes of a policy: a health checker's is the published one."""
        checker = self._find_checker(source_address)
        return source_address if checker is None else checker.address

    def resolve_service(self, name: str) -> str | None:
        """Return the address of an AWS endpoint by its name; None for any name that is not one of ours."""
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
        """Return the names, wildcards among them, that the Region's endpoints answer to over TLS."""
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
            raise AddressError(f"no Region {region!r} here; the Regions are {', '.join(self.regions)}") from None
