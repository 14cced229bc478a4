"""The questions that the location of users answers. Pure."""

from cognito_failover.common.region import Instant, RegionRole, find_full_role
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.location import Location
from cognito_failover.core.model.records import Confirmation, DnsWatch
from cognito_failover.core.model.state import ControllerState
from cognito_failover.core.round_context import RoundContext
from cognito_failover.settings.controller import Settings

MAX_LOCATION_AGE_SECONDS = 180.0
"""Maximum age of a location that answers a question: two looks at rest may fail."""

FULL_PERCENT = 100


def list_watches(state: ControllerState) -> dict[SteeredName, DnsWatch]:
    """Return the record sets that show the location of each steered name, as far as they are known."""
    watches = dict[SteeredName, DnsWatch]()
    if state.records and state.records.dns_watch:
        watches[SteeredName.RECORDS] = state.records.dns_watch
    domain_latch = state.latches.get(SteeredName.DOMAIN)
    if domain_latch and domain_latch.dns_watch and domain_latch.is_shown:
        watches[SteeredName.DOMAIN] = domain_latch.dns_watch
    return watches


def confirm_users_on(location: Location, role: RegionRole, *, region: str) -> Confirmation:
    """Return whether every name server that shows a Region sends all users to this one.

    Without any such name server nothing is confirmed.
    """
    silent, stale = location.silent_servers, location.list_servers_elsewhere(role)
    agreeing = len(location.servers) - len({*silent, *stale})
    parts = [f"{agreeing} of {len(location.servers)} name servers answer with {region} only"]
    if stale:
        parts.append(f"not yet: {', '.join(stale)}")
    if unanswered := [server for server in silent if not location.servers[server].has_answered]:
        parts.append(f"no answer from {', '.join(unanswered)}")
    if unclear := [server for server in silent if location.servers[server].has_answered]:
        parts.append(f"no Region in the answers of {', '.join(unclear)}")
    return Confirmation(
        moved=agreeing > 0 and not stale, unresponsive=silent, stale=stale, detail="; ".join(parts) + "."
    )


def are_all_users_on(state: ControllerState, role: RegionRole, context: RoundContext) -> bool:
    """Return whether every steered name sends all users to this Region, as observed, or else as its levers say."""
    return all(
        _find_role_of_name(state, name, context) is role for name in _list_steered_names(state, context.settings)
    )


def has_lever_left(state: ControllerState, target: RegionRole, settings: Settings) -> bool:
    """Return whether any lever does not send users to the target yet, so that a move can change something."""
    if settings.has_managed_records and find_full_role(state.weights) is not target:
        return True
    return any(latch.is_attached and latch.role is not target for latch in state.latches.values())


def is_seen_on(location: Location | None, role: RegionRole, now: Instant) -> bool:
    """Return whether a current location shows all users on this Region."""
    return location is not None and _is_current(location, now) and location.role is role


def find_follow_blocker(location: Location | None, role: RegionRole, context: RoundContext) -> str:
    """Return why no lever may follow users to a Region now; empty if it may.

    Outside a move, a lever may only go where DNS sends all users now, to a Region that serves. Otherwise it would move
    them.
    """
    region, region_consensus = context.settings.regions[role], context.consensus.roles[role]
    if not context.consensus.is_serving(role):
        return f"{region} is not known to serve: {region_consensus.detail}"
    if location is None or not _is_current(location, context.now):
        return "no name server shows where the users are."
    confirmation = confirm_users_on(location, role, region=region)
    return "" if confirmation.moved else f"DNS does not send all users to {region}: {confirmation.detail}"


def describe_differences(state: ControllerState, settings: Settings) -> str:
    """Return a sentence for each name whose users are elsewhere than decided; empty if there is none."""
    return " ".join(
        describe_difference(state, name, settings)
        for name, difference in state.differences.items()
        if difference.is_confirmed
    )


def describe_all_users(state: ControllerState, settings: Settings) -> str:
    """Return all users as the subject of a sentence, without those that no record shows."""
    return "All users that DNS shows" if describe_hidden_names(state, settings) else "All users"


def describe_hidden_names(state: ControllerState, settings: Settings) -> str:
    """Return a sentence for each name whose latch moves its users, but whose location no record shows any more."""
    return " ".join(
        f"The users of {get_domain_name(name, settings)} are presumed there: no TXT record shows their latch."
        for name, latch in state.latches.items()
        if name is SteeredName.DOMAIN and latch.is_attached and not latch.is_shown
    )


def _is_current(location: Location, now: Instant) -> bool:
    return location.answering_count > 0 and now - location.observed_at <= MAX_LOCATION_AGE_SECONDS


def _list_steered_names(state: ControllerState, settings: Settings) -> list[SteeredName]:
    domain_latch = state.latches.get(SteeredName.DOMAIN)
    names = [SteeredName.RECORDS] if settings.has_managed_records else []
    return [*names, SteeredName.DOMAIN] if domain_latch and domain_latch.is_attached else names


def _find_role_of_name(state: ControllerState, name: SteeredName, context: RoundContext) -> RegionRole | None:
    location = state.locations.get(name)
    # A location from before the last change of the decided side shows where users were.
    if location is not None and _is_current(location, context.now) and location.observed_at > state.active_since:
        return location.role
    return state.find_lever_role(name)


def describe_difference(state: ControllerState, name: SteeredName, settings: Settings) -> str:
    """Return where DNS sends the users of a name, as a sentence with the share and the name servers."""
    location, decided = state.differences[name].location, state.active_role
    share_text = f"{FULL_PERCENT * location.get_share(decided.opposite):.0f} %"
    return (
        f"DNS sends {share_text} of the users of {get_domain_name(name, settings)} to "
        f"{settings.regions[decided.opposite]}, although {settings.regions[decided]} is decided "
        f"({len(location.list_servers_elsewhere(decided))} of {len(location.servers)} name servers)."
    )


def get_domain_name(name: SteeredName, settings: Settings) -> str:
    """Return the domain name that users of a steered name sign in at."""
    return settings.domain_name if name is SteeredName.RECORDS else settings.managed_login_domain
