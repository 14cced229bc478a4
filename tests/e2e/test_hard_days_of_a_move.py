"""Hard days on which sign-in does move: what stands in the way of a move, and what may not undo it.

The tests are one after another the same days of one deployment: each takes up where the one before has ended.
"""

import json
import time
from collections.abc import Iterator

import pytest

from demo.deployment import deploy
from tests.e2e.lab import QUICK, Lab, lab


@pytest.fixture(scope="module")
def stage() -> Iterator[Lab]:
    with lab(overrides=QUICK) as deployed:
        deployed.start_at_once()
        deployed.until_steady()
        yield deployed


def edit(stage: Lab, *, primary: int, standby: int) -> None:
    """Change the weights as a person would in the console."""
    weights = {stage.set_up.targets[stage.primary]: primary, stage.set_up.targets[stage.standby]: standby}
    changes = [
        {
            "Action": "UPSERT",
            "ResourceRecordSet": {**each, "Weight": weights[each["ResourceRecords"][0]["Value"].rstrip(".")]},
        }
        for each in stage.records()
    ]
    stage.client("route53").change_resource_record_sets(
        HostedZoneId=stage.set_up.zone.id, ChangeBatch={"Changes": changes}
    )


def decisions(stage: Lab) -> list[str]:
    """Return the ids of the moves that were decided so far."""
    events = [event["detail"] for event in stage.inbox.events()]
    return [detail["move"]["id"] for detail in events if detail["kind"] == "move-decided"]


def test_sign_in_stays_while_the_replica_is_inactive(stage: Lab) -> None:
    stage.client("cognito-idp", stage.primary).update_user_pool_replica(
        UserPoolId=stage.set_up.pool_id, RegionName=stage.standby, Status="INACTIVE"
    )
    died_at = stage.break_("dead", effect="dead", region=stage.primary)

    message = stage.inbox.wait_for("blocked", since=died_at, at_most_seconds=45)

    assert message.headline == "Sign-in is failing, and not moved (target-serves). See why: failoverctl status."
    assert f"{stage.standby} is not known to be healthy and ready (not-ready)" in message.body
    assert "OperationNotEnabledException" in message.body
    assert stage.watch.since(died_at) == [stage.primary]


def sign_in_is_stuck(stage: Lab) -> None:
    """Have users on a dead primary while the replica is inactive."""
    stage.restore()
    stage.client("cognito-idp", stage.primary).update_user_pool_replica(
        UserPoolId=stage.set_up.pool_id, RegionName=stage.standby, Status="INACTIVE"
    )
    stage.break_("dead", effect="dead", region=stage.primary)
    stage.until_status("no move is possible", lambda status: bool(status["automation"]["blocked_by"]))


@pytest.mark.begins(by=sign_in_is_stuck)
def test_one_move_outlasts_a_route_53_that_refuses_and_an_sns_that_is_down(stage: Lab) -> None:
    before = decisions(stage)
    stage.break_("route53", effect="throttle", service="route53")
    stage.break_("sns", effect="error", service="sns", code="InternalError", status=500)
    activated_at = stage.break_("events", effect="hang", service="events")
    stage.client("cognito-idp").update_user_pool_replica(
        UserPoolId=stage.set_up.pool_id, RegionName=stage.standby, Status="ACTIVE"
    )
    refused = stage.until_status(
        "the move waits for Route 53",
        lambda status: bool(status["move"] and status["move"]["trouble"]),
        at_most_seconds=45,
    )
    assert "Throttling" in refused["move"]["trouble"]
    assert stage.watch.now == stage.primary

    stage.mend("route53")
    stage.until(
        "all name servers send users to the replica", lambda: stage.watch.now == stage.standby, at_most_seconds=40
    )
    arrived = [message for message in stage.inbox.messages() if message.arrived_at >= activated_at]
    assert not [message for message in arrived if message.kind.startswith("move-")]
    stage.mend("sns")
    stage.mend("events")

    stage.inbox.wait_for("move-confirmed", since=activated_at, at_most_seconds=45)
    told = [
        message.kind
        for message in stage.inbox.messages()
        if message.kind.startswith("move-") and message.arrived_at >= activated_at
    ]
    assert told == ["move-decided", "move-confirmed"]
    stage.until("programs are told of one move", lambda: len(decisions(stage)) == 1 + len(before), at_most_seconds=20)
    assert decisions(stage) == [*before, refused["move"]["id"]]


def users_are_on_the_standby(stage: Lab) -> None:
    stage.restore(users_on=stage.standby)


def users_have_left_a_dead_primary(stage: Lab) -> None:
    users_are_on_the_standby(stage)
    began_at = stage.break_("dead", effect="dead", region=stage.primary)
    stage.inbox.wait_for_headline(f"{stage.primary} is sick", since=began_at, at_most_seconds=60)


@pytest.mark.begins(by=users_have_left_a_dead_primary)
def test_the_primarys_return_and_a_deploy_move_nobody(stage: Lab) -> None:
    before = stage.records()
    began_at = stage.mend("dead")

    deploy(stage.sandbox, stage.deployment.protected, overrides={**QUICK, "RecoveryRounds": "4"})

    stage.inbox.wait_for("recovered", since=began_at, at_most_seconds=120)
    assert stage.watch.since(began_at) == [stage.standby]
    assert stage.records() == before
    status = stage.standing()
    assert (status["active_region"], status["move"]) == (stage.standby, None)


@pytest.mark.begins(by=users_are_on_the_standby)
def test_records_that_a_person_edits_are_left_alone_until_acknowledged(stage: Lab) -> None:
    edited_at = time.time()
    edit(stage, primary=155, standby=100)
    edited = stage.records()

    held = stage.until_status(
        "automation waits", lambda status: bool(status["automation"]["waits_for_acknowledgement"]), at_most_seconds=75
    )

    assert held["phase"] == "held"
    assert held["weights"]["found"] == {stage.primary: 155, stage.standby: 100}
    message = stage.inbox.wait_for("held", since=edited_at, at_most_seconds=20)
    assert f"they were {stage.primary} 0, {stage.standby} 255, and are {stage.primary} 155" in message.body
    answer = stage.deployment.insist("acknowledge", reason="It was me: half of them back for a test")
    assert answer["status"]["automation"]["waits_for_acknowledgement"] is None
    assert stage.records() == edited


@pytest.mark.begins(by=users_are_on_the_standby)
def test_deleting_the_stack_moves_nobody_and_keeps_the_table(stage: Lab) -> None:
    edit(stage, primary=0, standby=255)
    before = stage.records()
    table = stage.output("LedgerTableName")

    stage.deployment.delete()

    assert stage.records() == before
    state = stage.client("dynamodb").get_item(
        TableName=table, Key={"pk": {"S": "state"}, "sk": {"S": "state"}}, ConsistentRead=True
    )["Item"]
    assert json.loads(state["body"]["S"])["last_move"]["automatic"]
