"""An observer as a separate process: makes a round for every line it reads, and writes the verdicts as JSON."""

import json
import sys

from cognito_failover.common.deadlines import Deadline
from cognito_failover.core.canary_backoff import ALL_CLOSED
from cognito_failover.probe.https_client import Timeouts
from cognito_failover.probe.jwks_cache import MemoryJwksStore
from cognito_failover.probe.probe import Probe
from cognito_failover.probe.secret_reader import SecretsManagerReader, create_secrets_client
from cognito_failover.settings.controller import Settings


def main() -> None:
    settings = Settings(**json.loads(sys.argv[1]))
    timeouts = Timeouts(connect_seconds=settings.connect_timeout_seconds, read_seconds=settings.read_timeout_seconds)
    secret = SecretsManagerReader(
        create_secrets_client(settings.canary_secret_arn, timeouts), settings.canary_secret_arn
    )
    probe = Probe.from_settings(settings, observer=settings.standby_region, jwks_store=MemoryJwksStore(), secret=secret)
    probe.warm_up(Deadline(settings.probe_deadline_seconds))
    probe.refresh_keys(Deadline(settings.probe_deadline_seconds))
    backoffs = ALL_CLOSED
    for _ in sys.stdin:
        observation, backoffs = probe.observe(backoffs)
        verdicts = {
            "witness": observation.witness_answered,
            **{role.value: [reading.verdict, reading.code] for role, reading in observation.readings},
        }
        sys.stdout.write(json.dumps(verdicts) + "\n")
        sys.stdout.flush()


main()
