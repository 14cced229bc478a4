"""Whether a latch may be attached or detached now: only while that can move nobody. Pure."""

from collections.abc import Mapping

from failover.decision.adoption import describe
from failover.decision.state import State
from failover.levers.latch import LatchName
from failover.region import Side, all_to
from failover.settings import Settings

NO_LATCH = (
    "No latch is deployed: the parameter LatchForm is none, or there is nothing for a latch to move. Deploy with "
    "LatchForm=object or LatchForm=metric first."
)


def why_not_now(state: State, settings: Settings) -> str | None:
    """Say why what a latch is attached to may not be changed now; None if it may."""
    if not settings.latch_check_ids:
        return NO_LATCH
    if state.move:
        return f"The move {state.move.id} is under way; wait for its end, or abort it."
    if state.drill:
        return f"The drill {state.drill.id} is on; wait for its end, or abort it."
    if state.trailing:
        return "The weights of the records still have to follow the last move; wait until they have."
    primary = settings.regions.primary
    if state.active is not Side.PRIMARY or (settings.moves_records and state.weights != all_to(Side.PRIMARY)):
        found = describe(state.weights, settings, state.latches)
        return f"All users must be on {primary}, and they are not: {found}. Fail back first."
    return why_not_thrown({name: latch.thrown for name, latch in state.latches.items()})


def why_not_thrown(thrown: Mapping[LatchName, bool]) -> str | None:
    """Say which latches are thrown; None if none is."""
    names = [name for name, is_thrown in thrown.items() if is_thrown]
    if not names:
        return None
    return f"The latch of the {' and the '.join(names)} is thrown; fail back first, which releases it."
