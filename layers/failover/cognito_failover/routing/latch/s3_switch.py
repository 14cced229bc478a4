"""The switch of a latch as an S3 object, which Route 53's health checkers read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_result
from cognito_failover.common.error_boundary import translate_unexpected_errors
from cognito_failover.common.errors import LeverUnavailableError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from mypy_boto3_s3.client import S3Client

THROWN_TOKEN = "cognito-failover: thrown"  # noqa: S105 - the search string of the health check, no secret
"""The start of a thrown object's content. The template sets the same text as the health check's search string."""

RELEASED_TOKEN = "cognito-failover: released"  # noqa: S105 - no secret
"""The start of a released object's content. The object stays, so that a later write can refer to it."""

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

_CHANGED_CODES = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", *_NOT_FOUND_CODES})
"""S3's answers to a conditional write of an object that is no longer as read. NoSuchKey: it was deleted since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _LatchObject:
    """The object as read: whether it holds the token, and its ETag; empty for a missing object."""

    is_thrown: bool
    etag: str


class S3LatchSwitch:
    """Thrown while the object holds the token; a `LatchSwitch`. Its revision is the object's ETag.

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
        return self._read_object().is_thrown

    def read_revision(self) -> str:
        """Return the object's ETag; empty for a missing object."""
        return self._read_object().etag

    def set(self, *, thrown: bool, revision: str | None, version: int) -> None:
        """Throw or release the switch, in the caller's thread: an abandoned thread could write much later."""
        with self._translate_errors("PutObject"):
            condition: dict[str, Any] = {"IfMatch": revision} if revision else {"IfNoneMatch": "*"}
            if revision is None:
                condition = {}
            self._client().put_object(
                Bucket=self._bucket,
                Key=self._key,
                Body=f"{THROWN_TOKEN if thrown else RELEASED_TOKEN} {version}".encode(),
                ContentType="text/plain",
                # Not the bucket's default encryption: health checkers cannot read an object encrypted with a KMS key.
                ServerSideEncryption="AES256",
                **condition,
            )

    def _read_object(self) -> "_LatchObject":
        with self._translate_errors("GetObject"):
            client = self._client()
            # The client's timeouts do not cover name resolution.
            reading: Future[_LatchObject | None] = run_in_thread(lambda: self._get_object(client), name="GetObject")
            latch_object = wait_for_result(Deadline(self._call_timeout_seconds), reading, default=None)
        if latch_object is None:
            raise LeverUnavailableError(f"GetObject got no answer within {self._call_timeout_seconds:g} s.")
        return latch_object

    def _get_object(self, client: "S3Client") -> "_LatchObject":
        try:
            answer = client.get_object(Bucket=self._bucket, Key=self._key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_FOUND_CODES:
                return _LatchObject(is_thrown=False, etag="")
            raise
        return _LatchObject(is_thrown=THROWN_TOKEN.encode() in answer["Body"].read(), etag=answer["ETag"])

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
        elif operation == "PutObject" and code in _CHANGED_CODES:
            hint = (
                "Another process or person has changed the latch since this one read it. Nothing was changed; the next "
                "round reads it again."
            )
        elif code == "NoSuchBucket":
            hint = (
                f"The bucket {self._bucket} does not exist. Create it again in the same Region and account, with the "
                f"bucket policy of the template."
            )
        else:
            hint = ""
        return LeverUnavailableError(f"{message} {hint}".strip())
