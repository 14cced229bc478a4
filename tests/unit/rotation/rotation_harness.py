"""A canary with two users, its secret, its rotation, and probes that sign in at every moment."""

import json
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, cast

from cognito_failover.common.errors import FailoverError
from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.probe.canary_credentials import REREAD_INTERVAL_SECONDS
from cognito_failover.rotation.canary_users import CanaryUserDirectory, PasswordRefusedError
from cognito_failover.rotation.errors import RotationError
from cognito_failover.rotation.rotation import Rotation, RotationStep
from cognito_failover.rotation.secret_content import CanarySecretContent, parse_content
from cognito_failover_testing.memory_canary_users import MemoryUserDirectory
from cognito_failover_testing.memory_secret_store import MemorySecretStore
from tests.support.controller_harness import VirtualClock
from tests.support.fault_injector import FaultInjector, Intercepted, KilledError

if TYPE_CHECKING:
    from cognito_failover.rotation.secret_store import SecretStore

POOL = "ap-northeast-1_Example00"
FIRST = {
    "username": "canary-1",
    "password": "password-of-1",
    "sub": "sub-of-canary-1",
    "idle_username": "canary-2",
    "user_pool_id": POOL,
    "client_id": "client",
}
REGIONS = PerRole(primary="ap-northeast-1", standby="us-east-1")
RETRY_SECONDS = 60.0
"""How long Secrets Manager waits here before it tries again."""


class SimulatedProbe:
    """Signs in in both Regions with the secret it has read. Reads it again as rarely as a real probe may."""

    def __init__(self, harness: "InMemoryRotationHarness") -> None:
        self._harness = harness
        self._content = parse_content(harness.secret_store.read_current())
        self._read_at = harness.clock.now

    def sign_in_everywhere(self) -> None:
        harness = self._harness
        if harness.clock.now - self._read_at >= REREAD_INTERVAL_SECONDS + 60:  # at the next invocation after it is due
            self._content, self._read_at = parse_content(harness.secret_store.read_current()), harness.clock.now
        for role in set(RegionRole) - harness.users.unavailable_roles:
            harness.users.try_password(role, self._content.username, self._content.password, self._content.client_id)


class InMemoryRotationHarness:
    """A rotation and everything that it works with.

    Attributes
    ----------
    secret_store, users
        The twins that a test reads and breaks. The rotation reaches them through the tap.
    step_messages
        The message of each step that succeeded.

    """

    def __init__(self, *, lag_seconds: float = 2.0) -> None:
        self.clock = VirtualClock()
        self.tap = FaultInjector()
        self.secret_store = MemorySecretStore(json.dumps(FIRST), self.clock, regions=("us-east-1", "eu-west-1"))
        passwords = {"canary-1": "password-of-1", "canary-2": "lost"}
        self.users = MemoryUserDirectory(passwords, self.clock, lag_seconds=lag_seconds)
        self.step_messages: list[str] = []
        self._tokens = (f"token-{number}" for number in count(1))
        self._passwords = (f"new-password-{number}" for number in count(1))
        self.probes = [SimulatedProbe(self)]
        self.rotation = Rotation(
            secret_store=cast("SecretStore", Intercepted(self.secret_store, "secret_store", self.tap)),
            users=cast("CanaryUserDirectory", Intercepted(self.users, "users", self.tap)),
            regions=REGIONS,
            pool_id=POOL,
            generate_password=lambda: next(self._passwords),
            clock=self.clock,
            sleep=self.clock.sleep,
        )

    @property
    def content(self) -> CanarySecretContent:
        return parse_content(self.secret_store.read_current())

    def run_probes_at_every_call(self) -> None:
        """Make probes sign in before and after every call of the rotation: the old ones and a new one."""

        def run_probes(_call_name: str) -> None:
            for probe in (*self.probes, SimulatedProbe(self)):
                probe.sign_in_everywhere()

        self.tap.before_call = self.tap.after_call = run_probes

    def start_rotation(self) -> str:
        """Start a rotation as Secrets Manager does, or continue an unfinished one; return its token."""
        return self.secret_store.start_rotation(next(self._tokens))

    def run_steps(self, token: str) -> None:
        """Run the four steps once, as Secrets Manager does."""
        for step in RotationStep:
            self.step_messages.append(self.rotation.run_step(step, token))
        self.secret_store.finish_rotation()

    def rotate_until_done(self, *, attempts: int = 1) -> Iterator[str]:
        """Rotate as Secrets Manager does, with retries; yield each failure."""
        token = self.start_rotation()
        for _ in range(attempts):
            try:
                self.run_steps(token)
            except KilledError:
                yield "killed"
            except RotationError as error:
                yield str(error)
            else:
                return
            self.clock.now += RETRY_SECONDS
        raise FailoverError(f"The rotation was not finished in {attempts} attempts.")

    def can_sign_in(self, username: str, password: str) -> bool:
        try:
            for role in RegionRole:
                self.users.try_password(role, username, password, "client")
        except PasswordRefusedError:
            return False
        return True
