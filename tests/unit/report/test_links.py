"""A link to a report: there, not there, or not to be found out."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from failover.errors import ReportsUnavailableError
from failover.report.links import VALID_SECONDS, ReportLinks
from tests.support.settings import settings


class S3:
    """Answers what the test says, and remembers what it was asked to sign."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.asked: list[dict[str, Any]] = []

    def head_object(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if self.error:
            raise self.error
        return {"LastModified": datetime(2027, 1, 15, 8, 2, tzinfo=UTC)}

    def generate_presigned_url(self, operation: str, *, Params: dict[str, str], ExpiresIn: int) -> str:  # noqa: N803
        assert operation == "get_object"
        return f"https://{Params['Bucket']}/{Params['Key']}?expires={ExpiresIn}"


@pytest.fixture
def s3() -> S3:
    return S3()


def links(s3: S3) -> ReportLinks:
    return ReportLinks(settings(report_bucket="bucket"), cast("Any", s3))


def code(name: str) -> ClientError:
    return ClientError({"Error": {"Code": name, "Message": "as said"}}, "HeadObject")


def test_page_and_data_are_linked_for_a_while(s3: S3) -> None:
    assert links(s3).find("m-1") == {
        "id": "m-1",
        "uri": "s3://bucket/reports/m-1.html",
        "written_at": "2027-01-15T08:02:00Z",
        "page": f"https://bucket/reports/m-1.html?expires={VALID_SECONDS}",
        "data": f"https://bucket/reports/m-1.json?expires={VALID_SECONDS}",
        "links_valid_seconds": VALID_SECONDS,
    }
    assert s3.asked == [{"Bucket": "bucket", "Key": "reports/m-1.html"}]


@pytest.mark.parametrize("name", ["404", "NoSuchKey"])
def test_a_report_that_is_not_there_is_none(s3: S3, name: str) -> None:
    s3.error = code(name)
    assert links(s3).find("m-1") is None


@pytest.mark.parametrize("error", [code("403"), code("SlowDown"), ConnectTimeoutError(endpoint_url="https://bucket")])
def test_a_bucket_that_can_t_be_asked_is_told_with_the_way_out(s3: S3, error: Exception) -> None:
    s3.error = error
    with pytest.raises(
        ReportsUnavailableError, match=r"The bucket bucket could not be asked for the report: .*try again"
    ):
        links(s3).find("m-1")


def test_a_real_client_signs_for_the_buckets_own_host_and_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    link = ReportLinks(settings(report_bucket="bucket"))._link("m-1", "html")  # noqa: SLF001 - signing needs no network
    assert link.startswith("https://bucket.s3.amazonaws.com/reports/m-1.html?X-Amz-Algorithm=AWS4-HMAC-SHA256")
    assert "us-east-1%2Fs3" in link


def test_where_no_reports_are_kept_nobody_looks() -> None:
    assert ReportLinks.from_settings(settings()) is None
    assert ReportLinks.from_settings(settings(report_bucket="bucket"))
