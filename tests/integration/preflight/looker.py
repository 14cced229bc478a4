"""Makes a preflight on the sandbox's network for each line it reads, as the function does: a test's other half."""

import json
import os
import sys
import time

from failover import assembly_preflight
from failover.assembly_preflight import preflight


class Clock:
    """The time, moved ahead by a test."""

    ahead_seconds = 0.0

    def time(self) -> float:
        return time.time() + self.ahead_seconds


if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, sys.stderr
    clock = Clock()
    vars(assembly_preflight)["time"] = clock  # all that it asks of the module
    function = preflight(os.environ)
    for line in sys.stdin:
        asked = json.loads(line)
        clock.ahead_seconds = asked["ahead_seconds"]
        answer = function.handle(asked["event"], remaining_seconds=lambda: 60.0)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
