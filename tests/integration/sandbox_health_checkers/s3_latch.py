"""A latch: an object that means *failed over*, and the records that follow it."""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.message
import dns.query

from sandbox.client import SandboxClient
from tests.support import load_scaling

PRIMARY, STANDBY = "ap-northeast-1", "us-east-1"
KEY, TOKEN = "records", "failed over"
TIMEOUT_SECONDS = load_scaling.get_wait_limit()


def wait_for_value[T](read: Callable[[], T], expected: T) -> None:
    """Poll until a value is as expected."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while (seen := read()) != expected:
        assert time.monotonic() < deadline, f"still {seen}, never {expected}"
        time.sleep(0.02)


@dataclass(frozen=True, slots=True, kw_only=True)
class LatchClients:
    """The administrator's clients."""

    route53: Any
    s3: Any


class S3LatchHarness:
    """A latch in a sandbox, with its own zone."""

    def __init__(self, sandbox: SandboxClient, clients: LatchClients) -> None:
        self.sandbox = sandbox
        self.route53 = clients.route53
        self.s3 = clients.s3
        self.bucket = f"latch-{uuid.uuid4().hex[:12]}"
        self.zone = f"{self.bucket}.example"
        self.s3.create_bucket(Bucket=self.bucket)
        self.put_policy(self.build_checker_statement())
        self.check_id = self.create_check(Inverted=True)
        self.zone_id = self.route53.create_hosted_zone(Name=self.zone, CallerReference=self.bucket)["HostedZone"]["Id"]

    def build_checker_statement(self) -> dict[str, Any]:
        """Return the statement that lets the published checkers read the object."""
        return {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{self.bucket}/{KEY}",
            "Condition": {"IpAddress": {"aws:SourceIp": self.route53.get_checker_ip_ranges()["CheckerIpRanges"]}},
        }

    def put_policy(self, *statements: Mapping[str, Any]) -> None:
        """Put a bucket policy with these statements, over TLS only."""
        tls_only = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{self.bucket}", f"arn:aws:s3:::{self.bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        policy = {"Version": "2012-10-17", "Statement": [*statements, tls_only]}
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(policy))

    def create_check(self, **config: Any) -> str:
        """Create a check, by default of the object."""
        of_object = {
            "Type": "HTTPS_STR_MATCH",
            "FullyQualifiedDomainName": f"{self.bucket}.s3.{STANDBY}.amazonaws.com",
            "ResourcePath": f"/{KEY}",
            "SearchString": TOKEN,
            "RequestInterval": 10,
            "FailureThreshold": 1,
        }
        whole = config if "Type" in config else {**of_object, **config}
        created = self.route53.create_health_check(CallerReference=uuid.uuid4().hex, HealthCheckConfig=whole)
        return str(created["HealthCheck"]["Id"])

    def set_latch(self, **more: str) -> None:
        """Put the object: failed over."""
        self.s3.put_object(Bucket=self.bucket, Key=KEY, Body=TOKEN.encode(), **more)

    def reset_latch(self) -> None:
        """Delete the object: not failed over."""
        self.s3.delete_object(Bucket=self.bucket, Key=KEY)

    def release_latch(self) -> None:
        """Put an object without the token, as the controller does: not failed over."""
        self.s3.put_object(Bucket=self.bucket, Key=KEY, Body=b"released 7")

    def add_records(
        self,
        name: str = "auth",
        kind: str = "CNAME",
        values: tuple[str, str] = ("p.example.", "s.example."),
        **more: Any,
    ) -> None:
        """Create a weighted pair, 255 to 0, with the check on the first; `more` is for the second."""
        pair = [
            {"SetIdentifier": "primary", "Weight": 255, "HealthCheckId": self.check_id},
            {"SetIdentifier": "standby", "Weight": 0, **more},
        ]
        changes = [
            {
                "Action": "CREATE",
                "ResourceRecordSet": {
                    "Name": f"{name}.{self.zone}",
                    "Type": kind,
                    "TTL": 1,
                    "ResourceRecords": [{"Value": value}],
                    **member,
                },
            }
            for member, value in zip(pair, values, strict=True)
        ]
        self.route53.change_resource_record_sets(HostedZoneId=self.zone_id, ChangeBatch={"Changes": changes})

    def query_name_server(
        self, name: str = "auth", kind: str = "CNAME", *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> str:
        """Return the data of a name server's answer, or ``silence``."""
        query = dns.message.make_query(f"{name}.{self.zone}", kind)
        address, port = self.sandbox.description["name_servers"][0], self.sandbox.description["ports"]["dns"]
        try:
            response = dns.query.udp(query, address, port=port, timeout=timeout_seconds)
        except dns.exception.Timeout:
            return "silence"
        return ", ".join(rdata.to_text() for rrset in response.answer for rdata in rrset)

    def read_reports(self, check_id: str | None = None) -> dict[str, str]:
        """Return the last result of each checker, by its address."""
        status = self.route53.get_health_check_status(HealthCheckId=check_id or self.check_id)
        return {
            observation["IPAddress"]: observation["StatusReport"]["Status"]
            for observation in status["HealthCheckObservations"]
        }

    def remove(self) -> None:
        """Delete the checks."""
        self.sandbox.call_control("DELETE", "/faults")
        for check in self.route53.list_health_checks()["HealthChecks"]:
            self.route53.delete_health_check(HealthCheckId=check["Id"])
