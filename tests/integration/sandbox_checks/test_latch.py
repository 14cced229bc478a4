"""DNS answers that follow an object in a bucket, with no change of any record."""

from collections import Counter

import pytest

from sandbox.attached import Sandbox
from tests.integration.sandbox_checks.latch import PRIMARY, STANDBY, Latch, until

P, S = "p.example.", "s.example."
SILENT_CHECKERS = {"effect": "hang", "service": "health-checkers"}


def test_the_answers_follow_the_object_there_and_back(latch: Latch) -> None:
    latch.add_records()
    until(latch.answer, P)  # a new inverted check is unhealthy at first
    for _ in range(2):
        latch.close()
        until(latch.answer, S)
        latch.open()
        until(latch.answer, P)


def test_a_text_record_follows_beside_the_name_it_stands_for(latch: Latch) -> None:
    latch.add_records()
    latch.add_records("_region.auth", "TXT", ('"ap-northeast-1"', '"us-east-1"'))
    until(lambda: latch.answer("_region.auth", "TXT"), '"ap-northeast-1"')
    latch.close()
    until(lambda: (latch.answer(), latch.answer("_region.auth", "TXT")), (S, '"us-east-1"'))


def test_a_new_check_that_is_attached_at_once_moves_traffic(latch: Latch) -> None:
    with latch.sandbox.fault(**SILENT_CHECKERS):
        latch.check_id = latch.create_check(Inverted=True)
        latch.add_records()
        assert latch.answer() == S


def test_the_control_plane_is_not_needed(latch: Latch) -> None:
    latch.add_records()
    until(latch.answer, P)
    with latch.sandbox.fault(effect="error", service="route53", code="InternalFailure", status=500):
        latch.close()
        until(latch.answer, S)


def test_a_standby_that_is_gone_leaves_the_primary_even_while_failed_over(latch: Latch) -> None:
    standby_check = latch.create_check()  # healthy while the object can be read
    latch.add_records(HealthCheckId=standby_check)
    latch.close()
    until(latch.answer, S)
    with latch.sandbox.fault(effect="dead", region=STANDBY):
        until(latch.answer, P)


@pytest.mark.parametrize("fault", [{"effect": "dead"}, {"effect": "cut-off"}, SILENT_CHECKERS], ids=str)
def test_checkers_in_a_region_that_is_gone_are_not_counted(latch: Latch, fault: dict[str, str]) -> None:
    until(lambda: len(latch.reports()), 16)
    with latch.sandbox.fault(**fault, region=PRIMARY):
        latch.close()
        expected = {"Success": 14, "Failure": 2}
        until(lambda: Counter(report.partition(":")[0] for report in latch.reports().values()), expected)


def test_an_endpoint_that_refuses_is_left_and_come_back_to(latch: Latch) -> None:
    latch.check_id = latch.create_check(
        Type="TCP", FullyQualifiedDomainName=f"s3.{PRIMARY}.amazonaws.com", Port=443, RequestInterval=10,
        FailureThreshold=1,
    )  # fmt: skip
    latch.add_records()
    until(lambda: len(latch.reports()), 16)
    assert latch.answer() == P
    with latch.sandbox.fault(effect="refuse", region=PRIMARY):
        until(latch.answer, S)
    until(latch.answer, P)


def test_a_status_takes_its_time_to_the_name_servers(sandbox: Sandbox, latch: Latch) -> None:
    latch.add_records()
    until(latch.answer, P)
    sandbox.control("PUT", "/settings", {"health_propagation_seconds": 3600})
    latch.close()
    until(lambda: {report[:7] for report in latch.reports().values()}, {"Success"})
    assert latch.answer() == P
    sandbox.control("PUT", "/settings", {"health_propagation_seconds": 0})
    until(latch.answer, S)


def test_name_servers_can_fall_silent_while_the_api_answers(latch: Latch) -> None:
    latch.add_records()
    until(latch.answer, P)
    with latch.sandbox.fault(effect="hang", service="name-servers"):
        assert latch.answer(patience_seconds=0.3) == "silence"
        assert latch.route53.list_hosted_zones()["HostedZones"]
    assert latch.answer() == P
