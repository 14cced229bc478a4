"""What happens in the demo, act by act, and what is seen of it from outside."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from demo.deployment import Deployment
from demo.outside import Application, NameServers, People, SignIn
from sandbox import article

FAULT = "tokyo-dies"

_POLL_SECONDS = 0.5
_STATUS_SECONDS = 3.0
_SETTLING_SECONDS = 200
_MOVING_SECONDS = 240
_STAYING_SECONDS = 30
_GRACE_AFTER_MOVE_SECONDS = 15


class NotSeenError(AssertionError):
    """Something that the demo is there to show was not seen."""


@dataclass(slots=True, kw_only=True)
class Seen:
    """What was seen, as it is written down at the end.

    Attributes
    ----------
    stages_seconds
        From the fault to each stage.
    sign_ins
        How many were attempted, failed, and failed after the first good one on the replica.
    moves
        Every move, in order.

    """

    stages_seconds: dict[str, float] = field(default_factory=dict)
    sign_ins: dict[str, int] = field(default_factory=dict)
    moves: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> str:
        """Return it as a JSON document."""
        return json.dumps(asdict(self), indent=2) + "\n"


type Tell = Callable[[str], None]
"""Shows a person one line of what is happening."""


class Story:
    """Plays the acts against a deployment.

    Parameters
    ----------
    deployment
        The controller and its sandbox.
    tell
        Shows what happens.

    """

    def __init__(self, deployment: Deployment, tell: Tell) -> None:
        self._deployment = deployment
        self._tell = tell
        description = deployment.sandbox.description
        self._primary, self._standby = deployment.primary, deployment.standby
        self._region_of_address = {address: region for region, address in description["targets"].items()}
        domain = article.Plan(addresses={}).domain
        self.people = People(application_of(deployment, domain))
        self.name_servers = NameServers(
            description["name_servers"],
            description["ports"]["dns"],
            domain,
            {f"{target.lower()}.": region for region, target in deployment.set_up.targets.items()},
        )
        self.seen = Seen()

    def play(self) -> Seen:
        """Play all acts and return what was seen.

        Raises
        ------
        NotSeenError
            If something that must be seen was not.

        """
        self.people.start()
        try:
            self.settle()
            fault_at = self.primary_dies()
            self.sign_in_moves(fault_at)
            self.primary_returns()
            self.operator_fails_back()
        finally:
            sign_ins = self.people.stop()
        self._count(sign_ins)
        return self.seen

    def settle(self) -> None:
        """Wait until the schedule has run the controller and it judges."""
        self._tell("Waiting for the schedule to start the controller, and for its starting grace to end …")
        self._until(
            "the controller runs and judges",
            lambda: self._phase() == "steady",
            _SETTLING_SECONDS,
            every=_STATUS_SECONDS,
        )
        self._until_sign_ins(self._primary)
        self._tell(
            f"All is well: {self._primary} serves, {self._standby} stands by, people sign in five times a second."
        )

    def primary_dies(self) -> float:
        """Let the primary Region hang for everybody, and return when."""
        self._deployment.sandbox.control("PUT", f"/faults/{FAULT}", {"region": self._primary, "effect": "dead"})
        self._tell(f"{self._primary} dies: every connection to it hangs.")
        return time.time()

    def sign_in_moves(self, fault_at: float) -> None:
        """Watch sign-in move, with no human in it."""
        self._until(
            f"all name servers answer {self._standby}",
            lambda: set(self.name_servers.answers()) == {self._standby},
            _MOVING_SECONDS,
        )
        authoritative_at = time.time()
        self._tell(f"All name servers answer {self._standby}, {authoritative_at - fault_at:.1f} s after the fault.")
        first_good = self._until_sign_ins(self._standby, since=fault_at)
        self._tell(f"First good sign-in in {self._standby}, {first_good.ended_at - fault_at:.1f} s after the fault.")
        self._until("the controller has confirmed the move", lambda: self._last_move() is not None, 60, every=1.0)
        move = self._last_move()
        if move is None or not move["automatic"]:
            raise NotSeenError(f"an automatic move should be the last one, but it is {move}")
        suspected_at = _epoch(move["suspected_at"])
        stages = move["stages_seconds"]
        self.seen.stages_seconds = {
            "suspect": round(suspected_at - fault_at, 1),
            "decide": round(suspected_at - fault_at + stages["decided"], 1),
            "change": round(suspected_at - fault_at + stages["submitted"], 1),
            "authoritative": round(authoritative_at - fault_at, 1),
            "first_good_sign_in": round(first_good.ended_at - fault_at, 1),
        }
        self._note_move(move)
        time.sleep(_GRACE_AFTER_MOVE_SECONDS)

    def primary_returns(self) -> None:
        """Mend the primary, and see that nothing moves."""
        self._deployment.sandbox.control("DELETE", f"/faults/{FAULT}")
        self._tell(f"{self._primary} is back. Nothing may move by itself: watching for {_STAYING_SECONDS} s …")
        until = time.monotonic() + _STAYING_SECONDS
        while time.monotonic() < until:
            answers = set(self.name_servers.answers())
            if answers != {self._standby}:
                raise NotSeenError(f"after the primary's return the name servers answer {answers}")
            time.sleep(_POLL_SECONDS)
        self._tell(f"Sign-in stayed in {self._standby}.")

    def operator_fails_back(self) -> None:
        """Fail back by hand, as a person would."""
        self._tell(f"The operator fails back to {self._primary} …")
        answer = self._deployment.ask(
            "failback",
            reason="Demo: the primary is well again",
            token="demo-failback",  # noqa: S106 - not a password: it makes a repeat harmless
            pace="in-one",
            requested_by="demo",
        )
        if not answer["done"]:
            raise NotSeenError(f"the operator's failback was refused: {answer['message']}")
        asked_at = time.time()
        self._until(
            f"all name servers answer {self._primary}",
            lambda: set(self.name_servers.answers()) == {self._primary},
            _MOVING_SECONDS,
        )
        self._until_sign_ins(self._primary, since=asked_at)
        self._until("the failback is confirmed", self._failed_back, 60, every=1.0)
        move = self._last_move()
        if move is not None:
            self._note_move(move)
        self._tell(f"People sign in in {self._primary} again.")

    def _failed_back(self) -> bool:
        move = self._last_move()
        return move is not None and move["to"] == self._primary

    def _status(self) -> dict[str, Any]:
        answer = self._deployment.ask("status")
        status: dict[str, Any] = answer.get("status", {})
        return status

    def _phase(self) -> str:
        return str(self._status().get("phase", "not started"))

    def _last_move(self) -> dict[str, Any] | None:
        move: dict[str, Any] | None = self._status().get("last_move")
        return move

    def _note_move(self, move: dict[str, Any]) -> None:
        self.seen.moves.append({name: move[name] for name in ("from", "to", "automatic", "reason")})

    def _until_sign_ins(self, region: str, *, since: float = 0.0) -> SignIn:
        """Wait for a good sign-in in a Region, and return the first."""

        def first() -> SignIn | None:
            return next(
                (
                    sign_in
                    for sign_in in self.people.sign_ins
                    if sign_in.ok and sign_in.began_at >= since
                    and self._region_of_address.get(sign_in.address) == region
                ),
                None,
            )  # fmt: skip

        self._until(f"somebody signs in in {region}", lambda: first() is not None, _MOVING_SECONDS)
        found = first()
        if found is None:
            raise NotSeenError(f"nobody signed in in {region}")
        return found

    def _until(
        self, what: str, seen: Callable[[], bool], at_most_seconds: float, *, every: float = _POLL_SECONDS
    ) -> None:
        until = time.monotonic() + at_most_seconds
        while not seen():
            if time.monotonic() > until:
                raise NotSeenError(f"within {at_most_seconds:.0f} s it was not seen that {what}")
            time.sleep(every)

    def _count(self, sign_ins: tuple[SignIn, ...]) -> None:
        recovered_at = next(
            (
                sign_in.ended_at
                for sign_in in sign_ins
                if sign_in.ok and self._region_of_address.get(sign_in.address) == self._standby
            ),
            float("inf"),
        )
        failed = [sign_in for sign_in in sign_ins if not sign_in.ok]
        self.seen.sign_ins = {
            "attempted": len(sign_ins),
            "failed": len(failed),
            "failed_after_recovery": sum(sign_in.began_at > recovered_at for sign_in in failed),
        }
        if self.seen.sign_ins["failed_after_recovery"]:
            last = failed[-1]
            raise NotSeenError(
                f"{self.seen.sign_ins['failed_after_recovery']} sign-ins failed after the first good one on the "
                f"replica, the last at {last.address}: {last.error}"
            )


def application_of(deployment: Deployment, domain: str) -> Application:
    """Return the application of the person that the set-up made."""
    description = deployment.sandbox.description
    secret = deployment.sandbox.client("secretsmanager", deployment.standby).get_secret_value(
        SecretId=deployment.set_up.person.secret_arn
    )
    credentials = json.loads(secret["SecretString"])
    return Application(
        domain=domain,
        port=description["ports"]["https"],
        resolver=description["resolver"],
        dns_port=description["ports"]["dns"],
        certificate=description["certificate"],
        client_id=deployment.set_up.client_id,
        username=credentials["username"],
        password=credentials["password"],
    )


def _epoch(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
