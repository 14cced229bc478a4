"""AWS clients with one attempt and short timeouts, so that notifications do not delay a failover."""

from typing import Any, cast

CONNECT_TIMEOUT_SECONDS = 0.7
READ_TIMEOUT_SECONDS = 1.0


def create_short_timeout_client(service: str, region: str) -> Any:
    """Return a client of a service, such as ``sns``, in a Region."""
    import botocore.session  # noqa: PLC0415 - heavy, and not needed before the first notification
    from botocore.config import Config  # noqa: PLC0415 - comes with it

    # A new session: the shared one is not safe for two threads at once.
    return botocore.session.Session().create_client(
        cast("Any", service),
        region_name=region,
        config=Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            retries={"total_max_attempts": 1},
        ),
    )
