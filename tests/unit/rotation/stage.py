"""A canary with two users, its secret, its rotation, and probes that sign in at every moment."""

import json
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, cast

from failover.errors import FailoverError
from failover.probe.canary import REREAD_SECONDS
from failover.region import PerSide, Side
from failover.rotation.content import Content, parse
from failover.rotation.errors import RotationError
from failover.rotation.rotation import Rotation, Step
from failover.rotation.users import RefusedError, Users
from failover.rotation.users_memory import MemoryUsers
from failover.rotation.vault_memory import MemoryVault
from tests.support.tap import KilledError, Tap, Tapped
from tests.support.world import Clock

if TYPE_CHECKING:
    from failover.rotation.vault import Vault

POOL = "ap-northeast-1_Example00"
FIRST = {
    "username": "canary-1",
    "password": "password-of-1",
    "sub": "sub-of-canary-1",
    "idle_username": "canary-2",
    "user_pool_id": POOL,
    "client_id": "client",
}
REGIONS = PerSide(primary="ap-northeast-1", standby="us-east-1")
RETRY_SECONDS = 60.0
"""How long Secrets Manager waits here before it tries again."""


class Probe:
    """Signs in on both sides with what it has read of the secret, and reads it anew as seldom as a real one may."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage
        self._held = parse(stage.vault.read_current())
        self._read_at = stage.clock.now

    def look(self) -> None:
        stage = self._stage
        if stage.clock.now - self._read_at >= REREAD_SECONDS + 60:  # at the next invocation after it is due
            self._held, self._read_at = parse(stage.vault.read_current()), stage.clock.now
        for side in set(Side) - stage.users.down:
            stage.users.try_password(side, self._held.username, self._held.password, self._held.client_id)


class Stage:
    """Everything, with the rotation in it.

    Attributes
    ----------
    vault, users
        As a test reads and breaks them; the rotation reaches them through the tap.
    made
        What each step that was made said.

    """

    def __init__(self, *, lag_seconds: float = 2.0) -> None:
        self.clock = Clock()
        self.tap = Tap()
        self.vault = MemoryVault(json.dumps(FIRST), self.clock, regions=("us-east-1", "eu-west-1"))
        passwords = {"canary-1": "password-of-1", "canary-2": "lost"}
        self.users = MemoryUsers(passwords, self.clock, lag_seconds=lag_seconds)
        self.made: list[str] = []
        self._tokens = (f"token-{number}" for number in count(1))
        self._passwords = (f"new-password-{number}" for number in count(1))
        self.probes = [Probe(self)]
        self.rotation = Rotation(
            vault=cast("Vault", Tapped(self.vault, "vault", self.tap)),
            users=cast("Users", Tapped(self.users, "users", self.tap)),
            regions=REGIONS,
            pool_id=POOL,
            new_password=lambda: next(self._passwords),
            clock=self.clock,
            sleep=self.clock.sleep,
        )

    @property
    def content(self) -> Content:
        return parse(self.vault.read_current())

    def watch(self) -> None:
        """Let probes sign in before and after every call of the rotation, one of them new at each."""

        def look(_call_name: str) -> None:
            for probe in (*self.probes, Probe(self)):
                probe.look()

        self.tap.asked = self.tap.answered = look

    def begin(self) -> str:
        """Let Secrets Manager begin a rotation, or take up the one that isn't finished."""
        return self.vault.begin(next(self._tokens))

    def attempt(self, token: str) -> None:
        """Let Secrets Manager make the four steps once."""
        for step in Step:
            self.made.append(self.rotation.make(step, token))
        self.vault.end()

    def rotate(self, *, attempts: int = 1) -> Iterator[str]:
        """Let Secrets Manager rotate, and try again after what fails; give what failed."""
        token = self.begin()
        for _ in range(attempts):
            try:
                self.attempt(token)
            except KilledError:
                yield "killed"
            except RotationError as error:
                yield str(error)
            else:
                return
            self.clock.now += RETRY_SECONDS
        raise FailoverError(f"The rotation was not finished in {attempts} attempts.")

    def signs_in(self, username: str, password: str) -> bool:
        try:
            for side in Side:
                self.users.try_password(side, username, password, "client")
        except RefusedError:
            return False
        return True
