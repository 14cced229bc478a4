"""Detects settings of a pool that the installed boto3 does not know. An update would reset them silently."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from failoverctl.replicate.errors import ReplicationRefusedError

_BEFORE_PARSE_EVENT = "before-parse.cognito-identity-provider.DescribeUserPool"


@contextmanager
def reject_unknown_settings(cognito: Any) -> Iterator[None]:
    """Check answers of ``DescribeUserPool`` within the context for settings that boto3's model does not have.

    boto3 drops unknown settings, and ``UpdateUserPool`` resets settings that it does not get.

    Raises
    ------
    ReplicationRefusedError
        If there are unknown settings. The message names them.

    """
    shape = cognito.meta.service_model.operation_model("DescribeUserPool").output_shape
    known_settings = frozenset(shape.members["UserPool"].members)
    unknown_settings: set[str] = set()

    def collect_unknown(response_dict: Any, **_: Any) -> None:
        try:
            pool = json.loads(response_dict["body"]).get("UserPool", {})
        except (ValueError, AttributeError):
            return  # botocore raises a better error
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

        names = ", ".join(sorted(unknown_settings))
        raise ReplicationRefusedError(
            f"boto3 {boto3.__version__} does not know these settings of the pool: {names}. An update would reset them. "
            f"Install a newer boto3, then run the same command again."
        )
