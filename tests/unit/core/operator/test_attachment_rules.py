"""The reasons why a latch may not be attached or detached."""

from dataclasses import replace
from typing import Any

import pytest

from cognito_failover.common.region import PerRole, RegionRole, route_all_to, split_traffic
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.consensus import Consensus, RegionConsensus
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.records import DnsWatch
from cognito_failover.core.model.state import ControllerState, LatchState, PendingWeightSync
from cognito_failover.core.operator.actions import handle_request
from cognito_failover.core.operator.attachment_rules import (
    NO_LATCH_MESSAGE,
    describe_thrown_latches,
    find_attachment_blocker,
)
from cognito_failover.core.operator.request import OperatorAction, OperatorRequest
from cognito_failover.core.operator.response import OperatorResponse
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.verdict import Verdict
from tests.support.settings import make_settings

NOW = 1_800_000_000.0
SETTINGS = make_settings(records_latch_check_id="a1b2", latch_bucket="latch-us-east-1", standby_check_id="c3d4")
CALM_STATE = ControllerState(
    created_at=NOW, active_role=RegionRole.PRIMARY, active_since=NOW, weights=route_all_to(RegionRole.PRIMARY)
)
RECORDS, DOMAIN = SteeredName.RECORDS, SteeredName.DOMAIN
ATTACHED = DnsWatch(record_sets=(), name_servers=())


def test_latch_is_attachable_while_all_users_are_on_primary_at_rest() -> None:
    assert find_attachment_blocker(CALM_STATE, SETTINGS) is None


def test_missing_latch_cannot_be_attached() -> None:
    assert find_attachment_blocker(CALM_STATE, make_settings()) == NO_LATCH_MESSAGE


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"pending_weight_sync": PendingWeightSync()},
            "The weights of the records are not synced with the last move yet; wait until they are.",
        ),
        (
            {"weights": split_traffic(RegionRole.STANDBY, 10)},
            "All users must be on ap-northeast-1, and they are not: ap-northeast-1 229, us-east-1 26. Fail back first.",
        ),
        (
            {"active_role": RegionRole.STANDBY, "latches": {RECORDS: LatchState(is_thrown=True, dns_watch=ATTACHED)}},
            (
                "All users must be on ap-northeast-1, and they are not: ap-northeast-1 255, us-east-1 0, "
                "the latch of the records set. Fail back first."
            ),
        ),
        (
            {"latches": {RECORDS: LatchState(is_thrown=True)}},
            "The latch of the records is set; fail back first, which releases it.",
        ),
    ],
)
def test_attachment_is_blocked_unless_users_rest_on_primary(changes: dict[str, Any], reason: str) -> None:
    assert find_attachment_blocker(replace(CALM_STATE, **changes), SETTINGS) == reason


def request_attachment(action: OperatorAction, **changes: Any) -> OperatorResponse:
    request = OperatorRequest(action=action, reason="set-up", requested_by="Aiko", token="t")
    healthy = RegionConsensus(verdict=Verdict.HEALTHY, observed_at=NOW, detail="Well.")
    consensus = Consensus(roles=PerRole(primary=healthy, standby=healthy), is_isolated=False)
    context = RoundContext(settings=SETTINGS, consensus=consensus, now=NOW)
    return handle_request(replace(CALM_STATE, **changes), request, context)


@pytest.mark.parametrize("action", [OperatorAction.ATTACH, OperatorAction.DETACH])
def test_attachment_event_names_initiator_and_reason(action: OperatorAction) -> None:
    response = request_attachment(action)
    message = f"Aiko asked to {action} the latch: set-up."
    event = Event(kind=EventKind.ATTACHMENT, at=NOW, message=message, requested_by="Aiko", reason="set-up")
    assert (response.is_accepted, response.transition.message, response.transition.events) == (True, message, (event,))


def test_refusal_has_reason_and_is_notified_once() -> None:
    response = request_attachment(OperatorAction.ATTACH, pending_weight_sync=PendingWeightSync())
    reason = "The weights of the records are not synced with the last move yet; wait until they are."
    assert (response.is_accepted, response.rule) == (False, "at-rest")
    assert response.transition.message == f"Refused, nothing was changed: {reason}"
    assert [event.kind for event in response.transition.events] == [EventKind.REFUSED]
    again = request_attachment(
        OperatorAction.ATTACH,
        pending_weight_sync=PendingWeightSync(),
        rejected_requests=response.transition.state.rejected_requests,
    )
    assert (again.is_accepted, again.transition.message, again.transition.events) == (
        False,
        response.transition.message,
        (),
    )


def test_every_thrown_latch_is_named() -> None:
    assert describe_thrown_latches({RECORDS: True, DOMAIN: True}) == (
        "The latch of the records and the domain is set; fail back first, which releases it."
    )
    assert describe_thrown_latches({RECORDS: False, DOMAIN: True}) == (
        "The latch of the domain is set; fail back first, which releases it."
    )
    assert describe_thrown_latches({RECORDS: False, DOMAIN: False}) is None
