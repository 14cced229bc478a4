"""Readings of the domains' records, as Route 53 has them and as name servers answer."""

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from failover.errors import LeverRefusedError
from failover.levers.authority import Answers, Question
from failover.levers.beacon import beacon_name
from failover.levers.latch_beacon import latch_beacon
from failover.levers.record_group import RecordGroup
from failover.levers.records import STEERING_TYPES
from failover.levers.weighted_records import WeightedRecords
from failover.levers.zone import ZoneFacts
from failover.preflight.facts import Document, Facts
from failover.preflight.reading.pool import code_of

if TYPE_CHECKING:
    from failover.levers.latch import LatchName
    from failover.levers.lever import Survey

_ASKING_SECONDS = 6.0
_ATTEMPTS = 2
"""One that seems silent is asked once more: datagrams get lost."""


def zone(facts: Facts) -> ZoneFacts:
    """Return what Route 53 says of the hosted zone."""
    return facts.site.zone.facts()


def survey(facts: Facts) -> "Survey | str":
    """Return the domain's records as the controller understands them, or why it does not."""
    lever = WeightedRecords(
        group=RecordGroup.from_settings(facts.settings), zone=facts.site.zone, authority=facts.site.authority
    )
    try:
        return lever.survey()
    except LeverRefusedError as error:
        return str(error)


def delegation(facts: Facts) -> frozenset[str]:
    """Return the name servers that the zone is delegated to."""
    return facts.site.parents.delegation(facts(zone).name)


def answers(facts: Facts) -> "dict[str, Answers]":
    """Return what each name server of the zone answers about the names that users and clients ask for."""
    settings = facts.settings
    questions = [
        Question(name=beacon_name(name), record_type="TXT")
        for name in (settings.domain_name, settings.managed_login_domain)
        if name
    ]
    found = facts(survey) if settings.moves_records else ""
    if not isinstance(found, str):
        # What an alias stands for may change from one answer to the next.
        questions += [
            Question(name=each["Name"], record_type=each["Type"])
            for each in found.record_sets
            if each["Type"] in STEERING_TYPES and "AliasTarget" not in each
        ]
    asked, silent = list(dict.fromkeys(questions)), list(facts(zone).name_servers)
    given: dict[str, Answers] = {}
    for _ in range(_ATTEMPTS):
        look = facts.site.authority.look(silent, asked, hosts=(), budget_seconds=_ASKING_SECONDS)
        given |= look.answers
        silent = [server for server in silent if not all(given[server].values())]
        if not silent:
            break
    return given


def health_check(facts: Facts, check_id: str) -> Document | None:
    """Return a health check's configuration; None where there is no such check."""
    client = facts.site.client("route53", facts.settings.standby_region)
    try:
        found: Document = client.get_health_check(HealthCheckId=check_id)["HealthCheck"]["HealthCheckConfig"]
    except client.exceptions.NoSuchHealthCheck:
        return None
    return found


def beacon_of_latch(facts: Facts, name: "LatchName") -> bool:
    """Tell whether the pair that shows a latch's state is there: the last step of attaching it."""
    beacon = latch_beacon(name, facts.settings)
    return bool(beacon.found_in(facts.site.zone.record_sets([beacon.name])))


def checker_ranges(facts: Facts) -> tuple[str, ...]:
    """Return the addresses that Route 53 publishes of its health checkers."""
    client = facts.site.client("route53", facts.settings.standby_region)
    return tuple(client.get_checker_ip_ranges()["CheckerIpRanges"])


def bucket_policy(facts: Facts) -> tuple[Document, ...]:
    """Return the statements of the policy of the latch's bucket."""
    client = facts.site.client("s3", facts.settings.standby_region)
    try:
        policy = json.loads(client.get_bucket_policy(Bucket=facts.settings.latch_bucket)["Policy"])
    except ClientError as error:
        if code_of(error) in {"NoSuchBucket", "NoSuchBucketPolicy"}:
            return ()
        raise
    return tuple(policy["Statement"])
