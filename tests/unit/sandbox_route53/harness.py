"""A Route 53 for one test, called through boto3 without a socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import botocore.exceptions
import dns.name
import dns.rdatatype
import pytest

from sandbox.route53 import Route53
from sandbox.route53.answers import NameServerAnswer
from sandbox.route53.in_process import connect

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client

NOW = 1_790_000_000.0
SERVICE_ADDRESSES = {"alb.us-east-1.amazonaws.com": "192.0.2.9", "d1.cloudfront.net": "192.0.2.10"}


@dataclass
class Route53Clock:
    """A clock that the test sets, in seconds since the epoch."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Route53Harness:
    """A Route 53 with one zone, ``example.com.``, that every name server knows."""

    clock: Route53Clock = field(default_factory=Route53Clock)
    route53: Route53 = field(init=False)
    client: "Route53Client" = field(init=False)
    zone_id: str = field(init=False)

    def __post_init__(self) -> None:
        self.route53 = Route53(clock=self.clock, find_service_address=SERVICE_ADDRESSES.get)
        self.client = connect(self.route53)
        self.zone_id = self.client.create_hosted_zone(Name="example.com", CallerReference="one")["HostedZone"]["Id"]
        self.wait_until_in_sync()

    def wait_until_in_sync(self) -> None:
        """Advance the clock until every change is INSYNC."""
        self.clock.now += self.route53.propagation_seconds

    def change_records(self, *changes: dict[str, Any], zone_id: str | None = None) -> str:
        """Send a change batch and return the change's id."""
        batch: Any = {"Changes": list(changes)}
        answer = self.client.change_resource_record_sets(HostedZoneId=zone_id or self.zone_id, ChangeBatch=batch)
        return answer["ChangeInfo"]["Id"]

    def list_records(self) -> list[dict[str, Any]]:
        """Return the zone's record sets without its initial NS and SOA."""
        listed = self.client.list_resource_record_sets(HostedZoneId=self.zone_id)["ResourceRecordSets"]
        return [dict(record) for record in listed if record["Type"] not in {"NS", "SOA"}]

    def query(self, name: str, record_type: str = "A", *, name_server: int = 0) -> NameServerAnswer:
        """Return a name server's answer."""
        question = dns.name.from_text(name), dns.rdatatype.from_text(record_type)
        return self.route53.answer(name_server, *question)

    def query_data(self, name: str, record_type: str = "A", *, name_server: int = 0) -> list[str]:
        """Return only the data of a name server's answer."""
        answer = self.query(name, record_type, name_server=name_server)
        return [rdata.to_text() for rrset in answer.answer for rdata in rrset]

    @contextmanager
    def expect_error(self, code: str, *words: str) -> Iterator[None]:
        """Expect an error with a code that boto3's model has for the operation, and no change of the records.

        The message must contain the words.
        """
        before = self.list_records()
        with pytest.raises(botocore.exceptions.ClientError) as caught:
            yield
        error = caught.value.response["Error"]
        modelled = self.client.meta.service_model.operation_model(caught.value.operation_name).error_shapes
        assert error["Code"] == code
        assert code in {shape.name for shape in modelled}
        for word in words:
            assert word in error["Message"]
        assert self.list_records() == before


def build_change(action: str, name: str, record_type: str, *values: str, **more: Any) -> dict[str, Any]:
    """Return an entry of a change batch, with TTL 60 if it has values."""
    content: dict[str, Any] = {"TTL": 60, "ResourceRecords": [{"Value": value} for value in values]} if values else {}
    return {"Action": action, "ResourceRecordSet": {"Name": name, "Type": record_type, **content, **more}}


def build_weighted_change(action: str, identifier: str, weight: int, **more: Any) -> dict[str, Any]:
    """Return an entry for one of the weighted CNAMEs of ``auth.example.com``."""
    return build_change(
        action,
        "auth.example.com",
        "CNAME",
        f"{identifier}.example.net",
        SetIdentifier=identifier,
        Weight=weight,
        **more,
    )


def build_alias_change(name: str, target: str, zone_id: str, *, evaluate: bool = False, **more: Any) -> dict[str, Any]:
    """Return an entry that creates an alias, by default of type A."""
    pointer = {
        "HostedZoneId": zone_id.removeprefix("/hostedzone/"),
        "DNSName": target,
        "EvaluateTargetHealth": evaluate,
    }
    return build_change("CREATE", name, "A", AliasTarget=pointer, **more)
