"""The bucket in which reports are kept."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3ReportStore:
    """A private bucket.

    Parameters
    ----------
    client
        A client of the bucket's Region.
    bucket
        Its name.

    """

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, body: bytes, *, content_type: str) -> None:
        """Put an object, in the place of an older one; raises what botocore raises."""
        self._client.put_object(
            Bucket=self._bucket, Key=key, Body=body, ContentType=content_type, CacheControl="no-store"
        )
