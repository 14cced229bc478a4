"""Temporary links to reports. A link works for anyone who has it, until it expires."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from cognito_failover.common.errors import ReportsUnavailableError
from cognito_failover.core.report_location import HTML, JSON, build_report_key, build_report_uri
from cognito_failover.settings.controller import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

VALID_SECONDS = 900
"""How long a link works: long enough to open it, too short to share it."""

_NOT_FOUND = frozenset({"404", "NoSuchKey", "NotFound"})


class ReportLinks:
    """Finds reports in the bucket.

    Parameters
    ----------
    settings
        The bucket and its Region.
    client
        An S3 client; created at first use if None.

    """

    def __init__(self, settings: Settings, client: "S3Client | None" = None) -> None:
        self._settings = settings
        self._injected_client = client

    @classmethod
    def from_settings(cls, settings: Settings) -> "ReportLinks | None":
        """Build one from the settings; None if the stack stores no reports."""
        return cls(settings) if settings.report_bucket else None

    def find(self, report_id: str) -> dict[str, Any] | None:
        """Return the place of a report and links to it; None if it does not exist.

        Raises
        ------
        ReportsUnavailableError
            If S3 does not answer, or refuses.

        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow to import, and rarely needed

        bucket = self._settings.report_bucket
        try:
            head = self._client.head_object(Bucket=bucket, Key=build_report_key(report_id, HTML))
        except ClientError as error:
            if error.response["Error"].get("Code") in _NOT_FOUND:
                return None
            raise self._to_unavailable_error(error) from error
        except BotoCoreError as error:
            raise self._to_unavailable_error(error) from error
        return {
            "id": report_id,
            "uri": build_report_uri(report_id, self._settings),
            "written_at": head["LastModified"].isoformat().replace("+00:00", "Z"),
            "page": self._create_link(report_id, HTML),
            "data": self._create_link(report_id, JSON),
            "links_valid_seconds": VALID_SECONDS,
        }

    def _create_link(self, report_id: str, kind: str) -> str:
        return self._client.generate_presigned_url(
            "get_object",
            Params={"Bucket": self._settings.report_bucket, "Key": build_report_key(report_id, kind)},
            ExpiresIn=VALID_SECONDS,
        )

    def _to_unavailable_error(self, error: Exception) -> ReportsUnavailableError:
        return ReportsUnavailableError(
            f"Could not look for the report in the bucket {self._settings.report_bucket}: {error} "
            f"Moves do not depend on it. Try again, or open the bucket yourself."
        )

    @cached_property
    def _client(self) -> "S3Client":
        if self._injected_client:
            return self._injected_client
        import botocore.session  # noqa: PLC0415 - slow to import, and rarely needed
        from botocore.config import Config  # noqa: PLC0415 - part of botocore

        config = Config(
            connect_timeout=2,
            read_timeout=3,
            retries={"total_max_attempts": 2},
            signature_version="s3v4",
            s3={"addressing_style": "virtual"},
        )
        client = botocore.session.Session().create_client("s3", self._settings.standby_region, config=config)
        return cast("S3Client", client)
