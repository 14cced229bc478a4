"""The second scenario: the primary Region fails while Route 53 accepts no changes. The latches move sign-in."""

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
    """Runs the scenario against a healthy deployment with all users on the primary.

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
        self.attach_latches()
        began_at = time.time()
        fault_at = self.fail_control_plane_and_primary()
        self.watch_failover(fault_at)
        self.restore_control_plane()
        self.result.sign_ins = self._monitor.count_sign_ins(since=began_at)
        return self.result

    def attach_latches(self) -> None:
        """Attach the latches with the operator function, and check that no traffic moves."""
        self._report_progress(
            "Attaching the latches: switches in the standby Region that Route 53's health checkers read …"
        )
        until = time.monotonic() + _ATTACH_TIMEOUT_SECONDS
        attempt = 0
        while True:
            answer = self._monitor.deployment.invoke_operator(
                "attach", reason="Demo: move without the control plane", token=f"demo-attach-{attempt}"
            )
            if answer["done"] and self._are_latches_attached():
                break
            if time.monotonic() > until:
                raise ExpectationError(
                    f"the latches were not attached within {_ATTACH_TIMEOUT_SECONDS} s: {answer['message']}"
                )
            attempt += 1
            time.sleep(2)
        if not self._monitor.all_servers_answer(self._primary):
            raise ExpectationError(f"attaching moved traffic: {self._monitor.name_servers.query_regions()}")
        self._report_progress("The latches are attached. No traffic moved.")

    def fail_control_plane_and_primary(self) -> float:
        """Fail all calls to Route 53 and all connections to the primary Region. Return the time."""
        plane, primary = FAULTS
        self._monitor.set_fault(plane, service="route53", effect="error", code="ServiceUnavailable", status=503)
        self._monitor.set_fault(primary, region=self._primary, effect="dead")
        self._report_progress(f"FAULT: Route 53 refuses every call, and {self._primary} no longer answers.")
        return time.time()

    def watch_failover(self, fault_at: float) -> None:
        """Wait until sign-in has moved, by health checks alone."""
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
        monitor.wait_until("the controller has confirmed the move", self._has_moved, 60, poll_seconds=1.0)
        move = monitor.get_last_move()
        if move is None or not move["automatic"]:
            raise ExpectationError(f"the last move should be automatic, but it is {move}")
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
        """Restore the control plane, and check that the weights follow and no traffic moves."""
        plane, primary = FAULTS
        self._monitor.clear_fault(plane)
        self._report_progress("Route 53 accepts changes again. The weights must follow, and no traffic may move …")
        self._monitor.wait_until(
            "the weights follow the move", self._are_weights_in_sync, _SYNC_TIMEOUT_SECONDS, poll_seconds=2.0
        )
        self._monitor.clear_fault(primary)
        self._monitor.ensure_stays(self._standby, duration_seconds=_STABLE_SECONDS)
        self._report_progress(
            f"The weights follow the move. {self._primary} answers again, and sign-in stayed in {self._standby}."
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
                f"the update of the weights moved traffic: {self._monitor.name_servers.query_regions()}"
            )
        weights = self._monitor.get_status()["weights"]
        return not weights["sync_pending"] and weights["found"] == {self._primary: 0, self._standby: 255}
