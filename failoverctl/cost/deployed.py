"""Resources of the templates that cost money when idle: deployed.json, written by ``make costs``."""

from dataclasses import dataclass
from pathlib import Path

DEPLOYED_PATH = Path(__file__).parent / "deployed.json"


class DeployedResourcesError(ValueError):
    """The file deployed.json is malformed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResources:
    """Numbers from a template with default parameters.

    Attributes
    ----------
    metrics
        Custom metrics that its function writes in normal operation.
    alarm_metrics
        Metrics of its metric alarms. An alarm on metric math is billed for each of its metrics.
    composite_alarms
        Number of composite alarms.
    dashboards
        Number of dashboards.

    """

    metrics: int
    alarm_metrics: int
    composite_alarms: int
    dashboards: int
    log_retention_days: int
    memory_mb: int
    interval_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedResources:
    """Numbers from the templates of the controller and of an observer."""

    controller: StackResources
    observer: StackResources

    def save(self, path: Path = DEPLOYED_PATH) -> None:
        """Write the numbers to a file."""
        from msgspec import json  # noqa: PLC0415 - as in `read`

        path.write_bytes(json.format(json.encode(self)) + b"\n")


def read(path: Path = DEPLOYED_PATH) -> DeployedResources:
    """Read the file.

    Raises
    ------
    DeployedResourcesError
        If the file is malformed.

    """
    from msgspec import ValidationError, json  # noqa: PLC0415 - help and completion don't need it

    try:
        return json.decode(path.read_bytes(), type=DeployedResources)
    except ValidationError as error:
        raise DeployedResourcesError(f"{path.name}: {error}") from error
