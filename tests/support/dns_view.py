"""Where clients are sent at this moment, read from the harness without the controller's code."""

from dataclasses import dataclass

from cognito_failover.common.region import RegionRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.routing.dns.question import DnsQuestion
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness

NAME_SERVERS = ("ns-1.example.net", "ns-2.example.org")


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsView:
    """The answers of the name servers.

    Attributes
    ----------
    servers
        The Regions that each name server that answers sends clients to.
    domain
        The Region of Cognito's own domain; None if it has no latch attached.

    """

    servers: dict[str, frozenset[RegionRole]]
    domain: RegionRole | None

    @property
    def roles(self) -> frozenset[RegionRole]:
        """All Regions that any answer leads to."""
        return frozenset().union(*self.servers.values())

    def are_all_users_on(self, role: RegionRole) -> bool:
        """Return whether every server that answers sends all users to a Region, and at least one answers."""
        return bool(self.roles) and self.roles == {role} and self.domain in {None, role}

    def count_servers_on(self, role: RegionRole) -> int:
        """Return the number of name servers whose answers lead to this Region only."""
        return sum(roles == {role} for roles in self.servers.values())


def read_dns_view(world: ControllerHarness) -> DnsView:
    """Return what clients are answered now."""
    question = DnsQuestion(name=DOMAIN_RECORD_NAME, record_type="CNAME")
    answers = world.name_servers.query(NAME_SERVERS, [question], hosts=()).answers
    roles_by_target = {f"{target}.": role for role, target in world.settings.targets}
    servers = {
        server: frozenset(
            role
            for values in answers_by_question[question]
            for value in values
            if (role := roles_by_target.get(value)) is not None
        )
        for server, answers_by_question in answers.items()
    }
    latch = world.latches.get(SteeredName.DOMAIN)
    domain = None
    if latch and latch.is_attached:
        domain = RegionRole.STANDBY if latch.check_state else RegionRole.PRIMARY
    return DnsView(servers=servers, domain=domain)
