"""Failures during a move, deployed: sign-in moves although other services fail, and no failure undoes the move.

The tests share one deployment: each starts in the state in which the previous one ends.
"""

import json
import time
from collections.abc import Iterator

import pytest

from demo.deployment import deploy
from tests.e2e.deployed_system import SHORT_TIMING_PARAMETERS, DeployedSystem, deploy_system


@pytest.fixture(scope="module")
def stage() -> Iterator[DeployedSystem]:
    with deploy_system(overrides=SHORT_TIMING_PARAMETERS) as deployed:
        deployed.start_controller()
        deployed.wait_until_steady()
        yield deployed


def edit_weights(stage: DeployedSystem, *, primary: int, standby: int) -> None:
    """Change the weights as a person does in the console."""
    weights = {stage.set_up.targets[stage.primary]: primary, stage.set_up.targets[stage.standby]: standby}
    changes = [
        {
            "Action": "UPSERT",
            "ResourceRecordSet": {**record, "Weight": weights[record["ResourceRecords"][0]["Value"].rstrip(".")]},
        }
        for record in stage.list_records()
    ]
    stage.get_client("route53").change_resource_record_sets(
        HostedZoneId=stage.set_up.zone.id, ChangeBatch={"Changes": changes}
    )


def list_decided_moves(stage: DeployedSystem) -> list[str]:
    """Return the IDs of all decided moves."""
    events = [event["detail"] for event in stage.inbox.read_events()]
    return [detail["move"]["id"] for detail in events if detail["kind"] == "move-decided"]


def test_sign_in_stays_while_the_replica_is_inactive(stage: DeployedSystem) -> None:
    stage.get_client("cognito-idp", stage.primary).update_user_pool_replica(
        UserPoolId=stage.set_up.pool_id, RegionName=stage.standby, Status="INACTIVE"
    )
    failed_at = stage.inject_fault("dead", effect="dead", region=stage.primary)

    message = stage.inbox.wait_for_message("blocked", since=failed_at, at_most_seconds=45)

    assert message.headline == "Both Regions are sick; users were not moved. See why: failoverctl status."
    assert f"{stage.standby} is not known to be healthy and ready (inactive)" in message.body
    assert "OperationNotEnabledException" in message.body
    assert stage.dns_monitor.list_since(failed_at) == [stage.primary]


def sign_in_is_stuck(stage: DeployedSystem) -> None:
    """Fail the primary, with users on it, while the replica is inactive."""
    stage.restore()
    stage.get_client("cognito-idp", stage.primary).update_user_pool_replica(
        UserPoolId=stage.set_up.pool_id, RegionName=stage.standby, Status="INACTIVE"
    )
    stage.inject_fault("dead", effect="dead", region=stage.primary)
    stage.wait_for_status("no move is possible", lambda status: bool(status["automation"]["blocked_by"]))


@pytest.mark.begins(by=sign_in_is_stuck)
def test_move_survives_route_53_errors_and_sns_outage(stage: DeployedSystem) -> None:
    before = list_decided_moves(stage)
    stage.inject_fault("route53", effect="throttle", service="route53")
    stage.inject_fault("sns", effect="error", service="sns", code="InternalError", status=500)
    activated_at = stage.inject_fault("events", effect="hang", service="events")
    stage.get_client("cognito-idp").update_user_pool_replica(
        UserPoolId=stage.set_up.pool_id, RegionName=stage.standby, Status="ACTIVE"
    )
    refused = stage.wait_for_status(
        "the move waits for Route 53",
        lambda status: bool(status["move"] and "Throttling" in status["move"]["last_error"]),
        at_most_seconds=45,
    )
    assert stage.dns_monitor.current_regions == stage.primary

    stage.clear_fault("route53")
    stage.wait_until_dns_sends_users_to(stage.standby)
    arrived = [message for message in stage.inbox.read_messages() if message.arrived_at >= activated_at]
    assert not [message for message in arrived if message.kind.startswith("move-")]
    stage.clear_fault("sns")
    stage.clear_fault("events")

    stage.inbox.wait_for_message("move-confirmed", since=activated_at, at_most_seconds=45)
    kinds = [
        message.kind
        for message in stage.inbox.read_messages()
        if message.kind.startswith("move-") and message.arrived_at >= activated_at
    ]
    assert kinds == ["move-decided", "move-confirmed"]
    stage.wait_until(
        "the events of one move are published",
        lambda: len(list_decided_moves(stage)) == 1 + len(before),
        at_most_seconds=20,
    )
    assert list_decided_moves(stage) == [*before, refused["move"]["id"]]


def users_are_on_the_standby(stage: DeployedSystem) -> None:
    stage.restore(users_on=stage.standby)


def users_have_left_a_dead_primary(stage: DeployedSystem) -> None:
    users_are_on_the_standby(stage)
    began_at = stage.inject_fault("dead", effect="dead", region=stage.primary)
    stage.inbox.wait_for_headline(f"{stage.primary} is sick", since=began_at, at_most_seconds=60)


@pytest.mark.begins(by=users_have_left_a_dead_primary)
def test_primary_recovery_and_deploy_do_not_move_users(stage: DeployedSystem) -> None:
    before = stage.list_records()
    began_at = stage.clear_fault("dead")

    deploy(stage.sandbox, stage.deployment.spec, overrides={**SHORT_TIMING_PARAMETERS, "RecoveryRounds": "4"})

    stage.inbox.wait_for_message("region-recovered", since=began_at, at_most_seconds=120)
    assert stage.dns_monitor.list_since(began_at) == [stage.standby]
    assert stage.list_records() == before
    status = stage.wait_for_status_answer()
    assert (status["active_region"], status["move"]) == (stage.standby, None)


@pytest.mark.begins(by=users_are_on_the_standby)
def test_manual_record_edit_holds_automation_until_acknowledged(stage: DeployedSystem) -> None:
    edited_at = time.time()
    edit_weights(stage, primary=155, standby=100)
    edited = stage.list_records()

    held = stage.wait_for_status(
        "automation waits", lambda status: bool(status["automation"]["waits_for_acknowledgement"]), at_most_seconds=75
    )

    assert held["phase"] == "held"
    assert held["weights"]["found"] == {stage.primary: 155, stage.standby: 100}
    message = stage.inbox.wait_for_message("automation-held", since=edited_at, at_most_seconds=20)
    assert f"they were {stage.primary} 0, {stage.standby} 255, and are {stage.primary} 155" in message.body
    answer = stage.deployment.invoke_until_done("acknowledge", reason="It was me: half of them back for a test")
    assert answer["status"]["automation"]["waits_for_acknowledgement"] is None
    assert stage.list_records() == edited


@pytest.mark.begins(by=users_are_on_the_standby)
def test_stack_deletion_keeps_routing_and_table(stage: DeployedSystem) -> None:
    edit_weights(stage, primary=0, standby=255)
    before = stage.list_records()
    table = stage.get_output("LedgerTableName")
    last_move_id = stage.wait_for_status_answer()["last_move"]["id"]

    stage.deployment.delete()

    assert stage.list_records() == before
    state = stage.get_client("dynamodb").get_item(
        TableName=table, Key={"pk": {"S": "state"}, "sk": {"S": "state"}}, ConsistentRead=True
    )["Item"]
    assert json.loads(state["body"]["S"])["last_move"]["id"] == last_move_id
