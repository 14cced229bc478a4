import pytest

from sandbox.resources import resource_arn


def test_a_change_is_named_by_its_id() -> None:
    assert resource_arn("route53", "/2013-04-01/change/C0123456789ABC") == "arn:aws:route53:::change/C0123456789ABC"


@pytest.mark.parametrize("path", ["healthcheck/ID", "healthcheck/ID/status", "tags/healthcheck/ID"])
def test_a_health_check_is_named_by_its_id(path: str) -> None:
    assert resource_arn("route53", f"/2013-04-01/{path}") == "arn:aws:route53:::healthcheck/ID"


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("route53", "/2013-04-01/hostedzone/Z0123456789ABC"),
        ("route53", "/2013-04-01/hostedzone/Z0123456789ABC/rrset/"),
        ("route53", "/2013-04-01/healthcheck"),
        ("s3", "/2013-04-01/change/C0123456789ABC"),
    ],
)
def test_what_the_engine_names_is_left_to_it(service: str, path: str) -> None:
    assert resource_arn(service, path) is None


def test_what_web_acls_are_asked_about_is_what_the_call_names() -> None:
    pool = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_pool"

    assert resource_arn("wafv2", "/", f'{{"ResourceArn": "{pool}"}}'.encode()) == pool
    assert resource_arn("wafv2", "/", f'{{"ResourceArn": "{pool}", "WebACLArn": "arn:aws:wafv2:x"}}'.encode()) is None
    assert resource_arn("wafv2", "/", b"no object") is None
