"""Requests for S3 objects that S3 rejects or redirects and the engine would answer.

The engine handles policies and Block Public Access. This module adds:

- A missing object returns 403, not 404, to callers that may not list the bucket.
- A write with `If-Match` needs the permission to read the object too.
- S3 rejects an unsigned read of an object that is encrypted with a KMS key.
- S3 redirects an unsigned request to the bucket's Region: permanently (301) from a Regional endpoint, temporarily (307)
  from the global one. A health check accepts 307 as a success.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

type S3Response = tuple[int, dict[str, str], bytes]

_GLOBAL_HOSTS = (".s3.amazonaws.com", "s3.amazonaws.com")
_PERMANENT_REDIRECT_MESSAGE = (
    "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future "
    "requests to this endpoint."
)
_TEMPORARY_REDIRECT_MESSAGE = "Please re-send this request to the specified temporary endpoint."
_SIGNATURE_REQUIRED_MESSAGE = (
    "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4."
)


class ObjectAccess:
    """Decides on S3 requests after the engine's own decision.

    Parameters
    ----------
    s3
        The engine's S3 module.
    router, evaluator
        The engine's modules that parse the access key of a request and evaluate its policies.

    """

    def __init__(self, s3: Any, router: Any, evaluator: Any) -> None:
        self._s3 = s3
        self._router = router
        self._evaluator = evaluator
        self._decide = s3._apply_bucket_scope  # noqa: SLF001 - every request for a bucket passes here

    def __call__(
        self,
        method: str,
        bucket: str,
        key: str,
        headers: Mapping[str, str],
        query: Mapping[str, Any],
        body: bytes,
        internal: bool,
    ) -> S3Response | None:
        """Return an error or a redirect, or None if the request may continue."""
        signed = internal or bool(self._s3._request_access_key(method, key, headers, query, body))  # noqa: SLF001
        if not signed and (redirect := self._redirect_to_home_region(bucket, key, headers)):
            return redirect
        denied: S3Response | None = self._decide(method, bucket, key, headers, query, body, internal)
        if denied is None and not internal and method == "PUT" and "if-match" in headers:
            may_read = self._may("s3:GetObject", f"{bucket}/{key}", headers, query)
            return None if may_read else self._build_error("AccessDenied", "Access Denied", 403, bucket, key)
        if denied is not None or internal or not key or method not in ("GET", "HEAD") or query.keys() - {"x-id"}:
            return denied
        return self._reject_unreadable(bucket, key, headers, query, signed=signed)

    def _reject_unreadable(
        self, bucket: str, key: str, headers: Mapping[str, str], query: Mapping[str, Any], *, signed: bool
    ) -> S3Response | None:
        # After the engine's decision, the current account is the bucket owner's.
        objects = (self._s3._buckets.get(bucket) or {}).get("objects")  # noqa: SLF001
        if objects is None:
            return None
        if key not in objects:
            may_list = self._may_list(bucket, headers, query, signed=signed)
            return None if may_list else self._build_error("AccessDenied", "Access Denied", 403, bucket, key)
        encryption = objects[key].get("preserved_headers", {}).get("x-amz-server-side-encryption", "")
        if not signed and encryption.startswith("aws:kms"):
            return self._build_error("InvalidArgument", _SIGNATURE_REQUIRED_MESSAGE, 400, bucket, key)
        return None

    def _may_list(self, bucket: str, headers: Mapping[str, str], query: Mapping[str, Any], *, signed: bool) -> bool:
        if not signed:
            owner = self._s3._bucket_owner_account(bucket)  # noqa: SLF001
            return bool(self._s3._foreign_bucket_allows(owner, bucket, "", "GET", {}, "", headers))  # noqa: SLF001
        return self._may("s3:ListBucket", bucket, headers, query)

    def _may(self, action: str, resource: str, headers: Mapping[str, str], query: Mapping[str, Any]) -> bool:
        refusal = self._evaluator.enforce(
            self._router.extract_access_key_id(headers, query),
            action,
            "s3",
            self._router.extract_region(headers, query),
            resource_arn=f"arn:aws:s3:::{resource}",
        )
        return refusal is None

    def _redirect_to_home_region(self, bucket: str, key: str, headers: Mapping[str, str]) -> S3Response | None:
        owner = self._s3._bucket_owner_account(bucket) if bucket else None  # noqa: SLF001
        if owner is None:
            return None
        home = self._s3._buckets.get_scoped(owner, None, bucket)["region"]  # noqa: SLF001
        host = headers.get("host", "").partition(":")[0].lower()
        if home == self._router.extract_region(headers, {}):
            return None
        endpoint = f"{bucket}.s3.{home}.amazonaws.com"
        extra = {"Endpoint": endpoint, "Bucket": bucket}
        region_header = {"x-amz-bucket-region": home}
        if host.endswith(_GLOBAL_HOSTS):
            location = {**region_header, "location": f"https://{endpoint}/{quote(key)}"}
            return self._build_error(
                "TemporaryRedirect", _TEMPORARY_REDIRECT_MESSAGE, 307, bucket, key, extra, location
            )
        return self._build_error(
            "PermanentRedirect", _PERMANENT_REDIRECT_MESSAGE, 301, bucket, key, extra, region_header
        )

    def _build_error(  # the parameters in the engine's order
        self,
        code: str,
        message: str,
        status: int,
        bucket: str,
        key: str,
        extra: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> S3Response:
        answer: S3Response = self._s3._error(  # noqa: SLF001
            code, message, status, f"/{bucket}/{key}", dict(extra or {}), dict(headers or {})
        )
        return answer
