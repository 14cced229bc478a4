"""DNS answers that follow an object in a bucket, with no change of any record."""

from collections import Counter

import pytest

from sandbox.client import SandboxClient
from tests.integration.sandbox_health_checkers.s3_latch import PRIMARY, STANDBY, S3LatchHarness, wait_for_value

PRIMARY_ANSWER, STANDBY_ANSWER = "p.example.", "s.example."
SILENT_CHECKERS = {"effect": "hang", "service": "health-checkers"}


def test_dns_answers_follow_latch_object(latch: S3LatchHarness) -> None:
    latch.add_records()
    wait_for_value(latch.query_name_server, PRIMARY_ANSWER)  # a new inverted check is unhealthy at first
    for _ in range(2):
        latch.set_latch()
        wait_for_value(latch.query_name_server, STANDBY_ANSWER)
        latch.reset_latch()
        wait_for_value(latch.query_name_server, PRIMARY_ANSWER)


def test_object_of_released_latch_keeps_check_healthy(latch: S3LatchHarness) -> None:
    latch.add_records()
    latch.set_latch()
    wait_for_value(latch.query_name_server, STANDBY_ANSWER)
    latch.release_latch()
    wait_for_value(latch.query_name_server, PRIMARY_ANSWER)


def test_txt_record_follows_latch_with_its_name(latch: S3LatchHarness) -> None:
    latch.add_records()
    latch.add_records("_region.auth", "TXT", ('"ap-northeast-1"', '"us-east-1"'))
    wait_for_value(lambda: latch.query_name_server("_region.auth", "TXT"), '"ap-northeast-1"')
    latch.set_latch()
    wait_for_value(
        lambda: (latch.query_name_server(), latch.query_name_server("_region.auth", "TXT")),
        (STANDBY_ANSWER, '"us-east-1"'),
    )


def test_new_inverted_check_attached_immediately_moves_traffic(latch: S3LatchHarness) -> None:
    with latch.sandbox.inject_fault(**SILENT_CHECKERS):
        latch.check_id = latch.create_check(Inverted=True)
        latch.add_records()
        assert latch.query_name_server() == STANDBY_ANSWER


def test_latch_works_without_route53_control_plane(latch: S3LatchHarness) -> None:
    latch.add_records()
    wait_for_value(latch.query_name_server, PRIMARY_ANSWER)
    with latch.sandbox.inject_fault(effect="error", service="route53", code="InternalFailure", status=500):
        latch.set_latch()
        wait_for_value(latch.query_name_server, STANDBY_ANSWER)


def test_dead_standby_answers_primary_while_failed_over(latch: S3LatchHarness) -> None:
    standby_check = latch.create_check()  # healthy while the object can be read
    latch.add_records(HealthCheckId=standby_check)
    latch.set_latch()
    wait_for_value(latch.query_name_server, STANDBY_ANSWER)
    with latch.sandbox.inject_fault(effect="dead", region=STANDBY):
        wait_for_value(latch.query_name_server, PRIMARY_ANSWER)


@pytest.mark.parametrize("fault", [{"effect": "dead"}, {"effect": "cut-off"}, SILENT_CHECKERS], ids=str)
def test_checkers_in_unreachable_region_are_not_counted(latch: S3LatchHarness, fault: dict[str, str]) -> None:
    wait_for_value(lambda: len(latch.read_reports()), 16)
    with latch.sandbox.inject_fault(**fault, region=PRIMARY):
        latch.set_latch()
        expected = {"Success": 14, "Failure": 2}
        wait_for_value(lambda: Counter(report.partition(":")[0] for report in latch.read_reports().values()), expected)


def test_refusing_endpoint_fails_over_and_recovers(latch: S3LatchHarness) -> None:
    latch.check_id = latch.create_check(
        Type="TCP", FullyQualifiedDomainName=f"s3.{PRIMARY}.amazonaws.com", Port=443, RequestInterval=10,
        FailureThreshold=1,
    )  # fmt: skip
    latch.add_records()
    wait_for_value(lambda: len(latch.read_reports()), 16)
    assert latch.query_name_server() == PRIMARY_ANSWER
    with latch.sandbox.inject_fault(effect="refuse", region=PRIMARY):
        wait_for_value(latch.query_name_server, STANDBY_ANSWER)
    wait_for_value(latch.query_name_server, PRIMARY_ANSWER)


def test_status_reaches_name_servers_after_propagation(sandbox: SandboxClient, latch: S3LatchHarness) -> None:
    latch.add_records()
    wait_for_value(latch.query_name_server, PRIMARY_ANSWER)
    sandbox.call_control("PUT", "/settings", {"health_propagation_seconds": 3600})
    latch.set_latch()
    wait_for_value(lambda: {report[:7] for report in latch.read_reports().values()}, {"Success"})
    assert latch.query_name_server() == PRIMARY_ANSWER
    sandbox.call_control("PUT", "/settings", {"health_propagation_seconds": 0})
    wait_for_value(latch.query_name_server, STANDBY_ANSWER)


def test_name_servers_can_be_silent_while_api_answers(latch: S3LatchHarness) -> None:
    latch.add_records()
    wait_for_value(latch.query_name_server, PRIMARY_ANSWER)
    with latch.sandbox.inject_fault(effect="hang", service="name-servers"):
        assert latch.query_name_server(timeout_seconds=0.3) == "silence"
        assert latch.route53.list_hosted_zones()["HostedZones"]
    assert latch.query_name_server() == PRIMARY_ANSWER
