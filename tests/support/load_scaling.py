"""How long tests wait for real time. The load of the machine is measured once, when a session starts.

A limit on a wait costs nothing while the test passes, so it is generous: it is `wait_limit`. Where the product promises
a time and the test checks that promise, the bound is the promise, scaled by the measured load: it is `scale`.
"""

import os
import time

FACTOR_VARIABLE = "TESTS_PATIENCE"
"""Holds the factor for every process of a session. Set it by hand to skip the measurement."""

MIN_FACTOR, MAX_FACTOR = 1.0, 10.0
MIN_WAIT_SECONDS = 180.0
"""No wait for a condition ends earlier than this: load may begin after the measurement."""

_WORK_SECONDS = 0.5
_PIECE = 20_000


def measure_factor() -> float:
    """Do a fixed amount of CPU work, and return how many times longer it takes than the CPU time it uses."""
    began_at, began_with = time.monotonic(), time.process_time()
    while (used_seconds := time.process_time() - began_with) < _WORK_SECONDS:
        sum(range(_PIECE))
    return clamp_factor((time.monotonic() - began_at) / used_seconds)


def clamp_factor(factor: float) -> float:
    """Keep a factor in the range that makes sense."""
    return min(max(factor, MIN_FACTOR), MAX_FACTOR)


def get_factor() -> float:
    """Return by how much limits are stretched; measure on the first call, and hand it to every child process."""
    if FACTOR_VARIABLE not in os.environ:
        os.environ[FACTOR_VARIABLE] = f"{measure_factor():.2f}"
    return clamp_factor(float(os.environ[FACTOR_VARIABLE]))


def scale_seconds(seconds: float) -> float:
    """Return a time that the product promises, stretched by the load of this machine."""
    return seconds * get_factor()


def probe_limits() -> dict[str, float]:
    """Return settings with which a probe in a process of its own is not late for the load of this machine alone."""
    connect_seconds, read_seconds = min(scale_seconds(2.0), 15.0), min(scale_seconds(3.0), 25.0)
    return {
        "connect_timeout_seconds": connect_seconds,
        "read_timeout_seconds": read_seconds,
        "probe_deadline_seconds": max(5.0, connect_seconds + read_seconds),
        "round_interval_seconds": 60,
    }


def get_wait_limit(seconds: float = MIN_WAIT_SECONDS) -> float:
    """Return how long a test waits for a condition that usually takes so many seconds at most."""
    return scale_seconds(max(seconds, MIN_WAIT_SECONDS))
