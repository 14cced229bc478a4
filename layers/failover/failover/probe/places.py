"""Where a round's questions go."""

from dataclasses import dataclass

from failover.probe.https import Endpoint
from failover.probe.login import cognito_endpoint
from failover.probe.target import Target, target_endpoint
from failover.region import PerSide
from failover.settings_probe import ProbeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What a round asks.

    Attributes
    ----------
    logins
        Cognito's endpoint of each Region.
    targets
        The user's own way into each Region; None where there is none.
    witnesses
        Control endpoints in third Regions.

    """

    logins: PerSide[Endpoint]
    targets: PerSide[Target | None]
    witnesses: tuple[Endpoint, ...]


def places_of(settings: ProbeSettings) -> Places:
    """Return the places that the settings name."""

    def target(name: str) -> Target | None:
        if not settings.moves_records:
            return None
        return Target(endpoint=target_endpoint(name, settings.domain_name), path=settings.target_probe_path)

    return Places(
        logins=PerSide(
            primary=cognito_endpoint(settings.primary_region), standby=cognito_endpoint(settings.standby_region)
        ),
        targets=PerSide(primary=target(settings.primary_target), standby=target(settings.standby_target)),
        witnesses=tuple(cognito_endpoint(region) for region in settings.witness_regions),
    )
