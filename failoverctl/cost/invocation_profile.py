"""Measured usage of one invocation, which is one minute of rounds: measured.json, written by ``make bench``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from cognito_failover.common.time_budget import INVOCATION_INTERVAL_SECONDS

MEASURED_PATH = Path(__file__).parent / "measured.json"


class ScheduledFunction(StrEnum):
    """A function that the schedule invokes every minute."""

    CONTROLLER = "controller"
    OBSERVER = "observer"


class UsageMeasurementsError(ValueError):
    """The file measured.json is malformed, or has no profile for an interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationProfile:
    """Usage of one invocation without failures.

    Attributes
    ----------
    interval_seconds
        Time between two rounds.
    wall_seconds
        Duration.
    cpu_seconds
        Processor time.
    rounds_cpu_seconds
        Processor time of single rounds. The last one includes the end of the invocation.
    calls
        Number of AWS calls by service and operation.
    write_units, read_units
        DynamoDB capacity units. All reads count as consistent.
    metrics
        Number of different custom metrics.
    log_events, log_bytes
        Size of the log, metrics included.

    """

    interval_seconds: int
    wall_seconds: float
    cpu_seconds: float
    rounds_cpu_seconds: tuple[float, ...]
    calls: Mapping[str, int]
    write_units: int
    read_units: int
    metrics: int
    log_events: int
    log_bytes: int

    @property
    def round_count(self) -> int:
        """Number of rounds."""
        return int(INVOCATION_INTERVAL_SECONDS // self.interval_seconds)

    @property
    def round_cpu_seconds(self) -> float:
        """Processor time per round, with its share of the invocation's start and end."""
        return self.cpu_seconds / self.round_count

    @property
    def route53_calls(self) -> int:
        """Number of calls to Route 53."""
        return sum(count for name, count in self.calls.items() if name.startswith("route53."))


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageMeasurements:
    """All measured profiles, with date and machine.

    Attributes
    ----------
    profiles
        For each function, one profile per interval.

    """

    measured_on: date
    machine: str
    profiles: Mapping[ScheduledFunction, tuple[InvocationProfile, ...]]

    def get_profile(self, function: ScheduledFunction, interval_seconds: int) -> InvocationProfile:
        """Return a function's profile for an interval.

        Raises
        ------
        UsageMeasurementsError
            If the interval was not measured.

        """
        for profile in self.profiles[function]:
            if profile.interval_seconds == interval_seconds:
                return profile
        raise UsageMeasurementsError(f"The {function} was not measured with rounds {interval_seconds} s apart.")

    @property
    def intervals_seconds(self) -> tuple[int, ...]:
        """Intervals for which the controller was measured."""
        return tuple(profile.interval_seconds for profile in self.profiles[ScheduledFunction.CONTROLLER])

    def save(self, path: Path = MEASURED_PATH) -> None:
        """Write the measurements to a file."""
        from msgspec import json  # noqa: PLC0415 - as in `read`

        path.write_bytes(json.format(json.encode(self)) + b"\n")


def read(path: Path = MEASURED_PATH) -> UsageMeasurements:
    """Read the file.

    Raises
    ------
    UsageMeasurementsError
        If the file is malformed.

    """
    from msgspec import ValidationError, json  # noqa: PLC0415 - help and completion don't need it

    try:
        return json.decode(path.read_bytes(), type=UsageMeasurements)
    except ValidationError as error:
        raise UsageMeasurementsError(f"{path.name}: {error}") from error
