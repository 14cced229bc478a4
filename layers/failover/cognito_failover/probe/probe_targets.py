"""The endpoints of a round: Cognito and the target in each Region, and the witnesses."""

from dataclasses import dataclass

from cognito_failover.common.region import PerRole
from cognito_failover.core.probe_result import (
    STATUS_PREFIX,
    ErrorResponse,
    HttpOk,
    IntermediaryResponse,
    NoResponse,
    ProbeResult,
)
from cognito_failover.probe.cognito_response import find_intermediary
from cognito_failover.probe.https_client import HttpsClient, HttpsEndpoint, NoResponseError
from cognito_failover.probe.login import LoginClient, build_cognito_endpoint
from cognito_failover.settings.probe import ProbeSettings

_OK = 200
_CLIENT_ERROR = 400


def build_target_endpoint(target: str, domain_name: str) -> HttpsEndpoint:
    """Return the endpoint of a record's target: a host name or addresses, with the domain as the server name."""
    first, *others = (host.strip().rstrip(".") for host in target.split(","))
    return HttpsEndpoint(host=first, additional_hosts=tuple(others), server_name=domain_name.rstrip("."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One Region's target.

    Attributes
    ----------
    endpoint
        The connection goes to the target's own name. SNI, Host and certificate are the domain's.
    path
        The path to request. If empty, the target forwards Cognito's API, and the probe signs in through it.

    """

    endpoint: HttpsEndpoint
    path: str = ""

    def request_path(self, login: LoginClient) -> ProbeResult:
        """Request the path, and return the result. 2xx and 3xx count as success."""
        started_at = login.monotonic()
        try:
            response = login.https.get(self.endpoint, self.path)
        except NoResponseError as error:
            return NoResponse(kind=error.kind)
        latency_seconds = login.monotonic() - started_at
        if intermediary := find_intermediary(response):
            return IntermediaryResponse(code=intermediary, http_status=response.status, latency_seconds=latency_seconds)
        if _OK <= response.status < _CLIENT_ERROR:
            return HttpOk(http_status=response.status, latency_seconds=latency_seconds)
        return ErrorResponse(
            code=f"{STATUS_PREFIX}{response.status}",
            http_status=response.status,
            message="",
            latency_seconds=latency_seconds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeTargets:
    """The endpoints that a round probes.

    Attributes
    ----------
    logins
        Cognito's endpoint in each Region.
    targets
        The target in each Region, or None if there is none.
    witnesses
        Cognito's endpoints in third Regions.

    """

    logins: PerRole[HttpsEndpoint]
    targets: PerRole[Target | None]
    witnesses: tuple[HttpsEndpoint, ...]


def build_probe_targets(settings: ProbeSettings) -> ProbeTargets:
    """Return the endpoints that the settings name."""

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
    """Return whether an endpoint sends any HTTP response, even an error."""
    try:
        https.get(endpoint)
    except NoResponseError:
        return False
    return True
