"""One look: every check is made, all at once, within a bound."""

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future

from cognito_failover.common.deadlines import Deadline, run_in_thread, wait_for_result
from cognito_failover.core.preflight_result import CheckOutcome, PreflightFinding, PreflightResult
from cognito_failover.preflight.check import CheckResult, PreflightCheck
from cognito_failover.preflight.facts import FactUnavailableError, Snapshot

WORKERS = 6
"""So many checks are made at once: each may wait for a Region that is dead, and a cold start has one slow processor."""

RUN_TIMEOUT_SECONDS = 45.0
"""What a look may take: what is not known by then is unknown."""


def run_checks(
    snapshot: Snapshot, checks: Iterable[PreflightCheck], *, active: bool, timeout_seconds: float = RUN_TIMEOUT_SECONDS
) -> PreflightResult:
    """Make every check, and return what came of each.

    Parameters
    ----------
    facts
        What they judge.
    checks
        Which ones.
    active
        Whether to make those, too, that do more than read.
    seconds
        What it may take.

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
        outcome=CheckOutcome.UNKNOWN, message=f"It was not known within {timeout_seconds:.0f} s."
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
    except Exception as error:  # noqa: BLE001 - one check that errs must not take the others with it
        message = f"The check itself failed ({type(error).__name__}: {error}). Please report it."
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
