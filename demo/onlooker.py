"""Somebody outside who watches a deployment: its name servers, its status, and people who sign in."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from demo.deployment import Deployment
from demo.outside import Application, NameServers, People, SignIn
from sandbox import article

POLL_SECONDS = 0.5
STATUS_SECONDS = 3.0
MOVING_SECONDS = 240

type Tell = Callable[[str], None]
"""Shows a person one line of what is happening."""


class NotSeenError(AssertionError):
    """Something that the demo is there to show was not seen."""


@dataclass(slots=True, kw_only=True)
class Seen:
    """What was seen of an act, as it is written down at the end.

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

    def as_values(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    def note(self, move: dict[str, Any]) -> None:
        """Remember a move, of the operator's status."""
        self.moves.append({name: move[name] for name in ("from", "to", "automatic", "reason")})


class Onlooker:
    """Watches from outside, and waits for what has to be seen.

    Parameters
    ----------
    deployment
        The controller and its sandbox.

    """

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        description = deployment.sandbox.description
        self.primary, self.standby = deployment.primary, deployment.standby
        self._region_of_address = {address: region for region, address in description["targets"].items()}
        domain = article.Plan(addresses={}).domain
        self.people = People(application_of(deployment, domain))
        self.name_servers = NameServers(
            description["name_servers"],
            description["ports"]["dns"],
            domain,
            {f"{target.lower()}.": region for region, target in deployment.protected.targets.items()},
        )

    def set_fault(self, name: str, **fault: object) -> None:
        """Put a fault of the sandbox in force."""
        self.deployment.sandbox.control("PUT", f"/faults/{name}", fault)

    def clear_fault(self, name: str) -> None:
        """End a fault."""
        self.deployment.sandbox.control("DELETE", f"/faults/{name}")

    def status(self) -> dict[str, Any]:
        """Ask the operator function how things stand."""
        answer = self.deployment.ask("status")
        status: dict[str, Any] = answer.get("status", {})
        return status

    def phase(self) -> str:
        """Return the controller's own word for how it stands."""
        return str(self.status().get("phase", "not started"))

    def last_move(self) -> dict[str, Any] | None:
        """Return the last move that ended."""
        move: dict[str, Any] | None = self.status().get("last_move")
        return move

    def all_answer(self, region: str) -> bool:
        """Tell whether all name servers answer a Region and nothing else."""
        return set(self.name_servers.answers()) == {region}

    def stays(self, region: str, *, for_seconds: float) -> None:
        """See that the name servers answer a Region all the time.

        Raises
        ------
        NotSeenError
            If one of them answered anything else.

        """
        until = time.monotonic() + for_seconds
        while time.monotonic() < until:
            answers = set(self.name_servers.answers())
            if answers != {region}:
                raise NotSeenError(f"all name servers should go on answering {region}, but they answer {answers}")
            time.sleep(POLL_SECONDS)

    def until_sign_ins(self, region: str, *, since: float = 0.0) -> SignIn:
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

        self.until(f"somebody signs in in {region}", lambda: first() is not None, MOVING_SECONDS)
        found = first()
        if found is None:
            raise NotSeenError(f"nobody signed in in {region}")
        return found

    def until(
        self, what: str, seen: Callable[[], bool], at_most_seconds: float, *, every: float = POLL_SECONDS
    ) -> None:
        """Wait until something is seen.

        Raises
        ------
        NotSeenError
            If it isn't seen in time.

        """
        until = time.monotonic() + at_most_seconds
        while not seen():
            if time.monotonic() > until:
                raise NotSeenError(f"within {at_most_seconds:.0f} s it was not seen that {what}")
            time.sleep(every)

    def count(self, *, since: float) -> dict[str, int]:
        """Return how many sign-ins were attempted and failed from a moment on.

        Raises
        ------
        NotSeenError
            If one failed that began after the first good one on the replica.

        """
        sign_ins = [sign_in for sign_in in self.people.sign_ins if sign_in.began_at >= since]
        recovered_at = next(
            (
                sign_in.ended_at
                for sign_in in sign_ins
                if sign_in.ok and self._region_of_address.get(sign_in.address) == self.standby
            ),
            float("inf"),
        )
        failed = [sign_in for sign_in in sign_ins if not sign_in.ok]
        late = [sign_in for sign_in in failed if sign_in.began_at > recovered_at]
        if late:
            raise NotSeenError(
                f"{len(late)} sign-ins failed after the first good one on the replica, the last at {late[-1].address}: "
                f"{late[-1].error}"
            )
        return {"attempted": len(sign_ins), "failed": len(failed), "failed_after_recovery": len(late)}


def application_of(deployment: Deployment, domain: str) -> Application:
    """Return the application of the person whose sign-in is to be kept alive."""
    description, person = deployment.sandbox.description, deployment.protected.person
    return Application(
        domain=domain,
        port=description["ports"]["https"],
        resolver=description["resolver"],
        dns_port=description["ports"]["dns"],
        certificate=description["certificate"],
        client_id=person.client_id,
        username=person.username,
        password=person.password,
    )


def epoch(moment: str) -> float:
    """Return a moment of the status in seconds since the epoch."""
    return datetime.fromisoformat(moment).timestamp()
