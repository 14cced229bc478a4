"""What a person reads, on a terminal of 80 columns."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from failover.decision.drill import DrillOutcome
from failover.levers.latch import LatchName
from failover.probe.verdict import Verdict
from failoverctl.views.status import automation, move_text, status_view
from tests.support.drills import drill, ended
from tests.support.world import World
from tests.unit.failoverctl.stage import Stage


def shown(status: dict[str, Any], *, now: float) -> str:
    console = Console(width=80, color_system=None)
    with console.capture() as capture:
        for part in status_view(status, datetime.fromtimestamp(now, UTC)):
            console.print(part)
    return capture.get()


def one_line(status: dict[str, Any], world: World) -> str:
    return " ".join(shown(status, now=world.clock.now).split())


def of(world: World) -> str:
    return shown(world.request("status")["status"], now=world.clock.now)


def test_the_first_lines_say_what_matters_most() -> None:
    first, second = of(World().settle()).splitlines()[:2]
    assert first == "auth.example.com: steady, ap-northeast-1 serves for 1 min 20 s"
    assert second == "ap-northeast-1 serves and is healthy. us-east-1 stands by and is healthy."


def test_both_regions_stand_with_part_share_and_verdict() -> None:
    world = World().settle().standby(Verdict.SICK)
    world.run(2)
    rows = [" ".join(line.split()) for line in of(world).splitlines()]
    assert any(row.startswith("ap-northeast-1 primary 100 % healthy") for row in rows)
    assert "us-east-1 standby 0 % sick 2 rounds, 20 s" in rows


def test_no_line_is_wider_than_the_terminal() -> None:
    world = World().settle().primary(Verdict.SICK)
    world.run(4)
    assert max(len(line) for line in of(world).splitlines()) <= 80


def test_after_the_test_of_a_lever_users_went_there_and_back_and_not_from_a_region_to_itself() -> None:
    world = World(recovery_rounds=6, latches=(LatchName.RECORDS,)).settle()
    drill(world, "lever-test")
    world.run(60)
    assert ended(world).outcome is DrillOutcome.CLEAN
    assert "Last move ap-northeast-1 to us-east-1 and back, by Aiko" in one_line(
        world.request("status")["status"], world
    )


def test_a_move_that_came_back_is_shown_as_such_also_if_an_older_function_does_not_say_by_which_way() -> None:
    world = World(recovery_rounds=6, latches=(LatchName.RECORDS,)).settle()
    drill(world, "lever-test")
    world.run(60)
    status = world.request("status")["status"]
    del status["last_move"]["by_way_of"]
    assert "Last move back to ap-northeast-1, by Aiko" in one_line(status, world)


def test_after_a_move_the_shares_are_those_that_were_confirmed() -> None:
    world = World().settle()
    world.ask("failover", reason="drill", token="t", requested_by="Aiko")
    text = " ".join(of(world).split())
    assert "us-east-1 standby 100 % healthy" in text
    assert "Last move ap-northeast-1 to us-east-1, by Aiko" in text
    assert "): drill" in text


def test_during_a_move_the_shares_are_those_it_goes_to_and_then_those_it_has_confirmed() -> None:
    world = World(recovery_rounds=6).settle()
    world.ask("failover", reason="drill", token="t", requested_by="Aiko")
    world.run(10)
    world.ask("failback", reason="drill", token="u", requested_by="Aiko")
    seen: list[str] = []
    for _ in range(60):
        row = next(line for line in of(world).splitlines() if "standby  " in line)
        share = row.split("standby")[1].split("healthy")[0].strip()
        if share not in seen[-1:]:
            seen.append(share)
        world.run(1)
    assert seen == ["to 90 %", "90 %", "to 50 %", "50 %", "0 %"]


def test_with_a_thrown_latch_no_share_is_made_up_from_weights() -> None:
    world = World(latches=[LatchName.RECORDS]).settle()
    status = world.request("status")["status"]
    status["latches"]["records"] |= {"thrown": True, "set_at": "2027-01-15T08:00:00.000Z"}
    status["active_region"] = "us-east-1"
    text = " ".join(shown(status, now=world.clock.now).split())
    assert "us-east-1 standby serves healthy" in text
    assert "ap-northeast-1 primary - healthy" in text
    assert "Latch records: attached, thrown at 2027-01-15 08:00:00 UTC" in text


def test_a_latch_that_is_not_attached_moves_nobody_from_their_weights() -> None:
    world = World(latches=[LatchName.RECORDS]).settle()
    status = world.request("status")["status"]
    status["latches"]["records"] |= {"thrown": True, "set_at": "2027-01-15T08:00:00.000Z", "attached": False}
    assert "ap-northeast-1 primary 100 % healthy" in " ".join(shown(status, now=world.clock.now).split())


def test_the_replicas_lag_is_shown_with_when_it_was_measured() -> None:
    world = World().settle()
    status = world.request("status")["status"]
    assert "Replica" not in shown(status, now=world.clock.now)
    status["freshness"] |= {"lag_seconds": 1.2, "measured_at": "2027-01-15T08:00:00.000Z"}
    assert "Replica 1.2 s behind, measured at 2027-01-15 08:00:00 UTC" in one_line(status, world)
    status["freshness"] |= {"lag_seconds": 95.0, "at_least": True}
    assert "Replica more than 1 min 35 s behind, measured at" in one_line(status, world)


def test_why_the_lag_is_not_measured_is_shown() -> None:
    world = World().settle()
    status = world.request("status")["status"]
    status["freshness"] |= {"trouble": "The app client may not write updated_at."}
    assert "Replica its lag is not measured: The app client may not write" in one_line(status, world)


def test_a_problem_with_the_records_is_said() -> None:
    world = World().settle()
    status = world.request("status")["status"]
    status["weights"]["problem"] = "There are three records."
    assert "problem: There are three records." in " ".join(shown(status, now=world.clock.now).split())


def test_a_move_under_way_says_how_far_it_is() -> None:
    world = World().settle()
    world.servers.hold_back("ns-1.example.net")
    world.request("failover", reason="drill", token="t", requested_by="Aiko")
    decided = move_text(world.request("status")["status"]["move"])
    world.run(1)
    submitted = move_text(world.request("status")["status"]["move"])
    assert "decided, not submitted yet; steps left: 100 %. Reason: drill" in decided
    assert submitted.startswith("ap-northeast-1 to us-east-1, by Aiko, for ")
    assert "not submitted" not in submitted


FREE: dict[str, Any] = {
    "blocked_by": "",
    "paused": None,
    "observe_only": False,
    "waits_for_acknowledgement": None,
    "cool_down_until": None,
    "automatic_moves_within_a_day": 0,
    "automatic_moves_allowed_a_day": 2,
}
AT = "2027-01-15T08:00:00.000Z"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "on (0 of 2 moves of the day made)"),
        ({"observe_only": True}, "observes only"),
        ({"blocked_by": "cool-down"}, "a move is wanted, and blocked by the rule cool-down"),
        ({"cool_down_until": AT}, "cools down until 2027-01-15 08:00:00 UTC"),
        ({"waits_for_acknowledgement": {"since": AT, "reason": "edited"}}, "waits for an acknowledgement since"),
        (
            {"paused": {"until": AT, "reason": "deploy", "requested_by": "Bo"}},
            "paused by Bo until 2027-01-15 08:00:00 UTC: deploy",
        ),
    ],
)
def test_what_stops_automation_is_named(change: dict[str, Any], sentence: str) -> None:
    assert sentence in automation(FREE | change)


def test_a_sentence_in_a_file_stays_on_its_line() -> None:
    result = Stage().run("observe-only", "--reason", "word " * 60)
    assert len(result.stdout.splitlines()) == 1


def test_what_an_observer_met_is_named() -> None:
    world = World().settle()
    status = world.request("status")["status"]
    assert "Error" not in shown(status, now=world.clock.now)
    [reading] = status["regions"]["ap-northeast-1"]["observers"].values()
    reading["code"] = "NotAuthorizedException"
    assert "Error NotAuthorizedException of ap-northeast-1, seen from us-east-1" in one_line(status, world)
