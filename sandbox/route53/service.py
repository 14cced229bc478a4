"""The service: the handlers of its operations, and the answers of its name servers."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.http_messages import EndpointRequest, EndpointResponse
from sandbox.route53 import wire
from sandbox.route53.changes import Changes
from sandbox.route53.data_plane import DataPlane
from sandbox.route53.errors import Route53ServiceError, build_invalid_input_error
from sandbox.route53.health import HealthCheckStatuses
from sandbox.route53.health_checks import HealthChecks
from sandbox.route53.hosted_zones import HostedZones
from sandbox.route53.ids import IdGenerator
from sandbox.route53.protections import Protections
from sandbox.route53.record_sets import RecordSets
from sandbox.route53.tags import Tags
from sandbox.route53.zones import HostedZoneStore

type Operation = Callable[[str, wire.Parameters], dict[str, Any]]

DEFAULT_PROPAGATION_SECONDS = 20.0


def find_no_service(_name: str) -> None:
    """Return None: the name is not a service of the sandbox."""


class Route53:
    """Route 53's control plane and data plane.

    Parameters
    ----------
    clock
        Seconds since the epoch.
    propagation_seconds
        Time from the acceptance of a change to INSYNC.
    processing_seconds
        Time for which a change to a zone blocks the next one with ``PriorRequestNotComplete``.
    seed
        Seed of identifiers, of the propagation to each name server, and of the draw among weighted records.
    find_service_address
        Returns the IPv4 address of an alias to a name outside the hosted zones, or None. The name is in lower case
        without a trailing dot.

    Attributes
    ----------
    health_checks
        The configured health checks.
    health_statuses
        The statuses of the health checks. They do not change until a `HealthCheckerFleet` runs.
    is_healthy
        Returns whether the name servers treat a health check id as healthy now. Called for every query; may be
        replaced at any time.

    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        propagation_seconds: float = DEFAULT_PROPAGATION_SECONDS,
        processing_seconds: float = 0.0,
        seed: int = 0,
        find_service_address: Callable[[str], str | None] = find_no_service,
    ) -> None:
        ids = IdGenerator(seed)
        self._zones = HostedZoneStore(clock=clock, processing_seconds=processing_seconds)
        self._changes = Changes(clock=clock, ids=ids, propagation_seconds=propagation_seconds, seed=seed)
        self.health_checks = HealthChecks(ids=ids)
        self.health_statuses = HealthCheckStatuses(checks=self.health_checks, clock=clock)
        self.is_healthy: Callable[[str], bool] = self.health_statuses.is_healthy
        data_plane = DataPlane(
            zones=self._zones,
            is_check_healthy=lambda check_id: self.is_healthy(check_id),  # noqa: PLW0108 -- the attribute may be replaced
            find_service_address=find_service_address,
            random_source=random.Random(f"weights {seed}"),  # noqa: S311 -- a draw of records, not a secret
        )
        self.answer = data_plane.answer
        record_sets = RecordSets(
            clock=clock, zones=self._zones, changes=self._changes, health_checks=self.health_checks
        )
        self._operations: Mapping[str, Operation] = {
            **HostedZones(zones=self._zones, changes=self._changes, ids=ids).operations,
            **record_sets.operations,
            **data_plane.operations,
            **self._changes.operations,
            **self.health_checks.operations,
            **self.health_statuses.operations,
            **Protections(zones=self._zones).operations,
            **Tags(zones=self._zones, health_checks=self.health_checks).operations,
        }

    @property
    def public_zones(self) -> tuple[str, ...]:
        """The names of all public hosted zones, without trailing dots."""
        return self._zones.list_public_names()

    def list_name_servers(self, zone_name: str) -> tuple[str, ...]:
        """Return the name servers of a public hosted zone by its name without a trailing dot; empty if none exists."""
        return self._zones.list_name_servers(zone_name)

    @property
    def propagation_seconds(self) -> float:
        """Time from the acceptance of a change to INSYNC, for later changes."""
        return self._changes.propagation_seconds

    @propagation_seconds.setter
    def propagation_seconds(self, seconds: float) -> None:
        self._changes.propagation_seconds = seconds

    @property
    def processing_seconds(self) -> float:
        """Time for which a change to a zone blocks the next one."""
        return self._zones.processing_seconds

    @processing_seconds.setter
    def processing_seconds(self, seconds: float) -> None:
        self._zones.processing_seconds = seconds

    async def handle(self, request: EndpointRequest) -> EndpointResponse:
        """Answer a request to the API."""
        try:
            operation, in_path = wire.find_operation(request.method, request.path)
            parameters = wire.parse_parameters(operation, in_path, request.query, request.body)
            return wire.build_response(operation, self.perform_operation(request.account, operation.name, parameters))
        except Route53ServiceError as refusal:
            return wire.build_error_response(refusal)

    def perform_operation(self, account: str, operation: str, parameters: wire.Parameters) -> dict[str, Any]:
        """Perform an operation for an account. Parameters and result follow the service model.

        Raises
        ------
        Route53ServiceError
            The service's error.

        """
        answer = self._operations.get(operation)
        if answer is None:
            raise build_invalid_input_error(
                f"The sandbox does not support {operation}; it supports {', '.join(sorted(self._operations))}"
            )
        wire.reject_invalid_parameters(operation, parameters)
        return answer(account, parameters)
