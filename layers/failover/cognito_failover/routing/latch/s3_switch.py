"""The switch of a latch as an object in S3, which Route 53's health checkers read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_result
from cognito_failover.common.error_boundary import translate_unexpected_errors
from cognito_failover.common.errors import LeverUnavailableError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from mypy_boto3_s3.client import S3Client

THROWN_TOKEN = "cognito-failover: thrown"  # noqa: S105 - what the check searches for, no secret
"""The object's content. The template gives the same to the health check as its search string."""

CONNECT_TIMEOUT_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 1.0

# One attempt per call: a failed one is tried again by the next round, and two wouldn't fit into this one. The Region's
# own endpoint, in us-east-1 too: the global one redirects, and depends on another Region.
S3_CONFIG = Config(
    connect_timeout=CONNECT_TIMEOUT_SECONDS,
    read_timeout=READ_TIMEOUT_SECONDS,
    retries={"total_max_attempts": 1, "mode": "standard"},
    s3={"us_east_1_regional_endpoint": "regional", "addressing_style": "virtual"},
)

_NOT_FOUND_CODES = frozenset({"NoSuchKey", "404"})
_ACCESS_DENIED_CODES = frozenset({"AccessDenied", "403", "AllAccessDisabled", "AccountProblem", "InvalidAccessKeyId"})


class S3LatchSwitch:
    """Thrown while the object holds the token; a `Switch`.

    Parameters
    ----------
    client
        Gives a client of S3 in the bucket's own Region; called at the first use.
    bucket, key
        Where the object is.
    call_seconds
        The longest a call that reads may take, whatever hangs.

    """

    def __init__(
        self,
        client: Callable[[], "S3Client"],
        *,
        bucket: str,
        key: str,
        call_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self._call_timeout_seconds = call_timeout_seconds

    def refresh(self, *, thrown: bool) -> bool:  # noqa: ARG002 - an object can be read
        """Tell whether it is thrown; see `Switch.keep`."""
        return self.read()

    def read(self) -> bool:
        """Tell whether it is thrown: whether the checkers find the token."""
        with self._translate_errors("GetObject"):
            client = self._client()
            # The client's timeouts don't cover name resolution.
            reading: Future[bool | None] = run_in_thread(lambda: self._read(client), name="GetObject")
            thrown = wait_for_result(Deadline(self._call_timeout_seconds), reading, default=None)
        if thrown is None:
            raise LeverUnavailableError(f"GetObject got no answer within {self._call_timeout_seconds:g} s.")
        return thrown

    def set(self, *, thrown: bool) -> None:
        """Throw or release it, in the caller's thread: a write must not be made after it was given up."""
        with self._translate_errors("PutObject" if thrown else "DeleteObject"):
            client = self._client()
            if thrown:
                # Health checkers can't read what a KMS key encrypts, whatever the bucket's default.
                client.put_object(
                    Bucket=self._bucket,
                    Key=self._key,
                    Body=THROWN_TOKEN.encode(),
                    ContentType="text/plain",
                    ServerSideEncryption="AES256",
                )
            else:
                client.delete_object(Bucket=self._bucket, Key=self._key)

    def _read(self, client: "S3Client") -> bool:
        try:
            content = client.get_object(Bucket=self._bucket, Key=self._key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_FOUND_CODES:
                return False
            raise
        return THROWN_TOKEN.encode() in content

    @contextmanager
    def _translate_errors(self, operation: str) -> Iterator[None]:
        with translate_unexpected_errors(
            LeverUnavailableError, error_type=LeverUnavailableError, description=operation
        ):
            try:
                yield
            except (ClientError, BotoCoreError) as error:
                raise self._build_unavailable_error(operation, error) from error

    def _build_unavailable_error(self, operation: str, error: ClientError | BotoCoreError) -> LeverUnavailableError:
        if not isinstance(error, ClientError):
            return LeverUnavailableError(f"{operation} got no answer: {error}.")
        code = error.response["Error"]["Code"]
        message = f"{operation} answered {code}: {error.response['Error'].get('Message', '')}".rstrip(": .") + "."
        if code in _ACCESS_DENIED_CODES:
            hint = (
                f"Allow s3:{operation} on arn:aws:s3:::{self._bucket}/{self._key} and s3:ListBucket on the bucket to "
                f"the role this runs as, and let nothing deny it."
            )
        elif code == "NoSuchBucket":
            hint = (
                f"The bucket {self._bucket} is gone: create it again in the same Region and account, with the policy "
                f"the template gives it."
            )
        else:
            hint = ""
        return LeverUnavailableError(f"{message} {hint}".strip())
