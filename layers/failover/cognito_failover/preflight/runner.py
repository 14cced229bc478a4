"""One preflight run: runs every check in parallel, within a timeout."""

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_result
from cognito_failover.core.preflight_result import CheckOutcome, PreflightFinding, PreflightResult
from cognito_failover.preflight.check import CheckResult, PreflightCheck
from cognito_failover.preflight.facts import FactUnavailableError, Snapshot

WORKERS = 6
"""Number of parallel checks. Each may wait for a dead Region, but a cold start has one slow processor."""

RUN_TIMEOUT_SECONDS = 45.0
"""Timeout of a run. A check that has no result by then is unknown."""


def run_checks(
    snapshot: Snapshot, checks: Iterable[PreflightCheck], *, active: bool, timeout_seconds: float = RUN_TIMEOUT_SECONDS
) -> PreflightResult:
    """Run every check, and return the findings in the order of the checks.

    Parameters
    ----------
    snapshot
        The facts.
    checks
        The checks to run.
    active
        Whether to also run checks that do more than read.
    timeout_seconds
        Timeout of the run.

    """
    deadline = Deadline(timeout_seconds)
    selected = [check for check in checks if active or not check.active]
    futures = {check.id: Future[CheckResult]() for check in selected}
    queue = deque(selected)

    def run_queued_checks() -> None:
        while True:
            try:
                check = queue.popleft()
            except IndexError:
                return
            futures[check.id].set_result(_run_check(check, snapshot))

    for number in range(WORKERS):
        run_in_thread(run_queued_checks, name=f"preflight-{number}")
    timeout_result = CheckResult(
        outcome=CheckOutcome.UNKNOWN, message=f"The check had no result within {timeout_seconds:.0f} s."
    )
    findings = tuple(
        _to_finding(check, wait_for_result(deadline, futures[check.id], default=timeout_result)) for check in selected
    )
    return PreflightResult(at=snapshot.now, findings=findings)


def _run_check(check: PreflightCheck, snapshot: Snapshot) -> CheckResult:
    try:
        return check.evaluate(snapshot)
    except FactUnavailableError as error:
        return CheckResult(outcome=CheckOutcome.UNKNOWN, message=str(error))
    except Exception as error:  # noqa: BLE001 - an internal error in one check must not stop the others
        message = f"Internal error in this check ({type(error).__name__}: {error}). Please report it."
        return CheckResult(outcome=CheckOutcome.UNKNOWN, message=message)


def _to_finding(check: PreflightCheck, result: CheckResult) -> PreflightFinding:
    is_failed = result.outcome is CheckOutcome.FAILED
    return PreflightFinding(
        check=check.id,
        severity=check.severity,
        outcome=result.outcome,
        message=result.message,
        remedy=check.remedy if is_failed else "",
        blocks_failover=check.blocks_failover and is_failed,
        table=result.table,
    )
