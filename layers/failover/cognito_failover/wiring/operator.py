"""Builds the operator function for AWS. The controller imports none of this, for a faster start."""

import time
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.region import PerRole
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.controller.bounded_calls import RoundBudget
from cognito_failover.core.ports.latch import LatchAttachmentPoint
from cognito_failover.operator.latch_attachment import AttachableLatch, LatchAttacher
from cognito_failover.operator.operator import OperatorService
from cognito_failover.reports.links import ReportLinks
from cognito_failover.routing.health_check_status import HEALTH_CHECK_CONFIG, Route53HealthChecks
from cognito_failover.routing.latch.attach_to_cognito_domain import CognitoDomainAttachment
from cognito_failover.routing.latch.attach_to_records import RecordsAttachment
from cognito_failover.routing.latch.cognito_domain import COGNITO_CONFIG, CognitoDomain, DomainFailover
from cognito_failover.routing.latch.stack_policy import CLOUDFORMATION_CONFIG, StackPolicy, StackProtection
from cognito_failover.routing.latch.state_txt_record import build_latch_state_record, build_settling_record
from cognito_failover.routing.records.record_group import RecordGroup
from cognito_failover.wiring.controller import ControllerDependencies
from cognito_failover.wiring.levers import LeverSet, create_lazy_client

_WARM_UP_SECONDS = 2.0
_UNQUALIFIED_ARN_PARTS = 7
"""The parts of ``arn:aws:lambda:REGION:ACCOUNT:function:NAME``. A version or an alias follows them."""


def has_qualifier(function_arn: str) -> bool:
    """Return whether the caller named an alias or a version. IAM tells these callers apart, and they may only read."""
    return len(function_arn.split(":")) > _UNQUALIFIED_ARN_PARTS


def build_operator(env: Mapping[str, str]) -> OperatorService:
    """Return what a manual invocation runs. Raises SettingsError."""
    dependencies = ControllerDependencies.from_env(env, service="operator")
    dependencies.probe.warm_up(Deadline(_WARM_UP_SECONDS))
    return OperatorService(
        settings=dependencies.settings,
        ledger=dependencies.ledger,
        prober=dependencies.probe,
        round_runner=dependencies.round_runner,
        notifier=dependencies.signals,
        round_budget=dependencies.round_budget,
        clock=time.time,
        sleep=time.sleep,
        background_task=dependencies.timeline_recorder,
        report_finder=ReportLinks.from_settings(dependencies.settings),
        latch_attacher=LatchAttacher(
            build_attachable_latches(dependencies.lever_set, dependencies.round_budget),
            settings=dependencies.settings,
            zone=dependencies.lever_set.zone,
            locator=dependencies.lever_set.locator,
            ledger=dependencies.ledger,
            health_checks=build_health_checks(dependencies.lever_set),
            protection=build_stack_protection(dependencies.lever_set),
            round_budget=dependencies.round_budget,
            clock=time.time,
            sleep=time.sleep,
        ),
    )


def build_attachable_latches(lever_set: LeverSet, round_budget: RoundBudget) -> tuple[AttachableLatch, ...]:
    """Return each latch with all that attaching it needs."""
    return tuple(
        AttachableLatch(
            latch=latch,
            attachment_point=_build_attachment_point(latch.name, lever_set, round_budget),
            state_record=build_latch_state_record(latch.name, lever_set.settings),
            settling_record=build_settling_record(latch.name, lever_set.settings),
        )
        for latch in lever_set.latches
    )


def build_health_checks(lever_set: LeverSet) -> Route53HealthChecks:
    """Return the reader of the health checks' status."""

    @cache
    def get_client(service: str, region: str) -> Any:
        return create_lazy_client(lever_set.session, service, region, HEALTH_CHECK_CONFIG)()

    return Route53HealthChecks(get_client, region=lever_set.settings.standby_region)


def build_stack_protection(lever_set: LeverSet) -> StackProtection:
    """Return what protects an attached latch from stack updates."""
    settings = lever_set.settings
    client = create_lazy_client(lever_set.session, "cloudformation", settings.standby_region, CLOUDFORMATION_CONFIG)
    return StackPolicy(client, stack_id=settings.stack_id)


def _build_attachment_point(name: SteeredName, lever_set: LeverSet, round_budget: RoundBudget) -> LatchAttachmentPoint:
    settings = lever_set.settings
    require_lease = partial(round_budget.require_current, "Changing what the latch is attached to")
    check_id = settings.latch_check_ids[name]
    if name is SteeredName.RECORDS and lever_set.records:
        checks = PerRole(primary=check_id, standby=settings.standby_check_id)
        return RecordsAttachment(
            lever=lever_set.records,
            locator=lever_set.locator,
            group=RecordGroup.from_settings(settings),
            check_ids=checks,
            require_lease=require_lease,
        )
    client = create_lazy_client(lever_set.session, "cognito-idp", settings.primary_region, COGNITO_CONFIG)
    domain = CognitoDomain(client, name=settings.managed_login_domain, user_pool_id=settings.user_pool_id)
    return CognitoDomainAttachment(
        domain=domain,
        failover=DomainFailover(secondary_region=settings.standby_region, check_id=check_id),
        require_lease=require_lease,
    )
