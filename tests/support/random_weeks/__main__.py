"""Runs random weeks and prints the numbers, or one week with all its events."""

import argparse
import logging
import multiprocessing
import sys
import time

from tests.support.random_weeks.schedule import make_week
from tests.support.random_weeks.totals import Totals, run_seed
from tests.support.random_weeks.week_world import WeekWorld


def main() -> int:
    """Run the command, and return its exit code: 1 if a promise was broken."""
    logging.getLogger("cognito_failover").setLevel(logging.CRITICAL)
    parser = argparse.ArgumentParser(prog="python -m tests.support.random_weeks", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=1000, help="the number of weeks")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=2, help="the number of processes")
    parser.add_argument("--show", type=int, metavar="SEED", help="print the events of one week")
    arguments = parser.parse_args()
    if arguments.show is not None:
        return _show(arguments.show)
    return _run_many(arguments.first, arguments.count, arguments.processes)


def _run_many(first: int, count: int, processes: int) -> int:
    began_at, totals = time.monotonic(), Totals()
    with multiprocessing.Pool(processes) as pool:
        for seed, report in pool.imap_unordered(run_seed, range(first, first + count), chunksize=5):
            totals.add(seed, report)
    milliseconds = (time.monotonic() - began_at) / count * 1000
    _write(totals.describe(), f"seeds {first} to {first + count - 1}, {milliseconds:.0f} ms a week")
    return 1 if totals.broken else 0


def _show(seed: int) -> int:
    world = WeekWorld(make_week(seed))
    report = world.run()
    week = world.week
    _write(
        f"latches {', '.join(week.latches) or 'none'}; records {week.records}; own checks {sorted(week.own_checks)}",
        f"settings {dict(week.settings)}; acknowledges after {week.acknowledges_after_seconds} s",
        *(text for _, text in sorted(world.log, key=lambda entry: entry[0])),
    )
    return 1 if report.findings else 0


def _write(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
