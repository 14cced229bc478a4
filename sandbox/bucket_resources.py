"""Buckets and bucket policies in stacks, with the rejections of S3's own API.

Without these handlers, the engine ignores Block Public Access for a stack's policy, and deletes a stack's bucket with
its objects.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

BUCKET, BUCKET_POLICY = "AWS::S3::Bucket", "AWS::S3::BucketPolicy"

_CODE_AND_MESSAGE = re.compile(rb"<Code>(?P<code>[^<]*)</Code><Message>(?P<message>[^<]*)</Message>")
_FIRST_ERROR_STATUS = 400

type BucketHandlers = dict[str, Callable[..., Any]]


class BucketResourceError(Exception):
    """S3 rejected a stack's resource. The message appears in the stack event."""


def build_bucket_handlers(s3: Any, engine: Mapping[str, Callable[..., Any]]) -> BucketHandlers:
    """Return the engine's bucket handlers, with the deletion of S3's API."""

    def delete(name: str, properties: Mapping[str, Any]) -> None:
        if name in s3._buckets:  # noqa: SLF001 - a missing bucket is no error
            _require_success(s3._delete_bucket(name))  # noqa: SLF001
        engine["delete"](name, properties)

    return {**engine, "delete": delete}


def build_policy_handlers(
    s3: Any, engine: Mapping[str, Callable[..., Any]], to_json_text: Callable[[Any], str]
) -> BucketHandlers:
    """Return the engine's handlers of bucket policies. They call S3's ``PutBucketPolicy`` first."""

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
        error = _CODE_AND_MESSAGE.search(body)
        message = f"{error['message'].decode()} (Error Code: {error['code'].decode()})" if error else body.decode()
        raise BucketResourceError(f"{message} (Service: S3, Status Code: {status})")
