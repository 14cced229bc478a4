"""A drill by command: its plan is shown, it is asked for once, and followed to its end."""

import pytest

from failover.probe.verdict import Verdict
from failover.region import Side
from tests.support.drills import ended
from tests.support.world import World
from tests.unit.failoverctl.stage import Stage, said

MONTHLY = ("drill", "--reason", "monthly", "--pace", "in-one", "--hold-seconds", "60")


def test_a_dry_run_shows_the_plan_and_asks_for_nothing() -> None:
    stage = Stage()
    result = stage.run(*MONTHLY, "--dry-run")
    assert result.exit_code == 0
    assert "- All users move to us-east-1, by the weights." in result.stdout
    assert "Nothing is in its way." in result.stdout
    assert stage.world.state.drill is None
    assert [event["dry_run"] for event in stage.functions.events] == [True]


def test_a_dry_run_names_what_is_in_the_way() -> None:
    stage = Stage(World().settle().standby(Verdict.NOT_READY))
    stage.world.run(1)
    result = stage.run(*MONTHLY, "--dry-run")
    assert result.exit_code == 1
    assert "- both-serve: us-east-1 is not known to be healthy" in result.stdout


def test_a_person_is_shown_the_plan_and_asked() -> None:
    stage = Stage(terminal=True)
    result = stage.run(*MONTHLY, types="y\n")
    assert result.exit_code == 0
    assert "- All users move to us-east-1" in result.stderr
    assert "Begin the drill? [y/N]" in result.stderr
    assert stage.world.state.drill


def test_nothing_begins_unless_the_person_says_yes() -> None:
    stage = Stage(terminal=True)
    result = stage.run(*MONTHLY, types="n\n")
    assert result.exit_code == 1
    assert stage.world.state.drill is None


def test_no_script_begins_a_drill_without_saying_that_it_is_sure() -> None:
    result = Stage().run(*MONTHLY)
    assert result.exit_code == 2
    assert "Give --yes if you are sure." in result.stderr


def test_a_drill_is_followed_to_its_end() -> None:
    stage = Stage()
    result = stage.run(*MONTHLY, "--yes", "--wait", "--json")
    assert result.exit_code == 0
    assert said(result)["done"]
    assert "has ended, clean" in said(result)["message"]
    assert ended(stage.world).id == said(result)["drill"]
    assert stage.world.users is Side.PRIMARY
    assert "users are on us-east-1, and stay there" in result.stderr


def test_a_drill_that_is_aborted_ends_otherwise() -> None:
    stage = Stage()

    def breaks() -> None:
        if stage.world.users is Side.STANDBY:
            stage.world.standby(Verdict.SICK)
        stage.world.run(1)

    stage.on_sleep = breaks
    result = stage.run(*MONTHLY, "--yes", "--wait")
    assert result.exit_code == 6
    assert "has ended, aborted" in " ".join(result.stdout.split())


def test_a_drill_longer_than_the_wait_goes_on() -> None:
    stage = Stage()
    result = stage.run(*MONTHLY, "--yes", "--wait", "--timeout", "20")
    assert result.exit_code == 5
    assert "The drill is still under way" in result.stdout
    assert stage.world.state.drill


def test_a_refused_drill_is_not_followed() -> None:
    stage = Stage(World().settle())
    stage.world.request("pause", reason="deploy", minutes=30)
    result = stage.run(*MONTHLY, "--yes", "--wait", "--json")
    assert result.exit_code == 1
    assert said(result)["refused_by"] == "not-paused"
    assert stage.slept == []


@pytest.mark.parametrize("arguments", [("--kind", "chaos"), ("--hold-seconds", "14401"), ("--rounds", "0")])
def test_what_no_drill_takes_is_refused_before_anything_is_asked(arguments: tuple[str, ...]) -> None:
    stage = Stage()
    assert stage.run("drill", "--yes", "--reason", "monthly", *arguments).exit_code == 2
    assert stage.functions.events == []


def test_the_status_and_the_history_show_a_drill() -> None:
    stage = Stage()
    stage.run(*MONTHLY, "--yes")
    stage.world.run(2)
    assert "Drill       drill-switchover-" in stage.run("status").stdout
    stage.world.run(12)
    assert "Last drill  drill-switchover-" in stage.run("status").stdout
    history = " ".join(stage.run("history").stdout.split())
    assert "drill-ended" in history
    assert "in the drill drill-switchover-" in history
