"""Hard days on which sign-in must stay where it is, until what stands in the way is gone.

The tests are one after another the same days of one deployment: each takes up where the one before has ended.
"""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.lab import QUICK, Lab, lab

_OTHER_PASSWORD = "Another-Pass-1!"


@pytest.fixture(scope="module")
def stage() -> Iterator[Lab]:
    with lab(overrides=QUICK) as deployed:
        deployed.start_at_once()
        deployed.until_status("the controller makes rounds", lambda status: "phase" in status, at_most_seconds=60)
        deployed.reschedule("every-hour", ScheduleExpression="rate(1 minute)")  # an hour is too long to wait for
        yield deployed


@pytest.fixture
def _nothing_moved_before(stage: Lab) -> None:
    assert stage.watch.now == stage.primary


with_users_on_the_primary = pytest.mark.usefixtures("_nothing_moved_before")


def set_password(stage: Lab, password: str) -> None:
    stage.client("cognito-idp", stage.primary).admin_set_user_password(
        UserPoolId=stage.set_up.pool_id, Username=stage.set_up.canary.name, Password=password, Permanent=True
    )


def signs_in(stage: Lab, region: str, password: str) -> bool:
    """Tell whether the canary gets in; a lockout would raise."""
    answer = stage.sandbox.client("cognito-idp", region, unsigned=True).initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=stage.set_up.client_id,
        AuthParameters={"USERNAME": stage.set_up.canary.name, "PASSWORD": password},
    )
    return "AccessToken" in answer["AuthenticationResult"]


def canarys_password(stage: Lab) -> str:
    secret = stage.client("secretsmanager").get_secret_value(SecretId=stage.set_up.canary.secret_arn)
    return str(json.loads(secret["SecretString"])["password"])


def users_are_home(stage: Lab) -> None:
    """Restore the deployment, and the canary's password in both Regions."""
    set_password(stage, canarys_password(stage))
    stage.restore()


def both_are_down(stage: Lab) -> None:
    """Have the primary dead, and the standby's Cognito too."""
    users_are_home(stage)
    break_both(stage)
    stage.until_status("no move is possible", lambda status: bool(status["automation"]["blocked_by"]))


def the_standbys_target_is_broken(stage: Lab) -> None:
    """Have the primary dead, and the standby's target broken."""
    both_are_down(stage)
    stage.break_("target", effect="refuse", region=stage.standby, service="target")
    stage.mend("standby")
    stage.until_status(
        "the standby's target is broken",
        lambda status: "its target refused the connection" in status["regions"][stage.standby]["detail"],
    )


def break_both(stage: Lab) -> float:
    """Break both Regions, and return when."""
    stage.break_("primary", effect="dead", region=stage.primary)
    return stage.break_(
        "standby", effect="error", region=stage.standby, service="cognito-idp", code="InternalErrorException"
    )


@with_users_on_the_primary
def test_a_replica_that_falls_behind_is_seen_to(stage: Lab) -> None:
    def behind(seconds: float) -> float:
        def seen(status: dict[str, Any]) -> bool:
            lag_seconds = status["freshness"]["lag_seconds"]
            return lag_seconds is not None and lag_seconds >= seconds

        status = stage.until_status(f"the replica is {seconds} s behind", seen, at_most_seconds=100)
        assert status["freshness"]["trouble"] == ""
        return float(status["freshness"]["lag_seconds"])

    assert 1 <= behind(1) < 4
    stage.sandbox.control("PUT", "/settings", {"lag_seconds": 15})
    assert 10 <= behind(10) < 35
    stage.sandbox.control("PUT", "/settings", {"lag_seconds": 1})


@pytest.mark.begins(by=users_are_home)
@with_users_on_the_primary
def test_the_preflight_runs_by_its_schedule_and_finds_that_nobody_has_attached_the_latch(stage: Lab) -> None:
    def is_there(status: dict[str, Any]) -> bool:
        return status["preflight"] is not None

    found = stage.until_status("a preflight has run", is_there, at_most_seconds=150)["preflight"]
    stage.reschedule("every-hour", ScheduleExpression="rate(1 hour)")

    assert found["fresh"]
    assert found["passed"] > 20
    assert [each["check"] for each in found["failed"] if each["severity"] == "high"] == ["latch-records-attached"]


@pytest.mark.begins(by=users_are_home)
@with_users_on_the_primary
def test_a_canary_with_a_wrong_password_is_told_of_and_not_locked_out(stage: Lab) -> None:
    began_at = time.time()
    set_password(stage, _OTHER_PASSWORD)

    for region in (stage.primary, stage.standby):
        message = stage.inbox.wait_for_headline(f"{region} is canary-broken", since=began_at, at_most_seconds=45)
        assert "Check the canary before anything else" in message.body

    assert all(signs_in(stage, region, _OTHER_PASSWORD) for region in (stage.primary, stage.standby))
    assert stage.watch.since(began_at) == [stage.primary]
    set_password(stage, canarys_password(stage))  # tried again after a minute, on the next days
    time.sleep(2)  # it must have reached the replica before the next day cuts that off


@pytest.mark.begins(by=users_are_home)
@with_users_on_the_primary
def test_a_controller_cut_off_from_the_world_judges_nobody(stage: Lab) -> None:
    began_at = stage.break_("cut-off", effect="cut-off", region=stage.standby)
    time.sleep(3 * 10)  # rounds enough to decide, were it believed
    mended_at = stage.mend("cut-off")

    told = stage.inbox.wait_for_headline(f"{stage.primary} is unknown", since=began_at, at_most_seconds=30)

    assert "it can't see enough to judge, and moves nothing" in told.body
    stage.until_steady(at_most_seconds=90)
    assert stage.watch.since(mended_at) == [stage.primary]
    assert not [message for message in stage.inbox.messages() if message.kind.startswith(("move-", "blocked"))]


@pytest.mark.begins(by=users_are_home)
@with_users_on_the_primary
def test_a_throttling_primary_is_not_taken_for_a_sick_one(stage: Lab) -> None:
    began_at = stage.break_("throttle", effect="throttle", region=stage.primary, service="cognito-idp")

    message = stage.inbox.wait_for_headline(f"{stage.primary} is throttled", since=began_at, at_most_seconds=45)

    assert "Moving users to a smaller quota makes it worse" in message.body
    assert stage.watch.since(began_at) == [stage.primary]
    stage.mend("throttle")


@pytest.mark.begins(by=users_are_home)
@with_users_on_the_primary
def test_with_both_regions_down_nothing_moves(stage: Lab) -> None:
    began_at = break_both(stage)

    message = stage.inbox.wait_for("blocked", since=began_at, at_most_seconds=45)

    assert f"{stage.standby} is not known to be healthy and ready (sick)" in message.body
    assert "If both Regions are down, moving helps nobody." in message.body
    assert stage.watch.since(began_at) == [stage.primary]


@pytest.mark.begins(by=both_are_down)
@with_users_on_the_primary
def test_a_standby_whose_target_is_broken_is_no_place_to_go(stage: Lab) -> None:
    stage.break_("target", effect="refuse", region=stage.standby, service="target")
    began_at = stage.mend("standby")

    status = stage.until_status(
        "the standby's Cognito is well and its target is not",
        lambda status: (
            "its target refused the connection" in status["regions"][stage.standby]["detail"]
            and "signed the canary in" in status["regions"][stage.standby]["detail"]
        ),
        at_most_seconds=30,
    )

    assert status["automation"]["blocked_by"] == "target-serves"
    assert stage.watch.since(began_at) == [stage.primary]


@pytest.mark.begins(by=the_standbys_target_is_broken)
@with_users_on_the_primary
def test_without_its_ledger_it_moves_nobody_and_with_it_again_it_does(stage: Lab) -> None:
    began_at = stage.break_(
        "ledger", effect="error", region=stage.standby, service="dynamodb", code="InternalServerError"
    )
    stage.mend("target")
    time.sleep(3 * 10)  # rounds enough to decide, could it be saved
    assert stage.watch.since(began_at) == [stage.primary]

    stage.mend("ledger")

    stage.until(
        "all name servers send users to the replica", lambda: stage.watch.now == stage.standby, at_most_seconds=75
    )
    confirmed = stage.inbox.wait_for("move-confirmed", since=began_at, at_most_seconds=30)
    assert confirmed.headline.startswith(f"Sign-in moved to {stage.standby} (automatic). ")


@pytest.mark.begins(by=users_are_home)
def test_a_schedule_that_stops_sets_off_the_alarm_of_a_silent_controller_and_no_other(stage: Lab) -> None:
    before = ringing(stage)
    stopped_at = stage.stop("every-minute")
    assert "controller-silent" not in before

    # What a schedule that doesn't fire looks like after six minutes, of which nobody has to wait for one.
    stage.sandbox.control("PUT", "/settings", {"alarms_ahead_seconds": 6 * 60})

    stage.inbox.wait_for_headline("cognito-failover-controller-silent", since=stopped_at, at_most_seconds=30)
    of_another_cause = {"preflight-failed"}  # the latch is not attached on these days
    assert ringing(stage) - before - of_another_cause == {"controller-silent"}


def ringing(stage: Lab) -> set[str]:
    """Return the alarms that tell people and ring, by their names without the stack's."""
    found = stage.client("cloudwatch").describe_alarms(StateValue="ALARM", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    alarms = (*found["MetricAlarms"], *found["CompositeAlarms"])
    return {each["AlarmName"].removeprefix("cognito-failover-") for each in alarms if each["AlarmActions"]}
