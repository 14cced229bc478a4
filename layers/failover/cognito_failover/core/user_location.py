"""What the location of users answers. Pure."""

from cognito_failover.common.region import RegionRole
from cognito_failover.core.model.location import Location
from cognito_failover.core.model.records import Confirmation


def confirm_users_on(location: Location, role: RegionRole, *, region: str) -> Confirmation:
    """Return whether every name server that shows a Region sends all users to this one.

    Without any such name server nothing is confirmed.
    """
    silent, stale = location.silent_servers, location.list_servers_elsewhere(role)
    agreeing = len(location.servers) - len({*silent, *stale})
    parts = [f"{agreeing} of {len(location.servers)} name servers answer with {region} only"]
    if stale:
        parts.append(f"not yet: {', '.join(stale)}")
    if silent:
        parts.append(f"no answer from {', '.join(silent)}")
    return Confirmation(
        moved=agreeing > 0 and not stale, unresponsive=silent, stale=stale, detail="; ".join(parts) + "."
    )
