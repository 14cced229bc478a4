"""An active drill, its move, and a state without problems, as a base for tests."""

from typing import Any

from cognito_failover.common.region import PerRole, RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.consensus import Consensus, RegionConsensus
from cognito_failover.core.model.drill import Drill, DrillKind, DrillOutcome, DrillStage
from cognito_failover.core.model.move import LeverName, Move, MoveMode, Progress
from cognito_failover.core.model.records import Intent
from cognito_failover.core.model.state import ControllerState, LatchState, SavedRecords, VerdictStreak
from cognito_failover.core.move.latches import LEVER_BY_LATCH
from cognito_failover.core.round_context import RoundContext
from cognito_failover.core.verdict import Verdict
from cognito_failover.settings.controller import Settings
from tests.support.memory_latch import LATCH_DNS_WATCH
from tests.support.settings import make_settings

NOW = 1_800_000_000.0
SETTINGS = make_settings()
HEALTHY, SICK, UNKNOWN = Verdict.HEALTHY, Verdict.SICK, Verdict.UNKNOWN
MOVING_OUT, ON_STANDBY, MOVING_BACK = DrillStage.MOVING_OUT, DrillStage.ON_STANDBY, DrillStage.MOVING_BACK
INTERRUPTED, ABORTED, SUCCEEDED = DrillOutcome.INTERRUPTED, DrillOutcome.ABORTED, DrillOutcome.SUCCEEDED
SAVED_PROGRESS = Progress(intent=Intent(before=(), after=(), weights=route_all_to(RegionRole.STANDBY)))


def make_consensus(primary: Verdict = HEALTHY, standby: Verdict = HEALTHY, *, isolated: bool = False) -> Consensus:
    both = PerRole(primary=primary, standby=standby)
    known = [RegionConsensus(verdict=verdict, observed_at=NOW, detail="As seen.") for _, verdict in both]
    return Consensus(roles=PerRole(primary=known[0], standby=known[1]), is_isolated=isolated)


def make_context(consensus: Consensus | None = None, settings: Settings = SETTINGS) -> RoundContext:
    return RoundContext(settings=settings, consensus=consensus or make_consensus(), now=NOW)


def make_drill(**changes: Any) -> Drill:
    """Return a drill that has kept users on the standby for one of ten minutes."""
    usual: dict[str, Any] = {
        "id": "drill-1",
        "kind": DrillKind.SWITCHOVER,
        "reason": "monthly",
        "requested_by": "Aiko",
        "started_at": NOW - 1000,
        "hold_seconds": 600.0,
        "levers": (LeverName.WEIGHTS,),
        "stage": ON_STANDBY,
        "stage_since": NOW - 60,
        "move_ids": ("there",),
    }
    return Drill(**{**usual, **changes})


def make_move(move_id: str = "there", target: RegionRole = RegionRole.STANDBY, **changes: Any) -> Move:
    """Return a move of the drill that has started."""
    usual: dict[str, Any] = {
        "id": move_id,
        "source": target.opposite,
        "target": target,
        "is_automatic": False,
        "reason": "monthly",
        "requested_by": "Aiko",
        "steps": changes.get("mode", MoveMode.ALL_AT_ONCE).steps,
        "suspected_at": NOW - 60,
        "decided_at": NOW - 60,
        "step_started_at": NOW - 60,
        "first_submitted_at": NOW - 50,
        "progress": SAVED_PROGRESS,
        "drill_id": "drill-1",
    }
    return Move(**{**usual, **changes})


def make_streak(verdict: Verdict, rounds: int) -> VerdictStreak:
    return VerdictStreak(verdict=verdict, rounds=rounds, since=NOW - 10 * rounds)


def make_state(active_drill: Drill, **changes: Any) -> ControllerState:
    """Return a state in which both Regions are healthy and the drill's latches are attached.

    Users are on the standby unless the drill moves them.
    """
    active = (
        RegionRole.STANDBY
        if active_drill.stage in {ON_STANDBY, MOVING_BACK} and not active_drill.return_move_id
        else RegionRole.PRIMARY
    )
    usual: dict[str, Any] = {
        "created_at": NOW - 10_000,
        "active_role": active,
        "active_since": NOW - 9_000,
        "weights": route_all_to(active),
        "streaks": PerRole(primary=make_streak(HEALTHY, 30), standby=make_streak(HEALTHY, 30)),
        "records": SavedRecords(read_at=NOW - 10, weights=route_all_to(active), ttl_seconds=60),
        "last_move": make_move(),
        "last_move_ended_at": NOW - 40,
        "latches": {
            name: LatchState(is_thrown=False, dns_watch=LATCH_DNS_WATCH)
            for name in SteeredName
            if LEVER_BY_LATCH[name] in active_drill.levers
        },
        "drill": active_drill,
    }
    return ControllerState(**{**usual, **changes})
