"""The person beside the controller, who answers as its runbook says: acknowledges a hold, and fails back."""

from bench.world.person import CAUTION_SECONDS, failback_at
from bench.world.timeline import FOREVER
from bench.world.world import World
from failover.decision.state import State
from failover.region import Instant, Side
from failover.rounds.operating import REFUSED_BY_A_FAULT, Operator


class Colleague:
    """Asks the production operator function for what people are left to do.

    Parameters
    ----------
    operator
        The operator function.
    world
        What is true: people see it.

    """

    def __init__(self, operator: Operator, world: World) -> None:
        self._operator = operator
        self._world = world

    def acts_at(self, state: State, now: Instant) -> Instant:
        """Return when a person will next do something; FOREVER if there is nothing to do."""
        if state.move is not None:
            return FOREVER
        if state.hold is not None:
            return state.hold.since + CAUTION_SECONDS
        if state.active is Side.STANDBY:
            return max(failback_at(self._world, state.active_since), now)
        return FOREVER

    def look(self, state: State, now: Instant) -> None:
        """Do what is due.

        Raises
        ------
        RuntimeError
            If the operator function failed by a fault of its own: figures would not tell.

        """
        if now < self.acts_at(state, now):
            return
        action = "acknowledge" if state.hold is not None else "failback"
        event = {"action": action, "reason": "All is well again.", "token": f"{action} {now:.0f}"}
        answer = self._operator.handle(event, owner="colleague", remaining_seconds=lambda: 0.0)
        if answer.get("refused_by") == REFUSED_BY_A_FAULT:
            raise RuntimeError(answer["message"])
