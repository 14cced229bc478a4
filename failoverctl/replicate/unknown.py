"""Settings of a pool that the installed boto3 doesn't know, and would therefore reset without a word."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from failoverctl.replicate.errors import RefusedError

_EVENT = "before-parse.cognito-identity-provider.DescribeUserPool"


@contextmanager
def refuse_unknown_settings(cognito: Any) -> Iterator[None]:
    """Refuse what ``DescribeUserPool`` answers inside, where it holds more than boto3's model.

    boto3 drops what its model doesn't name, and ``UpdateUserPool`` resets what it isn't given.

    Raises
    ------
    RefusedError
        Naming the settings.

    """
    shape = cognito.meta.service_model.operation_model("DescribeUserPool").output_shape
    known = frozenset(shape.members["UserPool"].members)
    unknown: set[str] = set()

    def compare(response_dict: Any, **_: Any) -> None:
        try:
            pool = json.loads(response_dict["body"]).get("UserPool", {})
        except (ValueError, AttributeError):
            return  # botocore says it better
        unknown.update(name for name, value in pool.items() if name not in known and value is not None)

    cognito.meta.events.register(_EVENT, compare)
    try:
        yield
    finally:
        cognito.meta.events.unregister(_EVENT, compare)
    if unknown:
        import boto3  # noqa: PLC0415 - only for its version, and slow to import

        raise RefusedError(
            f"boto3 {boto3.__version__} doesn't know these settings of the pool: {', '.join(sorted(unknown))}. An "
            f"update would reset them. Install a newer boto3, then run the same command again."
        )
