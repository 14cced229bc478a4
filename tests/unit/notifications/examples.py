"""Settings, states and events of a controller with Tokyo as primary and Virginia as standby, and test channels."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.core.consensus import Consensus, RegionConsensus
from cognito_failover.core.model.drill import Drill, DrillKind
from cognito_failover.core.model.event import Event, EventKind
from cognito_failover.core.model.move import Move, Progress
from cognito_failover.core.model.records import Intent
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.observation import Observation, Reading
from cognito_failover.core.round_result import RoundResult
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings

TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
NOW = 1_782_900_000.0
LONG_AGO = NOW - 86_400


def make_settings(**changes: Any) -> Settings:
    defaults: dict[str, Any] = {
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
    return Settings(**{**defaults, **changes})


def make_move(**changes: Any) -> Move:
    """Return a finished automatic failover, confirmed 62 s after its first sick round."""
    intent = Intent(before=({"Name": "auth.example.com."},), after=(), weights=route_all_to(RegionRole.STANDBY))
    defaults: dict[str, Any] = {
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
    return Move(**{**defaults, **changes})


def make_drill(**changes: Any) -> Drill:
    """Return a switchover that is moving users to the standby."""
    defaults: dict[str, Any] = {
        "id": "drill-switchover-1782900000",
        "kind": DrillKind.SWITCHOVER,
        "reason": "Monthly drill",
        "requested_by": "Aiko",
        "started_at": NOW - 60,
        "stage_since": NOW - 60,
    }
    return Drill(**{**defaults, **changes})


def make_event(kind: EventKind = EventKind.MOVE_CONFIRMED, **changes: Any) -> Event:
    defaults: dict[str, Any] = {"kind": kind, "at": NOW, "message": "All users are on us-east-1."}
    if kind.value.startswith(("move-", "step-")):
        defaults["move"] = make_move()
    return Event(**{**defaults, **changes})


def make_state(**changes: Any) -> ControllerState:
    defaults: dict[str, Any] = {
        "created_at": LONG_AGO,
        "active_role": RegionRole.PRIMARY,
        "active_since": LONG_AGO,
        "weights": route_all_to(RegionRole.PRIMARY),
    }
    return ControllerState(**{**defaults, **changes})


def make_reading(verdict: Verdict = Verdict.HEALTHY, **changes: Any) -> Reading:
    defaults: dict[str, Any] = {
        "verdict": verdict,
        "detail": "It signed the canary in.",
        "login_verdict": verdict,
        "login_latency_seconds": 0.25,
    }
    return Reading(**{**defaults, **changes})


def make_round_result(*, primary: Reading | None = None, standby: Reading | None = None, **changes: Any) -> RoundResult:
    """Return the result of a round with both Regions healthy, unless a test changes it."""
    readings = PerRole(primary=primary or make_reading(), standby=standby or make_reading())
    defaults: dict[str, Any] = {
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
    return RoundResult(**{**defaults, **changes})


class RecordingChannel:
    """A channel that calls `before` with each event and then records it."""

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
    raise ConnectionError("refused")


def parse_lines(text: str) -> list[dict[str, Any]]:
    """Return the JSON object of each line."""
    return [json.loads(line) for line in text.splitlines()]


def replace_move(event: Event, **changes: Any) -> Event:
    assert event.move
    return replace(event, move=replace(event.move, **changes))
