"""The first scenario: the primary Region fails, sign-in moves automatically, and a person fails back."""

import time

from demo.external_monitor import (
    MOVE_TIMEOUT_SECONDS,
    STATUS_SECONDS,
    ExpectationError,
    ExternalMonitor,
    ProgressCallback,
    ScenarioResult,
    parse_timestamp,
)

FAULT = "tokyo-dies"

_STEADY_TIMEOUT_SECONDS = 200
_STABLE_SECONDS = 20
_GRACE_AFTER_MOVE_SECONDS = 10


class RegionOutageScenario:
    """Runs the scenario against a deployment.

    Parameters
    ----------
    monitor
        Watches the deployment.
    on_progress
        Called with each line of progress.

    """

    def __init__(self, monitor: ExternalMonitor, on_progress: ProgressCallback) -> None:
        self._monitor = monitor
        self._report_progress = on_progress
        self._primary, self._standby = monitor.primary, monitor.standby
        self.result = ScenarioResult()

    def run(self) -> ScenarioResult:
        """Run the scenario while users sign in, and return the measurements.

        Raises
        ------
        ExpectationError
            If an expectation is not met.

        """
        began_at = time.time()
        self.wait_until_steady()
        fault_at = self.fail_primary()
        self.watch_failover(fault_at)
        self.restore_primary()
        self.fail_back()
        self.result.sign_ins = self._monitor.count_sign_ins(since=began_at)
        return self.result

    def wait_until_steady(self) -> None:
        """Wait until the schedule has started the controller and its startup grace is over."""
        self._report_progress("Waiting for the controller to start and for its startup grace to end …")
        self._monitor.wait_until(
            "the controller is steady",
            lambda: self._monitor.get_phase() == "steady",
            _STEADY_TIMEOUT_SECONDS,
            poll_seconds=STATUS_SECONDS,
        )
        self._monitor.wait_for_sign_in(self._primary)
        self._report_progress(
            f"Steady: {self._primary} serves sign-in, {self._standby} is the standby, 5 sign-ins a second."
        )

    def fail_primary(self) -> float:
        """Fail all connections to the primary Region. Return the time."""
        self._monitor.set_fault(FAULT, region=self._primary, effect="dead")
        self._report_progress(f"FAULT: {self._primary} no longer answers. Every connection to it hangs.")
        return time.time()

    def watch_failover(self, fault_at: float) -> None:
        """Wait until sign-in has moved, without a person."""
        monitor = self._monitor
        monitor.wait_until(
            f"all name servers answer {self._standby}",
            lambda: monitor.all_servers_answer(self._standby),
            MOVE_TIMEOUT_SECONDS,
        )
        authoritative_at = time.time()
        self._report_progress(
            f"All name servers answer {self._standby}, {authoritative_at - fault_at:.1f} s after the fault."
        )
        first_good = monitor.wait_for_sign_in(self._standby, since=fault_at)
        self._report_progress(
            f"First good sign-in in {self._standby}, {first_good.ended_at - fault_at:.1f} s after the fault."
        )
        monitor.wait_until(
            "the controller has confirmed the move", lambda: monitor.get_last_move() is not None, 60, poll_seconds=1.0
        )
        move = monitor.get_last_move()
        if move is None or not move["automatic"]:
            raise ExpectationError(f"the last move should be automatic, but it is {move}")
        suspected_at = parse_timestamp(move["suspected_at"])
        stages = move["stages_seconds"]
        self.result.stages_seconds = {
            "suspect": round(suspected_at - fault_at, 1),
            "decide": round(suspected_at - fault_at + stages["decided"], 1),
            "change": round(suspected_at - fault_at + stages["submitted"], 1),
            "authoritative": round(authoritative_at - fault_at, 1),
            "first_good_sign_in": round(first_good.ended_at - fault_at, 1),
        }
        self.result.add_move(move)
        time.sleep(_GRACE_AFTER_MOVE_SECONDS)

    def restore_primary(self) -> None:
        """Restore the primary, and check that no traffic moves."""
        self._monitor.clear_fault(FAULT)
        self._report_progress(
            f"{self._primary} answers again. No traffic may move without a person: checking for {_STABLE_SECONDS} s …"
        )
        self._monitor.ensure_stays(self._standby, duration_seconds=_STABLE_SECONDS)
        self._report_progress(f"Sign-in stayed in {self._standby}.")

    def fail_back(self) -> None:
        """Fail back with the operator function, as a person does."""
        monitor = self._monitor
        self._report_progress(f"Failing back to {self._primary} with the operator function …")
        answer = monitor.deployment.invoke_operator(
            "failback",
            reason="Demo: the primary is healthy again",
            token="demo-failback",  # noqa: S106 - an idempotency token, not a password
            mode="all-at-once",
            requested_by="demo",
        )
        if not answer["done"]:
            raise ExpectationError(f"the operator function refused the failback: {answer['message']}")
        requested_at = time.time()
        monitor.wait_until(
            f"all name servers answer {self._primary}",
            lambda: monitor.all_servers_answer(self._primary),
            MOVE_TIMEOUT_SECONDS,
        )
        monitor.wait_for_sign_in(self._primary, since=requested_at)
        monitor.wait_until("the failback is confirmed", self._has_failed_back, 60, poll_seconds=1.0)
        if move := monitor.get_last_move():
            self.result.add_move(move)
        self._report_progress(f"Failed back: users sign in to {self._primary} again.")

    def _has_failed_back(self) -> bool:
        move = self._monitor.get_last_move()
        return move is not None and move["to"] == self._primary
