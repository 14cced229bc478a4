"""A look: every check is made, each fact is read once, and nothing that fails takes the others with it."""

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


def make_live_facts() -> CachedSnapshot:
    return CachedSnapshot(cast("Any", SimpleNamespace(settings=None, now=NOW)))


def make_check(check_id: str, judge: Any, **changes: Any) -> PreflightCheck:
    usual: dict[str, Any] = {"severity": CheckSeverity.HIGH, "criterion": "it passes", "remedy": "Mend it."}
    return PreflightCheck(id=check_id, evaluate=judge, **{**usual, **changes})


def pass_check(_facts: Snapshot) -> CheckResult:
    return passed("Right.")


def test_finding_has_remedy_and_blocks_only_if_failed() -> None:
    checks = [
        make_check("bad", lambda _: failed("Wrong."), blocks_failover=True),
        make_check("good", lambda _: passed("Right.", (("a",), ("b",))), blocks_failover=True),
    ]
    bad, good = run_checks(make_live_facts(), checks, active=False).findings
    assert (bad.outcome, bad.message, bad.remedy, bad.blocks_failover) == (
        CheckOutcome.FAILED,
        "Wrong.",
        "Mend it.",
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
    made = run_checks(make_live_facts(), [make_check(name, pass_check) for name in names], active=False)
    assert [finding.check for finding in made.findings] == names
    assert made.at == NOW


def test_fact_is_read_once() -> None:
    read: list[str] = []

    def count_reads(_facts: Snapshot, name: str) -> str:
        read.append(name)
        return name

    def judge(facts: Snapshot) -> CheckResult:
        return passed(facts(count_reads, "one") + facts(count_reads, "other"))

    made = run_checks(make_live_facts(), [make_check(f"check-{letter}", judge) for letter in "abcdefgh"], active=False)
    assert {finding.message for finding in made.findings} == {"oneother"}
    assert sorted(read) == ["one", "other"]


DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "GetKeyPolicy")
SILENT = ConnectTimeoutError(endpoint_url="https://kms.ap-northeast-1.amazonaws.com")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DENIED, "GetKeyPolicy answered AccessDeniedException: No. Preflight's role may not ask"),
        (SILENT, 'No answer: Connect timeout on endpoint URL: "https://kms.ap-northeast-1.amazonaws.com".'),
        (LeverUnavailableError("Route 53 is away."), "Route 53 is away."),
        (FactUnavailableError("There is no pool."), "There is no pool."),
        (KeyError("Policy"), "The answer was not understood (KeyError: 'Policy')."),
    ],
    ids=["denied", "silent", "lever", "unread", "nonsense"],
)
def test_unreadable_fact_makes_check_unknown_with_reason(error: Exception, reason: str) -> None:
    def fact(_facts: Snapshot) -> None:
        raise error

    def judge(facts: Snapshot) -> CheckResult:
        facts(fact)
        return passed("Right.")

    [finding] = run_checks(make_live_facts(), [make_check("one", judge, blocks_failover=True)], active=False).findings
    assert finding.outcome is CheckOutcome.UNKNOWN
    assert finding.message.startswith(reason)
    assert (finding.remedy, finding.blocks_failover) == ("", False)


def test_raising_check_is_unknown_and_others_run() -> None:
    def raise_error(_facts: Snapshot) -> CheckResult:
        raise ZeroDivisionError("oops")

    erring, other = run_checks(
        make_live_facts(), [make_check("erring", raise_error), make_check("other", pass_check)], active=False
    ).findings
    assert erring.message == "The check itself failed (ZeroDivisionError: oops). Please report it."
    assert other.outcome is CheckOutcome.PASSED


def test_hanging_check_is_unknown_at_deadline() -> None:
    ends = threading.Event()

    def hang(_facts: Snapshot) -> CheckResult:
        ends.wait()
        return passed("Late.")

    slow, quick = run_checks(
        make_live_facts(),
        [make_check("slow", hang), make_check("quick", pass_check)],
        active=False,
        timeout_seconds=3.0,
    ).findings
    ends.set()
    assert (slow.outcome, slow.message) == (CheckOutcome.UNKNOWN, "It was not known within 3 s.")
    assert quick.outcome is CheckOutcome.PASSED


def test_active_checks_run_only_on_request() -> None:
    checks = [make_check("active", pass_check, active=True)]
    assert run_checks(make_live_facts(), checks, active=False).findings == ()
    assert [finding.check for finding in run_checks(make_live_facts(), checks, active=True).findings] == ["active"]
