"""Where reports are kept. Pure, and without what it takes to write one: most only refer to them."""

from cognito_failover.settings.controller import Settings

REPORT_PREFIX = "reports/"
HTML, JSON = "html", "json"


def build_report_key(report_id: str, kind: str) -> str:
    """Return the key of a report's page or data: the same each time it is written."""
    return f"{REPORT_PREFIX}{report_id}.{kind}"


def build_report_uri(report_id: str, settings: Settings) -> str:
    """Return where a report's page is, for people with the AWS CLI; empty where none are kept."""
    return f"s3://{settings.report_bucket}/{build_report_key(report_id, HTML)}" if settings.report_bucket else ""
