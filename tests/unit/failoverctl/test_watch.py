"""``failoverctl watch``: the output of each poll, and failed polls."""

import json
from datetime import UTC, datetime, timedelta

import botocore.exceptions as boto
import pytest
from rich.console import Console

from cognito_failover.core.verdict import Verdict
from failoverctl.views.watch import render_watch
from tests.support.controller_harness import ControllerHarness
from tests.unit.failoverctl.cli_harness import CliHarness


def interrupt_after_polls(harness: CliHarness, times: int) -> CliHarness:
    """Interrupt the command after a number of polls."""

    def on_sleep() -> None:
        if len(harness.slept) >= times:
            raise KeyboardInterrupt
        harness.world.run(1)

    harness.on_sleep = on_sleep
    return harness


def test_script_gets_one_line_per_poll() -> None:
    harness = interrupt_after_polls(CliHarness(), 3)
    result = harness.run("watch", "--json", "--interval", "7")
    polls = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert harness.slept == [7, 7, 7]
    assert [poll["status"]["phase"] for poll in polls] == ["steady"] * 3
    assert all(poll["done"] and poll["at"].startswith("2027-01-15T08:") for poll in polls)


def test_file_output_has_changes_only() -> None:
    harness = interrupt_after_polls(CliHarness(), 6)
    harness.world.set_primary(Verdict.SICK)
    lines = harness.run("watch").stdout.splitlines()
    assert len(lines) < 6
    assert "steady, active Region ap-northeast-1: " in lines[0]
    assert "active Region us-east-1: " in lines[-1]


def test_failed_poll_is_reported_and_polling_continues() -> None:
    harness = interrupt_after_polls(CliHarness(), 3)
    harness.queue_outcomes(boto.ReadTimeoutError(endpoint_url="https://x"), {"errorMessage": "broken"})
    polls = [json.loads(line) for line in harness.run("watch", "--json").stdout.splitlines()]
    assert [poll["done"] for poll in polls] == [False, False, True]
    assert "gave no answer" in polls[0]["message"]
    assert "broken" in polls[1]["message"]
    assert len(harness.functions.invoked_names) == 3


def test_controller_without_state_is_watched() -> None:
    harness = interrupt_after_polls(CliHarness(), 1)
    harness.world.memory.lose_state()
    assert "The controller has no state yet" in harness.run("watch").stdout


def test_wrong_stack_is_not_polled() -> None:
    harness = CliHarness()
    harness.stacks.outputs = {}
    assert harness.run("watch").exit_code == 3
    assert harness.slept == []


def test_interval_below_minimum_is_rejected() -> None:
    assert CliHarness().run("watch", "--interval", "1").exit_code == 2


def test_terminal_keeps_last_view_and_restores_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Console, "is_terminal", True)
    result = interrupt_after_polls(CliHarness(), 2).run("watch")
    assert result.exit_code == 0
    assert "Press Ctrl-C to end." in result.stdout
    assert "auth.example.com\x1b[0m: steady" in result.stdout
    assert result.stdout.endswith("\x1b[?25h")


def test_old_status_is_shown_with_age() -> None:
    world = ControllerHarness().settle()
    read_at = datetime.fromtimestamp(world.clock.now, UTC)
    status = world.request("status")["status"]
    console = Console(width=80, color_system=None)
    with console.capture() as capture:
        for part in render_watch(status, "AWS throttles.", read_at, read_at + timedelta(seconds=12)):
            console.print(part)
    assert "No answer: AWS throttles. The status below is 12 s old." in capture.get()
    assert "auth.example.com: steady" in capture.get()
