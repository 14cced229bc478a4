"""A drill that is on, its move, and what is remembered of a calm day: values to begin from."""

from typing import Any

from failover.decision.drill import Drill, DrillKind, DrillOutcome, DrillStage
from failover.decision.knowledge import Knowledge, Known
from failover.decision.latching import LEVERS
from failover.decision.move import LeverName, Move, Progress
from failover.decision.state import LatchState, State, Streak, Surveyed
from failover.levers.latch import LatchName
from failover.levers.lever import Intent, Sight
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side, all_to
from tests.support.settings import settings

NOW = 1_800_000_000.0
SETTINGS = settings()
HEALTHY, SICK, UNKNOWN = Verdict.HEALTHY, Verdict.SICK, Verdict.UNKNOWN
GOING, HOLDING, RETURNING = DrillStage.GOING, DrillStage.HOLDING, DrillStage.RETURNING
OVERTAKEN, ABORTED, CLEAN = DrillOutcome.OVERTAKEN, DrillOutcome.ABORTED, DrillOutcome.CLEAN
HERE = Sight(record_sets=({"Name": "_latch.auth.example.com."},), name_servers=("ns-1.example.net",))
SAVED = Progress(intent=Intent(before=(), after=(), weights=all_to(Side.STANDBY)))


def knowledge(primary: Verdict = HEALTHY, standby: Verdict = HEALTHY, *, cut_off: bool = False) -> Knowledge:
    both = PerSide(primary=primary, standby=standby)
    known = [Known(verdict=verdict, observed_at=NOW, detail="As seen.") for _, verdict in both]
    return Knowledge(sides=PerSide(primary=known[0], standby=known[1]), cut_off=cut_off)


def drill(**changes: Any) -> Drill:
    """Return a drill that holds users on the standby for ten minutes, of which one is over."""
    usual: dict[str, Any] = {
        "id": "drill-1",
        "kind": DrillKind.SWITCHOVER,
        "reason": "monthly",
        "requested_by": "Aiko",
        "started_at": NOW - 1000,
        "hold_seconds": 600.0,
        "levers": (LeverName.WEIGHTS,),
        "stage": HOLDING,
        "stage_since": NOW - 60,
        "moves": ("there",),
    }
    return Drill(**{**usual, **changes})


def move(move_id: str = "there", target: Side = Side.STANDBY, **changes: Any) -> Move:
    """Return a move of the drill, in which users are on their way."""
    usual: dict[str, Any] = {
        "id": move_id,
        "source": target.other,
        "target": target,
        "automatic": False,
        "reason": "monthly",
        "requested_by": "Aiko",
        "suspected_at": NOW - 60,
        "decided_at": NOW - 60,
        "step_began_at": NOW - 60,
        "first_submitted_at": NOW - 50,
        "progress": SAVED,
        "drill": "drill-1",
    }
    return Move(**{**usual, **changes})


def streak(verdict: Verdict, rounds: int) -> Streak:
    return Streak(verdict=verdict, rounds=rounds, since=NOW - 10 * rounds)


def state(on: Drill, **changes: Any) -> State:
    """Return what is remembered with both Regions well for long, and each latch that is tried attached.

    Users are on the standby unless they come or go.
    """
    active = Side.STANDBY if on.stage in {HOLDING, RETURNING} and not on.home else Side.PRIMARY
    usual: dict[str, Any] = {
        "born_at": NOW - 10_000,
        "active": active,
        "active_since": NOW - 9_000,
        "weights": all_to(active),
        "streaks": PerSide(primary=streak(HEALTHY, 30), standby=streak(HEALTHY, 30)),
        "surveyed": Surveyed(at=NOW - 10, weights=all_to(active), ttl_seconds=60),
        "last_move": move(),
        "last_move_ended_at": NOW - 40,
        "latches": {name: LatchState(thrown=False, sight=HERE) for name in LatchName if LEVERS[name] in on.levers},
        "drill": on,
    }
    return State(**{**usual, **changes})
