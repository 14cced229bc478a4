"""Puts the operator together for AWS, with what only people ask for: the controller starts without any of it."""

import time
from collections.abc import Mapping

from failover.assembly import Parts
from failover.assembly_levers import Hands, client_when_needed
from failover.bounded import Deadline
from failover.levers.attachment import Attachment
from failover.levers.domain_check import DomainCheck
from failover.levers.latch import LatchName
from failover.levers.latch_beacon import latch_beacon, settling_beacon
from failover.levers.record_checks import RecordChecks
from failover.levers.record_group import RecordGroup
from failover.levers.stack_policy import CLOUDFORMATION_CONFIG, Protection, StackPolicy
from failover.levers.user_pool_domain import COGNITO_CONFIG, CognitoDomain, Failover
from failover.region import PerSide
from failover.report.links import ReportLinks
from failover.rounds.attaching import Fitter, Fitting
from failover.rounds.operating import Operator

_WARM_UP_SECONDS = 2.0


def operator(env: Mapping[str, str]) -> Operator:
    """Build what a manual invocation runs. Raises SettingsError."""
    parts = Parts.from_env(env, service="operator")
    parts.probe.warm_up(Deadline(_WARM_UP_SECONDS))
    return Operator(
        settings=parts.settings,
        ledger=parts.ledger,
        probe=parts.probe,
        rounds=parts.rounds,
        signals=parts.signals,
        timekeeper=parts.timekeeper,
        clock=time.time,
        sleep=time.sleep,
        beside=parts.bystander,
        reports=ReportLinks.from_settings(parts.settings),
        fitter=Fitter(
            fittings(parts.hands),
            settings=parts.settings,
            zone=parts.hands.zone,
            authority=parts.hands.authority,
            ledger=parts.ledger,
            protection=protection(parts.hands),
            timekeeper=parts.timekeeper,
            clock=time.time,
            sleep=time.sleep,
        ),
    )


def fittings(hands: Hands) -> tuple[Fitting, ...]:
    """Return what attaching each latch takes."""
    return tuple(
        Fitting(
            latch=latch,
            attachment=_attachment(latch.name, hands),
            beacon=latch_beacon(latch.name, hands.settings),
            settling=settling_beacon(latch.name, hands.settings),
        )
        for latch in hands.latches
    )


def protection(hands: Hands) -> Protection:
    """Return what guards an attached latch against a change of the stack."""
    settings = hands.settings
    client = client_when_needed(hands.session, "cloudformation", settings.standby_region, CLOUDFORMATION_CONFIG)
    return StackPolicy(client, stack_id=settings.stack_id)


def _attachment(name: LatchName, hands: Hands) -> Attachment:
    settings = hands.settings
    check_id = settings.latch_check_ids[name]
    if name is LatchName.RECORDS and hands.records:
        checks = PerSide(primary=check_id, standby=settings.standby_check_id)
        return RecordChecks(lever=hands.records, group=RecordGroup.from_settings(settings), checks=checks)
    client = client_when_needed(hands.session, "cognito-idp", settings.primary_region, COGNITO_CONFIG)
    domain = CognitoDomain(client, name=settings.managed_login_domain, user_pool_id=settings.user_pool_id)
    return DomainCheck(domain=domain, failover=Failover(secondary_region=settings.standby_region, check_id=check_id))
