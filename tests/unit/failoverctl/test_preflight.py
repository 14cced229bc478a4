"""``failoverctl preflight``: what would not work, with what to do, and an exit code for scripts."""

from typing import Any

import pytest

from tests.unit.failoverctl.stage import Stage, said

FUNCTION = "cognito-failover-preflight"


def finding(check: str, outcome: str = "failed", severity: str = "high", **changes: Any) -> dict[str, Any]:
    usual = {
        "check": check,
        "severity": severity,
        "outcome": outcome,
        "sentence": f"What {check} saw.",
        "remedy": f"Mend {check}." if outcome == "failed" else "",
        "bars": False,
        "table": [],
    }
    return {**usual, **changes}


def answer(*findings: dict[str, Any], kept_problem: str = "") -> dict[str, Any]:
    high = [each for each in findings if (each["outcome"], each["severity"]) == ("failed", "high")]
    return {
        "done": True,
        "at": "2026-11-26T20:00:00.000Z",
        "high_failed": len(high),
        "findings": list(findings),
        "kept_problem": kept_problem,
    }


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.stacks.outputs["PreflightFunctionName"] = FUNCTION
    return stage


def test_it_asks_the_preflight_function_of_the_stack(stage: Stage) -> None:
    stage.stage(answer(finding("one", "passed")))
    assert stage.run("preflight").exit_code == 0
    assert (stage.functions.called, stage.functions.events) == ([FUNCTION], [{"active": False}])


def test_active_is_passed_on(stage: Stage) -> None:
    stage.stage(answer())
    stage.run("preflight", "--active")
    assert stage.functions.events == [{"active": True}]


def test_a_function_that_is_named_is_the_one_beside_it(stage: Stage) -> None:
    stage.stage(answer())
    stage.run("preflight", "--function", "arn:aws:lambda:us-east-1:1:function:mine-operator")
    assert stage.functions.called == ["arn:aws:lambda:us-east-1:1:function:mine-preflight"]
    wrong = stage.run("preflight", "--function", "mine")
    assert wrong.exit_code == 2
    assert "Give --stack instead of --function" in " ".join(wrong.stderr.split())


def test_a_high_failure_is_exit_code_1_and_says_what_to_do(stage: Stage) -> None:
    stage.stage(answer(finding("tokens-alike", bars=True), finding("tags-alike", severity="low")))
    result = stage.run("preflight")
    assert result.exit_code == 1
    text = " ".join(result.stdout.split())
    assert "A failover would not go well now (1 of high severity). 0 passed, 2 failed, 0 unknown" in text
    assert "high tokens-alike: What tokens-alike saw. Mend tokens-alike." in text
    assert "nobody is moved to the standby, by the rule standby-fit" in text
    assert text.index("tokens-alike") < text.index("low tags-alike")


def test_lesser_failures_are_exit_code_0(stage: Stage) -> None:
    stage.stage(answer(finding("tags-alike", severity="low")))
    result = stage.run("preflight")
    assert result.exit_code == 0
    assert "Nothing of high severity was found." in result.stdout


def test_what_is_not_known_is_never_called_good(stage: Stage) -> None:
    stage.stage(answer(finding("replica-active", "unknown")))
    result = stage.run("preflight")
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    assert "Nothing of high severity was found, but not all of it could be looked at." in text
    assert "Not known, because it could not be read: replica-active What replica-active saw." in text


def test_what_passed_is_shown_when_asked_for(stage: Stage) -> None:
    stage.stage(answer(finding("one", "passed"), finding("other", "not-applicable")))
    assert "What one saw" not in stage.run("preflight").stdout
    stage.stage(answer(finding("one", "passed"), finding("other", "not-applicable")))
    shown = " ".join(stage.run("preflight", "--all").stdout.split())
    assert "Passed: one What one saw. Nothing to check: other What other saw." in shown


def test_the_comparison_of_tokens_is_printed(stage: Stage) -> None:
    table = [["token", "claim", "ap-northeast-1", "us-east-1"], ["id", "iss", "https://issuer", "identical"]]
    stage.stage(answer(finding("tokens-alike", "passed", table=table)))
    shown = " ".join(stage.run("preflight").stdout.split())
    assert "token claim ap-northeast-1 us-east-1" in shown
    assert "id iss https://issuer identical" in shown


def test_a_script_gets_every_finding(stage: Stage) -> None:
    whole = answer(finding("one"), finding("other", "passed"))
    stage.stage(whole)
    result = stage.run("preflight", "--json")
    assert (result.exit_code, said(result)) == (1, whole)


def test_a_result_that_could_not_be_kept_is_told(stage: Stage) -> None:
    stage.stage(answer(kept_problem="The table ledger failed."))
    assert "The controller does not know of it: The table ledger failed." in stage.run("preflight").stdout


def test_an_older_stack_without_the_function_is_told(stage: Stage) -> None:
    del stage.stacks.outputs["PreflightFunctionName"]
    result = stage.run("preflight")
    assert result.exit_code == 3
    assert "has no output PreflightFunctionName" in " ".join(result.stderr.split())


def test_no_answer_is_exit_code_3(stage: Stage) -> None:
    stage.stage({"errorMessage": "Task timed out after 60 seconds"})
    result = stage.run("preflight")
    assert result.exit_code == 3
    assert "failoverctl status shows what the last look found" in " ".join(result.stderr.split())
