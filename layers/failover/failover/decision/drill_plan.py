"""What a drill is going to do, in sentences. Pure."""

from typing import assert_never

from failover.decision.drill import Drill, DrillKind
from failover.decision.latching import LEVERS
from failover.decision.move import LeverName
from failover.decision.state import State
from failover.levers.latch import LatchName
from failover.settings import Settings
from failover.timetext import span


def plan(drill: Drill, settings: Settings) -> tuple[str, ...]:
    """Return what the drill is going to do, a sentence each."""
    primary, standby = settings.regions.primary, settings.regions.standby
    steps = ", ".join(f"{step} %" for step in drill.steps)
    back = f"After {span(drill.hold_seconds)} users go back to {primary}, in steps of {steps}."
    if len(drill.steps) == 1:
        back = f"After {span(drill.hold_seconds)} users go back to {primary}, all at once."
    there = f"All users move to {standby}, by the {' and the '.join(drill.levers)}."
    match drill.kind:
        case DrillKind.SWITCHOVER | DrillKind.TABLETOP:
            return there, back
        case DrillKind.LEVER_TEST:
            return tuple(
                f"All users who are moved by the {lever} go to {standby} by that alone, and back once it is confirmed."
                for lever in drill.levers
            )
        case DrillKind.BLIND:
            fed_for = f"For at most {drill.rounds} rounds {primary} is taken for sick, until that has led to a move."
            return fed_for, there, back
        case _:
            assert_never(drill.kind)


def levers_there(state: State, settings: Settings) -> tuple[LeverName, ...]:
    """Return everything that moves users here: the weights where there are records, and each latch that is attached."""
    weights = (LeverName.WEIGHTS,) if settings.moves_records else ()
    attached = (LEVERS[name] for name in LatchName if name in state.latches and state.latches[name].sight)
    return (*weights, *attached)
