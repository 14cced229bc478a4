"""The second lever, deployed: Route 53 takes no changes, the primary dies, and sign-in moves all the same.

At default settings, but for the TTL of the domain's records, for which a failback in steps waits. The tests are one
after another the same days of one deployment: each takes up where the one before has ended.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e.lab import LOGIN_DOMAIN, Lab, lab
from tests.e2e.logins import Logins
from tests.support import patience

MOVED_WITHIN_SECONDS = 75
"""The product's promise on a machine without other load; the test scales it by the measured load."""


@pytest.fixture(scope="module")
def stage() -> Iterator[Lab]:
    with lab(overrides={"RecordTtlSeconds": "30"}, managed_login=True, records=False) as deployed:
        deployed.start_at_once()
        deployed.until_steady()
        yield deployed


@pytest.fixture(scope="module")
def logins(stage: Lab) -> Iterator[Logins]:
    with Logins(stage.sandbox, stage.set_up).going_on() as logins:
        yield logins


def users_are_home(stage: Lab) -> None:
    """Restore the deployment, and attach the latches."""
    stage.restore()
    stage.fit("attach")
    stage.until("the controller goes by it", stage.latches_are_attached)


def the_latch_has_moved_users(stage: Lab) -> None:
    """Have users on the standby by the latches alone, while Route 53 takes no changes and the primary is dead."""
    users_are_home(stage)
    stage.break_("control-plane", effect="error", service="route53", code="ServiceUnavailable", status=503)
    stage.break_("primary", effect="dead", region=stage.primary)
    stage.until("users are sent to the standby", lambda: stage.watch.now == stage.standby)
    stage.until_status("the move is over", lambda status: status["move"] is None)


def the_weights_have_followed(stage: Lab) -> None:
    """Have users on the standby by the latches and the weights, while the primary is dead."""
    the_latch_has_moved_users(stage)
    stage.mend("control-plane")
    stage.until_status("the weights have followed", lambda status: not status["weights"]["still_to_follow"])


def users_are_on_the_standby(stage: Lab) -> None:
    """Have users on the standby by the latches and the weights, and both Regions healthy."""
    the_weights_have_followed(stage)
    stage.mend("primary")
    stage.until_steady()


def test_attaching_moves_nobody(stage: Lab, logins: Logins) -> None:
    began_at = time.time()

    said = stage.fit("attach")

    assert said.startswith("The latch of the records and the domain is attached; nobody was moved by it.")
    stage.until("the controller goes by it", stage.latches_are_attached, at_most_seconds=75)
    assert stage.watch.since(began_at) == [stage.primary]
    assert [each.error for each in logins.since(began_at) if not each.ok] == []
    stage.until("somebody signs in through managed login", lambda: bool(logins.first_good(since=began_at)))


@pytest.mark.begins(by=users_are_home)
def test_records_and_managed_login_move_in_time_without_a_change_of_records(stage: Lab, logins: Logins) -> None:
    stage.break_("control-plane", effect="error", service="route53", code="ServiceUnavailable", status=503)
    died_at = stage.break_("primary", effect="dead", region=stage.primary)

    records_moved_at = stage.until(
        "users are sent to the standby", lambda: stage.watch.now == stage.standby, at_most_seconds=150
    )
    stage.until(
        "somebody signs in through managed login", lambda: bool(logins.first_good(since=died_at)), at_most_seconds=150
    )
    first_good = logins.first_good(since=died_at)

    assert first_good is not None
    assert max(records_moved_at, first_good.ended_at) - died_at <= patience.scale(MOVED_WITHIN_SECONDS)
    confirmed = stage.inbox.wait_for("move-confirmed", since=died_at, at_most_seconds=45)
    assert confirmed.headline.startswith(f"Sign-in moved to {stage.standby} (automatic). ")
    arrived = [event["detail"] for event in stage.inbox.events() if event["detail"]["kind"] == "latch-arrived"]
    assert f"Cognito's own domain is presumed to be on {stage.standby}." in arrived[-1]["sentence"]


@pytest.mark.begins(by=the_latch_has_moved_users)
def test_weights_follow_when_route_53_takes_changes_again_and_nobody_moves_by_it(stage: Lab, logins: Logins) -> None:
    mended_at = stage.mend("control-plane")

    stage.until_status(
        "the weights have followed",
        lambda status: (
            not status["weights"]["still_to_follow"]
            and status["weights"]["found"] == {stage.primary: 0, stage.standby: 255}
        ),
        at_most_seconds=120,
    )

    assert stage.watch.since(mended_at) == [stage.standby]
    assert [each.error for each in logins.since(mended_at) if not each.ok] == []


@pytest.mark.begins(by=the_weights_have_followed)
def test_the_primarys_return_moves_nobody_and_the_latch_stays_as_it_is(stage: Lab) -> None:
    returned_at = stage.mend("primary")
    stage.until_steady()

    for action in ("attach", "detach"):
        answer = stage.deployment.ask(action, reason="Not now, one hopes", token=f"e2e-not-now-{action}")
        assert not answer["done"]
        assert f"All users must be on {stage.primary}" in answer["message"]

    assert stage.thrown() == {"records", "domain"}
    assert stage.watch.since(returned_at) == [stage.standby]


@pytest.mark.begins(by=users_are_on_the_standby)
def test_with_the_standby_lost_users_return_to_the_primary_with_nobody_to_decide_it(stage: Lab, logins: Logins) -> None:
    lost_at = stage.break_("standby", effect="dead", region=stage.standby)

    stage.until("users are sent to the primary", lambda: stage.watch.now == stage.primary, at_most_seconds=150)
    stage.until(
        "somebody signs in through managed login", lambda: bool(logins.first_good(since=lost_at)), at_most_seconds=60
    )

    back_at = stage.mend("standby")
    stage.until("users are where the latch sends them", lambda: stage.watch.now == stage.standby, at_most_seconds=90)
    stage.until_steady()
    settled = [regions for regions in stage.watch.since(back_at) if regions in {stage.primary, stage.standby}]
    assert settled == [stage.primary, stage.standby]


@pytest.mark.begins(by=users_are_on_the_standby)
def test_a_failback_in_steps_releases_the_records_first_and_the_domain_last(stage: Lab) -> None:
    sights = [_sight(stage)]

    def ask() -> dict[str, Any]:
        return stage.deployment.insist("failback", reason="The primary is well", token="e2e-failback", pace="in-steps")

    def is_over() -> bool:
        if (sight := _sight(stage)) != sights[-1]:
            sights.append(sight)
        return sight == (set(), 100)

    with ThreadPoolExecutor() as executor:
        asked = executor.submit(ask)  # it answers when it has seen the first steps, which are to be seen here too
        stage.until("all is as before", is_over, at_most_seconds=240)
    assert asked.result()["done"]

    assert sights == [
        ({"records", "domain"}, 0),
        ({"domain"}, 0),
        ({"domain"}, 10),
        ({"domain"}, 50),
        ({"domain"}, 100),
        (set(), 100),
    ]


def _sight(stage: Lab) -> tuple[set[str], int]:
    """Return which latches are thrown, and the primary's share of the weights in percent."""
    thrown = stage.thrown()
    weights = {each["SetIdentifier"]: each["Weight"] for each in stage.records()}
    return thrown, round(100 * weights[stage.primary] / sum(weights.values()))


@pytest.mark.begins(by=users_are_home)
def test_detaching_moves_nobody(stage: Lab) -> None:
    stage.until_status("the failback is over", lambda status: status["move"] is None, at_most_seconds=75)
    began_at = time.time()

    stage.fit("detach")

    assert not [each for each in stage.records() if "HealthCheckId" in each]
    domain = stage.client("cognito-idp", stage.primary).describe_user_pool_domain(Domain=LOGIN_DOMAIN)
    assert "Routing" not in domain["DomainDescription"]
    assert stage.watch.since(began_at) == [stage.primary]
