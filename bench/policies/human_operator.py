"""The person who operates the controller as its runbook says: acknowledges a hold, and fails back."""

from bench.world.human import HUMAN_DELAY_SECONDS, compute_failback_time
from bench.world.simulated_world import SimulatedWorld
from bench.world.step_function import FOREVER
from cognito_failover.common.region import Instant, RegionRole
from cognito_failover.core.model.state import ControllerState
from cognito_failover.operator.operator import REFUSED_BY_INTERNAL_ERROR, OperatorService


class HumanOperator:
    """Invokes the production operator function for the actions that the controller leaves to people.

    Parameters
    ----------
    operator
        The operator function.
    world
        The simulated world, which people see as it is.

    """

    def __init__(self, operator: OperatorService, world: SimulatedWorld) -> None:
        self._operator = operator
        self._world = world

    def next_action_at(self, state: ControllerState, now: Instant) -> Instant:
        """Return the time of the person's next action. FOREVER if there is none."""
        if state.move is not None:
            return FOREVER
        if state.hold is not None:
            return state.hold.since + HUMAN_DELAY_SECONDS
        if state.active_role is RegionRole.STANDBY:
            return max(compute_failback_time(self._world, state.active_since), now)
        return FOREVER

    def act(self, state: ControllerState, now: Instant) -> None:
        """Perform the action that is due, if any.

        Raises
        ------
        RuntimeError
            If the operator function had an internal error, which the figures would not show.

        """
        if now < self.next_action_at(state, now):
            return
        action = "acknowledge" if state.hold is not None else "failback"
        event = {"action": action, "reason": "All is well again.", "token": f"{action} {now:.0f}"}
        answer = self._operator.handle(event, owner="colleague", remaining_seconds=lambda: 0.0)
        if answer.get("refused_by") == REFUSED_BY_INTERNAL_ERROR:
            raise RuntimeError(answer["message"])
