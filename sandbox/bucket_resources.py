"""Buckets and their policies in stacks, refused where S3's own API would refuse them.

The engine writes a stack's policy past Block Public Access, and deletes a stack's bucket with all that is in it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

BUCKET, BUCKET_POLICY = "AWS::S3::Bucket", "AWS::S3::BucketPolicy"

_CODE_AND_MESSAGE = re.compile(rb"<Code>(?P<code>[^<]*)</Code><Message>(?P<message>[^<]*)</Message>")
_FIRST_ERROR_STATUS = 400

type BucketHandlers = dict[str, Callable[..., Any]]


class BucketResourceError(Exception):
    """S3 refused; the message is the stack event's."""


def build_bucket_handlers(s3: Any, engine: Mapping[str, Callable[..., Any]]) -> BucketHandlers:
    """Return the engine's handlers of buckets, with S3's own deletion."""

    def delete(name: str, properties: Mapping[str, Any]) -> None:
        if name in s3._buckets:  # noqa: SLF001 - gone already is no error
            _require_success(s3._delete_bucket(name))  # noqa: SLF001
        engine["delete"](name, properties)

    return {**engine, "delete": delete}


def build_policy_handlers(
    s3: Any, engine: Mapping[str, Callable[..., Any]], to_json_text: Callable[[Any], str]
) -> BucketHandlers:
    """Return the engine's handlers of bucket policies, asking S3 first whether it takes the policy."""

    def create(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> Any:
        put_policy(properties)
        return engine["create"](logical_id, properties, stack_name)

    def update(physical_id: str, old: Mapping[str, Any], new: Mapping[str, Any], stack_name: str) -> Any:
        put_policy(new)
        return engine["update"](physical_id, old, new, stack_name)

    def put_policy(properties: Mapping[str, Any]) -> None:
        _require_success(s3._put_bucket_policy(properties["Bucket"], to_json_text(properties).encode()))  # noqa: SLF001

    return {**engine, "create": create, "update": update}


def _require_success(answer: tuple[int, Mapping[str, str], bytes]) -> None:
    status, _, body = answer
    if status >= _FIRST_ERROR_STATUS:
        found = _CODE_AND_MESSAGE.search(body)
        said = f"{found['message'].decode()} (Error Code: {found['code'].decode()})" if found else body.decode()
        raise BucketResourceError(f"{said} (Service: S3, Status Code: {status})")
