"""The status of health checks, compared with what the sandbox's name servers make of them."""

import random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cognito_failover.routing.health_check_status import HealthCheckStatus, HealthVerdict, Route53HealthChecks
from sandbox.health_checkers.endpoint_check import HealthCheckResult
from sandbox.health_checkers.locations import CHECKERS
from tests.unit.sandbox_route53.harness import Route53Harness

HEALTHY, UNHEALTHY, UNKNOWN, MISSING = HealthVerdict
VIRGINIA = "us-east-1"


class StubCloudWatch:
    """CloudWatch with one alarm, ``errors``, or none if its state is empty."""

    state = "OK"

    def describe_alarms(self, *, AlarmNames: list[str], AlarmTypes: list[str]) -> dict[str, Any]:  # noqa: N803 - boto3
        assert AlarmTypes == ["MetricAlarm"]
        assert AlarmNames == ["errors"]
        return {"MetricAlarms": [{"AlarmName": "errors", "StateValue": self.state}] if self.state else []}


class HealthChecksHarness:
    """A Route 53 with health checks, and the reader of their status."""

    def __init__(self) -> None:
        self._route53 = Route53Harness()
        self.client = self._route53.client
        self.cloudwatch = StubCloudWatch()
        self._route53.route53.health_checks.read_alarm_settings = lambda *_: {}
        clients = {("route53", VIRGINIA): self.client, ("cloudwatch", "eu-west-1"): self.cloudwatch}
        self._reader = Route53HealthChecks(lambda service, region: clients[service, region], region=VIRGINIA)
        self._created = 0

    def create(self, **config: Any) -> str:
        self._created += 1
        settings: Any = {
            "Type": "HTTPS",
            "FullyQualifiedDomainName": "a.example.net",
            "FailureThreshold": 1,
            **config,
        }
        if settings["Type"] not in {"HTTPS", "HTTPS_STR_MATCH"}:
            del settings["FullyQualifiedDomainName"], settings["FailureThreshold"]
        created = self.client.create_health_check(CallerReference=str(self._created), HealthCheckConfig=settings)
        return created["HealthCheck"]["Id"]

    def create_calculated(self, *children: str, threshold: int, **config: Any) -> str:
        return self.create(Type="CALCULATED", HealthThreshold=threshold, ChildHealthChecks=list(children), **config)

    def create_on_alarm(self, **config: Any) -> str:
        alarm = {"Region": "eu-west-1", "Name": "errors"}
        return self.create(Type="CLOUDWATCH_METRIC", AlarmIdentifier=alarm, **config)

    def report(self, check_id: str, *, successes: int) -> None:
        """Record one report of every health checker. This many report success."""
        check = self._route53.route53.health_checks.find_any(check_id)
        assert check
        for index, checker in enumerate(CHECKERS):
            passed = index < successes
            text = "Success: HTTP Status Code 200, OK" if passed else "Failure: The connection timed out."
            result = HealthCheckResult(passed=passed, report=text, checked_at=self._route53.clock())
            self._route53.route53.health_statuses.record_result(check, checker, result)

    def read(self, check_id: str) -> HealthCheckStatus:
        return self._reader.read_status(check_id)

    def is_healthy_for_name_servers(self, check_id: str) -> bool:
        return self._route53.route53.is_healthy(check_id)


@pytest.fixture
def checks() -> HealthChecksHarness:
    return HealthChecksHarness()


@pytest.mark.parametrize(
    ("successes", "verdict"), [(16, HEALTHY), (3, HEALTHY), (2, UNHEALTHY), (1, UNHEALTHY), (0, UNHEALTHY)]
)
def test_more_than_18_percent_of_reports_make_endpoint_healthy(
    checks: HealthChecksHarness, successes: int, verdict: HealthVerdict
) -> None:
    check_id = checks.create()
    checks.report(check_id, successes=successes)
    status = checks.read(check_id)
    assert status.verdict is verdict
    assert status.reason.startswith(f"{successes} of 16 health checkers report success")
    assert checks.is_healthy_for_name_servers(check_id) is (verdict is HEALTHY)


def test_reason_of_unhealthy_endpoint_quotes_a_failure(checks: HealthChecksHarness) -> None:
    check_id = checks.create()
    checks.report(check_id, successes=0)
    assert '("Failure: The connection timed out.")' in checks.read(check_id).reason


def test_endpoint_without_reports_is_unknown(checks: HealthChecksHarness) -> None:
    for check_id in (checks.create(), checks.create(Inverted=True)):
        assert checks.read(check_id).verdict is UNKNOWN


def test_inverted_endpoint_has_the_opposite_verdict(checks: HealthChecksHarness) -> None:
    check_id = checks.create(Inverted=True)
    checks.report(check_id, successes=0)
    assert checks.read(check_id).verdict is HEALTHY
    checks.report(check_id, successes=16)
    assert checks.read(check_id).verdict is UNHEALTHY


@pytest.mark.parametrize(
    ("inverted", "verdict", "state"),
    [(False, HEALTHY, "disabled, so it always counts as healthy"), (True, UNHEALTHY, "disabled and inverted, so it")],
)
def test_disabled_check_is_healthy_unless_inverted(
    checks: HealthChecksHarness, inverted: bool, verdict: HealthVerdict, state: str
) -> None:
    check_id = checks.create(Disabled=True, Inverted=inverted)
    status = checks.read(check_id)
    assert status.verdict is verdict
    assert state in status.reason
    [defect] = status.defects
    assert defect.startswith(f"{check_id} is {state}")
    assert checks.is_healthy_for_name_servers(check_id) is (verdict is HEALTHY)


def test_deleted_check_is_missing(checks: HealthChecksHarness) -> None:
    check_id = checks.create()
    checks.client.delete_health_check(HealthCheckId=check_id)
    status = checks.read(check_id)
    assert status.verdict is MISSING
    assert status.defects == (f"{check_id} does not exist in this account",)


def test_calculated_check_without_verdict_of_deciding_child_is_unknown(checks: HealthChecksHarness) -> None:
    known, silent = checks.create(), checks.create()
    checks.report(known, successes=16)
    assert checks.read(checks.create_calculated(known, silent, threshold=1)).verdict is HEALTHY
    assert checks.read(checks.create_calculated(known, silent, threshold=2)).verdict is UNKNOWN
    assert checks.read(checks.create_calculated(known, silent, threshold=3)).verdict is UNHEALTHY


def test_defect_of_child_is_one_of_calculated_check(checks: HealthChecksHarness) -> None:
    disabled, deleted = checks.create(Disabled=True, Inverted=True), checks.create()
    parent = checks.create_calculated(disabled, deleted, threshold=2)
    checks.client.delete_health_check(HealthCheckId=deleted)
    status = checks.read(parent)
    assert status.defects == (
        f"{disabled} is disabled and inverted, so it always counts as unhealthy",
        f"{deleted} does not exist in this account",
    )
    assert f"{deleted} is missing: it does not exist in this account" in status.reason


@pytest.mark.parametrize(
    ("state", "setting", "verdict"),
    [
        ("OK", "LastKnownStatus", HEALTHY),
        ("ALARM", "LastKnownStatus", UNHEALTHY),
        ("INSUFFICIENT_DATA", "Healthy", HEALTHY),
        ("INSUFFICIENT_DATA", "Unhealthy", UNHEALTHY),
        ("INSUFFICIENT_DATA", "LastKnownStatus", UNKNOWN),
        ("", "Healthy", UNKNOWN),
    ],
)
def test_check_of_alarm_follows_alarm_and_setting(
    checks: HealthChecksHarness, state: str, setting: str, verdict: HealthVerdict
) -> None:
    checks.cloudwatch.state = state
    status = checks.read(checks.create_on_alarm(InsufficientDataHealthStatus=setting))
    assert status.verdict is verdict
    assert "its alarm errors" in status.reason


def test_routing_control_is_unknown(checks: HealthChecksHarness) -> None:
    check_id = checks.create(Type="RECOVERY_CONTROL", RoutingControlArn="arn:aws:route53-recovery-control::1:control")
    assert checks.read(check_id).verdict is UNKNOWN


def test_other_errors_pass_through() -> None:
    class Denied:
        def get_health_check(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetHealthCheck")

    reader = Route53HealthChecks(lambda *_: Denied(), region=VIRGINIA)
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.read_status("x")


@pytest.mark.parametrize("seed", range(60))
def test_verdict_of_any_check_is_that_of_name_servers(checks: HealthChecksHarness, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - a draw of examples, no secret

    def draw_settings() -> dict[str, bool]:
        return {"Disabled": draw.random() < 0.2, "Inverted": draw.random() < 0.4}

    children = [checks.create(**draw_settings()) for _ in range(draw.randint(1, 4))]
    for child in children:
        checks.report(child, successes=draw.choice([0, 2, 3, 16]))
    parent = checks.create_calculated(*children, threshold=draw.randint(0, 5), **draw_settings())
    for check_id in (*children, parent):
        expected = HEALTHY if checks.is_healthy_for_name_servers(check_id) else UNHEALTHY
        assert checks.read(check_id).verdict is expected
