"""What the templates deploy, as far as it costs by being there: deployed.json, which ``make costs`` writes."""

from dataclasses import dataclass
from pathlib import Path

DEPLOYED_PATH = Path(__file__).parent / "deployed.json"


class DeployedResourcesError(ValueError):
    """The file of what is deployed can't be understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResources:
    """Numbers from a template, at its defaults.

    Attributes
    ----------
    metrics
        That its function writes on a calm day, all of them custom ones.
    alarm_metrics
        The metrics that its metric alarms go by: one of metric math goes by several, and is billed for each.
    composite_alarms
        Of its alarms.
    dashboards
        That it makes.

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
        """Write it to a file."""
        from msgspec import json  # noqa: PLC0415 - as in `read`

        path.write_bytes(json.format(json.encode(self)) + b"\n")


def read(path: Path = DEPLOYED_PATH) -> DeployedResources:
    """Read what is deployed.

    Raises
    ------
    DeployedError
        If the file can't be understood.

    """
    from msgspec import ValidationError, json  # noqa: PLC0415 - completion and help don't need it

    try:
        return json.decode(path.read_bytes(), type=DeployedResources)
    except ValidationError as error:
        raise DeployedResourcesError(f"{path.name}: {error}") from error
