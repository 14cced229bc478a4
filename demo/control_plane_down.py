"""The second act: the primary Region dies on a day when Route 53 takes no changes, and sign-in moves all the same."""

import time

from demo.onlooker import MOVING_SECONDS, NotSeenError, Onlooker, Seen, Tell, epoch

FAULTS = ("control-plane-down", "tokyo-dies-again")

MOVED_WITHIN_SECONDS = 75

_ATTACHING_SECONDS = 150
_FOLLOWING_SECONDS = 120
_STAYING_SECONDS = 20


class ControlPlaneDown:
    """Plays the act against a deployment whose controller is well and has all users on the primary.

    Parameters
    ----------
    onlooker
        Watches it.
    tell
        Shows what happens.

    """

    def __init__(self, onlooker: Onlooker, tell: Tell) -> None:
        self._onlooker = onlooker
        self._tell = tell
        self._primary, self._standby = onlooker.primary, onlooker.standby
        self.seen = Seen()

    def play(self) -> Seen:
        """Play it and return what was seen, while people sign in.

        Raises
        ------
        NotSeenError
            If something that must be seen was not.

        """
        self.attach()
        began_at = time.time()
        fault_at = self.control_plane_and_primary_die()
        self.sign_in_moves(fault_at)
        self.weights_follow()
        self.seen.sign_ins = self._onlooker.count(since=began_at)
        return self.seen

    def attach(self) -> None:
        """Attach the latches by hand, as a person does once, and see that nobody moves by it."""
        self._tell("The operator attaches the latches: switches that health checkers read, in the standby Region …")
        until = time.monotonic() + _ATTACHING_SECONDS
        asked = 0
        while True:
            answer = self._onlooker.deployment.ask(
                "attach", reason="Demo: move without the control plane", token=f"demo-attach-{asked}"
            )
            if answer["done"] and self._attached():
                break
            if time.monotonic() > until:
                raise NotSeenError(f"the latches were not attached within {_ATTACHING_SECONDS} s: {answer['message']}")
            asked += 1
            time.sleep(2)
        if not self._onlooker.all_answer(self._primary):
            raise NotSeenError(f"attaching moved somebody: {self._onlooker.name_servers.answers()}")
        self._tell("Attached, and nobody moved.")

    def control_plane_and_primary_die(self) -> float:
        """Let Route 53 refuse every call, and then the primary Region hang for everybody; return when."""
        plane, primary = FAULTS
        self._onlooker.set_fault(plane, service="route53", effect="error", code="ServiceUnavailable", status=503)
        self._onlooker.set_fault(primary, region=self._primary, effect="dead")
        self._tell(f"Route 53 refuses every call from now on, and {self._primary} dies.")
        return time.time()

    def sign_in_moves(self, fault_at: float) -> None:
        """Watch sign-in move, by health checks alone."""
        onlooker = self._onlooker
        onlooker.until(
            f"all name servers answer {self._standby}", lambda: onlooker.all_answer(self._standby), MOVING_SECONDS
        )
        authoritative_at = time.time()
        self._tell(f"All name servers answer {self._standby}, {authoritative_at - fault_at:.1f} s after the fault.")
        first_good = onlooker.until_sign_ins(self._standby, since=fault_at)
        self._tell(f"First good sign-in in {self._standby}, {first_good.ended_at - fault_at:.1f} s after the fault.")
        onlooker.until("the controller has confirmed the move", self._moved, 60, every=1.0)
        move = onlooker.last_move()
        if move is None or not move["automatic"]:
            raise NotSeenError(f"an automatic move should be the last one, but it is {move}")
        suspected_at = epoch(move["suspected_at"])
        self.seen.stages_seconds = {
            "suspect": round(suspected_at - fault_at, 1),
            "decide": round(suspected_at - fault_at + move["stages_seconds"]["decided"], 1),
            "latch": round(suspected_at - fault_at + move["stages_seconds"]["submitted"], 1),
            "authoritative": round(authoritative_at - fault_at, 1),
            "first_good_sign_in": round(first_good.ended_at - fault_at, 1),
        }
        self.seen.note(move)

    def weights_follow(self) -> None:
        """Mend the control plane: the weights follow, and nobody moves by it."""
        plane, primary = FAULTS
        self._onlooker.clear_fault(plane)
        self._tell("Route 53 takes changes again. The weights may follow, and nobody may move by it …")
        self._onlooker.until("the weights follow", self._followed, _FOLLOWING_SECONDS, every=2.0)
        self._onlooker.clear_fault(primary)
        self._onlooker.stays(self._standby, for_seconds=_STAYING_SECONDS)
        self._tell(f"The weights have followed, {self._primary} is back, and sign-in stayed in {self._standby}.")

    def _attached(self) -> bool:
        latches = self._onlooker.status().get("latches", {})
        return bool(latches) and all(latch["attached"] for latch in latches.values())

    def _moved(self) -> bool:
        move = self._onlooker.last_move()
        return move is not None and move["to"] == self._standby

    def _followed(self) -> bool:
        if not self._onlooker.all_answer(self._standby):
            raise NotSeenError(f"while the weights followed the answers were {self._onlooker.name_servers.answers()}")
        weights = self._onlooker.status()["weights"]
        return not weights["still_to_follow"] and weights["found"] == {self._primary: 0, self._standby: 255}
