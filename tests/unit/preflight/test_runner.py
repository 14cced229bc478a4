"""A preflight run: runs every check, reads each fact once, and isolates failures."""

import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from cognito_failover.common.errors import LeverUnavailableError
from cognito_failover.core.preflight_result import CheckOutcome, CheckSeverity
from cognito_failover.preflight.check import CheckResult, PreflightCheck, failed, passed
from cognito_failover.preflight.facts import CachedSnapshot, FactUnavailableError, Snapshot
from cognito_failover.preflight.runner import run_checks
from tests.unit.preflight.stub_facts import NOW


def make_snapshot() -> CachedSnapshot:
    return CachedSnapshot(cast("Any", SimpleNamespace(settings=None, now=NOW)))


def make_check(check_id: str, evaluate: Any, **changes: Any) -> PreflightCheck:
    defaults: dict[str, Any] = {"severity": CheckSeverity.HIGH, "criterion": "it passes", "remedy": "Fix it."}
    return PreflightCheck(id=check_id, evaluate=evaluate, **{**defaults, **changes})


def pass_check(_snapshot: Snapshot) -> CheckResult:
    return passed("Right.")


def test_finding_has_remedy_and_blocks_only_if_failed() -> None:
    checks = [
        make_check("bad", lambda _: failed("Wrong."), blocks_failover=True),
        make_check("good", lambda _: passed("Right.", (("a",), ("b",))), blocks_failover=True),
    ]
    bad, good = run_checks(make_snapshot(), checks, active=False).findings
    assert (bad.outcome, bad.message, bad.remedy, bad.blocks_failover) == (
        CheckOutcome.FAILED,
        "Wrong.",
        "Fix it.",
        True,
    )
    assert (good.outcome, good.remedy, good.blocks_failover, good.table) == (
        CheckOutcome.PASSED,
        "",
        False,
        (("a",), ("b",)),
    )


def test_findings_keep_check_order_and_time() -> None:
    names = [f"check-{letter}" for letter in "abcdefghijklmnop"]
    result = run_checks(make_snapshot(), [make_check(name, pass_check) for name in names], active=False)
    assert [finding.check for finding in result.findings] == names
    assert result.at == NOW


def test_fact_is_read_once() -> None:
    reads: list[str] = []

    def count_reads(_snapshot: Snapshot, name: str) -> str:
        reads.append(name)
        return name

    def evaluate(snapshot: Snapshot) -> CheckResult:
        return passed(snapshot.read(count_reads, "one") + snapshot.read(count_reads, "other"))

    checks = [make_check(f"check-{letter}", evaluate) for letter in "abcdefgh"]
    result = run_checks(make_snapshot(), checks, active=False)
    assert {finding.message for finding in result.findings} == {"oneother"}
    assert sorted(reads) == ["one", "other"]


DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "GetKeyPolicy")
SILENT = ConnectTimeoutError(endpoint_url="https://kms.ap-northeast-1.amazonaws.com")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DENIED, "GetKeyPolicy returned AccessDeniedException: No. Preflight's role lacks a permission"),
        (SILENT, 'No response: Connect timeout on endpoint URL: "https://kms.ap-northeast-1.amazonaws.com".'),
        (LeverUnavailableError("Route 53 is unavailable."), "Route 53 is unavailable."),
        (FactUnavailableError("There is no pool."), "There is no pool."),
        (KeyError("Policy"), "Unexpected response (KeyError: 'Policy')."),
    ],
    ids=["denied", "silent", "lever", "unavailable", "malformed"],
)
def test_unreadable_fact_makes_check_unknown_with_reason(error: Exception, reason: str) -> None:
    def read_fact(_snapshot: Snapshot) -> None:
        raise error

    def evaluate(snapshot: Snapshot) -> CheckResult:
        snapshot.read(read_fact)
        return passed("Right.")

    [finding] = run_checks(make_snapshot(), [make_check("one", evaluate, blocks_failover=True)], active=False).findings
    assert finding.outcome is CheckOutcome.UNKNOWN
    assert finding.message.startswith(reason)
    assert (finding.remedy, finding.blocks_failover) == ("", False)


def test_raising_check_is_unknown_and_others_run() -> None:
    def raise_error(_snapshot: Snapshot) -> CheckResult:
        raise ZeroDivisionError("oops")

    broken, other = run_checks(
        make_snapshot(), [make_check("broken", raise_error), make_check("other", pass_check)], active=False
    ).findings
    assert broken.message == "Internal error in this check (ZeroDivisionError: oops). Please report it."
    assert other.outcome is CheckOutcome.PASSED


def test_hanging_check_is_unknown_at_deadline() -> None:
    is_ended = threading.Event()

    def hang(_snapshot: Snapshot) -> CheckResult:
        is_ended.wait()
        return passed("Late.")

    slow, quick = run_checks(
        make_snapshot(),
        [make_check("slow", hang), make_check("quick", pass_check)],
        active=False,
        timeout_seconds=3.0,
    ).findings
    is_ended.set()
    assert (slow.outcome, slow.message) == (CheckOutcome.UNKNOWN, "The check had no result within 3 s.")
    assert quick.outcome is CheckOutcome.PASSED


def test_active_checks_run_only_on_request() -> None:
    checks = [make_check("active", pass_check, active=True)]
    assert run_checks(make_snapshot(), checks, active=False).findings == ()
    assert [finding.check for finding in run_checks(make_snapshot(), checks, active=True).findings] == ["active"]
