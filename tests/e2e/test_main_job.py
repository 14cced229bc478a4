"""The main job, deployed: a Region dies, sign-in moves to the replica by itself, and back when a person says so."""

import json
import re
from collections.abc import Iterator

import pytest

from demo.onlooker import Onlooker, Seen
from demo.story import Story
from tests.e2e.lab import Lab, lab

pytestmark = pytest.mark.timeout(420)

DECIDED_WITHIN_SECONDS = 40
"""10 s to the next round, two intervals, one deadline of 5 s, and 5 s for the hand-over between two invocations."""


@pytest.fixture(scope="module")
def stage() -> Iterator[Lab]:
    with lab() as deployed:
        yield deployed


@pytest.fixture(scope="module")
def seen(stage: Lab) -> Seen:
    """Play the whole story once, at default settings."""
    told: list[str] = []
    onlooker = Onlooker(stage.deployment)
    with onlooker.people.signing_in():
        return Story(onlooker, told.append).play()


def test_sign_in_moves_without_a_human_and_returns_by_hand(stage: Lab, seen: Seen) -> None:
    there, back = seen.moves

    assert (there["from"], there["to"], there["automatic"]) == (stage.primary, stage.standby, True)
    assert (back["from"], back["to"], back["automatic"]) == (stage.standby, stage.primary, False)


def test_the_move_is_decided_in_time(seen: Seen) -> None:
    assert 0 < seen.stages_seconds["decide"] <= DECIDED_WITHIN_SECONDS


def test_nobody_fails_to_sign_in_once_somebody_did_on_the_replica(seen: Seen) -> None:
    assert seen.sign_ins["attempted"] > seen.sign_ins["failed"] > 0
    assert seen.sign_ins["failed_after_recovery"] == 0


def test_the_name_servers_moved_twice_and_not_once_more(stage: Lab, seen: Seen) -> None:  # noqa: ARG001 - once played
    settled = [regions for regions in stage.watch.since(0) if regions in {stage.primary, stage.standby}]

    assert settled == [stage.primary, stage.standby, stage.primary]


def test_people_are_told_of_each_move_once(stage: Lab, seen: Seen) -> None:
    there, back = seen.moves
    arrived = [message for message in stage.inbox.messages() if message.kind.startswith("move-")]

    assert [message.kind for message in arrived] == ["move-decided", "move-confirmed"] * 2
    assert arrived[1].subject == f"Sign-in moved to {stage.standby} (automatic) - auth.example.com"
    assert arrived[3].subject == f"Sign-in moved to {stage.primary} (by hand) - auth.example.com"
    assert there["reason"] in arrived[0].body
    assert back["reason"] in arrived[2].body
    assert f"WHAT DOES NOT WORK ON {stage.standby}" in arrived[1].body
    assert "WHAT DOES NOT WORK" not in arrived[3].body


def test_programs_are_told_of_every_transition_of_each_move(stage: Lab, seen: Seen) -> None:
    of_moves = [event["detail"] for event in stage.inbox.events() if event["detail"]["move"]]

    assert [detail["kind"] for detail in of_moves] == ["move-decided", "move-submitted", "move-confirmed"] * 2
    assert [detail["move"]["to"] for detail in of_moves] == [move["to"] for move in seen.moves for _ in range(3)]


def test_the_log_can_be_followed_by_the_moves_id(stage: Lab, seen: Seen) -> None:  # noqa: ARG001 - once played
    decided = next(event["detail"] for event in stage.inbox.events() if event["detail"]["kind"] == "move-decided")
    lines = [json.loads(line) for line in stage.log().splitlines() if f'"{decided["move"]["id"]}"' in line]

    assert {line["correlation_id"] for line in lines} == {decided["move"]["id"]}
    assert lines[0]["message"].startswith(decided["sentence"])


def test_the_move_is_measured(stage: Lab, seen: Seen) -> None:
    metrics = stage.client("cloudwatch").list_metrics(Namespace="CognitoFailover")["Metrics"]
    measured = {metric["MetricName"] for metric in metrics}

    assert {"MoveDecided", "MoveSubmitted", "MoveConfirmed", "RoundDuration", "State", "ActiveRegion"} <= measured
    assert {"Healthy", "Sick", "LoginLatency"} <= measured
    assert seen.moves  # they are of the moves that were seen


def test_the_log_tells_no_password_and_no_token(stage: Lab, seen: Seen) -> None:  # noqa: ARG001 - once played
    secrets = stage.client("secretsmanager")
    passwords = [
        json.loads(secrets.get_secret_value(SecretId=user.secret_arn)["SecretString"])["password"]
        for user in (stage.set_up.canary, stage.set_up.person)
    ]
    log = stage.log()

    assert "correlation_id" in log
    assert not [password for password in passwords if password in log]
    assert not re.search(r"eyJ[\w-]{10,}", log)
