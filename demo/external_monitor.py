"""Watches a deployment from outside: its name servers, its status, and the sign-ins of users."""

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
MOVE_TIMEOUT_SECONDS = 600
"""Limit of a wait for a move. A move takes half a minute. On a busy machine, sign-ins also time out in the standby."""

type ProgressCallback = Callable[[str], None]
"""Shows a person one line of progress."""


class ExpectationError(AssertionError):
    """An expectation of the demo was not met."""


@dataclass(slots=True, kw_only=True)
class ScenarioResult:
    """The measurements of a scenario.

    Attributes
    ----------
    stages_seconds
        Seconds from the fault to each stage.
    sign_ins
        Numbers of sign-ins: attempted, failed, and failed after the first good one on the replica.
    moves
        Every move, in order.

    """

    stages_seconds: dict[str, float] = field(default_factory=dict)
    sign_ins: dict[str, int] = field(default_factory=dict)
    moves: list[dict[str, Any]] = field(default_factory=list)

    def to_json_values(self) -> dict[str, Any]:
        """Return the measurements as JSON values."""
        return asdict(self)

    def add_move(self, move: dict[str, Any]) -> None:
        """Add a move from the operator's status."""
        self.moves.append({name: move[name] for name in ("from", "to", "automatic", "reason")})


class ExternalMonitor:
    """Watches a deployment from outside, and waits for expectations.

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
        """Activate a fault in the sandbox."""
        self.deployment.sandbox.call_control("PUT", f"/faults/{name}", fault)

    def clear_fault(self, name: str) -> None:
        """Remove a fault from the sandbox."""
        self.deployment.sandbox.call_control("DELETE", f"/faults/{name}")

    def get_status(self) -> dict[str, Any]:
        """Return the status from the operator function."""
        answer = self.deployment.invoke_operator("status")
        status: dict[str, Any] = answer.get("status", {})
        return status

    def get_phase(self) -> str:
        """Return the controller's phase. "not started" if there is no state yet."""
        return str(self.get_status().get("phase", "not started"))

    def get_last_move(self) -> dict[str, Any] | None:
        """Return the last completed move. None if there is none."""
        move: dict[str, Any] | None = self.get_status().get("last_move")
        return move

    def all_servers_answer(self, region: str) -> bool:
        """Return whether all name servers answer this Region."""
        return set(self.name_servers.query_regions()) == {region}

    def ensure_stays(self, region: str, *, duration_seconds: float) -> None:
        """Check that all name servers answer a Region during this time.

        Raises
        ------
        ExpectationError
            If a name server answers anything else.

        """
        until = time.monotonic() + duration_seconds
        while time.monotonic() < until:
            answers = set(self.name_servers.query_regions())
            if answers != {region}:
                raise ExpectationError(f"all name servers should still answer {region}, but they answer {answers}")
            time.sleep(POLL_SECONDS)

    def wait_for_sign_in(self, region: str, *, since: float = 0.0) -> ClientSignIn:
        """Wait for a successful sign-in in a Region, and return the first.

        Raises
        ------
        ExpectationError
            If there is none within the limit of a move.

        """

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

        self.wait_until(f"a user signs in to {region}", lambda: find_first() is not None, MOVE_TIMEOUT_SECONDS)
        first = find_first()
        if first is None:
            raise ExpectationError(f"no user signed in to {region}")
        return first

    def wait_until(
        self,
        description: str,
        condition: Callable[[], bool],
        timeout_seconds: float,
        *,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """Wait until a condition holds.

        Raises
        ------
        ExpectationError
            If it does not hold in time.

        """
        until = time.monotonic() + timeout_seconds
        while not condition():
            if time.monotonic() > until:
                reason = self.get_status().get("reason", "nothing yet")
                raise ExpectationError(
                    f"timed out after {timeout_seconds:.0f} s, waiting until {description}. Controller: {reason}"
                )
            time.sleep(poll_seconds)

    def count_sign_ins(self, *, since: float) -> dict[str, int]:
        """Return the numbers of attempted and failed sign-ins since a moment.

        Raises
        ------
        ExpectationError
            If a sign-in failed that began after the first good one on the replica.

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
    """Return the client application of the deployment's test user."""
    description, user = deployment.sandbox.description, deployment.spec.user
    return ClientApplication(
        domain=domain,
        port=description["ports"]["https"],
        resolver=description["resolver"],
        dns_port=description["ports"]["dns"],
        certificate=description["certificate"],
        client_id=user.client_id,
        username=user.username,
        password=user.password,
    )


def parse_timestamp(text: str) -> float:
    """Return a timestamp of the status in seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()
