"""Samples in a file. A later run continues it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from failoverctl.measure.deployment import DeploymentInfo
from failoverctl.measure.measurement import MeasurementSample

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsFile:
    """Content of the file; see `Results`."""

    format: int
    deployment: Mapping[str, str]
    samples: dict[str, list[MeasurementSample]]
    failures: dict[str, str]


@dataclass(slots=True, kw_only=True)
class Results:
    """All samples of one deployment.

    Attributes
    ----------
    path
        The file.
    deployment
        Stack, pool, Regions and zone.
    samples
        Samples by name of the measurement.
    failures
        Error message of the last try, by name of the measurement.

    """

    path: Path
    deployment: Mapping[str, str]
    samples: dict[str, list[MeasurementSample]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def get_samples(self, name: str) -> list[MeasurementSample]:
        """Return the samples of a measurement."""
        return self.samples.get(name, [])

    def add_sample(self, name: str, sample: MeasurementSample) -> None:
        """Add a sample, clear the measurement's failure, and write the file."""
        self.samples.setdefault(name, []).append(sample)
        self.failures.pop(name, None)
        self._save()

    def record_failure(self, name: str, error_message: str) -> None:
        """Record why a measurement failed, and write the file."""
        self.failures[name] = error_message
        self._save()

    def _save(self) -> None:
        from msgspec import json  # noqa: PLC0415 - help and completion don't need it

        content = ResultsFile(
            format=FORMAT_VERSION, deployment=self.deployment, samples=self.samples, failures=self.failures
        )
        temporary_path = self.path.with_name(f"{self.path.name}.new")
        temporary_path.write_bytes(json.format(json.encode(content)) + b"\n")
        temporary_path.replace(self.path)


def describe_deployment(deployment: DeploymentInfo) -> dict[str, str]:
    """Return the fields that identify a deployment."""
    return {
        "stack": deployment.stack_name,
        "pool": deployment.pool_id,
        "primary": deployment.primary,
        "standby": deployment.standby,
        "zone": deployment.zone_id,
    }


def load_results(path: Path, deployment: DeploymentInfo) -> Results:
    """Return the results in a file, or empty results if there is no file.

    Raises
    ------
    click.UsageError
        If the file is malformed, or belongs to another deployment.

    """
    from msgspec import DecodeError, json  # noqa: PLC0415 - help and completion don't need it

    try:
        content = json.decode(path.read_bytes(), type=ResultsFile)
    except FileNotFoundError:
        return Results(path=path, deployment=describe_deployment(deployment))
    except (OSError, DecodeError) as error:
        raise click.UsageError(f"--results: {path} can't be read ({error}). Give another file.") from None
    if content.format != FORMAT_VERSION:
        raise click.UsageError(
            f"--results: {path} has format {content.format}, not {FORMAT_VERSION}. Give another file."
        )
    for name, value in describe_deployment(deployment).items():
        if content.deployment.get(name) != value:
            raise click.UsageError(
                f"--results: {path} is for the {name} {content.deployment.get(name)}, not {value}. Give another file."
            )
    return Results(path=path, deployment=content.deployment, samples=content.samples, failures=content.failures)
