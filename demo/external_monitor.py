"""Somebody outside who watches a deployment: its name servers, its status, and people who sign in."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from demo.deployment import SandboxDeployment
from demo.external_clients import ClientApplication, ClientSignIn, NameServerClient, SignInLoad
from sandbox.reference_setup import setup

POLL_SECONDS = 0.5
STATUS_SECONDS = 3.0
MOVE_TIMEOUT_SECONDS = 240

type ProgressCallback = Callable[[str], None]
"""Shows a person one line of what is happening."""


class ExpectationError(AssertionError):
    """Something that the demo is there to show was not seen."""


@dataclass(slots=True, kw_only=True)
class ScenarioResult:
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

    def to_json_values(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    def add_move(self, move: dict[str, Any]) -> None:
        """Remember a move, of the operator's status."""
        self.moves.append({name: move[name] for name in ("from", "to", "automatic", "reason")})


class ExternalMonitor:
    """Watches from outside, and waits for what has to be seen.

    Parameters
    ----------
    deployment
        The controller and its sandbox.

    """

    def __init__(self, deployment: SandboxDeployment) -> None:
        self.deployment = deployment
        description = deployment.sandbox.description
        self.primary, self.standby = deployment.primary, deployment.standby
        self._region_of_address = {address: region for region, address in description["targets"].items()}
        domain = setup.SetupPlan(addresses={}).domain
        self.sign_in_load = SignInLoad(make_application(deployment, domain))
        self.name_servers = NameServerClient(
            description["name_servers"],
            description["ports"]["dns"],
            domain,
            {f"{target.lower()}.": region for region, target in deployment.spec.targets.items()},
        )

    def set_fault(self, name: str, **fault: object) -> None:
        """Put a fault of the sandbox in force."""
        self.deployment.sandbox.call_control("PUT", f"/faults/{name}", fault)

    def clear_fault(self, name: str) -> None:
        """End a fault."""
        self.deployment.sandbox.call_control("DELETE", f"/faults/{name}")

    def get_status(self) -> dict[str, Any]:
        """Ask the operator function how things stand."""
        answer = self.deployment.invoke_operator("status")
        status: dict[str, Any] = answer.get("status", {})
        return status

    def get_phase(self) -> str:
        """Return the controller's own word for how it stands."""
        return str(self.get_status().get("phase", "not started"))

    def get_last_move(self) -> dict[str, Any] | None:
        """Return the last move that ended."""
        move: dict[str, Any] | None = self.get_status().get("last_move")
        return move

    def all_servers_answer(self, region: str) -> bool:
        """Tell whether all name servers answer a Region and nothing else."""
        return set(self.name_servers.query_regions()) == {region}

    def ensure_stays(self, region: str, *, duration_seconds: float) -> None:
        """See that the name servers answer a Region all the time.

        Raises
        ------
        NotSeenError
            If one of them answered anything else.

        """
        until = time.monotonic() + duration_seconds
        while time.monotonic() < until:
            answers = set(self.name_servers.query_regions())
            if answers != {region}:
                raise ExpectationError(f"all name servers should go on answering {region}, but they answer {answers}")
            time.sleep(POLL_SECONDS)

    def wait_for_sign_in(self, region: str, *, since: float = 0.0) -> ClientSignIn:
        """Wait for a good sign-in in a Region, and return the first."""

        def find_first() -> ClientSignIn | None:
            return next(
                (
                    sign_in
                    for sign_in in self.sign_in_load.sign_ins
                    if sign_in.is_successful and sign_in.started_at >= since
                    and self._region_of_address.get(sign_in.address) == region
                ),
                None,
            )  # fmt: skip

        self.wait_until(f"somebody signs in in {region}", lambda: find_first() is not None, MOVE_TIMEOUT_SECONDS)
        found = find_first()
        if found is None:
            raise ExpectationError(f"nobody signed in in {region}")
        return found

    def wait_until(
        self,
        description: str,
        condition: Callable[[], bool],
        timeout_seconds: float,
        *,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """Wait until something is seen.

        Raises
        ------
        NotSeenError
            If it isn't seen in time.

        """
        until = time.monotonic() + timeout_seconds
        while not condition():
            if time.monotonic() > until:
                raise ExpectationError(f"within {timeout_seconds:.0f} s it was not seen that {description}")
            time.sleep(poll_seconds)

    def count_sign_ins(self, *, since: float) -> dict[str, int]:
        """Return how many sign-ins were attempted and failed from a moment on.

        Raises
        ------
        NotSeenError
            If one failed that began after the first good one on the replica.

        """
        sign_ins = [sign_in for sign_in in self.sign_in_load.sign_ins if sign_in.started_at >= since]
        recovered_at = next(
            (
                sign_in.ended_at
                for sign_in in sign_ins
                if sign_in.is_successful and self._region_of_address.get(sign_in.address) == self.standby
            ),
            float("inf"),
        )
        failed = [sign_in for sign_in in sign_ins if not sign_in.is_successful]
        late = [sign_in for sign_in in failed if sign_in.started_at > recovered_at]
        if late:
            raise ExpectationError(
                f"{len(late)} sign-ins failed after the first good one on the replica, the last at {late[-1].address}: "
                f"{late[-1].error}"
            )
        return {"attempted": len(sign_ins), "failed": len(failed), "failed_after_recovery": len(late)}


def make_application(deployment: SandboxDeployment, domain: str) -> ClientApplication:
    """Return the application of the person whose sign-in is to be kept alive."""
    description, person = deployment.sandbox.description, deployment.spec.user
    return ClientApplication(
        domain=domain,
        port=description["ports"]["https"],
        resolver=description["resolver"],
        dns_port=description["ports"]["dns"],
        certificate=description["certificate"],
        client_id=person.client_id,
        username=person.username,
        password=person.password,
    )


def parse_timestamp(text: str) -> float:
    """Return a moment of the status in seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()
