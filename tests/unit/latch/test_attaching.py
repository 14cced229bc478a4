"""Attaching and detaching: in an order in which nobody can be moved, whatever fails on the way."""

from dataclasses import replace

import pytest

from failover.decision.announcement import Kind
from failover.decision.move import Move
from failover.decision.request import Action
from failover.decision.state import LatchState, Trailing
from failover.errors import LedgerUnavailableError
from failover.levers.latch import LatchName
from failover.levers.user_pool_domain import Failover
from failover.region import Side, all_to
from tests.unit.latch.stage import (
    ALL_ATTACHED,
    DOMAIN_CHECK,
    RECORDS_CHECK,
    SETTINGS,
    STANDBY_CHECK,
    TOKYO,
    VIRGINIA,
    Stage,
)

RECORDS, DOMAIN = LatchName.RECORDS, LatchName.DOMAIN
OURS = Failover(secondary_region=VIRGINIA, check_id=DOMAIN_CHECK)


def attached() -> Stage:
    stage = Stage()
    assert stage.attach().done
    return stage


def test_attaching_gives_every_record_its_check_and_the_domain_its_failover() -> None:
    stage = attached()
    assert stage.checks == ALL_ATTACHED
    assert stage.domain.held == OURS
    assert stage.attached == {RECORDS: True, DOMAIN: True}
    assert stage.users == SETTINGS.primary_target


def test_what_has_been_attached_is_told_once() -> None:
    stage = attached()
    assert stage.attach().message.startswith("The latch of the records and the domain is attached")
    assert [(told.kind, told.sentence) for told in stage.ledger.history(limit=9)] == [
        (Kind.ATTACHMENT, "The latch of the records and the domain is attached; nobody was moved by it.")
    ]


def test_attaching_again_changes_nothing() -> None:
    stage = attached()
    stage.zone.batches.clear()
    assert stage.attach().done
    assert stage.zone.batches == []


def test_a_check_that_has_not_settled_is_given_to_nothing_that_steers_users() -> None:
    stage = Stage()
    stage.servers.unhealthy = {RECORDS_CHECK, DOMAIN_CHECK}
    outcome = stage.attach()
    assert not outcome.done
    assert not outcome.refused_by
    assert "The health check of the latch of the records is not seen healthy everywhere" in outcome.message
    assert "Repeat the same event in a minute" in outcome.message
    assert stage.checks == [("_latch-settling.auth", RECORDS_CHECK), ("_latch-settling.login", DOMAIN_CHECK)]
    assert stage.domain.held is None
    assert stage.attached == {RECORDS: False, DOMAIN: False}


def test_the_next_invocation_goes_on_once_the_check_has_settled() -> None:
    stage = Stage()
    stage.servers.unhealthy = {RECORDS_CHECK, DOMAIN_CHECK}
    stage.attach()
    stage.servers.unhealthy = set()
    stage.new_process()
    assert stage.attach().done
    assert stage.checks == ALL_ATTACHED


def test_a_name_server_that_is_silent_has_not_shown_that_the_check_has_settled() -> None:
    stage = Stage()
    stage.servers.silent = {"ns-2.example.org"}
    outcome = stage.attach()
    assert not outcome.done
    assert "no answer from ns-2.example.org" in outcome.message
    assert stage.domain.held is None


def test_the_controller_counts_on_a_latch_only_once_route_53_has_the_checks_everywhere() -> None:
    stage = Stage(spreads=False)
    outcome = stage.attach()
    assert not outcome.done
    assert "still bringing the records' health checks" in outcome.message
    assert stage.attached == {RECORDS: False, DOMAIN: False}
    stage.spreads = True
    stage.new_process()
    assert stage.attach().done
    assert stage.attached == {RECORDS: True, DOMAIN: True}


def test_the_controller_counts_on_the_domains_latch_only_once_cognito_has_distributed_it() -> None:
    stage = Stage()
    stage.domain.settled = False
    outcome = stage.attach()
    assert "Cognito is still distributing the change of login.example.com" in outcome.message
    assert stage.attached == {RECORDS: True, DOMAIN: False}
    stage.domain.settled = True
    assert stage.attach().done


@pytest.mark.parametrize("batch", range(5))
def test_attaching_is_finished_whichever_call_failed_first_and_nobody_moves(batch: int) -> None:
    stage = Stage()
    stage.zone.fails_at_batch = batch
    outcome = stage.attach()
    assert not outcome.done
    assert "Repeat the same event" in outcome.message
    assert stage.users == SETTINGS.primary_target
    stage.new_process()
    assert stage.attach().done
    assert stage.checks == ALL_ATTACHED
    assert stage.users == SETTINGS.primary_target


@pytest.mark.parametrize("batch", range(3))
def test_detaching_is_finished_whichever_call_failed_first_and_nobody_moves(batch: int) -> None:
    stage = attached()
    stage.zone.batches.clear()
    stage.zone.fails_at_batch = batch
    assert not stage.detach().done
    assert stage.users == SETTINGS.primary_target
    stage.new_process()
    assert stage.detach().done
    assert stage.checks == []
    assert stage.domain.held is None


def test_detaching_takes_everything_away_and_leaves_users_where_they_are() -> None:
    stage = attached()
    outcome = stage.detach()
    assert outcome.message.startswith("The latch of the records and the domain is detached; nobody was moved by it.")
    assert stage.checks == []
    assert stage.domain.held is None
    assert stage.attached == {RECORDS: False, DOMAIN: False}
    assert stage.users == SETTINGS.primary_target


def test_the_beacon_goes_first_so_that_nobody_counts_on_a_latch_that_is_half_gone() -> None:
    stage = attached()
    stage.zone.batches.clear()
    stage.detach()
    first = stage.zone.batches[0]
    assert {change.record_set["Name"] for change in first} == {"_latch.auth.example.com."}


def test_detaching_what_was_never_attached_changes_nothing() -> None:
    stage = Stage()
    assert stage.detach().done
    assert stage.zone.batches == []


def test_a_half_attached_record_is_detached_too() -> None:
    stage = attached()
    (primary,) = [each for each in stage.zone.record_sets(("auth.example.com.",)) if each["SetIdentifier"] == TOKYO]
    stage.zone.edit({key: value for key, value in primary.items() if key != "HealthCheckId"})
    assert stage.detach().done
    assert stage.checks == []


def test_a_check_that_somebody_took_off_is_given_back() -> None:
    stage = attached()
    (primary,) = [each for each in stage.zone.record_sets(("auth.example.com.",)) if each["SetIdentifier"] == TOKYO]
    stage.zone.edit({key: value for key, value in primary.items() if key != "HealthCheckId"})
    assert stage.attach().done
    assert stage.checks == ALL_ATTACHED


def test_a_record_that_carries_another_check_is_refused_with_a_check_of_both_as_the_way_out() -> None:
    stage = Stage()
    pair = stage.zone.record_sets(("auth.example.com.",))
    stage.zone.edit(*({**each, "HealthCheckId": "theirs"} for each in pair if each["SetIdentifier"] == TOKYO))
    outcome = stage.attach()
    assert outcome.refused_by == "lever"
    assert "already carries the health check theirs" in outcome.message
    assert f"Type=CALCULATED,HealthThreshold=2,ChildHealthChecks=theirs,{RECORDS_CHECK}" in outcome.message
    assert "RecordsHealthCheckId" in outcome.message
    assert stage.zone.batches == []


def test_a_standbys_record_that_carries_another_check_is_refused_too() -> None:
    stage = Stage()
    pair = stage.zone.record_sets(("auth.example.com.",))
    stage.zone.edit(*({**each, "HealthCheckId": "theirs"} for each in pair if each["SetIdentifier"] == VIRGINIA))
    outcome = stage.attach()
    assert outcome.refused_by == "lever"
    assert f"ChildHealthChecks=theirs,{STANDBY_CHECK}" in outcome.message


def test_a_domain_that_follows_another_check_is_refused() -> None:
    stage = Stage()
    stage.domain.held = replace(OURS, check_id="theirs")
    outcome = stage.attach()
    assert outcome.refused_by == "lever"
    assert "The failover of login.example.com already carries the health check theirs" in outcome.message
    assert stage.zone.batches == []


def test_a_domain_whose_failover_leads_elsewhere_is_refused() -> None:
    stage = Stage()
    stage.domain.held = replace(OURS, secondary_region="eu-west-1")
    assert "leads to eu-west-1, not to us-east-1" in stage.attach().message


def test_somebody_elses_checks_are_left_where_they_are_by_detaching() -> None:
    stage = Stage()
    stage.domain.held = replace(OURS, check_id="theirs")
    pair = stage.zone.record_sets(("auth.example.com.",))
    stage.zone.edit(*({**each, "HealthCheckId": "theirs"} for each in pair))
    assert stage.detach().done
    assert stage.checks == [("auth", "theirs"), ("auth", "theirs")]
    assert stage.domain.held.check_id == "theirs"


def test_a_beacons_name_that_is_taken_is_refused() -> None:
    stage = Stage()
    text = {"Name": "_latch.auth.example.com.", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"hello"'}]}
    stage.zone.edit(text)
    outcome = stage.attach()
    assert outcome.refused_by == "lever"
    assert "The name of the latch's beacon is taken: _latch.auth.example.com. TXT to hello" in outcome.message


def test_a_latch_that_is_thrown_is_neither_attached_nor_detached() -> None:
    stage = attached()
    stage.switches[DOMAIN].thrown = True
    for outcome in (stage.attach(), stage.detach()):
        assert outcome.refused_by == "at-rest"
        assert "The latch of the domain is thrown; fail back first" in outcome.message
    assert stage.checks == ALL_ATTACHED


def test_a_latch_that_can_not_be_read_is_not_attached() -> None:
    stage = Stage()
    stage.switches[RECORDS].trouble = "GetObject answered AccessDenied."
    outcome = stage.attach()
    assert not outcome.done
    assert "GetObject answered AccessDenied." in outcome.message
    assert stage.zone.batches == []


def moving(stage: Stage) -> Move:
    return Move(
        id="to-us-east-1-1",
        source=Side.PRIMARY,
        target=Side.STANDBY,
        automatic=True,
        reason="sick",
        requested_by="controller",
        suspected_at=stage.clock.now,
        decided_at=stage.clock.now,
        step_began_at=stage.clock.now,
    )


def test_a_move_that_has_begun_meanwhile_keeps_the_check_off() -> None:
    stage = Stage()
    stage.remember(move=moving(stage))
    outcome = stage.attach()
    assert outcome.refused_by == "at-rest"
    assert "The move to-us-east-1-1 is under way" in outcome.message
    assert ("auth", RECORDS_CHECK) not in stage.checks


@pytest.mark.parametrize(
    ("remembered", "why"),
    [
        ({"active": Side.STANDBY, "weights": all_to(Side.STANDBY)}, "All users must be on ap-northeast-1"),
        ({"weights": all_to(Side.STANDBY)}, "ap-northeast-1 0, us-east-1 255. Fail back first."),
        ({"trailing": Trailing()}, "still have to follow the last move"),
        ({"latches": {RECORDS: LatchState(thrown=True)}}, "The latch of the records is thrown"),
    ],
)
def test_users_must_be_on_the_primary_and_at_rest(remembered: dict[str, object], why: str) -> None:
    stage = attached()
    stage.remember(**remembered)
    outcome = stage.detach()
    assert outcome.refused_by == "at-rest"
    assert why in outcome.message
    assert ("auth", RECORDS_CHECK) in stage.checks


def test_no_round_is_made_while_the_records_are_given_their_checks() -> None:
    stage = Stage()
    assert stage.ledger.take_lease("controller", now=stage.clock.now, seconds=1_000)
    outcome = stage.attach()
    assert not outcome.done
    assert "The controller is making its rounds" in outcome.message
    assert ("auth", RECORDS_CHECK) not in stage.checks
    stage.ledger.give_up_lease("controller")
    assert stage.attach().done
    assert stage.ledger.take_lease("controller", now=stage.clock.now, seconds=20)


def test_a_step_is_not_begun_without_the_time_to_end_it() -> None:
    stage = Stage()
    stage.servers.unhealthy = {RECORDS_CHECK}
    began_at = stage.clock.now
    stage.ask(Action.ATTACH, seconds=60)
    assert stage.clock.now - began_at <= 60 - 10


@pytest.mark.parametrize("action", [Action.ATTACH, Action.DETACH])
@pytest.mark.parametrize("call", ["load", "take_lease", "give_up_lease"])
def test_a_ledger_that_fails_on_the_way_leaves_it_unfinished_and_says_so(
    action: Action, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage() if action is Action.ATTACH else attached()

    def fail(*_: object, **__: object) -> None:
        raise LedgerUnavailableError("The table got no answer.")

    with monkeypatch.context() as patched:
        patched.setattr(stage.ledger, call, fail)
        outcome = stage.ask(action)

    assert not outcome.done
    assert outcome.message.startswith("Not finished: The table got no answer. Nobody was moved. Repeat the same event")
    stage.clock.sleep(60)
    assert stage.ask(action).done


def test_what_is_attached_is_guarded_against_a_change_of_the_stack_until_it_is_detached() -> None:
    stage = Stage()
    said = stage.attach().message
    assert stage.protection.set
    assert said.endswith("Until it is detached, CloudFormation refuses to replace or remove what it stands on.")
    stage.detach()
    assert not stage.protection.set


def test_before_it_is_attached_nothing_is_guarded() -> None:
    stage = Stage()
    stage.servers.unhealthy = {RECORDS_CHECK}
    assert not stage.attach().done
    assert not stage.protection.set


@pytest.mark.parametrize("action", [Action.ATTACH, Action.DETACH])
def test_a_guard_that_can_not_be_set_keeps_nothing_from_being_done_and_is_told(action: Action) -> None:
    stage = Stage() if action is Action.ATTACH else attached()
    stage.protection.trouble = "SetStackPolicy answered AccessDenied."
    outcome = stage.ask(action)
    assert outcome.done
    assert "CloudFormation could not be told so: SetStackPolicy answered AccessDenied. Repeat" in outcome.message
