"""The switch of a latch as an S3 object, which Route 53's health checkers read."""

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

THROWN_TOKEN = "cognito-failover: thrown"  # noqa: S105 - the search string of the health check, no secret
"""The object's content. The template sets the same text as the health check's search string."""

CONNECT_TIMEOUT_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 1.0

# One attempt per call: the next round retries, and two attempts do not fit into one round. The regional endpoint is
# used in us-east-1 too: the global endpoint redirects and depends on another Region.
S3_CONFIG = Config(
    connect_timeout=CONNECT_TIMEOUT_SECONDS,
    read_timeout=READ_TIMEOUT_SECONDS,
    retries={"total_max_attempts": 1, "mode": "standard"},
    s3={"us_east_1_regional_endpoint": "regional", "addressing_style": "virtual"},
)

_NOT_FOUND_CODES = frozenset({"NoSuchKey", "404"})
_ACCESS_DENIED_CODES = frozenset({"AccessDenied", "403", "AllAccessDisabled", "AccountProblem", "InvalidAccessKeyId"})


class S3LatchSwitch:
    """Thrown while the object holds the token; a `LatchSwitch`.

    Parameters
    ----------
    client
        Returns an S3 client of the bucket's Region; called at the first use.
    bucket, key
        The bucket and key of the object.
    call_timeout_seconds
        The longest time of a call that reads, even if it hangs.

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
        """Return whether the switch is thrown; see `LatchSwitch.refresh`."""
        return self.read()

    def read(self) -> bool:
        """Return whether the switch is thrown: whether the object holds the token."""
        with self._translate_errors("GetObject"):
            client = self._client()
            # The client's timeouts do not cover name resolution.
            reading: Future[bool | None] = run_in_thread(lambda: self._read(client), name="GetObject")
            thrown = wait_for_result(Deadline(self._call_timeout_seconds), reading, default=None)
        if thrown is None:
            raise LeverUnavailableError(f"GetObject got no answer within {self._call_timeout_seconds:g} s.")
        return thrown

    def set(self, *, thrown: bool) -> None:
        """Throw or release the switch, in the caller's thread: an abandoned thread could write much later."""
        with self._translate_errors("PutObject" if thrown else "DeleteObject"):
            client = self._client()
            if thrown:
                # Not the bucket's default encryption: health checkers cannot read an object encrypted with a KMS key.
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
                f"the role this runs as, and check that no policy denies it."
            )
        elif code == "NoSuchBucket":
            hint = (
                f"The bucket {self._bucket} does not exist. Create it again in the same Region and account, with the "
                f"bucket policy of the template."
            )
        else:
            hint = ""
        return LeverUnavailableError(f"{message} {hint}".strip())
