"""Drills on a schedule: off unless asked for, and asked for as the operator function takes it."""

import json
import re

import pytest

from failover.decision.drill import DrillKind
from failover.decision.request import MAX_HOLD_SECONDS, parse_request
from failover.timewindow import TimeWindow
from tests.unit.template.rendering import Rendering, load

PARAMETERS = load()["Parameters"]
OF_THE_SCHEDULE = {"Drills", "DrillScheduleRole"}


def test_no_drill_is_scheduled_unless_asked_for() -> None:
    assert not OF_THE_SCHEDULE & set(Rendering().deployed)
    assert set(Rendering(DrillSchedule="cron(0 2 ? * TUE#1 *)").deployed) >= OF_THE_SCHEDULE


@pytest.mark.parametrize("kind", DrillKind)
def test_a_firing_asks_for_what_the_operator_function_takes(kind: DrillKind) -> None:
    rendering = Rendering(DrillSchedule="cron(0 2 ? * TUE#1 *)", DrillKind=kind, DrillHoldSeconds="120")
    request = parse_request(json.loads(rendering.resource("Drills")["Target"]["Input"]))

    assert (request.kind, request.hold_seconds) == (kind, 120)
    assert "DrillSchedule" in request.reason


def test_each_firing_has_a_token_of_its_own_time() -> None:
    asked = json.loads(Rendering(DrillSchedule="cron(0 2 ? * TUE#1 *)").resource("Drills")["Target"]["Input"])

    assert "<aws.scheduler.scheduled-time>" in asked["token"]


def test_a_firing_is_tried_again_soon_or_not_at_all() -> None:
    schedule = Rendering(DrillSchedule="cron(0 2 ? * TUE#1 *)").resource("Drills")

    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 300}
    assert schedule["ScheduleExpressionTimezone"] == "UTC"


def test_the_kinds_and_the_hold_are_those_of_the_request() -> None:
    assert PARAMETERS["DrillKind"]["AllowedValues"] == list(DrillKind)
    assert PARAMETERS["DrillHoldSeconds"]["MaxValue"] == MAX_HOLD_SECONDS


@pytest.mark.parametrize(
    "window", ["Tue 02:00-05:00 UTC", "Tue,Thu 02:00-05:00 UTC", "Mon-Fri 22:00-02:00 UTC", "Sun 00:00-24:00 UTC"]
)
def test_a_window_that_the_template_takes_is_one_that_the_functions_understand(window: str) -> None:
    assert re.fullmatch(PARAMETERS["DrillWindow"]["AllowedPattern"], window)
    assert TimeWindow.parse(window).days


@pytest.mark.parametrize("window", ["Tue", "Tue 2:00-5:00 UTC", "Tue 02:00-05:00", "Tue 02:00-24:30 UTC"])
def test_a_window_that_says_no_time_is_refused_by_the_template(window: str) -> None:
    assert not re.fullmatch(PARAMETERS["DrillWindow"]["AllowedPattern"], window)


@pytest.mark.parametrize(
    ("schedule", "taken"),
    [
        ("cron(0 2 ? * TUE#1 *)", True),
        ("rate(30 days)", False),  # it would fire when it is created: a drill by a deploy
        ("at(2026-12-01T02:00:00)", True),
        ("", True),
        ("monthly", False),
        ("cron(", False),
        ("0 2 * * 2", False),
    ],
)
def test_a_schedule_is_what_the_scheduler_takes_and_begins_at_a_time_of_its_own(schedule: str, taken: bool) -> None:
    assert bool(re.fullmatch(PARAMETERS["DrillSchedule"]["AllowedPattern"], schedule)) is taken
