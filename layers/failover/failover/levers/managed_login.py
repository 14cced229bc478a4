"""A request through Cognito's own domain, as a browser's first one: it shows no Region, only that somebody answers."""

from functools import partial

from failover.levers.health_check_latch import Passage
from failover.probe.https import Endpoint, Https, SilenceError, Timeouts

CONNECT_TIMEOUT_SECONDS = 0.7
READ_TIMEOUT_SECONDS = 1.3

_SERVER_ERROR = 500


def pass_through(https: Https, domain_name: str) -> Passage:
    """Ask for the domain's root; any answer below 500, over a valid certificate, is one."""
    try:
        reply = https.get(Endpoint(host=domain_name, server_name=domain_name))
    except SilenceError as error:
        return Passage(passed=False, sentence=str(error))
    return Passage(
        passed=reply.status < _SERVER_ERROR, sentence=f"A request through {domain_name} was answered {reply.status}."
    )


def passing(domain_name: str) -> "partial[Passage]":
    """Return what makes such a request with timeouts short enough for a round."""
    timeouts = Timeouts(connect_seconds=CONNECT_TIMEOUT_SECONDS, read_seconds=READ_TIMEOUT_SECONDS)
    return partial(pass_through, Https(timeouts), domain_name)
