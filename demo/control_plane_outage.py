"""The second act: the primary Region dies on a day when Route 53 takes no changes, and sign-in moves all the same."""

import time

from demo.external_monitor import (
    MOVE_TIMEOUT_SECONDS,
    ExpectationError,
    ExternalMonitor,
    ProgressCallback,
    ScenarioResult,
    parse_timestamp,
)

FAULTS = ("control-plane-down", "tokyo-dies-again")

MOVE_LIMIT_SECONDS = 75

_ATTACH_TIMEOUT_SECONDS = 150
_SYNC_TIMEOUT_SECONDS = 120
_STABLE_SECONDS = 20


class ControlPlaneOutageScenario:
    """Plays the act against a deployment whose controller is well and has all users on the primary.

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
        self.attach_latches()
        began_at = time.time()
        fault_at = self.fail_control_plane_and_primary()
        self.watch_failover(fault_at)
        self.restore_control_plane()
        self.result.sign_ins = self._monitor.count_sign_ins(since=began_at)
        return self.result

    def attach_latches(self) -> None:
        """Attach the latches by hand, as a person does once, and see that nobody moves by it."""
        self._report_progress(
            "The operator attaches the latches: switches that health checkers read, in the standby Region …"
        )
        until = time.monotonic() + _ATTACH_TIMEOUT_SECONDS
        asked = 0
        while True:
            answer = self._monitor.deployment.invoke_operator(
                "attach", reason="Demo: move without the control plane", token=f"demo-attach-{asked}"
            )
            if answer["done"] and self._are_latches_attached():
                break
            if time.monotonic() > until:
                raise ExpectationError(
                    f"the latches were not attached within {_ATTACH_TIMEOUT_SECONDS} s: {answer['message']}"
                )
            asked += 1
            time.sleep(2)
        if not self._monitor.all_servers_answer(self._primary):
            raise ExpectationError(f"attaching moved somebody: {self._monitor.name_servers.query_regions()}")
        self._report_progress("Attached, and nobody moved.")

    def fail_control_plane_and_primary(self) -> float:
        """Let Route 53 refuse every call, and then the primary Region hang for everybody; return when."""
        plane, primary = FAULTS
        self._monitor.set_fault(plane, service="route53", effect="error", code="ServiceUnavailable", status=503)
        self._monitor.set_fault(primary, region=self._primary, effect="dead")
        self._report_progress(f"Route 53 refuses every call from now on, and {self._primary} dies.")
        return time.time()

    def watch_failover(self, fault_at: float) -> None:
        """Watch sign-in move, by health checks alone."""
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
        onlooker.wait_until("the controller has confirmed the move", self._has_moved, 60, poll_seconds=1.0)
        move = onlooker.get_last_move()
        if move is None or not move["automatic"]:
            raise ExpectationError(f"an automatic move should be the last one, but it is {move}")
        suspected_at = parse_timestamp(move["suspected_at"])
        self.result.stages_seconds = {
            "suspect": round(suspected_at - fault_at, 1),
            "decide": round(suspected_at - fault_at + move["stages_seconds"]["decided"], 1),
            "latch": round(suspected_at - fault_at + move["stages_seconds"]["submitted"], 1),
            "authoritative": round(authoritative_at - fault_at, 1),
            "first_good_sign_in": round(first_good.ended_at - fault_at, 1),
        }
        self.result.add_move(move)

    def restore_control_plane(self) -> None:
        """Mend the control plane: the weights follow, and nobody moves by it."""
        plane, primary = FAULTS
        self._monitor.clear_fault(plane)
        self._report_progress("Route 53 takes changes again. The weights may follow, and nobody may move by it …")
        self._monitor.wait_until(
            "the weights follow", self._are_weights_in_sync, _SYNC_TIMEOUT_SECONDS, poll_seconds=2.0
        )
        self._monitor.clear_fault(primary)
        self._monitor.ensure_stays(self._standby, duration_seconds=_STABLE_SECONDS)
        self._report_progress(
            f"The weights have followed, {self._primary} is back, and sign-in stayed in {self._standby}."
        )

    def _are_latches_attached(self) -> bool:
        latches = self._monitor.get_status().get("latches", {})
        return bool(latches) and all(latch["attached"] for latch in latches.values())

    def _has_moved(self) -> bool:
        move = self._monitor.get_last_move()
        return move is not None and move["to"] == self._standby

    def _are_weights_in_sync(self) -> bool:
        if not self._monitor.all_servers_answer(self._standby):
            raise ExpectationError(
                f"while the weights followed the answers were {self._monitor.name_servers.query_regions()}"
            )
        weights = self._monitor.get_status()["weights"]
        return not weights["sync_pending"] and weights["found"] == {self._primary: 0, self._standby: 255}
