"""Scales time limits of tests by the load of the machine, which is measured once when a session starts.

A limit on a wait costs nothing while the test passes, so it is generous: `get_wait_limit`. Where a test checks a time
that the product promises, the limit is the promise scaled by the load: `scale_seconds`.
"""

import os
import time
from contextlib import suppress

FACTOR_VARIABLE = "TESTS_PATIENCE"
"""Environment variable with the factor for all processes of a session. Set it to skip the measurement."""

MIN_FACTOR, MAX_FACTOR = 1.0, 10.0
MIN_WAIT_SECONDS = 180.0
"""Minimum limit of a wait for a condition: the load may rise after the measurement."""

NICENESS = -5
"""Niceness of tests, which would starve on a busy machine. Only root may lower it; otherwise it stays as it is."""

DEPLOYED_NICENESS = -10
"""Niceness of deployed tests. They mostly wait, have time limits, and so come before all other tests."""

_WORK_SECONDS = 0.5
_PIECE = 20_000


def measure_factor() -> float:
    """Do a fixed amount of CPU work. Return the ratio of its wall time to its CPU time."""
    began_at, began_cpu_at = time.monotonic(), time.process_time()
    while (used_seconds := time.process_time() - began_cpu_at) < _WORK_SECONDS:
        sum(range(_PIECE))
    return clamp_factor((time.monotonic() - began_at) / used_seconds)


def clamp_factor(factor: float) -> float:
    """Return the factor, limited to the valid range."""
    return min(max(factor, MIN_FACTOR), MAX_FACTOR)


def get_factor() -> float:
    """Return the factor. Measure it on the first call, and pass it to child processes through the environment."""
    if FACTOR_VARIABLE not in os.environ:
        os.environ[FACTOR_VARIABLE] = f"{measure_factor():.2f}"
    return clamp_factor(float(os.environ[FACTOR_VARIABLE]))


def raise_priority(niceness: int = NICENESS) -> None:
    """Let the scheduler prefer this process and its children, where the system allows it. Never lower the priority."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, min(niceness, os.getpriority(os.PRIO_PROCESS, 0)))


def scale_seconds(seconds: float) -> float:
    """Return a time that the product promises, scaled by the load of this machine."""
    return seconds * get_factor()


def probe_limits() -> dict[str, float]:
    """Return settings with timeouts that a probe in a separate process meets despite the load of this machine."""
    connect_seconds, read_seconds = min(scale_seconds(2.0), 15.0), min(scale_seconds(3.0), 25.0)
    return {
        "connect_timeout_seconds": connect_seconds,
        "read_timeout_seconds": read_seconds,
        "probe_deadline_seconds": max(5.0, connect_seconds + read_seconds),
        "round_interval_seconds": 60,
    }


def get_wait_limit(seconds: float = MIN_WAIT_SECONDS) -> float:
    """Return the limit of a wait for a condition that usually takes at most `seconds`."""
    return scale_seconds(max(seconds, MIN_WAIT_SECONDS))
