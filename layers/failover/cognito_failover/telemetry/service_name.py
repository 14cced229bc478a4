"""Under which name a function speaks, in its log and in the dimension ``service`` of its metrics. Pure."""

from collections.abc import Mapping

SERVICE_NAME_VARIABLE = "POWERTOOLS_SERVICE_NAME"


def get_service_name(env: Mapping[str, str], component: str) -> str:
    """Return the name: its stack's and its part's, such as ``cognito-failover-controller``.

    A stack's metrics are then its own, however many there are in a Region. Without the variable it is the part alone.
    """
    return env.get(SERVICE_NAME_VARIABLE) or component
