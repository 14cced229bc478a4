"""Third Regions, whose answering shows that the silence of another is its own."""

from failover.probe.https import Endpoint, Https, SilenceError


def answers(https: Https, endpoint: Endpoint) -> bool:
    """Whether a control endpoint gives any HTTP answer; an error is one too."""
    try:
        https.get(endpoint)
    except SilenceError:
        return False
    return True
