import pytest

from sandbox.resource_arns import find_resource_arn


def test_change_is_named_by_its_id() -> None:
    assert (
        find_resource_arn("route53", "/2013-04-01/change/C0123456789ABC") == "arn:aws:route53:::change/C0123456789ABC"
    )


@pytest.mark.parametrize("path", ["healthcheck/ID", "healthcheck/ID/status", "tags/healthcheck/ID"])
def test_health_check_is_named_by_its_id(path: str) -> None:
    assert find_resource_arn("route53", f"/2013-04-01/{path}") == "arn:aws:route53:::healthcheck/ID"


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("route53", "/2013-04-01/hostedzone/Z0123456789ABC"),
        ("route53", "/2013-04-01/hostedzone/Z0123456789ABC/rrset/"),
        ("route53", "/2013-04-01/healthcheck"),
        ("s3", "/2013-04-01/change/C0123456789ABC"),
    ],
)
def test_arn_known_to_engine_returns_none(service: str, path: str) -> None:
    assert find_resource_arn(service, path) is None


def test_wafv2_call_arn_is_its_resource_arn() -> None:
    pool = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_pool"

    assert find_resource_arn("wafv2", "/", f'{{"ResourceArn": "{pool}"}}'.encode()) == pool
    assert (
        find_resource_arn("wafv2", "/", f'{{"ResourceArn": "{pool}", "WebACLArn": "arn:aws:wafv2:x"}}'.encode()) is None
    )
    assert find_resource_arn("wafv2", "/", b"no object") is None
