"""The first act: the primary Region dies, sign-in moves by itself, and back when a person says so."""

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
    """Plays the act against a deployment.

    Parameters
    ----------
    onlooker
        Watches it.
    tell
        Shows what happens.

    """

    def __init__(self, monitor: ExternalMonitor, on_progress: ProgressCallback) -> None:
        self._monitor = monitor
        self._report_progress = on_progress
        self._primary, self._standby = monitor.primary, monitor.standby
        self.result = ScenarioResult()

    def run(self) -> ScenarioResult:
        """Play it and return what was seen, while people sign in.

        Raises
        ------
        NotSeenError
            If something that must be seen was not.

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
        """Wait until the schedule has run the controller and it judges."""
        self._report_progress("Waiting for the schedule to start the controller, and for its starting grace to end …")
        self._monitor.wait_until(
            "the controller runs and judges",
            lambda: self._monitor.get_phase() == "steady",
            _STEADY_TIMEOUT_SECONDS,
            poll_seconds=STATUS_SECONDS,
        )
        self._monitor.wait_for_sign_in(self._primary)
        self._report_progress(
            f"All is well: {self._primary} serves, {self._standby} stands by, people sign in five times a second."
        )

    def fail_primary(self) -> float:
        """Let the primary Region hang for everybody, and return when."""
        self._monitor.set_fault(FAULT, region=self._primary, effect="dead")
        self._report_progress(f"{self._primary} dies: every connection to it hangs.")
        return time.time()

    def watch_failover(self, fault_at: float) -> None:
        """Watch sign-in move, with no human in it."""
        onlooker = self._monitor
        onlooker.wait_until(
            f"all name servers answer {self._standby}",
            lambda: onlooker.all_servers_answer(self._standby),
            MOVE_TIMEOUT_SECONDS,
        )
        authoritative_at = time.time()
        self._report_progress(
            f"All name servers answer {self._standby}, {authoritative_at - fault_at:.1f} s after the fault."
        )
        first_good = onlooker.wait_for_sign_in(self._standby, since=fault_at)
        self._report_progress(
            f"First good sign-in in {self._standby}, {first_good.ended_at - fault_at:.1f} s after the fault."
        )
        onlooker.wait_until(
            "the controller has confirmed the move", lambda: onlooker.get_last_move() is not None, 60, poll_seconds=1.0
        )
        move = onlooker.get_last_move()
        if move is None or not move["automatic"]:
            raise ExpectationError(f"an automatic move should be the last one, but it is {move}")
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
        """Mend the primary, and see that nothing moves."""
        self._monitor.clear_fault(FAULT)
        self._report_progress(
            f"{self._primary} is back. Nothing may move by itself: watching for {_STABLE_SECONDS} s …"
        )
        self._monitor.ensure_stays(self._standby, duration_seconds=_STABLE_SECONDS)
        self._report_progress(f"Sign-in stayed in {self._standby}.")

    def fail_back(self) -> None:
        """Fail back by hand, as a person would."""
        onlooker = self._monitor
        self._report_progress(f"The operator fails back to {self._primary} …")
        answer = onlooker.deployment.invoke_operator(
            "failback",
            reason="Demo: the primary is well again",
            token="demo-failback",  # noqa: S106 - not a password: it makes a repeat harmless
            mode="all-at-once",
            requested_by="demo",
        )
        if not answer["done"]:
            raise ExpectationError(f"the operator's failback was refused: {answer['message']}")
        asked_at = time.time()
        onlooker.wait_until(
            f"all name servers answer {self._primary}",
            lambda: onlooker.all_servers_answer(self._primary),
            MOVE_TIMEOUT_SECONDS,
        )
        onlooker.wait_for_sign_in(self._primary, since=asked_at)
        onlooker.wait_until("the failback is confirmed", self._has_failed_back, 60, poll_seconds=1.0)
        if move := onlooker.get_last_move():
            self.result.add_move(move)
        self._report_progress(f"People sign in in {self._primary} again.")

    def _has_failed_back(self) -> bool:
        move = self._monitor.get_last_move()
        return move is not None and move["to"] == self._primary
