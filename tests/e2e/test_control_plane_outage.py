"""The latches, deployed: sign-in moves although Route 53 accepts no changes while the primary is down.

Default settings, except a shorter TTL of the records, because a stepped failback waits for it. The tests share one
deployment: each starts in the state in which the previous one ends.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e.deployed_system import LOGIN_DOMAIN, DeployedSystem, deploy_system
from tests.e2e.managed_login_load import ManagedLoginLoad
from tests.support import load_scaling

MOVE_LIMIT_SECONDS = 75
"""The product's promise on a machine without other load; the test scales it by the measured load."""


@pytest.fixture(scope="module")
def stage() -> Iterator[DeployedSystem]:
    with deploy_system(overrides={"RecordTtlSeconds": "30"}, managed_login=True, records=False) as deployed:
        deployed.start_controller()
        deployed.wait_until_steady()
        yield deployed


@pytest.fixture(scope="module")
def logins(stage: DeployedSystem) -> Iterator[ManagedLoginLoad]:
    with ManagedLoginLoad(stage.sandbox, stage.set_up).running() as logins:
        yield logins


def users_are_home(stage: DeployedSystem) -> None:
    """Restore the deployment, and attach the latches."""
    stage.restore()
    stage.attach_or_detach("attach")
    stage.wait_until("the latches are attached", stage.are_latches_attached)


def the_latch_has_moved_users(stage: DeployedSystem) -> None:
    """Move users to the standby by the latches alone, while Route 53 accepts no changes and the primary is down."""
    users_are_home(stage)
    stage.inject_fault("control-plane", effect="error", service="route53", code="ServiceUnavailable", status=503)
    stage.inject_fault("primary", effect="dead", region=stage.primary)
    stage.wait_until_dns_sends_users_to(stage.standby)
    stage.wait_for_status("the move is over", lambda status: status["move"] is None)


def the_weights_have_followed(stage: DeployedSystem) -> None:
    """Move users to the standby by the latches and the weights, while the primary is down."""
    the_latch_has_moved_users(stage)
    stage.clear_fault("control-plane")
    stage.wait_for_status("the weights follow the move", lambda status: not status["weights"]["sync_pending"])


def users_are_on_the_standby(stage: DeployedSystem) -> None:
    """Move users to the standby by the latches and the weights, and make both Regions healthy."""
    the_weights_have_followed(stage)
    stage.clear_fault("primary")
    stage.wait_until_steady()


def test_attaching_latches_does_not_move_users(stage: DeployedSystem, logins: ManagedLoginLoad) -> None:
    began_at = time.time()

    said = stage.attach_or_detach("attach")

    assert said.startswith("The latch of the records and the domain is attached; no users were moved.")
    stage.wait_until("the latches are attached", stage.are_latches_attached, at_most_seconds=75)
    assert stage.dns_monitor.list_since(began_at) == [stage.primary]
    assert [sign_in.error for sign_in in logins.list_since(began_at) if not sign_in.is_successful] == []
    stage.wait_until("a user signs in through managed login", lambda: bool(logins.find_first_success(since=began_at)))


@pytest.mark.begins(by=users_are_home)
def test_both_latches_move_users_without_record_change(stage: DeployedSystem, logins: ManagedLoginLoad) -> None:
    stage.inject_fault("control-plane", effect="error", service="route53", code="ServiceUnavailable", status=503)
    failed_at = stage.inject_fault("primary", effect="dead", region=stage.primary)

    records_moved_at = stage.wait_until_dns_sends_users_to(stage.standby)
    stage.wait_until(
        "a user signs in through managed login",
        lambda: bool(logins.find_first_success(since=failed_at)),
        at_most_seconds=150,
    )
    first_good = logins.find_first_success(since=failed_at)

    assert first_good is not None
    assert max(records_moved_at, first_good.ended_at) - failed_at <= load_scaling.scale_seconds(MOVE_LIMIT_SECONDS)
    confirmed = stage.inbox.wait_for_message("move-confirmed", since=failed_at, at_most_seconds=45)
    assert confirmed.headline.startswith(f"Sign-in moved to {stage.standby} (automatic). ")
    arrived = [event["detail"] for event in stage.inbox.read_events() if event["detail"]["kind"] == "latch-effective"]
    assert f"Cognito's own domain is assumed to be on {stage.standby}." in arrived[-1]["message"]


@pytest.mark.begins(by=the_latch_has_moved_users)
def test_weights_sync_after_control_plane_recovery(stage: DeployedSystem, logins: ManagedLoginLoad) -> None:
    recovered_at = stage.clear_fault("control-plane")

    stage.wait_for_status(
        "the weights follow the move",
        lambda status: (
            not status["weights"]["sync_pending"]
            and status["weights"]["found"] == {stage.primary: 0, stage.standby: 255}
        ),
        at_most_seconds=120,
    )

    assert stage.dns_monitor.list_since(recovered_at) == [stage.standby]
    assert [sign_in.error for sign_in in logins.list_since(recovered_at) if not sign_in.is_successful] == []


@pytest.mark.begins(by=the_weights_have_followed)
def test_primary_recovery_keeps_users_and_latch(stage: DeployedSystem) -> None:
    returned_at = stage.clear_fault("primary")
    stage.wait_until_steady()

    for action in ("attach", "detach"):
        answer = stage.deployment.invoke_operator(
            action, reason="Users are on the standby", token=f"e2e-not-now-{action}"
        )
        assert not answer["done"]
        assert f"All users must be on {stage.primary}" in answer["message"]

    assert stage.list_thrown_latches() == {"records", "domain"}
    assert stage.dns_monitor.list_since(returned_at) == [stage.standby]


@pytest.mark.begins(by=users_are_on_the_standby)
def test_standby_loss_returns_users_by_health_checks(stage: DeployedSystem, logins: ManagedLoginLoad) -> None:
    lost_at = stage.inject_fault("standby", effect="dead", region=stage.standby)

    stage.wait_until_dns_sends_users_to(stage.primary)
    stage.wait_until(
        "a user signs in through managed login",
        lambda: bool(logins.find_first_success(since=lost_at)),
        at_most_seconds=60,
    )

    back_at = stage.clear_fault("standby")
    stage.wait_until_dns_sends_users_to(stage.standby)
    stage.wait_until_steady()
    settled = [
        regions for regions in stage.dns_monitor.list_since(back_at) if regions in {stage.primary, stage.standby}
    ]
    assert settled == [stage.primary, stage.standby]


@pytest.mark.begins(by=users_are_on_the_standby)
def test_stepped_failback_releases_records_before_domain(stage: DeployedSystem) -> None:
    states = [_read_lever_state(stage)]

    def ask() -> dict[str, Any]:
        return stage.deployment.invoke_until_done(
            "failback", reason="The primary is healthy", token="e2e-failback", mode="stepped"
        )

    def is_over() -> bool:
        if (state := _read_lever_state(stage)) != states[-1]:
            states.append(state)
        return state == (set(), 100)

    with ThreadPoolExecutor() as executor:
        answer = executor.submit(ask)  # in a thread: the answer comes after the first steps, which this test must see
        stage.wait_until("the failback is over", is_over, at_most_seconds=240)
    assert answer.result()["done"]

    assert states == [
        ({"records", "domain"}, 0),
        ({"domain"}, 0),
        ({"domain"}, 10),
        ({"domain"}, 50),
        ({"domain"}, 100),
        (set(), 100),
    ]


def _read_lever_state(stage: DeployedSystem) -> tuple[set[str], int]:
    """Return the set latches, and the primary's share of the weights in percent."""
    thrown = stage.list_thrown_latches()
    weights = {record["SetIdentifier"]: record["Weight"] for record in stage.list_records()}
    return thrown, round(100 * weights[stage.primary] / sum(weights.values()))


@pytest.mark.begins(by=users_are_home)
def test_detaching_latches_does_not_move_users(stage: DeployedSystem) -> None:
    stage.wait_for_status("the failback is over", lambda status: status["move"] is None, at_most_seconds=75)
    began_at = time.time()

    stage.attach_or_detach("detach")

    assert not [record for record in stage.list_records() if "HealthCheckId" in record]
    domain = stage.get_client("cognito-idp", stage.primary).describe_user_pool_domain(Domain=LOGIN_DOMAIN)
    assert "Routing" not in domain["DomainDescription"]
    assert stage.dns_monitor.list_since(began_at) == [stage.primary]
