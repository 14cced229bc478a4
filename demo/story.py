"""The first act: the primary Region dies, sign-in moves by itself, and back when a person says so."""

import time

from demo.onlooker import MOVING_SECONDS, STATUS_SECONDS, NotSeenError, Onlooker, Seen, Tell, epoch

FAULT = "tokyo-dies"

_SETTLING_SECONDS = 200
_STAYING_SECONDS = 20
_GRACE_AFTER_MOVE_SECONDS = 10


class Story:
    """Plays the act against a deployment.

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
        began_at = time.time()
        self.settle()
        fault_at = self.primary_dies()
        self.sign_in_moves(fault_at)
        self.primary_returns()
        self.operator_fails_back()
        self.seen.sign_ins = self._onlooker.count(since=began_at)
        return self.seen

    def settle(self) -> None:
        """Wait until the schedule has run the controller and it judges."""
        self._tell("Waiting for the schedule to start the controller, and for its starting grace to end …")
        self._onlooker.until(
            "the controller runs and judges",
            lambda: self._onlooker.phase() == "steady",
            _SETTLING_SECONDS,
            every=STATUS_SECONDS,
        )
        self._onlooker.until_sign_ins(self._primary)
        self._tell(
            f"All is well: {self._primary} serves, {self._standby} stands by, people sign in five times a second."
        )

    def primary_dies(self) -> float:
        """Let the primary Region hang for everybody, and return when."""
        self._onlooker.set_fault(FAULT, region=self._primary, effect="dead")
        self._tell(f"{self._primary} dies: every connection to it hangs.")
        return time.time()

    def sign_in_moves(self, fault_at: float) -> None:
        """Watch sign-in move, with no human in it."""
        onlooker = self._onlooker
        onlooker.until(
            f"all name servers answer {self._standby}", lambda: onlooker.all_answer(self._standby), MOVING_SECONDS
        )
        authoritative_at = time.time()
        self._tell(f"All name servers answer {self._standby}, {authoritative_at - fault_at:.1f} s after the fault.")
        first_good = onlooker.until_sign_ins(self._standby, since=fault_at)
        self._tell(f"First good sign-in in {self._standby}, {first_good.ended_at - fault_at:.1f} s after the fault.")
        onlooker.until("the controller has confirmed the move", lambda: onlooker.last_move() is not None, 60, every=1.0)
        move = onlooker.last_move()
        if move is None or not move["automatic"]:
            raise NotSeenError(f"an automatic move should be the last one, but it is {move}")
        suspected_at = epoch(move["suspected_at"])
        stages = move["stages_seconds"]
        self.seen.stages_seconds = {
            "suspect": round(suspected_at - fault_at, 1),
            "decide": round(suspected_at - fault_at + stages["decided"], 1),
            "change": round(suspected_at - fault_at + stages["submitted"], 1),
            "authoritative": round(authoritative_at - fault_at, 1),
            "first_good_sign_in": round(first_good.ended_at - fault_at, 1),
        }
        self.seen.note(move)
        time.sleep(_GRACE_AFTER_MOVE_SECONDS)

    def primary_returns(self) -> None:
        """Mend the primary, and see that nothing moves."""
        self._onlooker.clear_fault(FAULT)
        self._tell(f"{self._primary} is back. Nothing may move by itself: watching for {_STAYING_SECONDS} s …")
        self._onlooker.stays(self._standby, for_seconds=_STAYING_SECONDS)
        self._tell(f"Sign-in stayed in {self._standby}.")

    def operator_fails_back(self) -> None:
        """Fail back by hand, as a person would."""
        onlooker = self._onlooker
        self._tell(f"The operator fails back to {self._primary} …")
        answer = onlooker.deployment.ask(
            "failback",
            reason="Demo: the primary is well again",
            token="demo-failback",  # noqa: S106 - not a password: it makes a repeat harmless
            pace="in-one",
            requested_by="demo",
        )
        if not answer["done"]:
            raise NotSeenError(f"the operator's failback was refused: {answer['message']}")
        asked_at = time.time()
        onlooker.until(
            f"all name servers answer {self._primary}", lambda: onlooker.all_answer(self._primary), MOVING_SECONDS
        )
        onlooker.until_sign_ins(self._primary, since=asked_at)
        onlooker.until("the failback is confirmed", self._failed_back, 60, every=1.0)
        if move := onlooker.last_move():
            self.seen.note(move)
        self._tell(f"People sign in in {self._primary} again.")

    def _failed_back(self) -> bool:
        move = self._onlooker.last_move()
        return move is not None and move["to"] == self._primary
