"""What was measured, in a file that a later run goes on with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from failoverctl.measure.measurement import Sample
from failoverctl.measure.subject import Subject

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is in the file; see `Results`."""

    format: int
    about: Mapping[str, str]
    samples: dict[str, list[Sample]]
    troubles: dict[str, str]


@dataclass(slots=True, kw_only=True)
class Results:
    """All samples of one stack.

    Attributes
    ----------
    path
        The file they are kept in.
    about
        What they are of: stack, pool and Regions.
    samples
        By the name of the measurement.
    troubles
        Why a measurement could not be made or finished when it was last tried.

    """

    path: Path
    about: Mapping[str, str]
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)

    def of(self, name: str) -> list[Sample]:
        """Return the samples of a measurement."""
        return self.samples.get(name, [])

    def add(self, name: str, sample: Sample) -> None:
        """Keep a sample, in the file too."""
        self.samples.setdefault(name, []).append(sample)
        self.troubles.pop(name, None)
        self._write()

    def fail(self, name: str, trouble: str) -> None:
        """Keep why a measurement ended early, in the file too."""
        self.troubles[name] = trouble
        self._write()

    def _write(self) -> None:
        from msgspec import json  # noqa: PLC0415 - completion and help don't need it

        kept = Kept(format=FORMAT, about=self.about, samples=self.samples, troubles=self.troubles)
        beside = self.path.with_name(f"{self.path.name}.new")
        beside.write_bytes(json.format(json.encode(kept)) + b"\n")
        beside.replace(self.path)


def about(subject: Subject) -> dict[str, str]:
    """Return what makes results those of one stack."""
    return {
        "stack": subject.stack,
        "pool": subject.pool_id,
        "primary": subject.primary,
        "standby": subject.standby,
        "zone": subject.zone_id,
    }


def read(path: Path, subject: Subject) -> Results:
    """Return what a file holds; nothing yet where there is none.

    Raises
    ------
    click.UsageError
        If it is no such file, or holds what was measured elsewhere.

    """
    from msgspec import DecodeError, json  # noqa: PLC0415 - completion and help don't need it

    try:
        kept = json.decode(path.read_bytes(), type=Kept)
    except FileNotFoundError:
        return Results(path=path, about=about(subject))
    except (OSError, DecodeError) as error:
        raise click.UsageError(f"--results: {path} can't be read ({error}). Give another file.") from None
    if kept.format != FORMAT:
        raise click.UsageError(f"--results: {path} is of format {kept.format}, not {FORMAT}. Give another file.")
    for name, value in about(subject).items():
        if kept.about.get(name) != value:
            raise click.UsageError(
                f"--results: {path} is of the {name} {kept.about.get(name)}, not of {value}. Give another file."
            )
    return Results(path=path, about=kept.about, samples=kept.samples, troubles=kept.troubles)
