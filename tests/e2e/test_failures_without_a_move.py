"""Failures without a move, deployed: sign-in must stay where it is until the cause is gone.

The tests share one deployment: each starts in the state in which the previous one ends.
"""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.deployed_system import SHORT_TIMING_PARAMETERS, DeployedSystem, deploy_system
from tests.support import load_scaling

_OTHER_PASSWORD = "Another-Pass-1!"


@pytest.fixture(scope="module")
def stage() -> Iterator[DeployedSystem]:
    with deploy_system(overrides=SHORT_TIMING_PARAMETERS) as deployed:
        deployed.start_controller()
        deployed.wait_for_status("the controller runs", lambda status: "phase" in status, at_most_seconds=60)
        deployed.update_schedule("every-hour", ScheduleExpression="rate(1 minute)")  # an hour is too long to wait for
        yield deployed


@pytest.fixture
def _assert_no_move_so_far(stage: DeployedSystem) -> None:
    assert stage.dns_monitor.current_regions == stage.primary


with_users_on_the_primary = pytest.mark.usefixtures("_assert_no_move_so_far")


def set_password(stage: DeployedSystem, password: str) -> None:
    stage.get_client("cognito-idp", stage.primary).admin_set_user_password(
        UserPoolId=stage.set_up.pool_id, Username=stage.set_up.canary.name, Password=password, Permanent=True
    )


def can_sign_in(stage: DeployedSystem, region: str, password: str) -> bool:
    """Return whether the canary can sign in. Raise ClientError if it is locked out."""
    answer = stage.sandbox.client("cognito-idp", region, unsigned=True).initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=stage.set_up.client_id,
        AuthParameters={"USERNAME": stage.set_up.canary.name, "PASSWORD": password},
    )
    return "AccessToken" in answer["AuthenticationResult"]


def read_canary_password(stage: DeployedSystem) -> str:
    secret = stage.get_client("secretsmanager").get_secret_value(SecretId=stage.set_up.canary.secret_arn)
    return str(json.loads(secret["SecretString"])["password"])


def users_are_home(stage: DeployedSystem) -> None:
    """Restore the deployment, and the canary's password in both Regions."""
    stage.clear_faults()
    set_password(stage, read_canary_password(stage))
    stage.restore()


def both_are_down(stage: DeployedSystem) -> None:
    """Fail the primary and the standby's Cognito, with users on the primary."""
    users_are_home(stage)
    break_both(stage)
    stage.wait_for_status("no move is possible", lambda status: bool(status["automation"]["blocked_by"]))


def the_standbys_target_is_broken(stage: DeployedSystem) -> None:
    """Fail the primary and the standby's target, with users on the primary."""
    both_are_down(stage)
    stage.inject_fault("target", effect="refuse", region=stage.standby, service="target")
    stage.clear_fault("standby")
    stage.wait_for_status(
        "the standby's target is broken",
        lambda status: "its target refused the connection" in status["regions"][stage.standby]["detail"],
    )


def break_both(stage: DeployedSystem) -> float:
    """Fail both Regions, and return the time."""
    stage.inject_fault("primary", effect="dead", region=stage.primary)
    return stage.inject_fault(
        "standby", effect="error", region=stage.standby, service="cognito-idp", code="InternalErrorException"
    )


@with_users_on_the_primary
def test_replication_lag_is_measured(stage: DeployedSystem) -> None:
    def wait_for_lag(seconds: float) -> float:
        def is_behind(status: dict[str, Any]) -> bool:
            lag_seconds = status["replication_lag"]["lag_seconds"]
            return lag_seconds is not None and lag_seconds >= seconds and status["replication_lag"]["last_error"] == ""

        status = stage.wait_for_status(f"the replica is {seconds} s behind", is_behind, at_most_seconds=100)
        return float(status["replication_lag"]["lag_seconds"])

    assert 1 <= wait_for_lag(1) < load_scaling.scale_seconds(4)
    stage.sandbox.call_control("PUT", "/settings", {"lag_seconds": 15})
    assert 10 <= wait_for_lag(10) < load_scaling.scale_seconds(35)
    stage.sandbox.call_control("PUT", "/settings", {"lag_seconds": 1})


@pytest.mark.begins(by=users_are_home)
@with_users_on_the_primary
def test_read_alias_returns_the_status_and_refuses_changes(stage: DeployedSystem) -> None:
    def invoke_alias(**event: object) -> dict[str, Any]:
        answer = stage.get_client("lambda").invoke(
            FunctionName=stage.get_output("OperatorFunctionName"), Qualifier="read", Payload=json.dumps(event)
        )
        return dict(json.load(answer["Payload"]))

    assert invoke_alias(action="status")["status"]["active_region"] == stage.primary
    refused = invoke_alias(action="pause", reason="a reader", minutes=5)
    assert (refused["done"], refused["refused_by"]) == (False, "read-only")
    assert stage.wait_for_status_answer()["automation"]["paused"] is None


@pytest.mark.begins(by=users_are_home)
@with_users_on_the_primary
def test_scheduled_preflight_reports_detached_latch(stage: DeployedSystem) -> None:
    def is_there(status: dict[str, Any]) -> bool:
        return status["preflight"] is not None

    found = stage.wait_for_status("a preflight has run", is_there, at_most_seconds=150)["preflight"]
    stage.update_schedule("every-hour", ScheduleExpression="rate(1 hour)")

    assert found["fresh"]
    assert found["passed"] > 20
    assert [finding["check"] for finding in found["failed"] if finding["severity"] == "high"] == [
        "latch-records-attached"
    ]


@pytest.mark.begins(by=users_are_home)
@with_users_on_the_primary
def test_wrong_canary_password_is_reported_without_lockout(stage: DeployedSystem) -> None:
    began_at = time.time()
    set_password(stage, _OTHER_PASSWORD)

    for region in (stage.primary, stage.standby):
        message = stage.inbox.wait_for_headline(f"{region} is canary-broken", since=began_at, at_most_seconds=45)
        assert "runbooks/canary-broken.md" in message.body

    assert all(can_sign_in(stage, region, _OTHER_PASSWORD) for region in (stage.primary, stage.standby))
    assert stage.dns_monitor.list_since(began_at) == [stage.primary]
    set_password(stage, read_canary_password(stage))  # the controller retries it after a minute, during the next tests
    time.sleep(load_scaling.scale_seconds(2))  # the replica must have it before the next test isolates that Region


@pytest.mark.begins(by=users_are_home)
@with_users_on_the_primary
def test_isolated_controller_reports_no_verdict(stage: DeployedSystem) -> None:
    began_at = stage.inject_fault("cut-off", effect="cut-off", region=stage.standby)
    time.sleep(3 * 10)  # enough rounds to decide, if the controller believed its view
    recovered_at = stage.clear_fault("cut-off")

    message = stage.inbox.wait_for_headline(f"{stage.primary} is unknown", since=began_at, at_most_seconds=30)

    assert "runbooks/region-status-unknown.md" in message.body
    stage.wait_until_steady(at_most_seconds=90)
    assert stage.dns_monitor.list_since(recovered_at) == [stage.primary]
    assert not [message for message in stage.inbox.read_messages() if message.kind.startswith(("move-", "blocked"))]


@pytest.mark.begins(by=users_are_home)
@with_users_on_the_primary
def test_throttling_primary_is_not_sick(stage: DeployedSystem) -> None:
    began_at = stage.inject_fault("throttle", effect="throttle", region=stage.primary, service="cognito-idp")

    message = stage.inbox.wait_for_headline(f"{stage.primary} is throttled", since=began_at, at_most_seconds=45)

    assert "runbooks/region-throttled.md" in message.body
    assert stage.dns_monitor.list_since(began_at) == [stage.primary]
    stage.clear_fault("throttle")


@pytest.mark.begins(by=users_are_home)
@with_users_on_the_primary
def test_with_both_regions_down_nothing_moves(stage: DeployedSystem) -> None:
    began_at = break_both(stage)

    message = stage.inbox.wait_for_message("blocked", since=began_at, at_most_seconds=45)

    assert f"{stage.standby} is not known to be healthy and ready (sick)" in message.body
    assert stage.dns_monitor.list_since(began_at) == [stage.primary]


@pytest.mark.begins(by=both_are_down)
@with_users_on_the_primary
def test_standby_with_broken_target_blocks_failover(stage: DeployedSystem) -> None:
    stage.inject_fault("target", effect="refuse", region=stage.standby, service="target")
    began_at = stage.clear_fault("standby")

    status = stage.wait_for_status(
        "the standby's Cognito is healthy and its target is not",
        lambda status: (
            "its target refused the connection" in status["regions"][stage.standby]["detail"]
            and "signed the canary in" in status["regions"][stage.standby]["detail"]
        ),
        at_most_seconds=30,
    )

    assert status["automation"]["blocked_by"] == "target-healthy"
    assert stage.dns_monitor.list_since(began_at) == [stage.primary]


@pytest.mark.begins(by=the_standbys_target_is_broken)
@with_users_on_the_primary
def test_ledger_outage_delays_the_move_until_recovery(stage: DeployedSystem) -> None:
    began_at = stage.inject_fault(
        "ledger", effect="error", region=stage.standby, service="dynamodb", code="InternalServerError"
    )
    stage.clear_fault("target")
    time.sleep(3 * 10)  # enough rounds to decide, if the decision could be saved
    assert stage.dns_monitor.list_since(began_at) == [stage.primary]

    stage.clear_fault("ledger")

    stage.wait_until_dns_sends_users_to(stage.standby)
    confirmed = stage.inbox.wait_for_message("move-confirmed", since=began_at, at_most_seconds=30)
    assert confirmed.headline.startswith(f"Sign-in moved to {stage.standby} (automatic). ")


@pytest.mark.begins(by=users_are_home)
def test_stopped_schedule_triggers_only_the_heartbeat_alarm(stage: DeployedSystem) -> None:
    before = list_active_alarms(stage)
    stopped_at = stage.disable_schedule("every-minute")
    assert "controller-silent" not in before

    # Let the sandbox evaluate the alarms six minutes ahead, as if the schedule had not fired for that time.
    stage.sandbox.call_control("PUT", "/settings", {"alarms_ahead_seconds": 6 * 60})

    stage.inbox.wait_for_headline("cognito-failover-controller-silent", since=stopped_at, at_most_seconds=30)
    unrelated = {"preflight-failed"}  # no latch is attached in these tests
    assert list_active_alarms(stage) - before - unrelated == {"controller-silent"}


def list_active_alarms(stage: DeployedSystem) -> set[str]:
    """Return the active alarms that notify people, by their names without the stack's name."""
    answer = stage.get_client("cloudwatch").describe_alarms(
        StateValue="ALARM", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    alarms = (*answer["MetricAlarms"], *answer["CompositeAlarms"])
    return {alarm["AlarmName"].removeprefix("cognito-failover-") for alarm in alarms if alarm["AlarmActions"]}
