"""The location of reports. Pure, and without the code that writes them."""

from cognito_failover.settings.controller import Settings

REPORT_PREFIX = "reports/"
HTML, JSON = "html", "json"


def build_report_key(report_id: str, kind: str) -> str:
    """Return the key of a report's page or data. It is the same each time the report is written."""
    return f"{REPORT_PREFIX}{report_id}.{kind}"


def build_report_uri(report_id: str, settings: Settings) -> str:
    """Return the S3 URI of a report page; empty if no reports are kept."""
    return f"s3://{settings.report_bucket}/{build_report_key(report_id, HTML)}" if settings.report_bucket else ""
