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

from sandbox.environment import RUNTIME_FOLDER

ROOT = Path(__file__).parents[2]
BUILT_APP = ROOT / "build" / "aws-sam" / "app"
"""What `sam build` made for this machine: what would be uploaded, without bytecode, which Lambda can't keep either."""

BUILT_OBSERVER = ROOT / "build" / "aws-sam" / "observer"
"""The same of observer.yaml."""

LAYER_FOLDER = BUILT_APP / "FailoverLayer" / "python"

_MEASURED_SCRIPT = Path(__file__).parent / "measured_process.py"
_LIMITER_SCRIPT = Path(__file__).parent / "cpu_limiter.py"
_TIMEOUT_SECONDS = 180
_LOG_TAIL_CHARACTERS = 3000
_START_DELAY_SECONDS = 2.3


class MeasuredProcessError(RuntimeError):
    """A measured process failed, or took far too long; the message holds what it said last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredProcess:
    """A process to be measured.

    Attributes
    ----------
    kind
        What it does: see `bench.benchmark.measured_process`.
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
    cpu_share: float = 1.0
    rounds: int = 0

    def build_command(self, result: Path) -> Sequence[str]:
        """Return the command line of a Python without site-packages and without a place to keep bytecode."""
        plan = {
            "guest": str(RUNTIME_FOLDER),
            "path": [
                str((BUILT_OBSERVER if self.function == "Observer" else BUILT_APP) / self.function),
                str(LAYER_FOLDER),
            ],
            "kind": self.kind,
            "event": self.event or {},
            "interval_seconds": self.interval_seconds,
            "share": self.cpu_share,
            "rounds": self.rounds,
            "holder": ["-I", "-S", "-B", str(_LIMITER_SCRIPT)],
            "result": str(result),
        }
        interpreter = getattr(sys, "_base_executable", sys.executable)
        return [interpreter, "-I", "-S", "-B", str(_MEASURED_SCRIPT), json.dumps(plan)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessOutput:
    """What a process measured of itself, and what it logged."""

    figures: Mapping[str, Any]
    log: str


def run_process(process: MeasuredProcess) -> ProcessOutput:
    """Run one process to its end.

    Raises
    ------
    ProcessError
        If it fails.

    """
    (seen,) = run_processes([process])
    return seen


def run_processes(processes: Sequence[MeasuredProcess]) -> list[ProcessOutput]:
    """Run processes side by side, a little apart: for those that mostly wait, and work seldom at the same time.

    Raises
    ------
    ProcessError
        If one fails; the others are ended.

    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as started:
        runs = []
        for number, subject in enumerate(processes):
            time.sleep(_START_DELAY_SECONDS if number else 0)
            runs.append(started.enter_context(_start_process(subject, Path(folder) / str(number))))
        return [each.wait_for_output() for each in runs]


def compute_layer_megabytes() -> float:
    """Return the size of the layer, unzipped."""
    return sum(path.stat().st_size for path in LAYER_FOLDER.rglob("*") if path.is_file()) / 1e6


class _RunningProcess:
    """A process that runs, with its log in a file: the controller drops lines that a pipe does not take at once."""

    def __init__(self, process: subprocess.Popen[bytes], figures: Path, log: Path) -> None:
        self._process = process
        self._figures = figures
        self._log = log

    def wait_for_output(self) -> ProcessOutput:
        """Wait for the end."""
        try:
            code = self._process.wait(_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise MeasuredProcessError(f"a measured process had not ended after {_TIMEOUT_SECONDS} s") from error
        log = self._log.read_text(encoding="utf-8")
        if code:
            raise MeasuredProcessError(f"a measured process ended with {code}:\n{log[-_LOG_TAIL_CHARACTERS:]}")
        return ProcessOutput(figures=json.loads(self._figures.read_text(encoding="utf-8")), log=log)


@contextmanager
def _start_process(spec: MeasuredProcess, stem: Path) -> Iterator[_RunningProcess]:
    figures, log = stem.with_suffix(".json"), stem.with_suffix(".log")
    with log.open("wb") as written:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, with our own module
            spec.build_command(figures), env=dict(spec.environment), stdout=written, stderr=subprocess.STDOUT
        )
    try:
        yield _RunningProcess(process, figures, log)
    finally:
        process.kill()
        process.wait()
