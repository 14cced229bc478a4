"""A person moves the latches with the break-glass script, deployed: users stay where the person put them, protected.

The tests share one deployment: each starts in the state in which the previous one ends.
"""

from collections.abc import Iterator

import pytest

from tests.e2e.deployed_system import SHORT_TIMING_PARAMETERS, DeployedSystem, deploy_system, run_sign_in_load
from tests.e2e.inbox import read_moment
from tests.support import load_scaling

REPORT_LIMIT_SECONDS = 75
"""A minute of rounds, and the hand-over between two invocations. The test scales it by the measured load."""


@pytest.fixture(scope="module")
def stage() -> Iterator[DeployedSystem]:
    with deploy_system(
        overrides={**SHORT_TIMING_PARAMETERS, "RecordTtlSeconds": "5"}, managed_login=True, records=False
    ) as deployed:
        deployed.start_controller()
        deployed.wait_until_steady()
        attach(deployed)
        yield deployed


def attach(stage: DeployedSystem) -> None:
    stage.attach_or_detach("attach")
    stage.wait_until("the latches are attached", stage.are_latches_attached)


def users_are_home(stage: DeployedSystem) -> None:
    """Restore the deployment, and attach the latches."""
    stage.restore()
    attach(stage)


def refuse_record_changes(stage: DeployedSystem) -> None:
    """Let Route 53's control plane fail."""
    stage.inject_fault("control-plane", effect="error", service="route53", code="ServiceUnavailable", status=503)


def a_person_has_thrown_the_latches(stage: DeployedSystem) -> None:
    """Let a person move users to the standby while Route 53's control plane is out."""
    users_are_home(stage)
    refuse_record_changes(stage)
    stage.throw_latches_by_script(to="standby")
    stage.wait_until_dns_sends_users_to(stage.standby)


def test_thrown_latches_are_reported_without_control_plane(stage: DeployedSystem) -> None:
    refuse_record_changes(stage)
    thrown_at = stage.throw_latches_by_script(to="standby")
    moved_at = stage.wait_until_dns_sends_users_to(stage.standby)

    found = stage.inbox.wait_for_event("automation-held", since=thrown_at, at_most_seconds=REPORT_LIMIT_SECONDS)
    status = stage.wait_for_status_answer()

    assert read_moment(found) - moved_at <= load_scaling.scale_seconds(REPORT_LIMIT_SECONDS)
    assert "latch" in found["message"]
    assert status["phase"] == "held"
    assert status["active_region"] == stage.standby
    stage.inbox.wait_for_message("automation-held", since=thrown_at, at_most_seconds=30)


@pytest.mark.begins(by=a_person_has_thrown_the_latches)
def test_users_on_sick_standby_are_rescued_despite_the_hold(stage: DeployedSystem) -> None:
    stage.wait_for_rounds(3)  # the standby serves for a while, so that its failure is new
    failed_at = stage.inject_fault(
        "standby", effect="error", region=stage.standby, service="cognito-idp", code="InternalErrorException"
    )

    stage.wait_until_dns_sends_users_to(stage.primary)
    headline = f"Sign-in moved to {stage.primary} (automatic)"
    stage.inbox.wait_for_headline(headline, since=failed_at, at_most_seconds=60)
    assert stage.list_thrown_latches() == set()
    with run_sign_in_load(stage) as load:
        stage.wait_until("a user signs in", lambda: any(sign_in.is_successful for sign_in in load.sign_ins))
    recovered_at = stage.clear_fault("control-plane")
    stage.clear_fault("standby")
    stage.deployment.invoke_until_done("acknowledge", reason="I did it")
    stage.wait_until_steady()
    assert stage.dns_monitor.list_since(recovered_at) == [stage.primary]


def a_pending_weight_sync_and_well_regions(stage: DeployedSystem) -> None:
    """Let the latches alone move users while the primary is dead, then let the primary recover."""
    refuse_record_changes(stage)
    stage.inject_fault("primary", effect="dead", region=stage.primary)
    stage.wait_until_dns_sends_users_to(stage.standby)
    stage.wait_for_status(
        "the weights still have to follow", lambda status: status["move"] is None and status["weights"]["sync_pending"]
    )
    stage.clear_fault("primary")
    stage.wait_for_status(
        "both Regions are healthy",
        lambda status: all(region["verdict"] == "healthy" for region in status["regions"].values()),
    )


@pytest.mark.begins(by=users_are_home)
def test_weights_do_not_follow_users_whom_a_person_brought_home(stage: DeployedSystem) -> None:
    a_pending_weight_sync_and_well_regions(stage)
    released_at = stage.throw_latches_by_script(to="primary")
    home_at = stage.wait_until_dns_sends_users_to(stage.primary)
    found = stage.inbox.wait_for_event(
        "automation-held", "location-differs", since=released_at, at_most_seconds=REPORT_LIMIT_SECONDS
    )
    assert read_moment(found) - home_at <= load_scaling.scale_seconds(REPORT_LIMIT_SECONDS)

    stage.deployment.invoke_until_done("pause", reason="The cause is not known yet", minutes=60)
    stage.clear_fault("control-plane")
    wait_until_records_are_read(stage)
    stage.wait_for_rounds(3)
    stage.deployment.invoke_until_done("resume", reason="The cause is known")
    stage.wait_for_rounds(3)

    assert stage.dns_monitor.list_since(home_at) == [stage.primary]
    assert {record["SetIdentifier"]: record["Weight"] for record in stage.list_records()} == {
        stage.primary: 255,
        stage.standby: 0,
    }


def wait_until_records_are_read(stage: DeployedSystem) -> None:
    """Wait until the controller has read the records once more."""
    before = stage.wait_for_status_answer()["weights"]["read_at"]
    stage.wait_for_status("the records are read again", lambda status: status["weights"]["read_at"] != before)


@pytest.mark.begins(by=users_are_home)
def test_thrown_latch_ends_a_lever_test_and_users_stay(stage: DeployedSystem) -> None:
    settle(stage)
    drill = stage.deployment.invoke_until_done(
        "drill", kind="lever-test", reason="Each lever alone", token="e2e-disturbed", mode="stepped"
    )["drill"]
    stage.wait_until_dns_sends_users_to(stage.standby)

    thrown_at = stage.throw_latches_by_script(to="standby", only="records")

    last = stage.wait_for_status("the drill is over", lambda status: not status["drill"] and not status["move"])[
        "last_drill"
    ]
    assert (last["id"], last["outcome"]) == (drill, "interrupted")
    stage.wait_until_dns_sends_users_to(stage.standby)
    held = stage.inbox.wait_for_event("move-superseded", since=thrown_at, at_most_seconds=REPORT_LIMIT_SECONDS)
    assert "the latch of the records was thrown outside the controller" in held["message"]
    stage.wait_for_rounds(3)
    assert stage.dns_monitor.current_regions == stage.standby
    stage.deployment.invoke_until_done(
        "failback", reason="The drill is over", token="e2e-disturbed-failback", mode="all-at-once"
    )
    stage.wait_until_dns_sends_users_to(stage.primary)
    status = stage.wait_for_status("nothing is under way", lambda status: not status["move"] and not status["drill"])
    assert (status["active_region"], stage.list_thrown_latches()) == (stage.primary, set())


def settle(stage: DeployedSystem) -> None:
    """Acknowledge what a person did, and wait until a drill is possible."""
    stage.deployment.invoke_until_done("acknowledge", reason="I did it")
    stage.wait_until_drill_is_possible()
