"""What moves users: it is shown, asked, done once, and followed to its end."""

from collections.abc import Callable

import pytest

from failover.probe.verdict import Verdict
from failover.region import Side
from failover.signals.losses import lost_on_the_standby
from failoverctl.following import POLL_SECONDS
from tests.support.world import World
from tests.unit.failoverctl.stage import Outcome, Stage, said

LOSSES = list(lost_on_the_standby(primary="ap-northeast-1", sign_in_name="auth.example.com"))
DRILL = ("--yes", "--reason", "drill")


def failed_over() -> World:
    world = World().settle()
    world.ask("failover", reason="drill", token="t")
    world.run(1)
    return world


def under_way() -> World:
    """Return a world with a move that one name server does not follow."""
    world = World().settle()
    world.servers.hold_back("ns-1.example.net")
    world.request("failover", reason="drill", token="t")
    world.run(1)
    assert world.state.move
    return world


def unfolded(text: str) -> str:
    """Return what was said on a terminal, without its line ends."""
    return " ".join(text.split())


def test_a_failover_moves_all_users() -> None:
    stage = Stage()
    result = stage.run("failover", *DRILL)
    assert result.exit_code == 0
    assert "Traffic moves to us-east-1, asked for by aiko: drill" in result.stdout
    stage.world.run(3)
    assert stage.world.users is Side.STANDBY


def test_a_failover_by_script_asks_the_function_once() -> None:
    stage = Stage()
    stage.run("failover", *DRILL)
    assert [event["action"] for event in stage.functions.events] == ["failover"]


def test_a_person_is_shown_what_will_not_work_and_asked() -> None:
    stage = Stage(terminal=True)
    result = stage.run("failover", types="drill\ny\n")
    shown = unfolded(result.stderr)
    assert result.exit_code == 0
    assert "All users move at once from ap-northeast-1 to us-east-1." in shown
    assert [loss for loss in LOSSES if loss not in shown] == []
    assert "Move all users to the standby? [y/N]" in shown
    assert stage.asked()[0]["reason"] == "drill"


@pytest.mark.parametrize("typed", ["n\n", "\n"])
def test_nothing_is_asked_for_unless_the_person_says_yes(typed: str) -> None:
    stage = Stage(terminal=True)
    result = stage.run("failover", "--reason", "drill", types=typed)
    assert result.exit_code == 1
    assert "Nothing was asked for, nothing was changed." in result.stderr
    assert stage.asked() == []


@pytest.mark.parametrize("subcommand", ["failover", "failback", "abort"])
def test_no_script_moves_users_without_saying_that_it_is_sure(subcommand: str) -> None:
    stage = Stage()
    result = stage.run(subcommand, "--reason", "drill")
    assert result.exit_code == 2
    assert "Give --yes if you are sure." in result.stderr
    assert stage.functions.events == []


def test_a_person_is_warned_of_a_sick_target() -> None:
    world = World().settle().standby(Verdict.SICK)
    world.run(1)
    stage = Stage(world, terminal=True)
    assert "us-east-1 is sick:" in stage.run("failover", types="drill\nn\n").stderr


def test_a_refusal_names_its_rule_and_the_override() -> None:
    world = World().settle().standby(Verdict.SICK)
    world.run(1)
    stage = Stage(world)
    result = stage.run("failover", *DRILL)
    assert result.exit_code == 1
    assert "Refused by the rule target-serves" in result.stdout
    assert "--override target-serves" in result.stdout
    assert said(stage.run("failover", *DRILL, "--json"))["refused_by"] == "target-serves"


def test_a_rule_is_overridden_by_name() -> None:
    world = World().settle().standby(Verdict.SICK)
    world.run(1)
    stage = Stage(world)
    assert stage.run("failover", *DRILL, "--override", "target-serves").exit_code == 0
    assert stage.asked()[0]["override"] == ["target-serves"]


def test_a_rule_that_cannot_be_overridden_is_no_choice() -> None:
    stage = Stage()
    assert stage.run("failover", *DRILL, "--override", "world-understood").exit_code == 2
    assert stage.functions.events == []


def test_a_failback_is_in_steps_unless_told_otherwise() -> None:
    stage = Stage(failed_over())
    assert "in steps of 10 %, 50 %, 100 %" in stage.run("failback", *DRILL).stdout
    stage = Stage(failed_over())
    assert "in steps" not in stage.run("failback", *DRILL, "--pace", "in-one").stdout


def test_a_person_is_told_how_users_come_back() -> None:
    for arguments, how in (([], "Users move in steps"), (["--pace", "in-one"], "All users move at once")):
        result = Stage(failed_over(), terminal=True).run("failback", *arguments, types="over\nn\n")
        assert f"{how} from us-east-1 to ap-northeast-1." in unfolded(result.stderr)
        assert LOSSES[0] not in result.stderr


def test_a_move_under_way_is_taken_back() -> None:
    stage = Stage(under_way(), terminal=True)
    result = stage.run("abort", types="wrong night\ny\n")
    assert result.exit_code == 0
    assert "Users go back to ap-northeast-1" in unfolded(result.stderr)
    stage.world.run(3)
    assert stage.world.users is Side.PRIMARY


def test_with_nothing_to_take_back_it_says_so() -> None:
    stage = Stage()
    result = stage.run("abort", *DRILL)
    assert result.exit_code == 1
    assert "No move is under way; nothing to abort." in result.stdout


def test_nobody_is_asked_about_what_cannot_be_seen() -> None:
    stage = Stage(terminal=True)
    stage.world.memory.lose_state()
    result = stage.run("failover", types="drill\ny\n")
    assert result.exit_code == 4
    assert "The controller has no state yet" in result.stderr
    assert stage.asked() == []


def test_a_move_is_followed_to_its_end() -> None:
    stage = Stage()
    result = stage.run("failover", *DRILL, "--wait")
    assert result.exit_code == 0
    assert result.stdout.startswith("All users are on us-east-1.\n")
    assert "Route 53 has taken the change" in result.stderr
    assert stage.slept == [POLL_SECONDS] * len(stage.slept)
    assert stage.slept


def test_a_failback_in_steps_is_followed_through_all_of_them() -> None:
    stage = Stage(failed_over())
    result = stage.run("failback", *DRILL, "--wait")
    assert result.exit_code == 0
    assert stage.world.users is Side.PRIMARY
    assert "10 % of the users" in result.stderr
    assert "50 % of the users" in result.stderr


def test_a_script_that_waits_gets_one_object_with_the_end() -> None:
    answer = said(Stage().run("failover", *DRILL, "--wait", "--json"))
    assert answer["done"] is True
    assert answer["message"] == "All users are on us-east-1."
    assert answer["status"]["active_region"] == "us-east-1"
    assert answer["token"].startswith("failover-")


def test_a_move_that_goes_back_is_no_success() -> None:
    stage = Stage()
    stage.world.servers.hold_back("ns-1.example.net")
    stage.on_sleep = aborting(stage.world)
    result = stage.run("failover", *DRILL, "--wait")
    assert result.exit_code == 6
    assert "The move ended, and not where it was to go: ap-northeast-1 serves." in result.stdout


def test_a_move_that_is_withdrawn_is_no_success() -> None:
    stage = Stage()
    stage.world.route_53_fails(calls="zone.submit")
    stage.on_sleep = lambda: stage.world.standby(Verdict.SICK).run(1)
    assert stage.run("failover", *DRILL, "--wait").exit_code == 6


def test_an_abort_is_followed_to_where_users_came_from() -> None:
    result = Stage(under_way()).run("abort", *DRILL, "--wait")
    assert result.exit_code == 0
    assert result.stdout.startswith("All users are on ap-northeast-1.\n")


def test_waiting_has_an_end_and_the_move_goes_on() -> None:
    stage = Stage()
    stage.world.servers.hold_back("ns-1.example.net")
    stage.world.spreads = False
    result = stage.run("failover", *DRILL, "--wait", "--timeout", "25")
    assert result.exit_code == 5
    assert "The move is still under way after 30 s and goes on; failoverctl watch shows it." in result.stdout
    assert stage.world.state.move


def test_who_follows_a_move_bears_with_silence() -> None:
    stage = Stage()
    cut_off = {"errorMessage": "RequestId: 1 Error: Task timed out after 60.00 seconds"}
    stage.on_sleep = answering_first(stage, cut_off, cut_off)
    result = stage.run("failover", *DRILL, "--wait")
    assert result.exit_code == 0
    assert result.stderr.count("The move goes on; looking again.") == 1


def test_a_status_that_cannot_be_read_does_not_end_the_following() -> None:
    stage = Stage()
    stage.on_sleep = answering_first(stage, {"done": True, "status": {"problem": "x"}})
    assert stage.run("failover", *DRILL, "--wait").exit_code == 0


def test_a_failover_where_all_users_are_already_ends_at_once() -> None:
    stage = Stage(failed_over())
    result = stage.run("failover", *DRILL, "--wait")
    assert result.exit_code == 0
    assert stage.slept == []


def test_a_refused_move_is_not_waited_for() -> None:
    world = World().settle().standby(Verdict.SICK)
    world.run(1)
    stage = Stage(world)
    assert stage.run("failover", *DRILL, "--wait").exit_code == 1
    assert stage.slept == []


def aborting(world: World) -> Callable[[], object]:
    """Return rounds of a controller that is told, after the first, to take its move back."""
    tokens = ["u"]

    def a_round() -> None:
        world.run(1)
        if tokens:
            world.request("abort", reason="no", token=tokens.pop())

    return a_round


def answering_first(stage: Stage, *outcomes: Outcome) -> Callable[[], object]:
    """Return rounds of a controller whose function answers so at the first looks."""
    left = list(outcomes)

    def a_round() -> None:
        if left:
            stage.stage(left.pop(0))
        stage.world.run(1)

    return a_round
