"""An observer as a process of its own: makes a round for every line it reads, and says what it saw as JSON."""

import json
import sys

from failover.bounded import Deadline
from failover.probe.backoff import NONE
from failover.probe.https import Timeouts
from failover.probe.keys import MemoryKeyStore
from failover.probe.probe import Probe
from failover.probe.secrets_manager import SecretsManagerReader, client_for
from failover.settings import Settings


def main() -> None:
    settings = Settings(**json.loads(sys.argv[1]))
    timeouts = Timeouts(connect_seconds=settings.connect_timeout_seconds, read_seconds=settings.read_timeout_seconds)
    secret = SecretsManagerReader(client_for(settings.canary_secret_arn, timeouts), settings.canary_secret_arn)
    probe = Probe.from_settings(settings, observer=settings.standby_region, key_store=MemoryKeyStore(), secret=secret)
    probe.warm_up(Deadline(settings.probe_deadline_seconds))
    probe.refresh_keys(Deadline(settings.probe_deadline_seconds))
    backoffs = NONE
    for _ in sys.stdin:
        observation, backoffs = probe.observe(backoffs)
        seen = {
            "witness": observation.witness_answered,
            **{side.value: [reading.verdict, reading.code] for side, reading in observation.readings},
        }
        sys.stdout.write(json.dumps(seen) + "\n")
        sys.stdout.flush()


main()
