"""Third Regions, whose answering shows that the silence of another is its own."""

from cognito_failover.probe.https_client import HttpsClient, HttpsEndpoint, NoResponseError


def is_reachable(https: HttpsClient, endpoint: HttpsEndpoint) -> bool:
    """Whether a control endpoint gives any HTTP answer; an error is one too."""
    try:
        https.get(endpoint)
    except NoResponseError:
        return False
    return True
