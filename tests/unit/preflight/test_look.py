"""A look: every check is made, each fact is read once, and nothing that fails takes the others with it."""

import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from failover.decision.preflight import Outcome, Severity
from failover.errors import LeverUnavailableError
from failover.preflight.check import Check, Judgement, failed, passed
from failover.preflight.facts import Facts, LiveFacts, UnreadError
from failover.preflight.look import look
from tests.unit.preflight.known import NOW


def live() -> LiveFacts:
    return LiveFacts(cast("Any", SimpleNamespace(settings=None, now=NOW)))


def check(check_id: str, judge: Any, **changes: Any) -> Check:
    usual: dict[str, Any] = {"severity": Severity.HIGH, "passes": "it passes", "remedy": "Mend it."}
    return Check(id=check_id, judge=judge, **{**usual, **changes})


def right(_facts: Facts) -> Judgement:
    return passed("Right.")


def test_a_finding_says_what_to_do_and_bars_only_where_it_failed() -> None:
    checks = [
        check("bad", lambda _: failed("Wrong."), bars=True),
        check("good", lambda _: passed("Right.", (("a",), ("b",))), bars=True),
    ]
    bad, good = look(live(), checks, active=False).findings
    assert (bad.outcome, bad.sentence, bad.remedy, bad.bars) == (Outcome.FAILED, "Wrong.", "Mend it.", True)
    assert (good.outcome, good.remedy, good.bars, good.table) == (Outcome.PASSED, "", False, (("a",), ("b",)))


def test_findings_are_in_the_checks_order_and_of_its_moment() -> None:
    names = [f"check-{letter}" for letter in "abcdefghijklmnop"]
    made = look(live(), [check(name, right) for name in names], active=False)
    assert [finding.check for finding in made.findings] == names
    assert made.at == NOW


def test_a_fact_is_read_once_whoever_asks() -> None:
    read: list[str] = []

    def fact(_facts: Facts, name: str) -> str:
        read.append(name)
        return name

    def judge(facts: Facts) -> Judgement:
        return passed(facts(fact, "one") + facts(fact, "other"))

    made = look(live(), [check(f"check-{letter}", judge) for letter in "abcdefgh"], active=False)
    assert {finding.sentence for finding in made.findings} == {"oneother"}
    assert sorted(read) == ["one", "other"]


DENIED = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "No."}}, "GetKeyPolicy")
SILENT = ConnectTimeoutError(endpoint_url="https://kms.ap-northeast-1.amazonaws.com")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DENIED, "GetKeyPolicy answered AccessDeniedException: No. Preflight's role may not ask"),
        (SILENT, 'No answer: Connect timeout on endpoint URL: "https://kms.ap-northeast-1.amazonaws.com".'),
        (LeverUnavailableError("Route 53 is away."), "Route 53 is away."),
        (UnreadError("There is no pool."), "There is no pool."),
        (KeyError("Policy"), "The answer was not understood (KeyError: 'Policy')."),
    ],
    ids=["denied", "silent", "lever", "unread", "nonsense"],
)
def test_what_can_not_be_read_makes_a_check_unknown_with_the_reason(error: Exception, reason: str) -> None:
    def fact(_facts: Facts) -> None:
        raise error

    def judge(facts: Facts) -> Judgement:
        facts(fact)
        return passed("Right.")

    [finding] = look(live(), [check("one", judge, bars=True)], active=False).findings
    assert finding.outcome is Outcome.UNKNOWN
    assert finding.sentence.startswith(reason)
    assert (finding.remedy, finding.bars) == ("", False)


def test_a_check_that_errs_is_unknown_and_the_others_are_made() -> None:
    def err(_facts: Facts) -> Judgement:
        raise ZeroDivisionError("oops")

    erring, other = look(live(), [check("erring", err), check("other", right)], active=False).findings
    assert erring.sentence == "The check itself failed (ZeroDivisionError: oops). Please report it."
    assert other.outcome is Outcome.PASSED


def test_a_check_that_hangs_is_unknown_when_the_time_is_up() -> None:
    ends = threading.Event()

    def hang(_facts: Facts) -> Judgement:
        ends.wait()
        return passed("Late.")

    slow, quick = look(live(), [check("slow", hang), check("quick", right)], active=False, seconds=3.0).findings
    ends.set()
    assert (slow.outcome, slow.sentence) == (Outcome.UNKNOWN, "It was not known within 3 s.")
    assert quick.outcome is Outcome.PASSED


def test_what_does_more_than_read_is_done_only_when_asked_for() -> None:
    checks = [check("active", right, active=True)]
    assert look(live(), checks, active=False).findings == ()
    assert [finding.check for finding in look(live(), checks, active=True).findings] == ["active"]
