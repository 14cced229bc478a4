"""Record sets of an example domain, and scripted name servers."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from cognito_failover.common.region import PerRole
from cognito_failover.core.model.records import RecordSet
from cognito_failover.routing.dns.question import DnsAnswer, DnsAnswers, DnsQuestion
from cognito_failover.routing.record_set import ADDRESS_TYPES
from cognito_failover.routing.records.record_group import RecordGroup

DOMAIN = "auth.example.com."
REGION_RECORD_NAME = "_region.auth.example.com."
FENCE_NAME = "_fence.auth.example.com."
TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
TOKYO_TARGET, VIRGINIA_TARGET = "d-tokyo.example.net", "d-virginia.example.net"


def make_group(**changes: Any) -> RecordGroup:
    """Build a record group, by default with CNAMEs to two host names."""
    defaults: dict[str, Any] = {
        "domain_name": DOMAIN,
        "regions": PerRole(primary=TOKYO, standby=VIRGINIA),
        "targets": PerRole(primary=TOKYO_TARGET, standby=VIRGINIA_TARGET),
        "target_zone_ids": PerRole(primary="", standby=""),
        "ttl_seconds": 60,
    }
    return RecordGroup(**{**defaults, **changes})


def make_record(identifier: str, weight: int, *values: str, **changes: Any) -> RecordSet:
    """Build a weighted record set of the domain; without values, the CNAME of the Region in the identifier."""
    target = TOKYO_TARGET if identifier == TOKYO else VIRGINIA_TARGET
    defaults = {
        "Name": DOMAIN,
        "Type": "CNAME",
        "SetIdentifier": identifier,
        "Weight": weight,
        "TTL": 60,
        "ResourceRecords": [{"Value": value} for value in values or (target,)],
    }
    return {key: value for key, value in {**defaults, **changes}.items() if value is not None}


def make_region_record(identifier: str, weight: int, **changes: Any) -> RecordSet:
    """Build one half of the region TXT record."""
    return make_record(identifier, weight, f'"{identifier}"', Name=REGION_RECORD_NAME, Type="TXT", **changes)


def make_record_pair(primary: int = 255, standby: int = 0, **changes: Any) -> list[RecordSet]:
    """Build the domain's CNAME pair."""
    return [make_record(TOKYO, primary, **changes), make_record(VIRGINIA, standby, **changes)]


def make_region_record_pair(primary: int = 255, standby: int = 0) -> list[RecordSet]:
    """Build the pair of the region TXT record."""
    return [make_region_record(TOKYO, primary), make_region_record(VIRGINIA, standby)]


class ScriptedAuthoritativeDns:
    """Name servers and a resolver with scripted answers."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[tuple[str, str], list[DnsAnswer]]] = {}
        self.addresses: dict[str, DnsAnswer] = {}

    def set_answers(self, server: str, record_type: str, *answers: Sequence[str]) -> None:
        """Set a server's answers to queries of one type."""
        name = REGION_RECORD_NAME if record_type == "TXT" else DOMAIN
        self.answers.setdefault(server, {})[name, record_type] = [frozenset(values) for values in answers]

    def query(
        self,
        name_servers: Sequence[str],
        questions: Sequence[DnsQuestion],
        *,
        hosts: Sequence[DnsQuestion],
        budget_seconds: float,  # noqa: ARG002 - these answer at once
    ) -> DnsAnswers:
        """Return the scripted answers."""
        return DnsAnswers(
            answers={
                server: {
                    question: tuple(self.answers.get(server, {}).get((question.name, question.record_type), ()))
                    for question in questions
                }
                for server in name_servers
            },
            addresses={
                host: frozenset(
                    address
                    for address in self.addresses[host.name]
                    if ip_address(address).version == ADDRESS_TYPES[host.record_type]
                )
                for host in hosts
                if host.name in self.addresses
            },
        )
