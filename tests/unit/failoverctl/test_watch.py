"""The status, followed: what is shown at each look, and what a silent function changes."""

import json
from datetime import UTC, datetime, timedelta

import botocore.exceptions as boto
import pytest
from rich.console import Console

from failover.probe.verdict import Verdict
from failoverctl.views.watch import watch_view
from tests.support.world import World
from tests.unit.failoverctl.stage import Stage


def looking(stage: Stage, times: int) -> Stage:
    """Let the person interrupt it at so many looks."""

    def then() -> None:
        if len(stage.slept) >= times:
            raise KeyboardInterrupt
        stage.world.run(1)

    stage.on_sleep = then
    return stage


def test_a_script_gets_a_line_for_each_look() -> None:
    stage = looking(Stage(), 3)
    result = stage.run("watch", "--json", "--interval", "7")
    looks = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert stage.slept == [7, 7, 7]
    assert [look["status"]["phase"] for look in looks] == ["steady"] * 3
    assert all(look["done"] and look["at"].startswith("2027-01-15T08:") for look in looks)


def test_in_a_file_only_changes_are_written() -> None:
    stage = looking(Stage(), 6)
    stage.world.primary(Verdict.SICK)
    lines = stage.run("watch").stdout.splitlines()
    assert len(lines) < 6
    assert "steady, ap-northeast-1 serves" in lines[0]
    assert "us-east-1 serves" in lines[-1]


def test_a_look_that_fails_is_said_and_followed_by_the_next() -> None:
    stage = looking(Stage(), 3)
    stage.stage(boto.ReadTimeoutError(endpoint_url="https://x"), {"errorMessage": "broken"})
    looks = [json.loads(line) for line in stage.run("watch", "--json").stdout.splitlines()]
    assert [look["done"] for look in looks] == [False, False, True]
    assert "gave no answer" in looks[0]["message"]
    assert "broken" in looks[1]["message"]
    assert len(stage.functions.called) == 3


def test_a_controller_without_state_is_watched_all_the_same() -> None:
    stage = looking(Stage(), 1)
    stage.world.memory.lose_state()
    assert "The controller has no state yet" in stage.run("watch").stdout


def test_a_wrong_stack_is_not_looked_for_again_and_again() -> None:
    stage = Stage()
    stage.stacks.outputs = {}
    assert stage.run("watch").exit_code == 3
    assert stage.slept == []


def test_it_does_not_look_all_the_time() -> None:
    assert Stage().run("watch", "--interval", "1").exit_code == 2


def test_on_a_terminal_the_last_view_stays_and_the_cursor_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Console, "is_terminal", True)
    result = looking(Stage(), 2).run("watch")
    assert result.exit_code == 0
    assert "Ctrl-C ends it" in result.stdout
    assert "auth.example.com\x1b[0m: steady" in result.stdout
    assert result.stdout.endswith("\x1b[?25h")


def test_an_old_status_is_shown_with_its_age() -> None:
    world = World().settle()
    seen_at = datetime.fromtimestamp(world.clock.now, UTC)
    status = world.request("status")["status"]
    console = Console(width=80, color_system=None)
    with console.capture() as capture:
        for part in watch_view(status, "AWS throttles.", seen_at, seen_at + timedelta(seconds=12)):
            console.print(part)
    assert "No answer: AWS throttles. What follows is 12 s old." in capture.get()
    assert "auth.example.com: steady" in capture.get()
