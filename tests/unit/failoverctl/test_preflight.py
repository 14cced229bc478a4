"""``failoverctl preflight``: findings with remedies, and an exit code for scripts."""

from typing import Any

import pytest

from tests.unit.failoverctl.cli_harness import CliHarness, read_output

FUNCTION = "cognito-failover-preflight"


def make_finding(check: str, outcome: str = "failed", severity: str = "high", **changes: Any) -> dict[str, Any]:
    defaults = {
        "check": check,
        "severity": severity,
        "outcome": outcome,
        "message": f"Message of {check}.",
        "remedy": f"Fix {check}." if outcome == "failed" else "",
        "blocks_failover": False,
        "table": [],
    }
    return {**defaults, **changes}


def make_answer(*findings: dict[str, Any], kept_problem: str = "") -> dict[str, Any]:
    high = [finding for finding in findings if (finding["outcome"], finding["severity"]) == ("failed", "high")]
    return {
        "done": True,
        "at": "2026-11-26T20:00:00.000Z",
        "high_failed": len(high),
        "findings": list(findings),
        "kept_problem": kept_problem,
    }


@pytest.fixture
def harness() -> CliHarness:
    harness = CliHarness()
    harness.stacks.outputs["PreflightFunctionName"] = FUNCTION
    return harness


def test_preflight_function_of_stack_is_invoked(harness: CliHarness) -> None:
    harness.queue_outcomes(make_answer(make_finding("one", "passed")))
    assert harness.run("preflight").exit_code == 0
    assert (harness.functions.invoked_names, harness.functions.events) == ([FUNCTION], [{"active": False}])


def test_active_flag_is_passed_on(harness: CliHarness) -> None:
    harness.queue_outcomes(make_answer())
    harness.run("preflight", "--active")
    assert harness.functions.events == [{"active": True}]


def test_named_operator_function_selects_its_preflight_function(harness: CliHarness) -> None:
    harness.queue_outcomes(make_answer())
    harness.run("preflight", "--function", "arn:aws:lambda:us-east-1:1:function:mine-operator")
    assert harness.functions.invoked_names == ["arn:aws:lambda:us-east-1:1:function:mine-preflight"]
    wrong = harness.run("preflight", "--function", "mine")
    assert wrong.exit_code == 2
    assert "Give --stack instead of --function" in " ".join(wrong.stderr.split())


def test_high_severity_failure_exits_1_with_remedy(harness: CliHarness) -> None:
    harness.queue_outcomes(
        make_answer(make_finding("tokens-alike", blocks_failover=True), make_finding("tags-alike", severity="low"))
    )
    result = harness.run("preflight")
    assert result.exit_code == 1
    text = " ".join(result.stdout.split())
    assert "A failover may fail now: 1 of high severity failed. 0 passed, 2 failed, 0 unknown" in text
    assert "high tokens-alike: Message of tokens-alike. Fix tokens-alike." in text
    assert "It blocks automatic failovers (rule preflight-passed)." in text
    assert text.index("tokens-alike") < text.index("low tags-alike")


def test_lower_severity_failures_exit_0(harness: CliHarness) -> None:
    harness.queue_outcomes(make_answer(make_finding("tags-alike", severity="low")))
    result = harness.run("preflight")
    assert result.exit_code == 0
    assert "No check of high severity failed." in result.stdout


def test_unknown_is_never_shown_as_passed(harness: CliHarness) -> None:
    harness.queue_outcomes(make_answer(make_finding("replica-active", "unknown")))
    result = harness.run("preflight")
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    assert "No check of high severity failed, but some are unknown." in text
    assert "Unknown, because a read failed: replica-active Message of replica-active." in text


def test_passed_checks_are_shown_on_request(harness: CliHarness) -> None:
    harness.queue_outcomes(make_answer(make_finding("one", "passed"), make_finding("other", "not-applicable")))
    assert "Message of one" not in harness.run("preflight").stdout
    harness.queue_outcomes(make_answer(make_finding("one", "passed"), make_finding("other", "not-applicable")))
    shown = " ".join(harness.run("preflight", "--all").stdout.split())
    assert "Passed: one Message of one. Nothing to check: other Message of other." in shown


def test_token_comparison_is_printed(harness: CliHarness) -> None:
    table = [["token", "claim", "ap-northeast-1", "us-east-1"], ["id", "iss", "https://issuer", "identical"]]
    harness.queue_outcomes(make_answer(make_finding("tokens-alike", "passed", table=table)))
    shown = " ".join(harness.run("preflight", "--all").stdout.split())
    assert "token claim ap-northeast-1 us-east-1" in shown
    assert "id iss https://issuer identical" in shown


def test_passed_comparison_is_not_shown_like_a_fault(harness: CliHarness) -> None:
    table = [["token", "claim"], ["id", "identical"]]
    passed = make_finding("tokens-alike", "passed", table=table)
    failed = make_finding("client-alike", table=[["client", "flow"], ["web", "missing"]])
    harness.queue_outcomes(make_answer(passed, failed))
    shown = harness.run("preflight").stdout
    assert "identical" not in shown
    assert "Compared by client-alike (failed):" in shown


def test_script_gets_every_finding(harness: CliHarness) -> None:
    answer = make_answer(make_finding("one"), make_finding("other", "passed"))
    harness.queue_outcomes(answer)
    result = harness.run("preflight", "--json")
    assert (result.exit_code, read_output(result)) == (1, answer)


def test_unsaved_result_is_reported(harness: CliHarness) -> None:
    harness.queue_outcomes(make_answer(kept_problem="The table ledger failed."))
    shown = harness.run("preflight").stdout
    assert "The result was not saved for the controller: The table ledger failed." in shown


def test_older_stack_without_function_is_reported(harness: CliHarness) -> None:
    del harness.stacks.outputs["PreflightFunctionName"]
    result = harness.run("preflight")
    assert result.exit_code == 3
    assert "has no output PreflightFunctionName" in " ".join(result.stderr.split())
    assert "it was deployed with DeployPreflight=false" in " ".join(result.stderr.split())


def test_missing_answer_exits_3(harness: CliHarness) -> None:
    harness.queue_outcomes({"errorMessage": "Task timed out after 60 seconds"})
    result = harness.run("preflight")
    assert result.exit_code == 3
    assert "failoverctl status shows the last result" in " ".join(result.stderr.split())
