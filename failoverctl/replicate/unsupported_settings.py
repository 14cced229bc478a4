"""Settings of a pool that the installed boto3 doesn't know, and would therefore reset without a word."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from failoverctl.replicate.errors import ReplicationRefusedError

_BEFORE_PARSE_EVENT = "before-parse.cognito-identity-provider.DescribeUserPool"


@contextmanager
def reject_unknown_settings(cognito: Any) -> Iterator[None]:
    """Refuse what ``DescribeUserPool`` answers inside, where it holds more than boto3's model.

    boto3 drops what its model doesn't name, and ``UpdateUserPool`` resets what it isn't given.

    Raises
    ------
    RefusedError
        Naming the settings.

    """
    shape = cognito.meta.service_model.operation_model("DescribeUserPool").output_shape
    known_settings = frozenset(shape.members["UserPool"].members)
    unknown_settings: set[str] = set()

    def collect_unknown(response_dict: Any, **_: Any) -> None:
        try:
            pool = json.loads(response_dict["body"]).get("UserPool", {})
        except (ValueError, AttributeError):
            return  # botocore says it better
        unknown_settings.update(
            name for name, value in pool.items() if name not in known_settings and value is not None
        )

    cognito.meta.events.register(_BEFORE_PARSE_EVENT, collect_unknown)
    try:
        yield
    finally:
        cognito.meta.events.unregister(_BEFORE_PARSE_EVENT, collect_unknown)
    if unknown_settings:
        import boto3  # noqa: PLC0415 - only for its version, and slow to import

        raise ReplicationRefusedError(
            f"boto3 {boto3.__version__} doesn't know these settings of the pool: {', '.join(sorted(unknown_settings))}. An "
            f"update would reset them. Install a newer boto3, then run the same command again."
        )
