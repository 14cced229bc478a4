"""Three observers, deployed: the controller, and one observer in each of two third Regions.

The tests share one deployment: each starts in the state in which the previous one ends.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from demo.deployment import deploy_observer
from tests.e2e.deployed_system import SHORT_TIMING_PARAMETERS, DeployedSystem, deploy_system

REMOTE_REGIONS = ("eu-west-1", "us-west-2")

THIRD_REGION_ARGUMENTS = ("--third", *REMOTE_REGIONS, "ap-southeast-1")
"""Each observer has two other Regions as witnesses, as with the template's default. One of them may be isolated."""

_STALE_SECONDS = 20
"""An observation counts for two intervals."""


@pytest.fixture(scope="module")
def stage() -> Iterator[DeployedSystem]:
    with deploy_system(
        *THIRD_REGION_ARGUMENTS, overrides={**SHORT_TIMING_PARAMETERS, "Observers": ",".join(REMOTE_REGIONS)}
    ) as deployed:
        table, observer_parameters = (
            deployed.get_output("LedgerTableName"),
            {"SuspectRounds": SHORT_TIMING_PARAMETERS["SuspectRounds"]},
        )

        def observe_from(region: str) -> None:
            function = deploy_observer(deployed.deployment, region, table=table, overrides=observer_parameters)
            deployed.get_client("lambda", region).invoke(FunctionName=function, InvocationType="Event")

        with ThreadPoolExecutor() as executor:
            list(executor.map(observe_from, REMOTE_REGIONS))
        deployed.start_controller()
        deployed.wait_until_steady()
        yield deployed


def get_observation_ages(stage: DeployedSystem) -> dict[str, float]:
    """Return the age of each observer's last observation of the primary, in seconds."""
    observations = stage.wait_for_status_answer()["regions"][stage.primary]["observers"]
    return {observer: observation["age_seconds"] for observer, observation in observations.items()}


def list_move_messages(stage: DeployedSystem) -> list[str]:
    """Return the kinds of all messages about a move or about a blocked one."""
    kinds = (message.kind for message in stage.inbox.read_messages())
    return [kind for kind in kinds if kind.startswith(("move-", "blocked"))]


def users_are_home(stage: DeployedSystem) -> None:
    stage.restore()


def users_have_left_a_dead_primary(stage: DeployedSystem) -> None:
    stage.restore(users_on=stage.standby)
    stage.inject_fault("one-cut-off", effect="cut-off", region=REMOTE_REGIONS[0])
    stage.inject_fault("dead", effect="dead", region=stage.primary)


def test_all_three_observers_probe_the_primary(stage: DeployedSystem) -> None:
    stage.wait_until(
        "all three have a fresh observation",
        lambda: (
            set(ages := get_observation_ages(stage)) == {stage.standby, *REMOTE_REGIONS}
            and max(ages.values()) < _STALE_SECONDS
        ),
        at_most_seconds=60,
    )


@pytest.mark.begins(by=users_are_home)
def test_isolated_controller_does_not_move_users(stage: DeployedSystem) -> None:
    began_at = stage.inject_fault("cut-off", effect="cut-off", region=stage.standby)
    # Earlier observations count until they are stale. Then a minute has enough rounds to decide, if the controller
    # believed its view, even with a gap between the invocation started by hand and the next scheduled one.
    time.sleep(_STALE_SECONDS + 60)
    recovered_at = stage.clear_fault("cut-off")

    stage.inbox.wait_for_headline(f"{stage.primary} is unknown", since=began_at, at_most_seconds=30)

    stage.wait_until_steady(at_most_seconds=90)
    assert stage.dns_monitor.list_since(recovered_at) == [stage.primary]
    assert list_move_messages(stage) == []


@pytest.mark.begins(by=users_are_home)
def test_isolated_observer_neither_starts_nor_blocks_a_move(stage: DeployedSystem) -> None:
    cut_off_at = stage.inject_fault("one-cut-off", effect="cut-off", region=REMOTE_REGIONS[0])
    stage.wait_until(
        "its last observation is stale",
        lambda: get_observation_ages(stage)[REMOTE_REGIONS[0]] > _STALE_SECONDS,
        at_most_seconds=60,
    )
    stage.wait_until_steady()
    assert stage.dns_monitor.list_since(cut_off_at) == [stage.primary]

    failed_at = stage.inject_fault("dead", effect="dead", region=stage.primary)

    stage.wait_until_dns_sends_users_to(stage.standby)
    confirmed = stage.inbox.wait_for_message("move-confirmed", since=failed_at, at_most_seconds=45)
    assert confirmed.headline.startswith(f"Sign-in moved to {stage.standby} (automatic). ")


@pytest.mark.begins(by=users_have_left_a_dead_primary)
def test_observer_measures_age_of_controller_heartbeat(stage: DeployedSystem) -> None:
    stage.clear_fault("one-cut-off")
    fell_silent_at = stage.inject_fault(
        "silent",
        effect="error",
        region=stage.standby,
        service="dynamodb",
        from_region=stage.standby,
        code="InternalServerError",
    )

    stage.wait_until(
        "the heartbeat is old",
        lambda: get_heartbeat_age_seconds(stage, REMOTE_REGIONS[1], since=fell_silent_at) > 2 * _STALE_SECONDS,
        at_most_seconds=200,
    )

    assert stage.dns_monitor.current_regions == stage.standby


def get_heartbeat_age_seconds(stage: DeployedSystem, region: str, *, since: float) -> float:
    """Return the maximum heartbeat age that the observer in a Region has measured since a moment."""
    found = stage.get_client("cloudwatch", region).get_metric_statistics(
        Namespace="CognitoFailover",
        MetricName="HeartbeatAge",
        Dimensions=[{"Name": "service", "Value": f"{stage.deployment.stack_name}-{region}-observer"}],
        StartTime=datetime.fromtimestamp(since, UTC),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    return max((point["Maximum"] for point in found), default=0.0)
