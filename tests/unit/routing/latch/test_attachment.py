"""Attaching and detaching a latch does not move users, even when a call fails."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from cognito_failover.common.errors import LedgerUnavailableError
from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.event import EventKind
from cognito_failover.core.model.move import Move
from cognito_failover.core.model.records import RecordSet
from cognito_failover.core.model.state import ControllerState, LatchState, PendingWeightSync
from cognito_failover.core.operator.request import OperatorAction
from cognito_failover.routing.health_check_status import HealthVerdict
from cognito_failover.routing.latch.cognito_domain import DomainFailover
from cognito_failover.routing.latch.health_check_latch import HealthCheckLatch
from cognito_failover.routing.latch.state_txt_record import build_latch_state_record
from tests.unit.routing.latch.attachment_harness import (
    ALL_ATTACHED,
    DOMAIN_CHECK,
    RECORDS_CHECK,
    SETTINGS,
    STANDBY_CHECK,
    TOKYO,
    VIRGINIA,
    LatchAttachmentHarness,
)

RECORDS, DOMAIN = SteeredName.RECORDS, SteeredName.DOMAIN
OWN_FAILOVER = DomainFailover(secondary_region=VIRGINIA, check_id=DOMAIN_CHECK)


def make_attached_harness() -> LatchAttachmentHarness:
    harness = LatchAttachmentHarness()
    assert harness.attach().done
    return harness


def test_attach_sets_record_checks_and_domain_failover() -> None:
    harness = make_attached_harness()
    assert harness.record_checks == ALL_ATTACHED
    assert harness.domain.current_failover == OWN_FAILOVER
    assert harness.attached_latches == {RECORDS: True, DOMAIN: True}
    assert harness.users_role == SETTINGS.primary_target


IPV4_TARGETS = {"tokyo.target.example.com.": {"192.0.2.1"}, "virginia.target.example.com.": {"198.51.100.1"}}
IPV6_STANDBY = {"tokyo.target.example.com.": {"192.0.2.1"}, "virginia.target.example.com.": {"2001:db8::1"}}


def make_dual_stack_records() -> list[RecordSet]:
    return [
        {
            "Name": "auth.example.com.",
            "Type": record_type,
            "SetIdentifier": region,
            "Weight": weight,
            "AliasTarget": {"HostedZoneId": "Z1", "DNSName": target, "EvaluateTargetHealth": False},
        }
        for record_type in ("A", "AAAA")
        for region, weight, target in (
            (TOKYO, 255, SETTINGS.primary_target),
            (VIRGINIA, 0, SETTINGS.standby_target),
        )
    ]


@pytest.mark.parametrize("addresses", [IPV4_TARGETS, IPV6_STANDBY], ids=["IPv4 only", "one family each"])
def test_attach_to_dual_stack_aliases_ends(addresses: dict[str, set[str]]) -> None:
    harness = LatchAttachmentHarness(record_sets=make_dual_stack_records())
    harness.name_servers.addresses = {name: frozenset(found) for name, found in addresses.items()}
    outcome = harness.attach()
    assert outcome.done, outcome.message
    assert harness.record_checks.count(("auth", RECORDS_CHECK)) == 2
    assert harness.attached_latches == {RECORDS: True, DOMAIN: True}


@pytest.mark.parametrize("cut", ["login.example.com.", "_region.login.example.com.", "_latch.auth.example.com."])
def test_attach_below_a_delegation_is_refused(cut: str) -> None:
    harness = LatchAttachmentHarness()
    harness.zone.set_by_hand({"Name": cut, "Type": "NS", "TTL": 60, "ResourceRecords": [{"Value": "ns.example.org."}]})
    outcome = harness.attach()
    assert outcome.refused_by == "lever"
    assert f"{cut} is delegated to another zone by an NS record in the zone example.com." in outcome.message
    assert harness.record_checks == []


def test_attach_waits_while_a_name_server_shows_no_region() -> None:
    harness = LatchAttachmentHarness(record_sets=make_dual_stack_records())
    outcome = harness.attach()
    assert not outcome.done
    assert "0 of 2 name servers answer with ap-northeast-1 only" in outcome.message


def test_repeated_attach_records_one_event() -> None:
    harness = make_attached_harness()
    assert harness.attach().message.startswith("The latch of the records and the domain is attached")
    assert [(event.kind, event.message) for event in harness.ledger.load_history(limit=9).events] == [
        (EventKind.ATTACHMENT, "The latch of the records and the domain is attached; no users were moved.")
    ]


def test_repeated_attach_changes_nothing() -> None:
    harness = make_attached_harness()
    harness.zone.batches.clear()
    assert harness.attach().done
    assert harness.zone.batches == []


def test_unsettled_check_is_not_attached_to_traffic() -> None:
    harness = LatchAttachmentHarness()
    harness.name_servers.unhealthy = {RECORDS_CHECK, DOMAIN_CHECK}
    outcome = harness.attach()
    assert not outcome.done
    assert not outcome.refused_by
    assert "Not all name servers treat the health check of the latch of the records as healthy yet" in outcome.message
    assert "Repeat the same event in a minute" in outcome.message
    assert harness.record_checks == [("_latch-settling.auth", RECORDS_CHECK), ("_latch-settling.login", DOMAIN_CHECK)]
    assert harness.domain.current_failover is None
    assert harness.attached_latches == {RECORDS: False, DOMAIN: False}


def test_next_attach_completes_after_check_settles() -> None:
    harness = LatchAttachmentHarness()
    harness.name_servers.unhealthy = {RECORDS_CHECK, DOMAIN_CHECK}
    harness.attach()
    harness.name_servers.unhealthy = set()
    harness.restart_process()
    assert harness.attach().done
    assert harness.record_checks == ALL_ATTACHED


def test_silent_name_server_leaves_check_unsettled() -> None:
    harness = LatchAttachmentHarness()
    harness.name_servers.silent = {"ns-2.example.org"}
    outcome = harness.attach()
    assert not outcome.done
    assert "no answer from ns-2.example.org" in outcome.message
    assert harness.domain.current_failover is None


def test_records_latch_is_used_only_after_route_53_is_in_sync() -> None:
    harness = LatchAttachmentHarness(is_propagating=False)
    outcome = harness.attach()
    assert not outcome.done
    assert "still propagating the records' health checks" in outcome.message
    assert harness.attached_latches == {RECORDS: False, DOMAIN: False}
    harness.is_propagating = True
    harness.restart_process()
    assert harness.attach().done
    assert harness.attached_latches == {RECORDS: True, DOMAIN: True}


def test_domain_latch_is_used_only_after_cognito_distribution() -> None:
    harness = LatchAttachmentHarness()
    harness.domain.has_settled = False
    outcome = harness.attach()
    assert "Cognito is still distributing the change of login.example.com" in outcome.message
    assert harness.attached_latches == {RECORDS: True, DOMAIN: False}
    harness.domain.has_settled = True
    assert harness.attach().done


@pytest.mark.parametrize("batch", range(5))
def test_attach_completes_after_any_failed_call_without_moving_users(batch: int) -> None:
    harness = LatchAttachmentHarness()
    harness.zone.fails_at_batch = batch
    outcome = harness.attach()
    assert not outcome.done
    assert "Repeat the same event" in outcome.message
    assert harness.users_role == SETTINGS.primary_target
    harness.restart_process()
    assert harness.attach().done
    assert harness.record_checks == ALL_ATTACHED
    assert harness.users_role == SETTINGS.primary_target


@pytest.mark.parametrize("batch", range(3))
def test_detach_completes_after_any_failed_call_without_moving_users(batch: int) -> None:
    harness = make_attached_harness()
    harness.zone.batches.clear()
    harness.zone.fails_at_batch = batch
    assert not harness.detach().done
    assert harness.users_role == SETTINGS.primary_target
    harness.restart_process()
    assert harness.detach().done
    assert harness.record_checks == []
    assert harness.domain.current_failover is None


def test_detach_removes_everything_and_keeps_users() -> None:
    harness = make_attached_harness()
    outcome = harness.detach()
    assert outcome.message.startswith("The latch of the records and the domain is detached; no users were moved.")
    assert harness.record_checks == []
    assert harness.domain.current_failover is None
    assert harness.attached_latches == {RECORDS: False, DOMAIN: False}
    assert harness.users_role == SETTINGS.primary_target


def test_detach_removes_state_record_first() -> None:
    harness = make_attached_harness()
    harness.zone.batches.clear()
    harness.detach()
    first = harness.zone.batches[0]
    assert {change.record_set["Name"] for change in first} == {"_latch.auth.example.com."}


@pytest.mark.parametrize("batch", range(4))
def test_detachment_is_saved_before_the_state_record_is_removed(batch: int) -> None:
    harness = make_attached_harness()
    harness.set_state(latches={name: make_attached_state(latch) for name, latch in harness.latches.items()})
    harness.zone.batches.clear()
    harness.zone.fails_at_batch = batch
    harness.detach()
    state = load_state(harness)
    shown = {name for name, is_shown in harness.attached_latches.items() if is_shown}
    assert all(state.latches[name].is_attached <= (name in shown) for name in SteeredName)
    harness.detach()
    assert not any(latch.is_attached for latch in load_state(harness).latches.values())


def test_detachment_is_saved_if_the_state_record_was_removed_by_hand() -> None:
    harness = make_attached_harness()
    harness.set_state(latches={name: make_attached_state(latch) for name, latch in harness.latches.items()})
    for name in SteeredName:
        harness.zone.remove_by_hand(*build_latch_state_record(name, SETTINGS).record_sets)
    assert harness.detach().done
    assert load_state(harness).latches == {name: LatchState(is_thrown=False) for name in SteeredName}


def test_detach_of_unattached_latch_changes_nothing() -> None:
    harness = LatchAttachmentHarness()
    assert harness.detach().done
    assert harness.zone.batches == []


def test_partly_attached_record_is_detached() -> None:
    harness = make_attached_harness()
    (primary,) = [
        record_set
        for record_set in harness.zone.list_record_sets(("auth.example.com.",))
        if record_set["SetIdentifier"] == TOKYO
    ]
    harness.zone.set_by_hand({key: value for key, value in primary.items() if key != "HealthCheckId"})
    assert harness.detach().done
    assert harness.record_checks == []


def test_removed_check_is_attached_again() -> None:
    harness = make_attached_harness()
    (primary,) = [
        record_set
        for record_set in harness.zone.list_record_sets(("auth.example.com.",))
        if record_set["SetIdentifier"] == TOKYO
    ]
    harness.zone.set_by_hand({key: value for key, value in primary.items() if key != "HealthCheckId"})
    assert harness.attach().done
    assert harness.record_checks == ALL_ATTACHED


def test_record_with_foreign_check_is_rejected_with_combined_check_hint() -> None:
    harness = LatchAttachmentHarness()
    pair = harness.zone.list_record_sets(("auth.example.com.",))
    harness.zone.set_by_hand(
        *({**record_set, "HealthCheckId": "theirs"} for record_set in pair if record_set["SetIdentifier"] == TOKYO)
    )
    outcome = harness.attach()
    assert outcome.refused_by == "lever"
    assert "already carries the health check theirs" in outcome.message
    assert f"Type=CALCULATED,HealthThreshold=2,ChildHealthChecks=theirs,{RECORDS_CHECK}" in outcome.message
    assert "RecordsHealthCheckId" in outcome.message
    assert harness.zone.batches == []


def test_standby_record_with_foreign_check_is_rejected() -> None:
    harness = LatchAttachmentHarness()
    pair = harness.zone.list_record_sets(("auth.example.com.",))
    harness.zone.set_by_hand(
        *({**record_set, "HealthCheckId": "theirs"} for record_set in pair if record_set["SetIdentifier"] == VIRGINIA)
    )
    outcome = harness.attach()
    assert outcome.refused_by == "lever"
    assert f"ChildHealthChecks=theirs,{STANDBY_CHECK}" in outcome.message


def test_domain_with_foreign_check_is_rejected() -> None:
    harness = LatchAttachmentHarness()
    harness.domain.current_failover = replace(OWN_FAILOVER, check_id="theirs")
    outcome = harness.attach()
    assert outcome.refused_by == "lever"
    assert "The failover of login.example.com already carries the health check theirs" in outcome.message
    assert harness.zone.batches == []


def test_domain_with_foreign_failover_region_is_rejected() -> None:
    harness = LatchAttachmentHarness()
    harness.domain.current_failover = replace(OWN_FAILOVER, secondary_region="eu-west-1")
    assert "leads to eu-west-1, not to us-east-1" in harness.attach().message


def test_unhealthy_standby_check_refuses_attachment_with_way_out() -> None:
    harness = LatchAttachmentHarness()
    harness.health_checks.set_verdict(STANDBY_CHECK, HealthVerdict.UNHEALTHY)
    outcome = harness.attach()
    assert outcome.refused_by == "lever"
    assert f"{STANDBY_CHECK} of the standby's record is unhealthy: 0 of 16 report success" in outcome.message
    assert "The latch would move no users" in outcome.message
    assert "get-checker-ip-ranges" in outcome.message
    assert harness.zone.batches == []


@pytest.mark.parametrize("check_id", [RECORDS_CHECK, DOMAIN_CHECK, STANDBY_CHECK])
def test_missing_check_refuses_attachment_with_way_out(check_id: str) -> None:
    harness = LatchAttachmentHarness()
    harness.health_checks.set_verdict(check_id, HealthVerdict.MISSING, f"{check_id} does not exist")
    outcome = harness.attach()
    assert outcome.refused_by == "lever"
    assert f"The health check {check_id} of the " in outcome.message
    assert "deploy with LatchType=none, then with the latch" in outcome.message
    assert harness.zone.batches == []


def test_missing_record_sets_are_named_in_the_refusal() -> None:
    harness = LatchAttachmentHarness()
    region_records = harness.zone.list_record_sets(("_region.auth.example.com",))
    harness.zone.remove_by_hand(*region_records)
    message = harness.attach().message
    assert "These record sets do not exist yet: " in message
    assert "_region.auth.example.com" in message


@pytest.mark.parametrize("check_id", [RECORDS_CHECK, DOMAIN_CHECK])
def test_disabled_latch_check_refuses_attachment(check_id: str) -> None:
    harness = LatchAttachmentHarness()
    defect = f"{check_id} is disabled and inverted, so it always counts as unhealthy"
    harness.health_checks.set_verdict(check_id, HealthVerdict.UNHEALTHY, defect)
    outcome = harness.attach()
    assert outcome.refused_by == "lever"
    assert defect in outcome.message
    assert "--no-disabled" in outcome.message


def test_disabled_standby_check_counts_as_healthy() -> None:
    harness = LatchAttachmentHarness()
    harness.health_checks.set_verdict(STANDBY_CHECK, HealthVerdict.HEALTHY, "it is disabled")
    assert harness.attach().done


def test_unknown_standby_check_is_awaited_before_any_change() -> None:
    harness = LatchAttachmentHarness()
    harness.health_checks.set_verdict(STANDBY_CHECK, HealthVerdict.UNKNOWN)
    outcome = harness.attach()
    assert not outcome.done
    assert not outcome.refused_by
    assert f"{STANDBY_CHECK} of the standby's record is unknown" in outcome.message
    assert harness.zone.batches == []
    harness.health_checks.set_verdict(STANDBY_CHECK, HealthVerdict.HEALTHY)
    assert harness.attach().done


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetHealthCheckStatus"), "AccessDenied"),
        (ConnectTimeoutError(endpoint_url="https://route53.amazonaws.com"), "route53.amazonaws.com"),
        (KeyError("HealthCheckObservations"), "unexpected error: KeyError"),
    ],
)
def test_unreadable_check_leaves_latch_unattached(error: Exception, reason: str) -> None:
    harness = LatchAttachmentHarness()
    harness.health_checks.statuses[STANDBY_CHECK] = error
    outcome = harness.attach()
    assert not outcome.done
    assert reason in outcome.message
    assert "Repeat the same event" in outcome.message
    assert harness.zone.batches == []


def test_latch_of_missing_and_unhealthy_checks_is_detached() -> None:
    harness = make_attached_harness()
    harness.health_checks.set_verdict(RECORDS_CHECK, HealthVerdict.MISSING, "it does not exist")
    harness.health_checks.set_verdict(STANDBY_CHECK, HealthVerdict.UNHEALTHY)
    assert harness.detach().done
    assert harness.record_checks == []


def test_detach_keeps_foreign_checks() -> None:
    harness = LatchAttachmentHarness()
    harness.domain.current_failover = replace(OWN_FAILOVER, check_id="theirs")
    pair = harness.zone.list_record_sets(("auth.example.com.",))
    harness.zone.set_by_hand(*({**record_set, "HealthCheckId": "theirs"} for record_set in pair))
    assert harness.detach().done
    assert harness.record_checks == [("auth", "theirs"), ("auth", "theirs")]
    assert harness.domain.current_failover.check_id == "theirs"


def test_taken_state_record_name_is_rejected() -> None:
    harness = LatchAttachmentHarness()
    record = {"Name": "_latch.auth.example.com.", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"hello"'}]}
    harness.zone.set_by_hand(record)
    outcome = harness.attach()
    assert outcome.refused_by == "lever"
    assert "The name of the latch's state record is taken: _latch.auth.example.com. TXT to hello" in outcome.message


def test_thrown_latch_is_neither_attached_nor_detached() -> None:
    harness = make_attached_harness()
    harness.switches[DOMAIN].thrown = True
    for outcome in (harness.attach(), harness.detach()):
        assert outcome.refused_by == "at-rest"
        assert "The latch of the domain is set; fail back first" in outcome.message
    assert harness.record_checks == ALL_ATTACHED


def test_unreadable_latch_is_not_attached() -> None:
    harness = LatchAttachmentHarness()
    harness.switches[RECORDS].failure_message = "GetObject answered AccessDenied."
    outcome = harness.attach()
    assert not outcome.done
    assert "GetObject answered AccessDenied." in outcome.message
    assert harness.zone.batches == []


def make_attached_state(latch: HealthCheckLatch) -> LatchState:
    return LatchState(is_thrown=False, dns_watch=latch.find_state_record(), problem="its record is gone")


def load_state(harness: LatchAttachmentHarness) -> ControllerState:
    saved = harness.ledger.load()
    assert saved
    return saved.state


def start_move(harness: LatchAttachmentHarness) -> Move:
    return Move(
        id="to-us-east-1-1",
        source=RegionRole.PRIMARY,
        target=RegionRole.STANDBY,
        is_automatic=True,
        reason="sick",
        requested_by="controller",
        suspected_at=harness.clock.now,
        decided_at=harness.clock.now,
        step_started_at=harness.clock.now,
    )


def test_move_in_progress_prevents_attachment() -> None:
    harness = LatchAttachmentHarness()
    harness.set_state(move=start_move(harness))
    outcome = harness.attach()
    assert outcome.refused_by == "at-rest"
    assert "The move to-us-east-1-1 is under way" in outcome.message
    assert ("auth", RECORDS_CHECK) not in harness.record_checks


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"active_role": RegionRole.STANDBY, "weights": route_all_to(RegionRole.STANDBY)},
            "All users must be on ap-northeast-1",
        ),
        ({"weights": route_all_to(RegionRole.STANDBY)}, "ap-northeast-1 0, us-east-1 255. Fail back first."),
        ({"pending_weight_sync": PendingWeightSync()}, "are not synced with the last move yet"),
        ({"latches": {RECORDS: LatchState(is_thrown=True)}}, "The latch of the records is set"),
    ],
)
def test_detach_requires_users_at_rest_on_primary(changes: dict[str, object], reason: str) -> None:
    harness = make_attached_harness()
    harness.set_state(**changes)
    outcome = harness.detach()
    assert outcome.refused_by == "at-rest"
    assert reason in outcome.message
    assert ("auth", RECORDS_CHECK) in harness.record_checks


def test_attach_takes_the_round_lease_and_releases_it() -> None:
    harness = LatchAttachmentHarness()
    assert harness.ledger.acquire_lease("controller", now=harness.clock.now, seconds=100)
    outcome = harness.attach()
    assert not outcome.done
    assert "The controller has the lease" in outcome.message
    assert ("auth", RECORDS_CHECK) not in harness.record_checks
    harness.ledger.release_lease("controller")
    assert harness.attach().done
    assert harness.ledger.acquire_lease("controller", now=harness.clock.now, seconds=20)


@pytest.mark.parametrize("name", SteeredName)
def test_process_suspended_past_its_lease_detaches_nothing(name: SteeredName, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = make_attached_harness()
    read_switch = harness.switches[name].refresh

    def suspend_in_lease(*, thrown: bool) -> bool:
        if not harness.ledger.acquire_lease("controller", now=harness.clock.now, seconds=0):
            harness.clock.now += 60
        return read_switch(thrown=thrown)

    monkeypatch.setattr(harness.switches[name], "refresh", suspend_in_lease)
    outcome = harness.detach()
    assert not outcome.done
    assert "was refused, and nothing was changed: its 20 s began 60 s ago" in outcome.message
    assert harness.domain.current_failover == OWN_FAILOVER
    assert (("auth", RECORDS_CHECK) in harness.record_checks) is (name is RECORDS)
    monkeypatch.undo()
    assert harness.detach().done


def test_attach_ends_10_seconds_before_its_time_limit() -> None:
    harness = LatchAttachmentHarness()
    harness.name_servers.unhealthy = {RECORDS_CHECK}
    started_at = harness.clock.now
    harness.submit(OperatorAction.ATTACH, seconds=60)
    assert harness.clock.now - started_at <= 60 - 10


@pytest.mark.parametrize("action", [OperatorAction.ATTACH, OperatorAction.DETACH])
@pytest.mark.parametrize("call", ["load", "acquire_lease", "release_lease"])
def test_ledger_failure_is_reported_and_a_repeat_completes(
    action: OperatorAction, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = LatchAttachmentHarness() if action is OperatorAction.ATTACH else make_attached_harness()

    def fail(*_: object, **__: object) -> None:
        raise LedgerUnavailableError("The table got no answer.")

    with monkeypatch.context() as patched:
        patched.setattr(harness.ledger, call, fail)
        outcome = harness.submit(action)

    assert not outcome.done
    assert outcome.message.startswith(
        "Not finished: The table got no answer. No users were moved. Repeat the same event"
    )
    harness.clock.sleep(60)
    assert harness.submit(action).done


def test_attached_resources_are_protected_until_detached() -> None:
    harness = LatchAttachmentHarness()
    message = harness.attach().message
    assert harness.protection.is_protected
    assert message.endswith("Until it is detached, CloudFormation refuses to replace or remove its resources.")
    harness.detach()
    assert not harness.protection.is_protected


def test_nothing_is_protected_before_attachment() -> None:
    harness = LatchAttachmentHarness()
    harness.name_servers.unhealthy = {RECORDS_CHECK}
    assert not harness.attach().done
    assert not harness.protection.is_protected


@pytest.mark.parametrize("action", [OperatorAction.ATTACH, OperatorAction.DETACH])
def test_failed_protection_is_reported_without_blocking_attachment(action: OperatorAction) -> None:
    harness = LatchAttachmentHarness() if action is OperatorAction.ATTACH else make_attached_harness()
    harness.protection.failure_message = "SetStackPolicy answered AccessDenied."
    outcome = harness.submit(action)
    assert outcome.done
    assert "The stack policy could not be changed: SetStackPolicy answered AccessDenied. Repeat" in outcome.message
