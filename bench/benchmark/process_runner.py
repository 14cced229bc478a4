"""Runs the measured processes and collects their figures and logs."""

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
"""Output of `sam build` for this machine: the code to upload, without bytecode, which Lambda cannot store either."""

BUILT_OBSERVER = ROOT / "build" / "aws-sam" / "observer"
"""Output of `sam build` for observer.yaml."""

LAYER_FOLDER = BUILT_APP / "FailoverLayer" / "python"

_MEASURED_SCRIPT = Path(__file__).parent / "measured_process.py"
_LIMITER_SCRIPT = Path(__file__).parent / "cpu_limiter.py"
_TIMEOUT_SECONDS = 180
_LOG_TAIL_CHARACTERS = 3000
_START_DELAY_SECONDS = 2.3


class MeasuredProcessError(RuntimeError):
    """A measured process failed or timed out. The message contains the end of its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredProcess:
    """The specification of a measured process.

    Attributes
    ----------
    kind
        The kind of measurement: see `bench.benchmark.measured_process`.
    environment
        Environment variables.
    function
        The built function to import.
    event
        The function's event.
    interval_seconds
        Seconds between the controller's rounds.
    cpu_share
        Share of one processor, for the kind ``share``.
    rounds
        Number of rounds: for ``share`` the measured ones, for ``minute`` those without waiting before the minute.

    """

    kind: str
    environment: Mapping[str, str]
    function: str = "Controller"
    event: Mapping[str, Any] | None = None
    interval_seconds: int = 10
    cpu_share: float = 1.0
    rounds: int = 0

    def build_command(self, result: Path) -> Sequence[str]:
        """Return the command line of a Python without site-packages that writes no bytecode."""
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
    """The figures that a process measured about itself, and its log."""

    figures: Mapping[str, Any]
    log: str


def run_process(process: MeasuredProcess) -> ProcessOutput:
    """Run one process to its end.

    Raises
    ------
    MeasuredProcessError
        If it fails.

    """
    (output,) = run_processes([process])
    return output


def run_processes(processes: Sequence[MeasuredProcess]) -> list[ProcessOutput]:
    """Run processes in parallel, with staggered starts. Suits processes that mostly wait.

    Raises
    ------
    MeasuredProcessError
        If one fails. The others are killed.

    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as started:
        runs = []
        for number, process in enumerate(processes):
            time.sleep(_START_DELAY_SECONDS if number else 0)
            runs.append(started.enter_context(_start_process(process, Path(folder) / str(number))))
        return [run.wait_for_output() for run in runs]


def compute_layer_megabytes() -> float:
    """Return the size of the unzipped layer."""
    return sum(path.stat().st_size for path in LAYER_FOLDER.rglob("*") if path.is_file()) / 1e6


class _RunningProcess:
    """A running process with its log in a file. The controller drops lines that a full pipe would block."""

    def __init__(self, process: subprocess.Popen[bytes], figures: Path, log: Path) -> None:
        self._process = process
        self._figures = figures
        self._log = log

    def wait_for_output(self) -> ProcessOutput:
        """Wait for the end of the process and return its output."""
        try:
            code = self._process.wait(_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise MeasuredProcessError(f"a measured process did not end within {_TIMEOUT_SECONDS} s") from error
        log = self._log.read_text(encoding="utf-8")
        if code:
            raise MeasuredProcessError(
                f"a measured process failed with exit code {code}:\n{log[-_LOG_TAIL_CHARACTERS:]}"
            )
        return ProcessOutput(figures=json.loads(self._figures.read_text(encoding="utf-8")), log=log)


@contextmanager
def _start_process(spec: MeasuredProcess, stem: Path) -> Iterator[_RunningProcess]:
    figures, log = stem.with_suffix(".json"), stem.with_suffix(".log")
    with log.open("wb") as log_file:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, with our own script
            spec.build_command(figures), env=dict(spec.environment), stdout=log_file, stderr=subprocess.STDOUT
        )
    try:
        yield _RunningProcess(process, figures, log)
    finally:
        process.kill()
        process.wait()
