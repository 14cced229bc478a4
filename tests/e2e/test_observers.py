"""Three voices, deployed: the controller, and an observer in each of two third Regions.

The tests are one after another the same days of one deployment: each takes up where the one before has ended.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from demo.deployment import deploy_observer
from tests.e2e.lab import QUICK, Lab, lab

FURTHER = ("eu-west-1", "us-west-2")

THIRD = ("--third", *FURTHER, "ap-southeast-1")
"""Each observer has two witnesses besides itself, as by the template's default: one of them may be cut off."""

_STALE_SECONDS = 20
"""An observation counts for two intervals."""


@pytest.fixture(scope="module")
def stage() -> Iterator[Lab]:
    with lab(*THIRD, overrides={**QUICK, "Observers": ",".join(FURTHER)}) as deployed:
        table, pace = deployed.output("LedgerTableName"), {"SuspectRounds": QUICK["SuspectRounds"]}

        def observe_from(region: str) -> None:
            function = deploy_observer(deployed.deployment, region, table=table, overrides=pace)
            deployed.client("lambda", region).invoke(FunctionName=function, InvocationType="Event")

        with ThreadPoolExecutor() as executor:
            list(executor.map(observe_from, FURTHER))
        deployed.start_at_once()
        deployed.until_steady()
        yield deployed


def ages(stage: Lab) -> dict[str, float]:
    """Return by observer how old its last word about the primary is, in seconds."""
    seen = stage.standing()["regions"][stage.primary]["observers"]
    return {observer: words["age_seconds"] for observer, words in seen.items()}


def told(stage: Lab) -> list[str]:
    """Return the kinds of messages that speak of a move or of none being possible."""
    kinds = (message.kind for message in stage.inbox.messages())
    return [kind for kind in kinds if kind.startswith(("move-", "blocked"))]


def users_are_home(stage: Lab) -> None:
    stage.restore()


def users_have_left_a_dead_primary(stage: Lab) -> None:
    stage.restore(users_on=stage.standby)
    stage.break_("one-cut-off", effect="cut-off", region=FURTHER[0])
    stage.break_("dead", effect="dead", region=stage.primary)


def test_all_three_look_at_the_primary(stage: Lab) -> None:
    stage.until(
        "all three have just looked",
        lambda: set(fresh := ages(stage)) == {stage.standby, *FURTHER} and max(fresh.values()) < _STALE_SECONDS,
        at_most_seconds=60,
    )


@pytest.mark.begins(by=users_are_home)
def test_a_controller_cut_off_from_the_world_moves_nobody(stage: Lab) -> None:
    began_at = stage.break_("cut-off", effect="cut-off", region=stage.standby)
    # What the others saw before counts until it is stale; then a minute has rounds enough to decide, were it believed,
    # though the invocation that started at once may have left a gap before the next tick.
    time.sleep(_STALE_SECONDS + 60)
    mended_at = stage.mend("cut-off")

    stage.inbox.wait_for_headline(f"{stage.primary} is unknown", since=began_at, at_most_seconds=30)

    stage.until_steady(at_most_seconds=90)
    assert stage.watch.since(mended_at) == [stage.primary]
    assert told(stage) == []


@pytest.mark.begins(by=users_are_home)
def test_one_observer_cut_off_moves_nobody_and_keeps_no_move_from_being_made(stage: Lab) -> None:
    cut_off_at = stage.break_("one-cut-off", effect="cut-off", region=FURTHER[0])
    stage.until("its last word is too old", lambda: ages(stage)[FURTHER[0]] > _STALE_SECONDS, at_most_seconds=60)
    status = stage.standing()
    assert (status["phase"], status["regions"][stage.primary]["verdict"]) == ("steady", "healthy")
    assert stage.watch.since(cut_off_at) == [stage.primary]

    died_at = stage.break_("dead", effect="dead", region=stage.primary)

    stage.until("users are sent to the standby", lambda: stage.watch.now == stage.standby, at_most_seconds=90)
    confirmed = stage.inbox.wait_for("move-confirmed", since=died_at, at_most_seconds=45)
    assert confirmed.headline.startswith(f"Sign-in moved to {stage.standby} (automatic). ")


@pytest.mark.begins(by=users_have_left_a_dead_primary)
def test_the_observer_measures_that_the_controller_has_fallen_silent(stage: Lab) -> None:
    stage.mend("one-cut-off")
    fell_silent_at = stage.break_(
        "silent",
        effect="error",
        region=stage.standby,
        service="dynamodb",
        from_region=stage.standby,
        code="InternalServerError",
    )

    stage.until(
        "the heartbeat is old",
        lambda: heartbeat_age_seconds(stage, FURTHER[1], since=fell_silent_at) > 2 * _STALE_SECONDS,
        at_most_seconds=200,
    )

    assert stage.watch.now == stage.standby


def heartbeat_age_seconds(stage: Lab, region: str, *, since: float) -> float:
    """Return the greatest age that the observer in a Region has measured since a moment."""
    found = stage.client("cloudwatch", region).get_metric_statistics(
        Namespace="CognitoFailover",
        MetricName="HeartbeatAge",
        Dimensions=[{"Name": "service", "Value": f"{stage.deployment.stack_name}-{region}-observer"}],
        StartTime=datetime.fromtimestamp(since, UTC),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    return max((point["Maximum"] for point in found), default=0.0)
