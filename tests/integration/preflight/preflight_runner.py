"""Runs preflight on the sandbox's network for each line it reads, as the function does. Tests start this process."""

import json
import os
import sys
import time

from cognito_failover.wiring import preflight
from cognito_failover.wiring.preflight import build_preflight


class AdvancedClock:
    """A clock that a test can set ahead."""

    ahead_seconds = 0.0

    def time(self) -> float:
        return time.time() + self.ahead_seconds


if __name__ == "__main__":
    output, sys.stdout = sys.stdout, sys.stderr
    clock = AdvancedClock()
    vars(preflight)["time"] = clock  # the module uses only time.time
    function = build_preflight(os.environ)
    for line in sys.stdin:
        request = json.loads(line)
        clock.ahead_seconds = request["ahead_seconds"]
        answer = function.handle(request["event"], remaining_seconds=lambda: 60.0)
        output.write(json.dumps(answer) + "\n")
        output.flush()
