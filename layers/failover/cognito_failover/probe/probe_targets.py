"""Where a round's questions go."""

from dataclasses import dataclass

from cognito_failover.common.region import PerRole
from cognito_failover.probe.https_client import HttpsEndpoint
from cognito_failover.probe.login import build_cognito_endpoint
from cognito_failover.probe.target import Target, build_target_endpoint
from cognito_failover.settings.probe import ProbeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeTargets:
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

    logins: PerRole[HttpsEndpoint]
    targets: PerRole[Target | None]
    witnesses: tuple[HttpsEndpoint, ...]


def build_probe_targets(settings: ProbeSettings) -> ProbeTargets:
    """Return the places that the settings name."""

    def build_target(name: str) -> Target | None:
        if not settings.has_managed_records:
            return None
        return Target(endpoint=build_target_endpoint(name, settings.domain_name), path=settings.target_probe_path)

    return ProbeTargets(
        logins=PerRole(
            primary=build_cognito_endpoint(settings.primary_region),
            standby=build_cognito_endpoint(settings.standby_region),
        ),
        targets=PerRole(primary=build_target(settings.primary_target), standby=build_target(settings.standby_target)),
        witnesses=tuple(build_cognito_endpoint(region) for region in settings.witness_regions),
    )
