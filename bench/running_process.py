"""Starts the measured processes and gathers what they wrote."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.environment import GUEST_FOLDER

ROOT = Path(__file__).parent.parent
BUILT = ROOT / "build" / "aws-sam" / "app"
"""What `sam build` made for this machine: what would be uploaded, without bytecode, which Lambda can't keep either."""

BUILT_OBSERVER = ROOT / "build" / "aws-sam" / "observer"
"""The same of observer.yaml."""

LAYER = BUILT / "FailoverLayer" / "python"

_SUBJECT = Path(__file__).parent / "running_subject.py"
_HOLDER = Path(__file__).parent / "running_share.py"
_LONGEST_SECONDS = 180
_LAST_WORDS = 3000
_APART_SECONDS = 2.3


class ProcessError(RuntimeError):
    """A measured process failed, or took far too long; the message holds what it said last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A process to be measured.

    Attributes
    ----------
    kind
        What it does: see `bench.running_subject`.
    function
        The built function that it imports.
    event
        What the function is given.
    environment
        Its environment variables.
    interval_seconds
        Between the controller's rounds.
    share
        Of one processor; for the kind ``share``.
    rounds
        How many are made with that share, or, for the kind ``minute``, without waiting before the minute begins.

    """

    kind: str
    environment: Mapping[str, str]
    function: str = "Controller"
    event: Mapping[str, Any] | None = None
    interval_seconds: int = 10
    share: float = 1.0
    rounds: int = 0

    def arguments(self, result: Path) -> Sequence[str]:
        """Return the command line of a Python without site-packages and without a place to keep bytecode."""
        plan = {
            "guest": str(GUEST_FOLDER),
            "path": [str((BUILT_OBSERVER if self.function == "Observer" else BUILT) / self.function), str(LAYER)],
            "kind": self.kind,
            "event": self.event or {},
            "interval_seconds": self.interval_seconds,
            "share": self.share,
            "rounds": self.rounds,
            "holder": ["-I", "-S", "-B", str(_HOLDER)],
            "result": str(result),
        }
        interpreter = getattr(sys, "_base_executable", sys.executable)
        return [interpreter, "-I", "-S", "-B", str(_SUBJECT), json.dumps(plan)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a process measured of itself, and what it logged."""

    figures: Mapping[str, Any]
    log: str


def run(subject: Subject) -> Seen:
    """Run one process to its end.

    Raises
    ------
    ProcessError
        If it fails.

    """
    (seen,) = run_together([subject])
    return seen


def run_together(subjects: Sequence[Subject]) -> list[Seen]:
    """Run processes side by side, a little apart: for those that mostly wait, and work seldom at the same time.

    Raises
    ------
    ProcessError
        If one fails; the others are ended.

    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as started:
        runs = []
        for number, subject in enumerate(subjects):
            time.sleep(_APART_SECONDS if number else 0)
            runs.append(started.enter_context(_running(subject, Path(folder) / str(number))))
        return [each.result() for each in runs]


def layer_megabytes() -> float:
    """Return the size of the layer, unzipped."""
    return sum(path.stat().st_size for path in LAYER.rglob("*") if path.is_file()) / 1e6


class _Run:
    """A process that runs, with its log in a file: the controller drops lines that a pipe does not take at once."""

    def __init__(self, process: subprocess.Popen[bytes], figures: Path, log: Path) -> None:
        self._process = process
        self._figures = figures
        self._log = log

    def result(self) -> Seen:
        """Wait for the end."""
        try:
            code = self._process.wait(_LONGEST_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ProcessError(f"a measured process had not ended after {_LONGEST_SECONDS} s") from error
        log = self._log.read_text(encoding="utf-8")
        if code:
            raise ProcessError(f"a measured process ended with {code}:\n{log[-_LAST_WORDS:]}")
        return Seen(figures=json.loads(self._figures.read_text(encoding="utf-8")), log=log)


@contextmanager
def _running(subject: Subject, stem: Path) -> Iterator[_Run]:
    figures, log = stem.with_suffix(".json"), stem.with_suffix(".log")
    with log.open("wb") as written:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, with our own module
            subject.arguments(figures), env=dict(subject.environment), stdout=written, stderr=subprocess.STDOUT
        )
    try:
        yield _Run(process, figures, log)
    finally:
        process.kill()
        process.wait()
