"""Links to a report that exists, does not exist, or can't be looked up."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from cognito_failover.common.errors import ReportsUnavailableError
from cognito_failover.reports.links import VALID_SECONDS, ReportLinks
from tests.support.settings import make_settings


class FakeS3Client:
    """Returns what a test sets, and keeps the requests."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.requests: list[dict[str, Any]] = []

    def head_object(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        if self.error:
            raise self.error
        return {"LastModified": datetime(2027, 1, 15, 8, 2, tzinfo=UTC)}

    def generate_presigned_url(self, operation: str, *, Params: dict[str, str], ExpiresIn: int) -> str:  # noqa: N803
        assert operation == "get_object"
        return f"https://{Params['Bucket']}/{Params['Key']}?expires={ExpiresIn}"


@pytest.fixture
def s3() -> FakeS3Client:
    return FakeS3Client()


def make_links(s3: FakeS3Client) -> ReportLinks:
    return ReportLinks(make_settings(report_bucket="bucket"), cast("Any", s3))


def make_client_error(name: str) -> ClientError:
    return ClientError({"Error": {"Code": name, "Message": "refused"}}, "HeadObject")


def test_links_to_page_and_data_expire(s3: FakeS3Client) -> None:
    assert make_links(s3).find("m-1") == {
        "id": "m-1",
        "uri": "s3://bucket/reports/m-1.html",
        "written_at": "2027-01-15T08:02:00Z",
        "page": f"https://bucket/reports/m-1.html?expires={VALID_SECONDS}",
        "data": f"https://bucket/reports/m-1.json?expires={VALID_SECONDS}",
        "links_valid_seconds": VALID_SECONDS,
    }
    assert s3.requests == [{"Bucket": "bucket", "Key": "reports/m-1.html"}]


@pytest.mark.parametrize("name", ["404", "NoSuchKey"])
def test_missing_report_has_no_links(s3: FakeS3Client, name: str) -> None:
    s3.error = make_client_error(name)
    assert make_links(s3).find("m-1") is None


@pytest.mark.parametrize(
    "error",
    [make_client_error("403"), make_client_error("SlowDown"), ConnectTimeoutError(endpoint_url="https://bucket")],
)
def test_unreadable_bucket_is_reported_with_hint(s3: FakeS3Client, error: Exception) -> None:
    s3.error = error
    with pytest.raises(
        ReportsUnavailableError, match=r"Could not look for the report in the bucket bucket: .*Try again"
    ):
        make_links(s3).find("m-1")


def test_real_client_signs_for_bucket_host_and_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    link = ReportLinks(make_settings(report_bucket="bucket"))._create_link("m-1", "html")  # noqa: SLF001 - signing needs no network
    assert link.startswith("https://bucket.s3.amazonaws.com/reports/m-1.html?X-Amz-Algorithm=AWS4-HMAC-SHA256")
    assert "us-east-1%2Fs3" in link


def test_without_bucket_no_lookup_is_made() -> None:
    assert ReportLinks.from_settings(make_settings()) is None
    assert ReportLinks.from_settings(make_settings(report_bucket="bucket"))
