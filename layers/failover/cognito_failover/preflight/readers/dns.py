"""Readers of the domains' records and health checks, from Route 53 and from name servers."""

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cognito_failover.common.errors import LeverRefusedError
from cognito_failover.preflight.facts import ServiceResponse, Snapshot
from cognito_failover.preflight.readers.pool import get_error_code
from cognito_failover.routing.dns.question import DnsQuestion, ServerAnswers
from cognito_failover.routing.health_check_status import HealthCheckStatus, Route53HealthChecks
from cognito_failover.routing.latch.s3_switch import S3LatchSwitch
from cognito_failover.routing.latch.state_txt_record import (
    LATCH_RECORD_LABEL,
    SETTLING_RECORD_LABEL,
    build_latch_state_record,
)
from cognito_failover.routing.record_set import STEERING_TYPES, to_absolute_name
from cognito_failover.routing.records.hosted_zone import ZoneInfo
from cognito_failover.routing.records.record_group import RecordGroup
from cognito_failover.routing.records.region_txt_record import REGION_RECORD_LABEL, build_region_record_name
from cognito_failover.routing.records.weighted_records import WeightedRecords

if TYPE_CHECKING:
    from cognito_failover.common.steered_name import SteeredName
    from cognito_failover.core.model.records import RecordSet, RecordsSnapshot

_QUERY_TIMEOUT_SECONDS = 6.0
_ATTEMPTS = 2
"""A name server that does not answer is queried once more, as UDP packets get lost."""


def read_zone(snapshot: Snapshot) -> ZoneInfo:
    """Return the hosted zone as Route 53 describes it."""
    return snapshot.context.zone.get_info()


def read_records(snapshot: Snapshot) -> "RecordsSnapshot | str":
    """Return the domain's records as the controller reads them, or a message why it can't use them."""
    lever = WeightedRecords(
        group=RecordGroup.from_settings(snapshot.settings),
        zone=snapshot.context.zone,
    )
    try:
        return lever.read_records()
    except LeverRefusedError as error:
        return str(error)


def read_delegation(snapshot: Snapshot) -> frozenset[str]:
    """Return the name servers that the zone is delegated to."""
    return snapshot.context.delegation_reader.read_delegation(snapshot.read(read_zone).name)


def read_server_addresses(snapshot: Snapshot, server: str) -> frozenset[str]:
    """Return the IPv4 addresses of a name server. Empty if it has none."""
    return snapshot.context.delegation_reader.read_addresses(server)


def query_name_servers(snapshot: Snapshot) -> "dict[str, ServerAnswers]":
    """Return the answers of each of the zone's name servers for the names that users and clients query."""
    settings = snapshot.settings
    questions = [
        DnsQuestion(name=build_region_record_name(name), record_type="TXT")
        for name in (settings.domain_name, settings.managed_login_domain)
        if name
    ]
    records = snapshot.read(read_records) if settings.has_managed_records else ""
    if not isinstance(records, str):
        # The addresses of an alias may change between two answers.
        questions += [
            DnsQuestion(name=record_set["Name"], record_type=record_set["Type"])
            for record_set in records.record_sets
            if record_set["Type"] in STEERING_TYPES and "AliasTarget" not in record_set
        ]
    queries, unanswered_servers = list(dict.fromkeys(questions)), list(snapshot.read(read_zone).name_servers)
    collected: dict[str, ServerAnswers] = {}
    for _ in range(_ATTEMPTS):
        response = snapshot.context.authority.query(
            unanswered_servers, queries, hosts=(), budget_seconds=_QUERY_TIMEOUT_SECONDS
        )
        collected |= response.answers
        unanswered_servers = [server for server in unanswered_servers if not all(collected[server].values())]
        if not unanswered_servers:
            break
    return collected


def read_health_check(snapshot: Snapshot, check_id: str) -> HealthCheckStatus:
    """Return a health check's status."""
    checks = Route53HealthChecks(snapshot.context.get_client, region=snapshot.settings.standby_region)
    return checks.read_status(check_id)


def list_steering_record_sets(snapshot: Snapshot) -> tuple["RecordSet", ...]:
    """Return every record set at the names that the product reads or changes, also unexpected ones."""
    settings = snapshot.settings
    names = {
        to_absolute_name(settings.domain_name),
        *(
            to_absolute_name(f"{label}.{domain_name}")
            for domain_name in (settings.domain_name, settings.managed_login_domain)
            for label in (REGION_RECORD_LABEL, LATCH_RECORD_LABEL, SETTLING_RECORD_LABEL)
            if domain_name
        ),
    } - {to_absolute_name("")}
    # Route 53 orders names by their labels from the right.
    return snapshot.context.zone.list_record_sets(sorted(names, key=lambda name: name.split(".")[::-1]))


def has_latch_state_record(snapshot: Snapshot, name: "SteeredName") -> bool:
    """Return whether a latch's state TXT record exists. It is created in the last step of attaching the latch."""
    state_record = build_latch_state_record(name, snapshot.settings)
    return bool(state_record.find_in(snapshot.context.zone.list_record_sets([state_record.name])))


def is_latch_set(snapshot: Snapshot, name: "SteeredName") -> bool:
    """Return whether a latch is set. A metric can't be read back, so its alarm counts, which its check follows."""
    settings = snapshot.settings
    if not settings.latch_bucket:
        return True
    client = snapshot.context.get_client("s3", settings.standby_region)
    return S3LatchSwitch(lambda: client, bucket=settings.latch_bucket, key=name.value).read()


def read_health_checker_ranges(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the address ranges that Route 53 publishes for its health checkers."""
    client = snapshot.context.get_client("route53", snapshot.settings.standby_region)
    return tuple(client.get_checker_ip_ranges()["CheckerIpRanges"])


def read_bucket_policy(snapshot: Snapshot) -> tuple[ServiceResponse, ...]:
    """Return the statements of the latch's bucket policy. Empty without a bucket or policy."""
    client = snapshot.context.get_client("s3", snapshot.settings.standby_region)
    try:
        policy = json.loads(client.get_bucket_policy(Bucket=snapshot.settings.latch_bucket)["Policy"])
    except ClientError as error:
        if get_error_code(error) in {"NoSuchBucket", "NoSuchBucketPolicy"}:
            return ()
        raise
    return tuple(policy["Statement"])
