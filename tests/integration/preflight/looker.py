"""Makes a preflight on the sandbox's network for each line it reads, as the function does: a test's other half."""

import json
import os
import sys

from failover.assembly_preflight import preflight

if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, sys.stderr
    function = preflight(os.environ)
    for line in sys.stdin:
        answer = function.handle(json.loads(line), remaining_seconds=lambda: 60.0)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
