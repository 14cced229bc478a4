"""``failoverctl failover``, ``failback`` and ``abort``: plan, confirmation, one request, and following to the end."""

from collections.abc import Callable

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.core.verdict import Verdict
from cognito_failover.notifications.replica_limitations import list_replica_limitations
from failoverctl.progress import POLL_INTERVAL_SECONDS
from tests.support.controller_harness import ControllerHarness
from tests.unit.failoverctl.cli_harness import CliHarness, InvokeOutcome, read_output

LIMITATIONS = list(list_replica_limitations(primary="ap-northeast-1", sign_in_name="auth.example.com"))
DRILL = ("--yes", "--reason", "drill")


def make_failed_over_world() -> ControllerHarness:
    world = ControllerHarness().settle()
    world.invoke_operator("failover", reason="drill", token="t")
    world.run(1)
    return world


def start_move_in_progress() -> ControllerHarness:
    """Return a world with a move under way that one name server does not answer with."""
    world = ControllerHarness().settle()
    world.name_servers.freeze("ns-1.example.net")
    world.request("failover", reason="drill", token="t")
    world.run(1)
    assert world.state.move
    return world


def unwrap_lines(text: str) -> str:
    """Return the output of a terminal without line breaks."""
    return " ".join(text.split())


def test_failover_moves_all_users() -> None:
    harness = CliHarness()
    result = harness.run("failover", *DRILL)
    assert result.exit_code == 0
    assert "Traffic moves to us-east-1, requested by aiko: drill" in result.stdout
    harness.world.run(3)
    assert harness.world.user_location is RegionRole.STANDBY


def test_failover_by_script_invokes_function_once() -> None:
    harness = CliHarness()
    harness.run("failover", *DRILL)
    assert [event["action"] for event in harness.functions.events] == ["failover"]


def test_limitations_are_shown_before_confirmation() -> None:
    harness = CliHarness(terminal=True)
    result = harness.run("failover", types="drill\ny\n")
    shown = unwrap_lines(result.stderr)
    assert result.exit_code == 0
    assert "All users move at once from ap-northeast-1 to us-east-1." in shown
    assert [limitation for limitation in LIMITATIONS if limitation not in shown] == []
    assert "Move all users to the standby? [y/N]" in shown
    assert harness.requests()[0]["reason"] == "drill"


@pytest.mark.parametrize("typed", ["n\n", "\n"])
def test_unconfirmed_move_is_not_requested(typed: str) -> None:
    harness = CliHarness(terminal=True)
    result = harness.run("failover", "--reason", "drill", types=typed)
    assert result.exit_code == 1
    assert "No request was sent, and nothing was changed." in result.stderr
    assert harness.requests() == []


@pytest.mark.parametrize("subcommand", ["failover", "failback", "abort"])
def test_script_needs_yes_to_move_users(subcommand: str) -> None:
    harness = CliHarness()
    result = harness.run(subcommand, "--reason", "drill")
    assert result.exit_code == 2
    assert "Give --yes if you are sure." in result.stderr
    assert harness.functions.events == []


def test_sick_target_is_warned_about() -> None:
    world = ControllerHarness().settle().set_standby(Verdict.SICK)
    world.run(1)
    harness = CliHarness(world, terminal=True)
    assert "us-east-1 is sick:" in harness.run("failover", types="drill\nn\n").stderr


def test_refusal_names_rule_and_override() -> None:
    world = ControllerHarness().settle().set_standby(Verdict.SICK)
    world.run(1)
    harness = CliHarness(world)
    result = harness.run("failover", *DRILL)
    assert result.exit_code == 1
    assert "Refused by the rule target-healthy" in result.stdout
    assert "--override target-healthy" in result.stdout
    assert read_output(harness.run("failover", *DRILL, "--json"))["refused_by"] == "target-healthy"


def test_rule_is_overridden_by_name() -> None:
    world = ControllerHarness().settle().set_standby(Verdict.SICK)
    world.run(1)
    harness = CliHarness(world)
    assert harness.run("failover", *DRILL, "--override", "target-healthy").exit_code == 0
    assert harness.requests()[0]["override"] == ["target-healthy"]


def test_rule_without_override_is_rejected() -> None:
    harness = CliHarness()
    assert harness.run("failover", *DRILL, "--override", "routing-readable").exit_code == 2
    assert harness.functions.events == []


def test_failback_is_stepped_by_default() -> None:
    harness = CliHarness(make_failed_over_world())
    assert "in steps of 10 %, 50 %, 100 %" in harness.run("failback", *DRILL).stdout
    harness = CliHarness(make_failed_over_world())
    assert "in steps" not in harness.run("failback", *DRILL, "--mode", "all-at-once").stdout


def test_failback_mode_is_shown() -> None:
    for arguments, phrase in (([], "Users move in steps"), (["--mode", "all-at-once"], "All users move at once")):
        result = CliHarness(make_failed_over_world(), terminal=True).run("failback", *arguments, types="over\nn\n")
        assert f"{phrase} from us-east-1 to ap-northeast-1." in unwrap_lines(result.stderr)
        assert LIMITATIONS[0] not in result.stderr


def test_move_in_progress_is_aborted() -> None:
    harness = CliHarness(start_move_in_progress(), terminal=True)
    result = harness.run("abort", types="wrong night\ny\n")
    assert result.exit_code == 0
    assert "Users return to ap-northeast-1" in unwrap_lines(result.stderr)
    harness.world.run(3)
    assert harness.world.user_location is RegionRole.PRIMARY


def test_abort_without_move_reports_it() -> None:
    harness = CliHarness()
    result = harness.run("abort", *DRILL)
    assert result.exit_code == 1
    assert "No move is under way; nothing to abort." in result.stdout


def test_unreadable_status_ends_before_confirmation() -> None:
    harness = CliHarness(terminal=True)
    harness.world.memory.lose_state()
    result = harness.run("failover", types="drill\ny\n")
    assert result.exit_code == 4
    assert "The controller has no state yet" in result.stderr
    assert harness.requests() == []


def test_move_is_followed_to_its_end() -> None:
    harness = CliHarness()
    result = harness.run("failover", *DRILL, "--wait")
    assert result.exit_code == 0
    assert result.stdout.startswith("All users are on us-east-1.\n")
    assert "Route 53 has accepted the change" in result.stderr
    assert harness.slept == [POLL_INTERVAL_SECONDS] * len(harness.slept)
    assert harness.slept


def test_stepped_failback_is_followed_through_all_steps() -> None:
    harness = CliHarness(make_failed_over_world())
    result = harness.run("failback", *DRILL, "--wait")
    assert result.exit_code == 0
    assert harness.world.user_location is RegionRole.PRIMARY
    assert "10 % of the users" in result.stderr
    assert "50 % of the users" in result.stderr


def test_waiting_script_gets_one_object_with_result() -> None:
    answer = read_output(CliHarness().run("failover", *DRILL, "--wait", "--json"))
    assert answer["done"] is True
    assert answer["message"] == "All users are on us-east-1."
    assert answer["status"]["active_region"] == "us-east-1"
    assert answer["token"].startswith("failover-")


def test_rolled_back_move_is_no_success() -> None:
    harness = CliHarness()
    harness.world.name_servers.freeze("ns-1.example.net")
    harness.on_sleep = make_aborting_round(harness.world)
    result = harness.run("failover", *DRILL, "--wait")
    assert result.exit_code == 6
    assert "The move did not reach us-east-1. Users are on ap-northeast-1." in result.stdout


def test_cancelled_move_is_no_success() -> None:
    harness = CliHarness()
    harness.world.fail_route_53(calls="zone.submit")
    harness.on_sleep = lambda: harness.world.set_standby(Verdict.SICK).run(1)
    assert harness.run("failover", *DRILL, "--wait").exit_code == 6


def test_abort_is_followed_to_original_region() -> None:
    result = CliHarness(start_move_in_progress()).run("abort", *DRILL, "--wait")
    assert result.exit_code == 0
    assert result.stdout.startswith("All users are on ap-northeast-1.\n")


def test_wait_timeout_leaves_move_running() -> None:
    harness = CliHarness()
    harness.world.name_servers.freeze("ns-1.example.net")
    harness.world.propagates_changes = False
    result = harness.run("failover", *DRILL, "--wait", "--timeout", "25")
    assert result.exit_code == 5
    assert "The move is still under way after 30 s. To follow it: failoverctl watch." in result.stdout
    assert harness.world.state.move


def test_unanswered_polls_are_tolerated() -> None:
    harness = CliHarness()
    timeout = {"errorMessage": "RequestId: 1 Error: Task timed out after 60.00 seconds"}
    harness.on_sleep = queue_outcomes_then_run(harness, timeout, timeout)
    result = harness.run("failover", *DRILL, "--wait")
    assert result.exit_code == 0
    assert result.stderr.count("The move continues; reading the status again.") == 1


def test_unreadable_status_does_not_end_following() -> None:
    harness = CliHarness()
    harness.on_sleep = queue_outcomes_then_run(harness, {"done": True, "status": {"problem": "x"}})
    assert harness.run("failover", *DRILL, "--wait").exit_code == 0


def test_failover_to_current_region_ends_immediately() -> None:
    harness = CliHarness(make_failed_over_world())
    result = harness.run("failover", *DRILL, "--wait")
    assert result.exit_code == 0
    assert harness.slept == []


def test_refused_move_is_not_followed() -> None:
    world = ControllerHarness().settle().set_standby(Verdict.SICK)
    world.run(1)
    harness = CliHarness(world)
    assert harness.run("failover", *DRILL, "--wait").exit_code == 1
    assert harness.slept == []


def make_aborting_round(world: ControllerHarness) -> Callable[[], object]:
    """Return a function that runs a round, and requests an abort after the first one."""
    tokens = ["u"]

    def run_round() -> None:
        world.run(1)
        if tokens:
            world.request("abort", reason="no", token=tokens.pop())

    return run_round


def queue_outcomes_then_run(harness: CliHarness, *outcomes: InvokeOutcome) -> Callable[[], object]:
    """Return a function that runs a round, and queues one of the outcomes for the next call."""
    pending = list(outcomes)

    def run_round() -> None:
        if pending:
            harness.queue_outcomes(pending.pop(0))
        harness.world.run(1)

    return run_round
