"""The switch of a latch as an object in S3, which Route 53's health checkers read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from failover.bounded import Deadline, result_by, start
from failover.errors import LeverUnavailableError
from failover.unforeseen import only

if TYPE_CHECKING:
    from concurrent.futures import Future

    from mypy_boto3_s3.client import S3Client

TOKEN = "cognito-failover: thrown"  # noqa: S105 - what the check searches for, no secret
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

_ABSENT = frozenset({"NoSuchKey", "404"})
_DENIED = frozenset({"AccessDenied", "403", "AllAccessDisabled", "AccountProblem", "InvalidAccessKeyId"})


class ObjectSwitch:
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
        call_seconds: float = CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self._call_seconds = call_seconds

    def keep(self, *, thrown: bool) -> bool:  # noqa: ARG002 - an object can be read
        """Tell whether it is thrown; see `Switch.keep`."""
        return self.read()

    def read(self) -> bool:
        """Tell whether it is thrown: whether the checkers find the token."""
        with self._translated("GetObject"):
            client = self._client()
            # The client's timeouts don't cover name resolution.
            reading: Future[bool | None] = start(lambda: self._read(client), name="GetObject")
            found = result_by(Deadline(self._call_seconds), reading, late=None)
        if found is None:
            raise LeverUnavailableError(f"GetObject got no answer within {self._call_seconds:g} s.")
        return found

    def set(self, *, thrown: bool) -> None:
        """Throw or release it, in the caller's thread: a write must not be made after it was given up."""
        with self._translated("PutObject" if thrown else "DeleteObject"):
            client = self._client()
            if thrown:
                # Health checkers can't read what a KMS key encrypts, whatever the bucket's default.
                client.put_object(
                    Bucket=self._bucket,
                    Key=self._key,
                    Body=TOKEN.encode(),
                    ContentType="text/plain",
                    ServerSideEncryption="AES256",
                )
            else:
                client.delete_object(Bucket=self._bucket, Key=self._key)

    def _read(self, client: "S3Client") -> bool:
        try:
            content = client.get_object(Bucket=self._bucket, Key=self._key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _ABSENT:
                return False
            raise
        return TOKEN.encode() in content

    @contextmanager
    def _translated(self, operation: str) -> Iterator[None]:
        with only(LeverUnavailableError, otherwise=LeverUnavailableError, what=operation):
            try:
                yield
            except (ClientError, BotoCoreError) as error:
                raise self._unavailable(operation, error) from error

    def _unavailable(self, operation: str, error: ClientError | BotoCoreError) -> LeverUnavailableError:
        if not isinstance(error, ClientError):
            return LeverUnavailableError(f"{operation} got no answer: {error}.")
        code = error.response["Error"]["Code"]
        said = f"{operation} answered {code}: {error.response['Error'].get('Message', '')}".rstrip(": .") + "."
        if code in _DENIED:
            way_out = (
                f"Allow s3:{operation} on arn:aws:s3:::{self._bucket}/{self._key} and s3:ListBucket on the bucket to "
                f"the role this runs as, and let nothing deny it."
            )
        elif code == "NoSuchBucket":
            way_out = (
                f"The bucket {self._bucket} is gone: create it again in the same Region and account, with the policy "
                f"the template gives it."
            )
        else:
            way_out = ""
        return LeverUnavailableError(f"{said} {way_out}".strip())
