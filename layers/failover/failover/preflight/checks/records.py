"""The domain's records, their checks, the zone, and who answers for it."""

from collections.abc import Mapping

from failover.decision.preflight import Severity
from failover.levers.authority import Answer, Question
from failover.levers.latch import LatchName
from failover.levers.lever import Survey
from failover.levers.record_group import RecordGroup
from failover.levers.records import absolute, describe
from failover.preflight.check import Check, Judgement, failed, not_applicable, passed
from failover.preflight.facts import Facts, UnreadError
from failover.preflight.reading.dns import answers, beacon_of_latch, delegation, health_check, survey, zone
from failover.region import FULL_WEIGHT, PerSide

_LONG_TTL_SECONDS = 120

_NO_RECORDS = not_applicable("The stack moves no records.")
_NO_LATCH = not_applicable("The records have no latch.")


def _understood_survey(facts: Facts) -> Survey:
    found = facts(survey)
    if isinstance(found, str):
        raise UnreadError(f"The records are not understood: {found}")
    return found


def _understood(facts: Facts) -> Judgement:
    if not facts.settings.moves_records:
        return _NO_RECORDS
    found = facts(survey)
    if isinstance(found, str):
        return failed(found)
    if found.lacking:
        return failed(f"Lacking: {'; '.join(describe(each) for each in found.lacking)}.")
    return passed(f"{facts.settings.domain_name} has {len(found.record_sets)} record sets, as they are to be.")


def _ttl(facts: Facts) -> Judgement:
    if not facts.settings.moves_records:
        return _NO_RECORDS
    seconds = _understood_survey(facts).ttl_seconds
    sentence = f"Resolvers keep the domain's answer for {seconds} s."
    return passed(sentence) if seconds <= _LONG_TTL_SECONDS else failed(sentence)


def _attached(facts: Facts) -> Judgement:
    settings = facts.settings
    check_id = settings.latch_check_ids.get(LatchName.RECORDS)
    if not check_id:
        return _NO_LATCH
    found, group = _understood_survey(facts), RecordGroup.from_settings(settings)
    if not found.record_sets:
        return failed(f"{settings.domain_name} has no records yet that could carry our health check.")
    checks = PerSide(primary=check_id, standby=settings.standby_check_id)
    without = [
        describe(each) for each in found.record_sets if each.get("HealthCheckId", "") != checks[group.side_of(each)]
    ]
    if without:
        return failed(f"Without our health check: {'; '.join(without)}.")
    if not facts(beacon_of_latch, LatchName.RECORDS):
        return failed("The records carry our checks, but the pair that shows the latch's state is missing.")
    return passed("The records carry our health checks, and the pair that shows the latch's state is there.")


def _checks_exist(facts: Facts) -> Judgement:
    settings = facts.settings
    ids = {**{f"latch of the {name}": each for name, each in settings.latch_check_ids.items()}}
    if settings.standby_check_id:
        ids["standby target"] = settings.standby_check_id
    if not ids:
        return not_applicable("The stack has no health checks.")
    wrong = []
    for what, check_id in ids.items():
        found = facts(health_check, check_id)
        if found is None:
            wrong.append(f"{check_id} ({what}) does not exist")
        elif found.get("Disabled"):
            wrong.append(f"{check_id} ({what}) is disabled, and so always healthy")
    if wrong:
        return failed(f"{'; '.join(wrong)}.")
    return passed(f"All {len(ids)} health checks exist, and are enabled.")


def _delegated(facts: Facts) -> Judgement:
    held = facts(zone)
    if held.private:
        return failed(f"The zone {held.name} is private: users' resolvers don't see it.")
    ours = frozenset(absolute(server) for server in held.name_servers)
    theirs = facts(delegation)
    if not theirs:
        return failed(f"Nobody above {held.name} delegates it to any name server.")
    if theirs != ours:
        strange, unnamed = sorted(theirs - ours), sorted(ours - theirs)
        parts = [f"to {', '.join(strange)}, which are not the zone's"] if strange else []
        parts += [f"not to {', '.join(unnamed)}"] if unnamed else []
        return failed(f"{held.name} is delegated {', and '.join(parts)}.")
    return passed(f"{held.name} is delegated to the zone's {len(ours)} name servers.")


def _alike(facts: Facts) -> Judgement:
    if facts.settings.moves_records:
        weights = _understood_survey(facts).weights
        if FULL_WEIGHT not in {weights.primary, weights.standby} or weights.primary + weights.standby != FULL_WEIGHT:
            return not_applicable("While users are on both sides, answers differ by chance.")
    found = facts(answers)
    if silent := sorted(server for server, given in found.items() if not all(given.values())):
        return failed(f"Name servers without an answer: {', '.join(silent)}.")
    questions = {question for given in found.values() for question in given}
    split = sorted(question.name for question in questions if len(_given(found, question)) > 1)
    if split:
        return failed(f"Name servers answer differently about {', '.join(split)}.")
    return passed(f"All {len(found)} name servers answer alike.")


def _given(found: Mapping[str, Mapping[Question, tuple[Answer, ...]]], question: Question) -> set[Answer]:
    return {answer for given in found.values() for answer in given.get(question, ())}


def _accelerated(facts: Facts) -> Judgement:
    status = facts(zone).accelerated_recovery or "DISABLED"
    sentence = f"Accelerated recovery of the zone is {status}."
    return passed(sentence) if status == "ENABLED" else failed(sentence)


CHECKS = (
    Check(
        id="records-understood",
        severity=Severity.HIGH,
        passes="the domain has the weighted pair of records that the controller can steer, and its beacon",
        remedy="Put the records right as it says; the controller creates what is lacking, unless it only observes.",
        judge=_understood,
    ),
    Check(
        id="records-ttl",
        severity=Severity.MEDIUM,
        passes="resolvers keep the domain's answer for two minutes at most",
        remedy="Lower the records' TTL to 60 s; all of the group at once.",
        judge=_ttl,
    ),
    Check(
        id="latch-records-attached",
        severity=Severity.HIGH,
        passes="the records carry the latch's health check, where the stack has a latch",
        remedy="Attach the latch: failoverctl attach.",
        judge=_attached,
    ),
    Check(
        id="checks-exist",
        severity=Severity.HIGH,
        passes="every health check of the stack exists, and is not disabled",
        remedy="Deploy the stack again, and attach the latch anew; enable a check that is disabled.",
        judge=_checks_exist,
    ),
    Check(
        id="zone-delegated",
        severity=Severity.HIGH,
        passes="the parent zone delegates to the hosted zone's name servers, to all of them and no others",
        remedy="Correct the name servers at the registrar, or the NS record in the parent zone.",
        judge=_delegated,
    ),
    Check(
        id="name-servers-alike",
        severity=Severity.MEDIUM,
        passes="all of them answer, and answer alike",
        remedy="Wait for a change that is on its way; else see whether each name server can be reached from Lambda.",
        judge=_alike,
    ),
    Check(
        id="accelerated-recovery",
        severity=Severity.LOW,
        passes="the zone has accelerated recovery of Route 53's control plane",
        remedy="Enable it (UpdateHostedZoneFeatures): it costs nothing, and brings changes back after about an hour.",
        judge=_accelerated,
    ),
)
