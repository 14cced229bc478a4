"""A controller of Tokyo and Virginia, what it may see and announce, and channels that do what a test wants."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from failover.decision.announcement import Announcement, Kind
from failover.decision.drill import Drill, DrillKind
from failover.decision.knowledge import Knowledge, Known
from failover.decision.move import Move, Progress
from failover.decision.state import State
from failover.levers.lever import Intent
from failover.probe.observation import Observation, Reading
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side, all_to
from failover.rounds.round import Report
from failover.settings import Settings

TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
NOW = 1_782_900_000.0
LONG_AGO = NOW - 86_400


def settings(**changes: Any) -> Settings:
    usual: dict[str, Any] = {
        "primary_region": TOKYO,
        "standby_region": VIRGINIA,
        "user_pool_id": f"{TOKYO}_AbCdEfGhI",
        "client_id": "client",
        "canary_secret_arn": f"arn:aws:secretsmanager:{VIRGINIA}:123456789012:secret:canary-AbCdEf",
        "hosted_zone_id": "Z123",
        "domain_name": "auth.example.com",
        "primary_target": "d-tokyo.example.net",
        "standby_target": "d-virginia.example.net",
        "table_name": "ledger",
        "topic_arn": f"arn:aws:sns:{VIRGINIA}:123456789012:notifications",
    }
    return Settings(**{**usual, **changes})


def move(**changes: Any) -> Move:
    """Give a finished automatic failover, 62 s from its first sick round to its confirmation."""
    intent = Intent(before=({"Name": "auth.example.com."},), after=(), weights=all_to(Side.STANDBY))
    usual: dict[str, Any] = {
        "id": "to-us-east-1-1782900000",
        "source": Side.PRIMARY,
        "target": Side.STANDBY,
        "automatic": True,
        "reason": f"{TOKYO} has been sick for 3 rounds.",
        "requested_by": "controller",
        "suspected_at": NOW - 62,
        "decided_at": NOW - 42,
        "step_began_at": NOW - 42,
        "first_submitted_at": NOW - 41,
        "first_in_sync_at": NOW - 5,
        "progress": Progress(intent=intent, submitted_at=NOW - 41, change_id="C1", in_sync_at=NOW - 5),
        "records_confirmed_at": NOW,
    }
    return Move(**{**usual, **changes})


def drill(**changes: Any) -> Drill:
    """Give a switchover that is on its way there."""
    usual: dict[str, Any] = {
        "id": "drill-switchover-1782900000",
        "kind": DrillKind.SWITCHOVER,
        "reason": "Monthly drill",
        "requested_by": "Aiko",
        "started_at": NOW - 60,
        "stage_since": NOW - 60,
    }
    return Drill(**{**usual, **changes})


def announcement(kind: Kind = Kind.MOVE_CONFIRMED, **changes: Any) -> Announcement:
    usual: dict[str, Any] = {"kind": kind, "at": NOW, "sentence": "All users are on us-east-1."}
    if kind.value.startswith(("move-", "step-")):
        usual["move"] = move()
    return Announcement(**{**usual, **changes})


def state(**changes: Any) -> State:
    usual: dict[str, Any] = {
        "born_at": LONG_AGO,
        "active": Side.PRIMARY,
        "active_since": LONG_AGO,
        "weights": all_to(Side.PRIMARY),
    }
    return State(**{**usual, **changes})


def reading(verdict: Verdict = Verdict.HEALTHY, **changes: Any) -> Reading:
    usual: dict[str, Any] = {
        "verdict": verdict,
        "detail": "It signed the canary in.",
        "login_verdict": verdict,
        "login_latency_seconds": 0.25,
    }
    return Reading(**{**usual, **changes})


def report(*, primary: Reading | None = None, standby: Reading | None = None, **changes: Any) -> Report:
    """Give what a calm round came to, unless a test says otherwise."""
    readings = PerSide(primary=primary or reading(), standby=standby or reading())
    usual: dict[str, Any] = {
        "observation": Observation(observer=VIRGINIA, observed_at=NOW, readings=readings, witness_answered=True),
        "knowledge": Knowledge(
            sides=PerSide(
                primary=Known(verdict=readings.primary.verdict, observed_at=NOW, detail=readings.primary.detail),
                standby=Known(verdict=readings.standby.verdict, observed_at=NOW, detail=readings.standby.detail),
            ),
            cut_off=False,
        ),
        "state": state(),
        "reason": "ap-northeast-1 serves and is healthy.",
        "silence_seconds": 10.0,
    }
    return Report(**{**usual, **changes})


class Recorder:
    """A channel that keeps what it is given, after doing what a test wants it to do first."""

    def __init__(self, name: str = "recorder", before: Callable[[Announcement], None] = lambda _: None) -> None:
        self.name = name
        self.before = before
        self.tried: list[Announcement] = []
        self.sent: list[Announcement] = []
        self.states: list[State | None] = []
        self.unwanted: frozenset[Kind] = frozenset()

    def wants(self, announcement: Announcement) -> bool:
        return announcement.kind not in self.unwanted

    def send(self, announcement: Announcement, state: State | None) -> None:
        self.tried.append(announcement)
        self.before(announcement)
        self.states.append(state)
        self.sent.append(announcement)


def refuse(_: Announcement) -> None:
    raise ConnectionError("no way out")


def lines(text: str) -> list[dict[str, Any]]:
    """Read what was written, one JSON object a line."""
    return [json.loads(line) for line in text.splitlines()]


def with_move(of: Announcement, **changes: Any) -> Announcement:
    assert of.move
    return replace(of, move=replace(of.move, **changes))
