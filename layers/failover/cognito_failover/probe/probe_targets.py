"""The endpoints of a round: Cognito and the target in each Region, and the witnesses."""

from dataclasses import dataclass

from cognito_failover.common.region import PerRole
from cognito_failover.core.probe_result import ErrorResponse, HttpOk, NoResponse, ProbeResult
from cognito_failover.probe.https_client import HttpsClient, HttpsEndpoint, NoResponseError
from cognito_failover.probe.login import LoginClient, build_cognito_endpoint
from cognito_failover.settings.probe import ProbeSettings

_OK = 200
_CLIENT_ERROR = 400


def build_target_endpoint(target: str, domain_name: str) -> HttpsEndpoint:
    """Where to connect for a record's target, a host name or addresses, and whom to ask for there."""
    first, *others = (each.strip().rstrip(".") for each in target.split(","))
    return HttpsEndpoint(host=first, additional_hosts=tuple(others), server_name=domain_name.rstrip("."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One Region's target.

    Attributes
    ----------
    endpoint
        Connected to by its own name; SNI, Host and certificate are the domain's.
    path
        What to ask for; empty if the target passes Cognito's API, so that a login goes through it.

    """

    endpoint: HttpsEndpoint
    path: str = ""

    def request_path(self, login: LoginClient) -> ProbeResult:
        """Ask for the path: 2xx and 3xx are fine."""
        started_at = login.monotonic()
        try:
            response = login.https.get(self.endpoint, self.path)
        except NoResponseError as error:
            return NoResponse(kind=error.kind)
        latency_seconds = login.monotonic() - started_at
        if _OK <= response.status < _CLIENT_ERROR:
            return HttpOk(http_status=response.status, latency_seconds=latency_seconds)
        return ErrorResponse(
            code=f"HTTP {response.status}", http_status=response.status, message="", latency_seconds=latency_seconds
        )


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
        witnesses=tuple(build_cognito_endpoint(region) for region in settings.probed_witness_regions),
    )


def is_reachable(https: HttpsClient, endpoint: HttpsEndpoint) -> bool:
    """Whether a control endpoint gives any HTTP answer; an error is one too."""
    try:
        https.get(endpoint)
    except NoResponseError:
        return False
    return True
