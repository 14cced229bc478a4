"""Drills on a schedule: off unless asked for, and asked for as the operator function takes it."""

import json
import re

import pytest

from cognito_failover.common.time_window import TimeWindow
from cognito_failover.core.model.drill import DrillKind
from cognito_failover.core.operator.request import MAX_HOLD_SECONDS, parse_request
from tests.unit.template.rendering import Rendering, load_template

PARAMETERS = load_template()["Parameters"]
SCHEDULE_PARAMETERS = {"Drills", "DrillRole"}


def test_drills_are_not_scheduled_by_default() -> None:
    assert not SCHEDULE_PARAMETERS & set(Rendering().deployed_resources)
    assert set(Rendering(DrillSchedule="cron(0 2 ? * TUE#1 *)").deployed_resources) >= SCHEDULE_PARAMETERS


@pytest.mark.parametrize("kind", DrillKind)
def test_schedule_sends_valid_operator_request(kind: DrillKind) -> None:
    rendering = Rendering(DrillSchedule="cron(0 2 ? * TUE#1 *)", DrillKind=kind, DrillHoldSeconds="120")
    request = parse_request(json.loads(rendering.get_resource("Drills")["Target"]["Input"]))

    assert (request.kind, request.hold_seconds) == (kind, 120)
    assert "DrillSchedule" in request.reason


def test_each_scheduled_request_has_its_own_token() -> None:
    asked = json.loads(Rendering(DrillSchedule="cron(0 2 ? * TUE#1 *)").get_resource("Drills")["Target"]["Input"])

    assert "<aws.scheduler.scheduled-time>" in asked["token"]


def test_failed_request_is_retried_soon_or_dropped() -> None:
    schedule = Rendering(DrillSchedule="cron(0 2 ? * TUE#1 *)").get_resource("Drills")

    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 300}
    assert schedule["ScheduleExpressionTimezone"] == "UTC"


def test_kinds_and_hold_time_match_request() -> None:
    assert PARAMETERS["DrillKind"]["AllowedValues"] == list(DrillKind)
    assert PARAMETERS["DrillHoldSeconds"]["MaxValue"] == MAX_HOLD_SECONDS


@pytest.mark.parametrize(
    "window", ["Tue 02:00-05:00 UTC", "Tue,Thu 02:00-05:00 UTC", "Mon-Fri 22:00-02:00 UTC", "Sun 00:00-24:00 UTC"]
)
def test_window_accepted_by_template_is_valid_for_functions(window: str) -> None:
    assert re.fullmatch(PARAMETERS["DrillWindow"]["AllowedPattern"], window)
    assert TimeWindow.parse(window).days


@pytest.mark.parametrize("window", ["Tue", "Tue 2:00-5:00 UTC", "Tue 02:00-05:00", "Tue 02:00-24:30 UTC"])
def test_invalid_window_is_rejected_by_template(window: str) -> None:
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
def test_schedule_is_valid_and_has_its_own_start_time(schedule: str, taken: bool) -> None:
    assert bool(re.fullmatch(PARAMETERS["DrillSchedule"]["AllowedPattern"], schedule)) is taken
