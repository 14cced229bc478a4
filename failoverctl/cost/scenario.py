"""The deployment to estimate, and its cost components."""

from collections.abc import Iterator
from dataclasses import dataclass

from failoverctl.cost.bill import CostComponent
from failoverctl.cost.controller import estimate_controller
from failoverctl.cost.deployed import DeployedResources
from failoverctl.cost.function_usage import Architecture, ComputeConfig
from failoverctl.cost.invocation_profile import ScheduledFunction, UsageMeasurements
from failoverctl.cost.optional_components import (
    LatchType,
    count_sign_ins,
    estimate_front,
    estimate_latches,
    estimate_observers,
    estimate_trails,
)
from failoverctl.cost.pool import PoolTier, estimate_pool


@dataclass(frozen=True, slots=True, kw_only=True)
class CostScenario:
    """The deployment to estimate.

    Attributes
    ----------
    mau
        Monthly active users of the pool.
    tier
        Tier of the pool.
    interval_seconds, memory_mb, architecture
        The template's parameters ``RoundIntervalSeconds``, ``MemorySizeMb`` and ``Architecture``. Observers use the
        same values.
    latch_type
        The template's parameter ``LatchType``.
    records, managed_login
        Whether the controller moves weighted records, and Cognito's own domain.
    observers
        Number of observers.
    front_requests_per_user
        Requests per user and month through ``front.yaml`` in both Regions; None without the front.
    trails
        Number of trails of CloudTrail with management events, without the first one.

    """

    mau: int
    tier: PoolTier
    interval_seconds: int
    memory_mb: int
    architecture: Architecture
    latch_type: LatchType
    records: bool
    managed_login: bool
    observers: int
    front_requests_per_user: float | None
    trails: int = 0

    def list_components(self, measurements: UsageMeasurements, resources: DeployedResources) -> Iterator[CostComponent]:
        """Yield the cost components.

        Raises
        ------
        UsageMeasurementsError
            If the interval was not measured.

        """
        compute = ComputeConfig(memory_mb=self.memory_mb, architecture=self.architecture)
        profile = measurements.get_profile(ScheduledFunction.CONTROLLER, self.interval_seconds)
        yield estimate_pool(self.mau, self.tier)
        yield estimate_controller(profile, resources.controller, compute, self.tier)
        if self.latch_type is not LatchType.NONE:
            yield estimate_latches(self.latch_type, records=self.records, managed_login=self.managed_login)
        if self.observers:
            observer_profile = measurements.get_profile(ScheduledFunction.OBSERVER, self.interval_seconds)
            yield estimate_observers(self.observers, observer_profile, resources.observer, compute)
        if self.front_requests_per_user is not None:
            yield estimate_front(self.mau * self.front_requests_per_user, profile, resources.controller)
        if self.trails:
            # Cognito's API, and with records the target.
            paths = 1 + self.records
            sign_ins = (1 + self.observers) * count_sign_ins(profile, paths=paths)
            yield estimate_trails(self.trails, sign_ins)
