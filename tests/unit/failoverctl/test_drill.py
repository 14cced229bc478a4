"""``failoverctl drill``: plan, confirmation, request, and following to the end."""

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.verdict import Verdict
from tests.support.controller_harness import ControllerHarness
from tests.support.drill_requests import get_ended_drill
from tests.unit.failoverctl.cli_harness import CliHarness, read_output

MONTHLY = ("drill", "--reason", "monthly", "--mode", "all-at-once", "--hold-seconds", "60")


def test_dry_run_shows_plan_and_submits_nothing() -> None:
    harness = CliHarness()
    result = harness.run(*MONTHLY, "--dry-run")
    assert result.exit_code == 0
    assert "- All users move to us-east-1, by the weights." in result.stdout
    assert "All rules hold: the drill can start." in result.stdout
    assert harness.world.state.drill is None
    assert [event["dry_run"] for event in harness.functions.events] == [True]


def test_dry_run_names_violated_rules() -> None:
    harness = CliHarness(ControllerHarness().settle().set_standby(Verdict.NOT_READY))
    harness.world.run(1)
    result = harness.run(*MONTHLY, "--dry-run")
    assert result.exit_code == 1
    assert "- both-regions-healthy: us-east-1 is not known to be healthy" in result.stdout


def test_plan_is_shown_and_confirmed() -> None:
    harness = CliHarness(terminal=True)
    result = harness.run(*MONTHLY, types="y\n")
    assert result.exit_code == 0
    assert "- All users move to us-east-1" in result.stderr
    assert "Start the drill? [y/N]" in result.stderr
    assert harness.world.state.drill


def test_unconfirmed_drill_does_not_start() -> None:
    harness = CliHarness(terminal=True)
    result = harness.run(*MONTHLY, types="n\n")
    assert result.exit_code == 1
    assert harness.world.state.drill is None


def test_script_needs_yes_to_start_drill() -> None:
    result = CliHarness().run(*MONTHLY)
    assert result.exit_code == 2
    assert "Give --yes if you are sure." in result.stderr


def test_drill_is_followed_to_its_end() -> None:
    harness = CliHarness()
    result = harness.run(*MONTHLY, "--yes", "--wait", "--json")
    assert result.exit_code == 0
    assert read_output(result)["done"]
    assert "has ended, succeeded" in read_output(result)["message"]
    assert get_ended_drill(harness.world).id == read_output(result)["drill"]
    assert harness.world.user_location is RegionRole.PRIMARY
    assert "users were moved to us-east-1, and stay there" in result.stderr


def test_aborted_drill_has_its_own_exit_code() -> None:
    harness = CliHarness()

    def make_standby_fail() -> None:
        if harness.world.user_location is RegionRole.STANDBY:
            harness.world.set_standby(Verdict.SICK)
        harness.world.run(1)

    harness.on_sleep = make_standby_fail
    result = harness.run(*MONTHLY, "--yes", "--wait")
    assert result.exit_code == 6
    assert "has ended, aborted" in " ".join(result.stdout.split())


def test_drill_longer_than_wait_continues() -> None:
    harness = CliHarness()
    result = harness.run(*MONTHLY, "--yes", "--wait", "--timeout", "20")
    assert result.exit_code == 5
    assert "The drill is still under way" in result.stdout
    assert harness.world.state.drill


def test_refused_drill_is_not_followed() -> None:
    harness = CliHarness(ControllerHarness().settle())
    harness.world.request("pause", reason="deploy", minutes=30)
    result = harness.run(*MONTHLY, "--yes", "--wait", "--json")
    assert result.exit_code == 1
    assert read_output(result)["refused_by"] == "not-paused"
    assert harness.slept == []


@pytest.mark.parametrize("arguments", [("--kind", "chaos"), ("--hold-seconds", "14401"), ("--rounds", "0")])
def test_invalid_drill_options_are_rejected_before_request(arguments: tuple[str, ...]) -> None:
    harness = CliHarness()
    assert harness.run("drill", "--yes", "--reason", "monthly", *arguments).exit_code == 2
    assert harness.functions.events == []


def test_status_and_history_show_drill() -> None:
    harness = CliHarness()
    harness.run(*MONTHLY, "--yes")
    harness.world.run(2)
    assert "Drill       drill-switchover-" in harness.run("status").stdout
    harness.world.run(12)
    assert "Last drill  drill-switchover-" in harness.run("status").stdout
    history = " ".join(harness.run("history").stdout.split())
    assert "drill-ended" in history
    assert "drill drill-switchover-" in history
