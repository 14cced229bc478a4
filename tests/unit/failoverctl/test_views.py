"""The views on a terminal of 80 columns."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.drill import DrillOutcome
from cognito_failover.core.verdict import Verdict
from failoverctl.views.status import describe_automation, describe_move, render_status
from tests.support.controller_harness import ControllerHarness
from tests.support.drill_requests import get_ended_drill, request_drill
from tests.unit.failoverctl.cli_harness import CliHarness


def render_text(status: dict[str, Any], *, now: float) -> str:
    console = Console(width=80, color_system=None)
    with console.capture() as capture:
        for part in render_status(status, datetime.fromtimestamp(now, UTC)):
            console.print(part)
    return capture.get()


def render_on_one_line(status: dict[str, Any], world: ControllerHarness) -> str:
    return " ".join(render_text(status, now=world.clock.now).split())


def render_world(world: ControllerHarness) -> str:
    return render_text(world.request("status")["status"], now=world.clock.now)


def test_first_lines_show_most_important_facts() -> None:
    first, second = render_world(ControllerHarness().settle()).splitlines()[:2]
    assert first == "auth.example.com: steady, ap-northeast-1 active for 1 min 20 s"
    assert second == "ap-northeast-1 serves and is healthy. us-east-1 stands by and is healthy."


def test_first_line_shows_where_users_are_then_why_automation_is_on_hold() -> None:
    world = ControllerHarness().settle()
    world.edit_weights(128, 127)
    world.run(14)
    first = render_on_one_line(world.request("status")["status"], world)
    assert re.match(
        r"auth.example.com: DNS sends 50 % of the users .*; automation is on hold: the records were changed "
        r"externally: .*; held, ap-northeast-1 active for",
        first,
    )


def test_headline_of_an_older_function_is_the_phase() -> None:
    world = ControllerHarness().settle()
    status = world.request("status")["status"]
    del status["headline"]
    assert render_text(status, now=world.clock.now).startswith("auth.example.com: steady, ")


def test_both_regions_are_shown_with_role_share_and_verdict() -> None:
    world = ControllerHarness().settle().set_standby(Verdict.SICK)
    world.run(2)
    rows = [" ".join(line.split()) for line in render_world(world).splitlines()]
    assert any(row.startswith("ap-northeast-1 primary 100 % healthy") for row in rows)
    assert "us-east-1 standby 0 % sick 2 rounds, 20 s" in rows


def test_lines_fit_terminal_width() -> None:
    world = ControllerHarness().settle().set_primary(Verdict.SICK)
    world.run(4)
    assert max(len(line) for line in render_world(world).splitlines()) <= 80


def test_lever_test_is_shown_as_round_trip() -> None:
    world = ControllerHarness(recovery_rounds=6, latches=(SteeredName.RECORDS,)).settle()
    request_drill(world, "lever-test")
    world.run(60)
    assert get_ended_drill(world).outcome is DrillOutcome.SUCCEEDED
    assert "Last move ap-northeast-1 to us-east-1 and back, by Aiko" in render_on_one_line(
        world.request("status")["status"], world
    )


def test_rolled_back_move_is_shown_as_such_for_older_function() -> None:
    world = ControllerHarness(recovery_rounds=6, latches=(SteeredName.RECORDS,)).settle()
    request_drill(world, "lever-test")
    world.run(60)
    status = world.request("status")["status"]
    del status["last_move"]["by_way_of"]
    assert "Last move back to ap-northeast-1, by Aiko" in render_on_one_line(status, world)


def test_shares_after_move_are_shown_from_the_next_look_on() -> None:
    world = ControllerHarness().settle()
    world.invoke_operator("failover", reason="drill", token="t", requested_by="Aiko")
    assert "us-east-1 standby - healthy" in " ".join(render_world(world).split())
    world.run(8)
    text = " ".join(render_world(world).split())
    assert "us-east-1 standby 100 % healthy" in text
    assert "Last move ap-northeast-1 to us-east-1, by Aiko" in text
    assert "): drill" in text


def test_shares_during_move_are_those_in_dns() -> None:
    world = ControllerHarness(recovery_rounds=6).settle()
    world.invoke_operator("failover", reason="drill", token="t", requested_by="Aiko")
    world.run(10)
    world.invoke_operator("failback", reason="drill", token="u", requested_by="Aiko")
    shares: list[str] = []
    for _ in range(60):
        row = next(line for line in render_world(world).splitlines() if "standby  " in line)
        share = row.split("standby")[1].split("healthy")[0].strip()
        if share not in shares[-1:]:
            shares.append(share)
        world.run(1)
    assert [share for share in shares if not share.startswith("about ")] == ["-", "0 %"]
    assert shares[0].startswith("about ")


def test_shares_come_from_dns_whatever_weights_and_latches_say() -> None:
    world = ControllerHarness(latches=[SteeredName.RECORDS]).settle()
    status = world.request("status")["status"]
    status["latches"]["records"] |= {"thrown": True, "set_at": "2027-01-15T08:00:00.000Z"}
    status["location"]["records"] |= {
        "shares_percent": {"ap-northeast-1": 0, "us-east-1": 100},
        "differs_since": "2027-01-15T08:00:00.000Z",
    }
    text = " ".join(render_text(status, now=world.clock.now).split())
    assert "us-east-1 standby 100 % healthy" in text
    assert "ap-northeast-1 primary 0 % healthy" in text
    assert "Users of auth.example.com: 100 % on us-east-1, located in DNS 10 s ago by 2 of 2 name servers" in text
    assert "Latch records: attached, thrown at 2027-01-15 08:00:00 UTC" in text


def test_names_with_different_users_are_shown_apart() -> None:
    world = ControllerHarness(latches=[SteeredName.RECORDS, SteeredName.DOMAIN]).settle()
    status = world.request("status")["status"]
    status["location"]["domain"] |= {
        "domain": "login.example.com",
        "shares_percent": {"ap-northeast-1": 0, "us-east-1": 100},
    }
    text = " ".join(render_text(status, now=world.clock.now).split())
    assert "ap-northeast-1 primary see below healthy" in text
    assert "of auth.example.com: 100 % on ap-northeast-1" in text
    assert "of login.example.com: 100 % on us-east-1" in text
    assert "presumed from the latch's TXT record" in text


def test_users_without_a_location_are_not_guessed() -> None:
    world = ControllerHarness().settle()
    status = world.request("status")["status"]
    status["location"] = {}
    assert "ap-northeast-1 primary - healthy" in " ".join(render_text(status, now=world.clock.now).split())


def test_replication_lag_is_shown_with_measurement_time() -> None:
    world = ControllerHarness().settle()
    status = world.request("status")["status"]
    assert "Replica" not in render_text(status, now=world.clock.now)
    status["replication_lag"] |= {"lag_seconds": 1.2, "measured_at": "2027-01-15T08:00:00.000Z"}
    assert "Replica 1.2 s behind, measured at 2027-01-15 08:00:00 UTC" in render_on_one_line(status, world)
    status["replication_lag"] |= {"lag_seconds": 95.0, "at_least": True}
    assert "Replica more than 1 min 35 s behind, measured at" in render_on_one_line(status, world)


def test_reason_for_unmeasured_lag_is_shown() -> None:
    world = ControllerHarness().settle()
    status = world.request("status")["status"]
    status["replication_lag"] |= {"last_error": "The app client may not write updated_at."}
    assert "Replica the lag was not measured: The app client may not write" in render_on_one_line(status, world)


def test_problem_with_records_is_shown() -> None:
    world = ControllerHarness().settle()
    status = world.request("status")["status"]
    status["weights"]["problem"] = "There are three records."
    assert "problem: There are three records." in " ".join(render_text(status, now=world.clock.now).split())


def test_move_in_progress_is_shown_with_progress() -> None:
    world = ControllerHarness().settle()
    world.name_servers.freeze("ns-1.example.net")
    world.request("failover", reason="drill", token="t", requested_by="Aiko")
    decided = describe_move(world.request("status")["status"]["move"])
    world.run(1)
    submitted = describe_move(world.request("status")["status"]["move"])
    assert "decided, not submitted yet; steps left: 100 %. Reason: drill" in decided
    assert submitted.startswith("ap-northeast-1 to us-east-1, by Aiko, for ")
    assert "not submitted" not in submitted


UNBLOCKED_STATUS: dict[str, Any] = {
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
        ({}, "on (0 of 2 automatic moves in 24 h)"),
        ({"observe_only": True}, "observe-only"),
        ({"blocked_by": "cool-down"}, "a move is due, but the rule cool-down blocks it"),
        ({"cool_down_until": AT}, "cool-down until 2027-01-15 08:00:00 UTC"),
        ({"waits_for_acknowledgement": {"since": AT, "reason": "edited"}}, "waits for an acknowledgement since"),
        (
            {"paused": {"until": AT, "reason": "deploy", "requested_by": "Bo"}},
            "paused by Bo until 2027-01-15 08:00:00 UTC: deploy",
        ),
    ],
)
def test_automation_blocker_is_named(change: dict[str, Any], sentence: str) -> None:
    assert sentence in describe_automation(UNBLOCKED_STATUS | change)


def test_file_output_keeps_sentence_on_one_line() -> None:
    result = CliHarness().run("observe-only", "--reason", "word " * 60)
    assert len(result.stdout.splitlines()) == 1


def test_observer_error_code_is_shown() -> None:
    world = ControllerHarness().settle()
    status = world.request("status")["status"]
    assert "Error" not in render_text(status, now=world.clock.now)
    [reading] = status["regions"]["ap-northeast-1"]["observers"].values()
    reading["code"] = "NotAuthorizedException"
    assert "Error NotAuthorizedException in ap-northeast-1, observed from us-east-1" in render_on_one_line(
        status, world
    )


def test_confirmed_step_is_not_left() -> None:
    world = ControllerHarness(weights=(0, 255)).settle()
    world.request("failback", reason="home", token="t")
    while not (world.state.move and world.state.move.records_confirmed_at):
        world.run(1)
    move = world.request("status")["status"]["move"]
    assert "confirmed; steps left: 50 %, 100 %." in describe_move(move)
    assert move["last_error"] == "", "a step that advances has no trouble"
