"""Records, samples and doors for the tests of what is seen from outside."""

from typing import Any

from failover.decision.phase import Phase
from failover.levers.lever import Sight
from failover.outside.sample import Outside, Sample, Seen
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side, all_to
from tests.support.settings import TOKYO, VIRGINIA

NOW = 1_800_000_000.0
SERVERS = ("ns-1.example.net", "ns-2.example.net")
TARGETS = {TOKYO: "tokyo.target.example.com", VIRGINIA: "virginia.target.example.com"}


def cname(region: str) -> dict[str, Any]:
    return {
        "Name": "auth.example.com.",
        "Type": "CNAME",
        "SetIdentifier": region,
        "Weight": 255,
        "TTL": 60,
        "ResourceRecords": [{"Value": TARGETS[region]}],
    }


def alias(region: str, record_type: str = "A") -> dict[str, Any]:
    target = {"DNSName": f"{TARGETS[region]}.", "HostedZoneId": "Z1", "EvaluateTargetHealth": False}
    return {
        "Name": "auth.example.com.",
        "Type": record_type,
        "SetIdentifier": region,
        "Weight": 255,
        "AliasTarget": target,
    }


def beacon(region: str, name: str = "_region.auth.example.com.") -> dict[str, Any]:
    value = {"Value": f'"{region}"'}
    return {"Name": name, "Type": "TXT", "SetIdentifier": region, "Weight": 255, "TTL": 60, "ResourceRecords": [value]}


def sight(*record_sets: dict[str, Any]) -> Sight:
    return Sight(record_sets=record_sets, name_servers=SERVERS)


def sample(at: float = NOW, *, outside: Outside | None = None, **changes: Any) -> Sample:
    usual: dict[str, Any] = {
        "at": at,
        "phase": Phase.MOVING,
        "active": Side.PRIMARY,
        "reason": "Waiting.",
        "known": PerSide(primary=Verdict.SICK, standby=Verdict.HEALTHY),
        "seen": {VIRGINIA: PerSide(primary=Seen(verdict=Verdict.SICK), standby=Seen(verdict=Verdict.HEALTHY))},
        "cut_off": False,
        "weights": all_to(Side.STANDBY),
        "outside": outside,
    }
    return Sample(**{**usual, **changes})
