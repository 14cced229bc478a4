"""Checks of the domain's records, their health checks, the zone and its name servers."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from cognito_failover.common.region import FULL_WEIGHT, PerRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.records import RecordsSnapshot
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, not_applicable, passed
from cognito_failover.preflight.facts import FactUnavailableError, Snapshot
from cognito_failover.preflight.readers.dns import (
    has_latch_state_record,
    is_latch_set,
    list_steering_record_sets,
    query_name_servers,
    read_delegation,
    read_health_check,
    read_records,
    read_server_addresses,
    read_zone,
)
from cognito_failover.routing.dns.question import DnsAnswer, DnsQuestion
from cognito_failover.routing.health_check_status import HealthCheckStatus, HealthVerdict
from cognito_failover.routing.record_set import describe_record_set, to_absolute_name
from cognito_failover.routing.records.record_group import RecordGroup

_LONG_TTL_SECONDS = 120

_NO_RECORDS = not_applicable("The stack does not move records.")
_NO_LATCH = not_applicable("The records have no latch.")


def _require_records(snapshot: Snapshot) -> RecordsSnapshot:
    records = snapshot.read(read_records)
    if isinstance(records, str):
        raise FactUnavailableError(f"The controller can't use the records: {records}")
    return records


def _check_records_readable(snapshot: Snapshot) -> CheckResult:
    if not snapshot.settings.has_managed_records:
        return _NO_RECORDS
    records = snapshot.read(read_records)
    if isinstance(records, str):
        return failed(records)
    if records.missing:
        missing = "; ".join(describe_record_set(record_set) for record_set in records.missing)
        return failed(f"Missing record sets: {missing}.")
    return passed(f"{snapshot.settings.domain_name} has all its {len(records.record_sets)} record sets.")


def _check_ttl(snapshot: Snapshot) -> CheckResult:
    if not snapshot.settings.has_managed_records:
        return _NO_RECORDS
    seconds = _require_records(snapshot).ttl_seconds
    message = f"Resolvers cache the domain's answer for {seconds} s."
    return passed(message) if seconds <= _LONG_TTL_SECONDS else failed(message)


def _check_latch_attached(snapshot: Snapshot) -> CheckResult:
    settings = snapshot.settings
    check_id = settings.latch_check_ids.get(SteeredName.RECORDS)
    if not check_id:
        return _NO_LATCH
    records, group = _require_records(snapshot), RecordGroup.from_settings(settings)
    if not records.record_sets:
        return failed(f"{settings.domain_name} has no records yet, so the latch is not attached.")
    checks = PerRole(primary=check_id, standby=settings.standby_check_id)
    unattached = [
        describe_record_set(record_set)
        for record_set in records.record_sets
        if record_set.get("HealthCheckId", "") != checks[group.get_role(record_set)]
    ]
    if unattached:
        return failed(f"Record sets without the latch's health check: {'; '.join(unattached)}.")
    if not snapshot.read(has_latch_state_record, SteeredName.RECORDS):
        return failed("The records have the latch's health checks, but the state TXT record is missing.")
    return passed("The records have the latch's health checks, and the state TXT record exists.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _UsedCheck:
    """A health check, and what uses it, for messages."""

    status: HealthCheckStatus
    uses: str

    def __str__(self) -> str:
        return f"{self.status.check_id} ({self.uses})"


def _list_check_uses(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return what uses each health check: the stack, and every record set with a check, also a foreign one."""
    uses: defaultdict[str, list[str]] = defaultdict(list)
    for name, check_id in snapshot.settings.latch_check_ids.items():
        uses[check_id].append(f"latch of the {name}")
    if snapshot.settings.standby_check_id:
        uses[snapshot.settings.standby_check_id].append("standby target")
    for record_set in snapshot.read(list_steering_record_sets):
        if check_id := record_set.get("HealthCheckId", ""):
            uses[check_id].append(describe_record_set(record_set))
    return uses


def _read_used_checks(snapshot: Snapshot) -> tuple[list[_UsedCheck], list[str]]:
    """Return each health check in use, and the reasons why others could not be read."""
    used_checks, unread = [], []
    own_ids = {*snapshot.settings.latch_check_ids.values(), snapshot.settings.standby_check_id}
    for check_id, uses in _list_check_uses(snapshot).items():
        try:
            used_check = _UsedCheck(status=snapshot.read(read_health_check, check_id), uses="; ".join(uses))
        except FactUnavailableError as error:
            unread.append(f"{check_id} ({'; '.join(uses)}): {error}")
            continue
        is_elsewhere = snapshot.settings.hosted_zone_role_arn and check_id not in own_ids
        if is_elsewhere and used_check.status.verdict is HealthVerdict.MISSING:
            unread.append(f"{used_check} is not in this account. It may be in the account of the zone.")
        else:
            used_checks.append(used_check)
    return used_checks, unread


def _check_health_checks_exist(snapshot: Snapshot) -> CheckResult:
    used_checks, unread = _read_used_checks(snapshot)
    if problems := [f"{defect} ({check.uses})" for check in used_checks for defect in check.status.defects]:
        return failed(f"{'; '.join(problems)}.")
    if unread:
        raise FactUnavailableError(" ".join(unread))
    if not used_checks:
        return not_applicable("Neither the stack nor its records have health checks.")
    return passed(f"All {len(used_checks)} health checks exist and are enabled.")


def _check_health_checks_healthy(snapshot: Snapshot) -> CheckResult:
    used_checks, unread = _read_used_checks(snapshot)
    problems, set_latches = [], []
    for check in used_checks:
        try:
            if check.status.verdict is HealthVerdict.UNKNOWN:
                unread.append(f"{check}: {check.status.reason}.")
            elif check.status.verdict is HealthVerdict.UNHEALTHY and _is_check_of_set_latch(snapshot, check.status):
                set_latches.append(str(check))
            elif check.status.verdict is HealthVerdict.UNHEALTHY:
                problems.append(f"{check} is unhealthy: {check.status.reason}")
        except FactUnavailableError as error:
            unread.append(f"{check} is unhealthy, and the state of its latch is unknown: {error}")
    if problems:
        return failed(
            f"{'; '.join(problems)}. Route 53 does not answer with the record of an unhealthy check. Neither weights "
            f"nor the latch move users there."
        )
    if unread:
        raise FactUnavailableError(" ".join(unread))
    if not used_checks:
        return not_applicable("Neither the stack nor its records have health checks.")
    if set_latches:
        return passed(f"The latch is set, so its check is unhealthy: {', '.join(set_latches)}.")
    return passed(f"Route 53 counts all {len(used_checks)} health checks as healthy.")


def _is_check_of_set_latch(snapshot: Snapshot, status: HealthCheckStatus) -> bool:
    """Return whether a check is unhealthy because its latch is set. The controller observes where users are then."""
    names = [name for name, check_id in snapshot.settings.latch_check_ids.items() if check_id == status.check_id]
    return bool(names) and not status.defects and all(snapshot.read(is_latch_set, name) for name in names)


def _check_target_health_ignored(snapshot: Snapshot) -> CheckResult:
    if not snapshot.settings.has_managed_records:
        return _NO_RECORDS
    evaluating = [
        describe_record_set(record_set)
        for record_set in snapshot.read(list_steering_record_sets)
        if record_set.get("AliasTarget", {}).get("EvaluateTargetHealth")
    ]
    if evaluating:
        return failed(
            f"Alias records with EvaluateTargetHealth: {'; '.join(evaluating)}. Route 53 then moves users by its own "
            f"view of the target, without the controller, and can keep them from the Region that the controller chose."
        )
    return passed(f"No alias record of {snapshot.settings.domain_name} evaluates the health of its target.")


def _check_delegation(snapshot: Snapshot) -> CheckResult:
    zone_info = snapshot.read(read_zone)
    if zone_info.is_private:
        return failed(f"The zone {zone_info.name} is private: users' resolvers can't use it.")
    expected = frozenset(to_absolute_name(server) for server in zone_info.name_servers)
    delegated = snapshot.read(read_delegation)
    if not delegated:
        return failed(f"The parent zone does not delegate {zone_info.name} to any name server.")
    unexpected = _list_servers_elsewhere(snapshot, delegated, expected)
    missing = _list_servers_elsewhere(snapshot, expected, delegated)
    if unexpected or missing:
        parts = [f"to {', '.join(unexpected)}, which are not the zone's name servers"] if unexpected else []
        parts += [f"not to {', '.join(missing)}"] if missing else []
        return failed(f"{zone_info.name} is delegated {', and '.join(parts)}.")
    return passed(f"{zone_info.name} is delegated to the zone's {len(expected)} name servers.")


def _list_servers_elsewhere(snapshot: Snapshot, servers: frozenset[str], others: frozenset[str]) -> list[str]:
    """Return the name servers that are not among the others, neither by name nor by their addresses.

    With white-label name servers, the parent zone has other names for the addresses of the zone's name servers.
    """
    unknown = sorted(servers - others)
    if not unknown:
        return []
    other_addresses = frozenset[str]().union(*(snapshot.read(read_server_addresses, server) for server in others))
    addresses = {server: snapshot.read(read_server_addresses, server) for server in unknown}
    return [server for server in unknown if not addresses[server] or not addresses[server] <= other_addresses]


def _check_name_servers_consistent(snapshot: Snapshot) -> CheckResult:
    if snapshot.settings.has_managed_records:
        weights = _require_records(snapshot).weights
        if FULL_WEIGHT not in {weights.primary, weights.standby} or weights.primary + weights.standby != FULL_WEIGHT:
            return not_applicable("Users are split between both Regions, so answers differ at random.")
    answers_by_server = snapshot.read(query_name_servers)
    if silent := sorted(server for server, answers in answers_by_server.items() if not all(answers.values())):
        return failed(f"Name servers without an answer: {', '.join(silent)}.")
    questions = {question for answers in answers_by_server.values() for question in answers}
    inconsistent = sorted(
        question.name for question in questions if len(_collect_answers(answers_by_server, question)) > 1
    )
    if inconsistent:
        return failed(f"Name servers answer differently about {', '.join(inconsistent)}.")
    return passed(f"All {len(answers_by_server)} name servers give the same answers.")


def _collect_answers(
    answers_by_server: Mapping[str, Mapping[DnsQuestion, tuple[DnsAnswer, ...]]], question: DnsQuestion
) -> set[DnsAnswer]:
    return {answer for answers in answers_by_server.values() for answer in answers.get(question, ())}


def _check_accelerated_recovery(snapshot: Snapshot) -> CheckResult:
    status = snapshot.read(read_zone).accelerated_recovery or "DISABLED"
    message = f"Accelerated recovery of the zone is {status}."
    return passed(message) if status == "ENABLED" else failed(message)


CHECKS = (
    PreflightCheck(
        id="records-understood",
        severity=CheckSeverity.HIGH,
        criterion="the domain has the weighted record pair that the controller can change, and its region TXT record",
        remedy="Correct the records as the message says. The controller creates missing records within a minute. In "
        "observe-only mode it creates only the region TXT record.",
        evaluate=_check_records_readable,
    ),
    PreflightCheck(
        id="records-ttl",
        severity=CheckSeverity.MEDIUM,
        criterion="resolvers cache the domain's answer for at most two minutes",
        remedy="Lower the TTL to 60 s in all records of the group at once.",
        evaluate=_check_ttl,
    ),
    PreflightCheck(
        id="latch-records-attached",
        severity=CheckSeverity.HIGH,
        criterion="the records have the latch's health check, if the stack has a latch",
        remedy="Attach the latch: failoverctl attach.",
        evaluate=_check_latch_attached,
    ),
    PreflightCheck(
        id="checks-exist",
        severity=CheckSeverity.HIGH,
        criterion="every health check of the stack and of its records exists and is enabled",
        remedy="Enable a disabled check. Remove a missing one from its records, which Route 53 refuses to change until "
        "then. If it is the stack's, detach, deploy with LatchType none, then with the latch, and attach.",
        evaluate=_check_health_checks_exist,
    ),
    PreflightCheck(
        id="checks-healthy",
        severity=CheckSeverity.HIGH,
        criterion="Route 53 counts the health checks of stack and records as healthy, except a set latch's",
        remedy="Permit Route 53's health checkers (aws route53 get-checker-ip-ranges) at the target, or correct the "
        "check.",
        evaluate=_check_health_checks_healthy,
    ),
    PreflightCheck(
        id="target-health-ignored",
        severity=CheckSeverity.MEDIUM,
        criterion="no alias record of the domain evaluates the health of its target",
        remedy="Set EvaluateTargetHealth to false in all records of the group at once.",
        evaluate=_check_target_health_ignored,
    ),
    PreflightCheck(
        id="zone-delegated",
        severity=CheckSeverity.HIGH,
        criterion="the parent zone delegates to all name servers of the hosted zone, and to no others",
        remedy="Correct the name servers at the registrar, or the NS record in the parent zone.",
        evaluate=_check_delegation,
    ),
    PreflightCheck(
        id="name-servers-alike",
        severity=CheckSeverity.MEDIUM,
        criterion="all name servers of the zone answer, with the same answers",
        remedy="If a change is in progress, wait for it. Otherwise check whether Lambda can reach each name server.",
        evaluate=_check_name_servers_consistent,
    ),
    PreflightCheck(
        id="accelerated-recovery",
        severity=CheckSeverity.LOW,
        criterion="the zone has accelerated recovery of Route 53's control plane",
        remedy="Enable it (UpdateHostedZoneFeatures). It is free, and in an outage of us-east-1 it makes changes "
        "possible again after about an hour.",
        evaluate=_check_accelerated_recovery,
    ),
)
