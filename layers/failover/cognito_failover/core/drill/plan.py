"""The plan of a drill in sentences. Pure."""

from typing import assert_never

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.common.text import format_duration
from cognito_failover.core.model.drill import Drill, DrillKind
from cognito_failover.core.model.move import LeverName, MoveMode
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.move.latches import LEVER_BY_LATCH
from cognito_failover.settings.controller import Settings


def describe_plan(drill: Drill, settings: Settings) -> tuple[str, ...]:
    """Return the steps of the drill, one sentence each."""
    primary, standby = settings.regions.primary, settings.regions.standby
    mode_text = "all at once"
    if drill.return_mode is MoveMode.STEPPED:
        mode_text = f"in steps of {', '.join(f'{step} %' for step in drill.return_mode.steps)}"
    return_text = f"After {format_duration(drill.hold_seconds)} users go back to {primary}, {mode_text}."
    outbound_text = f"All users move to {standby}, by the {' and the '.join(drill.levers)}."
    match drill.kind:
        case DrillKind.SWITCHOVER | DrillKind.TABLETOP:
            return outbound_text, return_text
        case DrillKind.LEVER_TEST:
            return tuple(
                f"The {lever} alone moves its users to {standby}, and back after the confirmation."
                for lever in drill.levers
            )
        case DrillKind.SIMULATED_OUTAGE:
            simulation_text = (
                f"For at most {drill.max_simulated_rounds} rounds {primary} is simulated as sick, until a move starts."
            )
            return simulation_text, outbound_text, return_text
        case _:
            assert_never(drill.kind)


def list_active_levers(state: ControllerState, settings: Settings) -> tuple[LeverName, ...]:
    """Return the levers that move users in this deployment: the weights of managed records, and attached latches."""
    weights = (LeverName.WEIGHTS,) if settings.has_managed_records else ()
    attached = (
        LEVER_BY_LATCH[name] for name in SteeredName if name in state.latches and state.latches[name].is_attached
    )
    return (*weights, *attached)
