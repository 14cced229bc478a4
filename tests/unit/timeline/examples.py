"""Record sets and samples for the tests of the timeline."""

from typing import Any

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.core.model.records import DnsWatch
from cognito_failover.core.phase import Phase
from cognito_failover.core.verdict import Verdict
from cognito_failover.timeline.sample import RoundSample, UserView, VerdictSample
from tests.support.settings import TOKYO, VIRGINIA

NOW = 1_800_000_000.0
SERVERS = ("ns-1.example.net", "ns-2.example.net")
TARGETS = {TOKYO: "tokyo.target.example.com", VIRGINIA: "virginia.target.example.com"}


def make_cname_records(region: str) -> dict[str, Any]:
    return {
        "Name": "auth.example.com.",
        "Type": "CNAME",
        "SetIdentifier": region,
        "Weight": 255,
        "TTL": 60,
        "ResourceRecords": [{"Value": TARGETS[region]}],
    }


def make_alias_records(region: str, record_type: str = "A") -> dict[str, Any]:
    target = {"DNSName": f"{TARGETS[region]}.", "HostedZoneId": "Z1", "EvaluateTargetHealth": False}
    return {
        "Name": "auth.example.com.",
        "Type": record_type,
        "SetIdentifier": region,
        "Weight": 255,
        "AliasTarget": target,
    }


def make_region_record(region: str, name: str = "_region.auth.example.com.") -> dict[str, Any]:
    value = {"Value": f'"{region}"'}
    return {"Name": name, "Type": "TXT", "SetIdentifier": region, "Weight": 255, "TTL": 60, "ResourceRecords": [value]}


def make_dns_watch(*record_sets: dict[str, Any]) -> DnsWatch:
    return DnsWatch(record_sets=record_sets, name_servers=SERVERS)


def make_sample(at: float = NOW, *, user_view: UserView | None = None, **changes: Any) -> RoundSample:
    defaults: dict[str, Any] = {
        "at": at,
        "phase": Phase.MOVING,
        "active": RegionRole.PRIMARY,
        "reason": "Waiting.",
        "consensus": PerRole(primary=Verdict.SICK, standby=Verdict.HEALTHY),
        "verdicts_by_observer": {
            VIRGINIA: PerRole(
                primary=VerdictSample(verdict=Verdict.SICK), standby=VerdictSample(verdict=Verdict.HEALTHY)
            )
        },
        "is_isolated": False,
        "weights": route_all_to(RegionRole.STANDBY),
        "user_view": user_view,
    }
    return RoundSample(**{**defaults, **changes})
