"""What a person must know before the phase of the controller. Pure."""

from collections.abc import Iterator

from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.user_location import describe_difference, get_domain_name
from cognito_failover.settings.controller import Settings


def list_concerns(state: ControllerState, settings: Settings) -> list[str]:
    """Return clauses, the most important first: users who are not where they should be, then what stops automation."""
    return [*_describe_locations(state, settings), *_describe_obstacles(state)]


def _describe_locations(state: ControllerState, settings: Settings) -> Iterator[str]:
    """Yield a clause for each name whose users DNS does not all send to the decided Region. A move explains that."""
    for name, location in state.locations.items():
        difference = state.differences.get(name)
        if difference and difference.is_confirmed:
            yield describe_difference(state, name, settings).rstrip(".")
        elif not location.answering_count:
            yield f"DNS shows no Region for {get_domain_name(name, settings)}"
        elif state.move is None and (unknown_percent := round(100 * location.unknown_share)):
            yield f"DNS sends {unknown_percent} % of the users of {get_domain_name(name, settings)} to neither Region"


def _describe_obstacles(state: ControllerState) -> Iterator[str]:
    if state.records and state.records.problem:
        yield f"no move is possible: {state.records.problem.rstrip('.')}"
    if state.hold:
        yield f"automation is on hold: {state.hold.reason.rstrip('.')}"
