"""Answers one operator request, given as the only argument, on the sandbox's network. Tests start this process."""

import json
import os
import sys

from cognito_failover.wiring.operator import build_operator

if __name__ == "__main__":
    event = json.loads(sys.argv[1])
    answer = build_operator(os.environ).handle(event, owner=str(os.getpid()), remaining_seconds=lambda: 60.0)
    sys.stdout.write(json.dumps(answer))
