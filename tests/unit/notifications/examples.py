"""A controller of Tokyo and Virginia, what it may see and announce, and channels that do what a test wants."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.core.consensus import Consensus, RegionConsensus
from cognito_failover.core.model.drill import Drill, DrillKind
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import Move, Progress
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation, Reading
from cognito_failover.core.ports.lever import Intent
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings

TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
NOW = 1_782_900_000.0
LONG_AGO = NOW - 86_400


def make_settings(**changes: Any) -> Settings:
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


def make_move(**changes: Any) -> Move:
    """Give a finished automatic failover, 62 s from its first sick round to its confirmation."""
    intent = Intent(before=({"Name": "auth.example.com."},), after=(), weights=route_all_to(RegionRole.STANDBY))
    usual: dict[str, Any] = {
        "id": "to-us-east-1-1782900000",
        "source": RegionRole.PRIMARY,
        "target": RegionRole.STANDBY,
        "is_automatic": True,
        "reason": f"{TOKYO} has been sick for 3 rounds.",
        "requested_by": "controller",
        "suspected_at": NOW - 62,
        "decided_at": NOW - 42,
        "step_started_at": NOW - 42,
        "first_submitted_at": NOW - 41,
        "first_in_sync_at": NOW - 5,
        "progress": Progress(intent=intent, submitted_at=NOW - 41, change_id="C1", in_sync_at=NOW - 5),
        "records_confirmed_at": NOW,
    }
    return Move(**{**usual, **changes})


def make_drill(**changes: Any) -> Drill:
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


def make_event(kind: EventKind = EventKind.MOVE_CONFIRMED, **changes: Any) -> Event:
    usual: dict[str, Any] = {"kind": kind, "at": NOW, "message": "All users are on us-east-1."}
    if kind.value.startswith(("move-", "step-")):
        usual["move"] = make_move()
    return Event(**{**usual, **changes})


def make_state(**changes: Any) -> ControllerState:
    usual: dict[str, Any] = {
        "created_at": LONG_AGO,
        "active_role": RegionRole.PRIMARY,
        "active_since": LONG_AGO,
        "weights": route_all_to(RegionRole.PRIMARY),
    }
    return ControllerState(**{**usual, **changes})


def make_reading(verdict: Verdict = Verdict.HEALTHY, **changes: Any) -> Reading:
    usual: dict[str, Any] = {
        "verdict": verdict,
        "detail": "It signed the canary in.",
        "login_verdict": verdict,
        "login_latency_seconds": 0.25,
    }
    return Reading(**{**usual, **changes})


def make_round_result(*, primary: Reading | None = None, standby: Reading | None = None, **changes: Any) -> RoundResult:
    """Give what a calm round came to, unless a test says otherwise."""
    readings = PerRole(primary=primary or make_reading(), standby=standby or make_reading())
    usual: dict[str, Any] = {
        "observation": Observation(observer=VIRGINIA, observed_at=NOW, readings=readings, witness_answered=True),
        "consensus": Consensus(
            roles=PerRole(
                primary=RegionConsensus(
                    verdict=readings.primary.verdict, observed_at=NOW, detail=readings.primary.detail
                ),
                standby=RegionConsensus(
                    verdict=readings.standby.verdict, observed_at=NOW, detail=readings.standby.detail
                ),
            ),
            is_isolated=False,
        ),
        "state": make_state(),
        "reason": "ap-northeast-1 serves and is healthy.",
        "silence_seconds": 10.0,
    }
    return RoundResult(**{**usual, **changes})


class RecordingChannel:
    """A channel that keeps what it is given, after doing what a test wants it to do first."""

    def __init__(self, name: str = "recorder", before: Callable[[Event], None] = lambda _: None) -> None:
        self.name = name
        self.before_send = before
        self.attempted: list[Event] = []
        self.sent: list[Event] = []
        self.states: list[ControllerState | None] = []
        self.rejected_kinds: frozenset[EventKind] = frozenset()

    def accepts(self, event: Event) -> bool:
        return event.kind not in self.rejected_kinds

    def send(self, event: Event, state: ControllerState | None) -> None:
        self.attempted.append(event)
        self.before_send(event)
        self.states.append(state)
        self.sent.append(event)


def refuse_event(_: Event) -> None:
    raise ConnectionError("no way out")


def parse_lines(text: str) -> list[dict[str, Any]]:
    """Read what was written, one JSON object a line."""
    return [json.loads(line) for line in text.splitlines()]


def replace_move(of: Event, **changes: Any) -> Event:
    assert of.move
    return replace(of, move=replace(of.move, **changes))
