"""Limits a process to a share of a processor, as Lambda limits a function in proportion to its memory.

``python cpu_limiter.py PID SHARE``. In each period the process runs until its share is used up, and is then stopped for
the rest. The kernel's bandwidth control does the same, but needs root.
"""

import os
import signal
import sys
import time

_PERIOD_SECONDS = 0.02
_POLL_SECONDS = 0.0005


def read_cpu_seconds(pid: int) -> float:
    """Return the processor time of a process, from its kernel clock (Linux: clock_getcpuclockid)."""
    return time.clock_gettime((~pid << 3) | 2)


def limit_cpu(pid: int, cpu_share: float) -> None:
    """Limit a process to a share of a processor until the process ends."""
    owed_seconds = 0.0
    while True:
        ends_at = time.monotonic() + _PERIOD_SECONDS
        allowed_seconds = cpu_share * _PERIOD_SECONDS - owed_seconds
        before = read_cpu_seconds(pid)
        while (now := time.monotonic()) < ends_at and read_cpu_seconds(pid) - before < allowed_seconds:
            time.sleep(min(_POLL_SECONDS, ends_at - now))
        if now < ends_at:
            os.kill(pid, signal.SIGSTOP)
            time.sleep(max(0.0, ends_at - time.monotonic()))
        # Excess use reduces the next period's share. Unused time is lost.
        owed_seconds = max(0.0, read_cpu_seconds(pid) - before - allowed_seconds)
        os.kill(pid, signal.SIGCONT)


if __name__ == "__main__":
    try:
        limit_cpu(int(sys.argv[1]), float(sys.argv[2]))
    except (ProcessLookupError, OSError):
        sys.exit(0)  # the process has ended
