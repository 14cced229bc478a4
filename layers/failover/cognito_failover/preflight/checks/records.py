"""The domain's records, their checks, the zone, and who answers for it."""

from collections.abc import Mapping

from cognito_failover.common.latch_name import LatchName
from cognito_failover.common.region import FULL_WEIGHT, PerRole
from cognito_failover.core.model.records import RecordsSnapshot
from cognito_failover.core.preflight_result import CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, not_applicable, passed
from cognito_failover.preflight.facts import FactUnavailableError, Snapshot
from cognito_failover.preflight.readers.dns import (
    has_latch_state_record,
    query_name_servers,
    read_delegation,
    read_health_check,
    read_records,
    read_zone,
)
from cognito_failover.routing.dns.question import DnsAnswer, DnsQuestion
from cognito_failover.routing.record_set import describe_record_set, to_absolute_name
from cognito_failover.routing.records.record_group import RecordGroup

_LONG_TTL_SECONDS = 120

_NO_RECORDS = not_applicable("The stack moves no records.")
_NO_LATCH = not_applicable("The records have no latch.")


def _require_records(snapshot: Snapshot) -> RecordsSnapshot:
    records = snapshot(read_records)
    if isinstance(records, str):
        raise FactUnavailableError(f"The records are not understood: {records}")
    return records


def _check_records_readable(snapshot: Snapshot) -> CheckResult:
    if not snapshot.settings.has_managed_records:
        return _NO_RECORDS
    records = snapshot(read_records)
    if isinstance(records, str):
        return failed(records)
    if records.missing:
        return failed(f"Lacking: {'; '.join(describe_record_set(each) for each in records.missing)}.")
    return passed(f"{snapshot.settings.domain_name} has {len(records.record_sets)} record sets, as they are to be.")


def _check_ttl(snapshot: Snapshot) -> CheckResult:
    if not snapshot.settings.has_managed_records:
        return _NO_RECORDS
    seconds = _require_records(snapshot).ttl_seconds
    message = f"Resolvers keep the domain's answer for {seconds} s."
    return passed(message) if seconds <= _LONG_TTL_SECONDS else failed(message)


def _check_latch_attached(snapshot: Snapshot) -> CheckResult:
    settings = snapshot.settings
    check_id = settings.latch_check_ids.get(LatchName.RECORDS)
    if not check_id:
        return _NO_LATCH
    records, group = _require_records(snapshot), RecordGroup.from_settings(settings)
    if not records.record_sets:
        return failed(f"{settings.domain_name} has no records yet that could carry our health check.")
    checks = PerRole(primary=check_id, standby=settings.standby_check_id)
    without = [
        describe_record_set(each)
        for each in records.record_sets
        if each.get("HealthCheckId", "") != checks[group.get_role(each)]
    ]
    if without:
        return failed(f"Without our health check: {'; '.join(without)}.")
    if not snapshot(has_latch_state_record, LatchName.RECORDS):
        return failed("The records carry our checks, but the pair that shows the latch's state is missing.")
    return passed("The records carry our health checks, and the pair that shows the latch's state is there.")


def _check_health_checks_exist(snapshot: Snapshot) -> CheckResult:
    settings = snapshot.settings
    ids = {**{f"latch of the {name}": each for name, each in settings.latch_check_ids.items()}}
    if settings.standby_check_id:
        ids["standby target"] = settings.standby_check_id
    if not ids:
        return not_applicable("The stack has no health checks.")
    problems = []
    for what, check_id in ids.items():
        configuration = snapshot(read_health_check, check_id)
        if configuration is None:
            problems.append(f"{check_id} ({what}) does not exist")
        elif configuration.get("Disabled"):
            problems.append(f"{check_id} ({what}) is disabled, and so always healthy")
    if problems:
        return failed(f"{'; '.join(problems)}.")
    return passed(f"All {len(ids)} health checks exist, and are enabled.")


def _check_delegation(snapshot: Snapshot) -> CheckResult:
    zone_info = snapshot(read_zone)
    if zone_info.is_private:
        return failed(f"The zone {zone_info.name} is private: users' resolvers don't see it.")
    expected = frozenset(to_absolute_name(server) for server in zone_info.name_servers)
    delegated = snapshot(read_delegation)
    if not delegated:
        return failed(f"Nobody above {zone_info.name} delegates it to any name server.")
    if delegated != expected:
        unexpected, missing = sorted(delegated - expected), sorted(expected - delegated)
        parts = [f"to {', '.join(unexpected)}, which are not the zone's"] if unexpected else []
        parts += [f"not to {', '.join(missing)}"] if missing else []
        return failed(f"{zone_info.name} is delegated {', and '.join(parts)}.")
    return passed(f"{zone_info.name} is delegated to the zone's {len(expected)} name servers.")


def _check_name_servers_consistent(snapshot: Snapshot) -> CheckResult:
    if snapshot.settings.has_managed_records:
        weights = _require_records(snapshot).weights
        if FULL_WEIGHT not in {weights.primary, weights.standby} or weights.primary + weights.standby != FULL_WEIGHT:
            return not_applicable("While users are on both sides, answers differ by chance.")
    answers_by_server = snapshot(query_name_servers)
    if silent := sorted(server for server, given in answers_by_server.items() if not all(given.values())):
        return failed(f"Name servers without an answer: {', '.join(silent)}.")
    questions = {question for given in answers_by_server.values() for question in given}
    inconsistent = sorted(
        question.name for question in questions if len(_collect_answers(answers_by_server, question)) > 1
    )
    if inconsistent:
        return failed(f"Name servers answer differently about {', '.join(inconsistent)}.")
    return passed(f"All {len(answers_by_server)} name servers answer alike.")


def _collect_answers(
    answers_by_server: Mapping[str, Mapping[DnsQuestion, tuple[DnsAnswer, ...]]], question: DnsQuestion
) -> set[DnsAnswer]:
    return {answer for given in answers_by_server.values() for answer in given.get(question, ())}


def _check_accelerated_recovery(snapshot: Snapshot) -> CheckResult:
    status = snapshot(read_zone).accelerated_recovery or "DISABLED"
    message = f"Accelerated recovery of the zone is {status}."
    return passed(message) if status == "ENABLED" else failed(message)


CHECKS = (
    PreflightCheck(
        id="records-understood",
        severity=CheckSeverity.HIGH,
        criterion="the domain has the weighted pair of records that the controller can steer, and its beacon",
        remedy="Correct the records as the message says. The controller creates missing ones unless observe-only.",
        evaluate=_check_records_readable,
    ),
    PreflightCheck(
        id="records-ttl",
        severity=CheckSeverity.MEDIUM,
        criterion="resolvers keep the domain's answer for two minutes at most",
        remedy="Lower the records' TTL to 60 s; all of the group at once.",
        evaluate=_check_ttl,
    ),
    PreflightCheck(
        id="latch-records-attached",
        severity=CheckSeverity.HIGH,
        criterion="the records carry the latch's health check, where the stack has a latch",
        remedy="Attach the latch: failoverctl attach.",
        evaluate=_check_latch_attached,
    ),
    PreflightCheck(
        id="checks-exist",
        severity=CheckSeverity.HIGH,
        criterion="every health check of the stack exists, and is not disabled",
        remedy="Deploy the stack again, and attach the latch again. Enable a disabled check.",
        evaluate=_check_health_checks_exist,
    ),
    PreflightCheck(
        id="zone-delegated",
        severity=CheckSeverity.HIGH,
        criterion="the parent zone delegates to the hosted zone's name servers, to all of them and no others",
        remedy="Correct the name servers at the registrar, or the NS record in the parent zone.",
        evaluate=_check_delegation,
    ),
    PreflightCheck(
        id="name-servers-alike",
        severity=CheckSeverity.MEDIUM,
        criterion="all of them answer, and answer alike",
        remedy="Wait for a change that is on its way; else see whether each name server can be reached from Lambda.",
        evaluate=_check_name_servers_consistent,
    ),
    PreflightCheck(
        id="accelerated-recovery",
        severity=CheckSeverity.LOW,
        criterion="the zone has accelerated recovery of Route 53's control plane",
        remedy="Enable it (UpdateHostedZoneFeatures): it costs nothing, and brings changes back after about an hour.",
        evaluate=_check_accelerated_recovery,
    ),
)
