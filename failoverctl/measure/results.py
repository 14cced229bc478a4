"""What was measured, in a file that a later run goes on with."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click

from failoverctl.measure.measurement import Sample
from failoverctl.measure.subject import Subject

FORMAT = 1


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

    def content(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        kept = {name: [asdict(sample) for sample in samples] for name, samples in self.samples.items()}
        return {"format": FORMAT, "about": dict(self.about), "samples": kept, "troubles": self.troubles}

    def _write(self) -> None:
        beside = self.path.with_name(f"{self.path.name}.new")
        beside.write_text(json.dumps(self.content(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
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
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Results(path=path, about=about(subject))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"--results: {path} can't be read ({error}). Give another file.") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise click.UsageError(f"--results: {path} is no file of results of format {FORMAT}. Give another file.")
    differing = [name for name, value in about(subject).items() if content["about"].get(name) != value]
    if differing:
        name = differing[0]
        raise click.UsageError(
            f"--results: {path} is of the {name} {content['about'].get(name)}, not of {about(subject)[name]}. "
            f"Give another file."
        )
    return Results(
        path=path,
        about=content["about"],
        samples={name: [Sample(**each) for each in kept] for name, kept in content["samples"].items()},
        troubles=dict(content["troubles"]),
    )
