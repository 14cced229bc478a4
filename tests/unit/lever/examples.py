"""Record sets of an invented domain, and name servers that say what a test wants."""

from collections.abc import Sequence
from typing import Any

from failover.levers.authority import Answer, Look, Question
from failover.levers.lever import RecordSet
from failover.levers.record_group import RecordGroup
from failover.region import PerSide

DOMAIN = "auth.example.com."
BEACON = "_region.auth.example.com."
TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
TOKYO_TARGET, VIRGINIA_TARGET = "d-tokyo.example.net", "d-virginia.example.net"


def group(**changes: Any) -> RecordGroup:
    """Give what a domain's records have to look like; CNAMEs to two host names unless a test says otherwise."""
    usual: dict[str, Any] = {
        "domain_name": DOMAIN,
        "regions": PerSide(primary=TOKYO, standby=VIRGINIA),
        "targets": PerSide(primary=TOKYO_TARGET, standby=VIRGINIA_TARGET),
        "target_zone_ids": PerSide(primary="", standby=""),
        "ttl_seconds": 60,
    }
    return RecordGroup(**{**usual, **changes})


def record(identifier: str, weight: int, *values: str, **changes: Any) -> RecordSet:
    """Give one weighted record set of the domain; without values, the CNAME of the Region it is named after."""
    target = TOKYO_TARGET if identifier == TOKYO else VIRGINIA_TARGET
    usual = {
        "Name": DOMAIN,
        "Type": "CNAME",
        "SetIdentifier": identifier,
        "Weight": weight,
        "TTL": 60,
        "ResourceRecords": [{"Value": value} for value in values or (target,)],
    }
    return {key: value for key, value in {**usual, **changes}.items() if value is not None}


def beacon(identifier: str, weight: int, **changes: Any) -> RecordSet:
    """Give one half of a beacon."""
    return record(identifier, weight, f'"{identifier}"', Name=BEACON, Type="TXT", **changes)


def pair(primary: int = 255, standby: int = 0, **changes: Any) -> list[RecordSet]:
    """Give the domain's CNAME pair."""
    return [record(TOKYO, primary, **changes), record(VIRGINIA, standby, **changes)]


def beacon_of(primary: int = 255, standby: int = 0) -> list[RecordSet]:
    """Give the beacon's pair."""
    return [beacon(TOKYO, primary), beacon(VIRGINIA, standby)]


class Servers:
    """Name servers and a resolver that answer as told."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[tuple[str, str], list[Answer]]] = {}
        self.addresses: dict[str, Answer] = {}

    def say(self, server: str, record_type: str, *answers: Sequence[str]) -> None:
        """Make a server answer queries of one type, for whichever name."""
        name = BEACON if record_type == "TXT" else DOMAIN
        self.answers.setdefault(server, {})[name, record_type] = [frozenset(each) for each in answers]

    def look(
        self,
        name_servers: Sequence[str],
        questions: Sequence[Question],
        *,
        hosts: Sequence[Question],
        budget_seconds: float,  # noqa: ARG002 - these answer at once
    ) -> Look:
        """Answer as told."""
        return Look(
            answers={
                server: {
                    each: tuple(self.answers.get(server, {}).get((each.name, each.record_type), ()))
                    for each in questions
                }
                for server in name_servers
            },
            addresses={host: self.addresses.get(host.name, frozenset()) for host in hosts},
        )
