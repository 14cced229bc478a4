"""What one invocation, a minute of rounds, was seen to do: measured.json, which ``make bench`` writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from cognito_failover.common.time_budget import INVOCATION_INTERVAL_SECONDS

MEASURED_PATH = Path(__file__).parent / "measured.json"


class ScheduledFunction(StrEnum):
    """The functions that make rounds, minute after minute."""

    CONTROLLER = "controller"
    OBSERVER = "observer"


class UsageMeasurementsError(ValueError):
    """The file of what was measured can't be understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationProfile:
    """One invocation in which nothing fails.

    Attributes
    ----------
    wall_seconds
        From its start to its end.
    cpu_seconds
        What it took of a processor.
    rounds_cpu_seconds
        The same of single rounds; the last one is not told apart from the invocation's end.
    calls
        Of AWS's services, by service and operation.
    write_units, read_units
        Of DynamoDB; a read counts as a consistent one.
    metrics
        How many different custom metrics it wrote.
    log_events, log_bytes
        What it logged, metrics included.

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
        """How many rounds it makes."""
        return int(INVOCATION_INTERVAL_SECONDS // self.interval_seconds)

    @property
    def round_cpu_seconds(self) -> float:
        """What a round takes of a processor, its share of the invocation's beginning and end included."""
        return self.cpu_seconds / self.round_count

    @property
    def route53_calls(self) -> int:
        """How often Route 53 is asked."""
        return sum(count for name, count in self.calls.items() if name.startswith("route53."))


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageMeasurements:
    """What was measured, when and on what.

    Attributes
    ----------
    minutes
        By function, one for each interval.

    """

    measured_on: date
    machine: str
    profiles: Mapping[ScheduledFunction, tuple[InvocationProfile, ...]]

    def get_profile(self, function: ScheduledFunction, interval_seconds: int) -> InvocationProfile:
        """Return a function's minute at an interval.

        Raises
        ------
        MeasuredError
            If that interval was not measured.

        """
        for minute in self.profiles[function]:
            if minute.interval_seconds == interval_seconds:
                return minute
        raise UsageMeasurementsError(f"The {function} was not measured with rounds {interval_seconds} s apart.")

    @property
    def intervals_seconds(self) -> tuple[int, ...]:
        """The intervals that the controller was measured at."""
        return tuple(minute.interval_seconds for minute in self.profiles[ScheduledFunction.CONTROLLER])

    def save(self, path: Path = MEASURED_PATH) -> None:
        """Write it to a file."""
        from msgspec import json  # noqa: PLC0415 - as in `read`

        path.write_bytes(json.format(json.encode(self)) + b"\n")


def read(path: Path = MEASURED_PATH) -> UsageMeasurements:
    """Read what was measured.

    Raises
    ------
    MeasuredError
        If the file can't be understood.

    """
    from msgspec import ValidationError, json  # noqa: PLC0415 - completion and help don't need it

    try:
        return json.decode(path.read_bytes(), type=UsageMeasurements)
    except ValidationError as error:
        raise UsageMeasurementsError(f"{path.name}: {error}") from error
