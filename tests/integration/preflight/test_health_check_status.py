"""Health checks on alarms and on other checks, read with the permissions of the preflight and operator roles."""

from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from cognito_failover.routing.health_check_status import HealthVerdict, Route53HealthChecks
from tests.integration.preflight.healthy_site import TOKYO, VIRGINIA, HealthySite
from tests.integration.preflight.test_permissions import assume_reader_role


def create_check(site: HealthySite, **config: object) -> str:
    created = site.client("route53").create_health_check(CallerReference=str(uuid4()), HealthCheckConfig=config)
    return str(created["HealthCheck"]["Id"])


def create_check_on_alarm(site: HealthySite) -> str:
    """Create an alarm in the primary Region, and a check that follows it."""
    site.client("cloudwatch", TOKYO).put_metric_alarm(
        AlarmName="own-errors",
        Namespace="Own",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="ignore",
    )
    alarm = {"Region": TOKYO, "Name": "own-errors"}
    return create_check(
        site, Type="CLOUDWATCH_METRIC", AlarmIdentifier=alarm, InsufficientDataHealthStatus="LastKnownStatus"
    )


@pytest.mark.parametrize("policy", ["PreflightPolicy", "AttachPolicy"])
def test_roles_judge_checks_of_alarms_and_calculated_ones(site: HealthySite, policy: str) -> None:
    credentials = assume_reader_role(site, "ReadHealthChecks", "ReadAlarmsOfHealthChecks", policy=policy)
    checks = Route53HealthChecks(
        lambda service, region: site.sandbox.client(service, region, credentials=credentials), region=VIRGINIA
    )
    on_alarm = create_check_on_alarm(site)
    children = [site.ids["standby"], on_alarm]
    both = create_check(site, Type="CALCULATED", HealthThreshold=2, ChildHealthChecks=children)
    for state, verdict in (("ALARM", HealthVerdict.UNHEALTHY), ("OK", HealthVerdict.HEALTHY)):
        site.client("cloudwatch", TOKYO).set_alarm_state(AlarmName="own-errors", StateValue=state, StateReason="test")
        assert checks.read_status(on_alarm).verdict is verdict
        assert checks.read_status(both).verdict is verdict
    with pytest.raises(ClientError, match="AccessDenied"):
        site.sandbox.client("route53", VIRGINIA, credentials=credentials).delete_health_check(HealthCheckId=both)
