"""The four steps of a rotation, as Secrets Manager calls them. Each is idempotent and may be interrupted.

The two users alternate. Until the last step the probes use one user, and the steps change only the idle user: they set
its password and sign in with it in both Regions. The last step makes the secret name that user.
"""

from collections.abc import Callable
from enum import StrEnum

from cognito_failover.common.region import Instant, PerRole, RegionRole
from cognito_failover.rotation.canary_users import AccessTokenClaims, CanaryUserDirectory, PasswordRefusedError
from cognito_failover.rotation.errors import RotationError, RotationPendingError
from cognito_failover.rotation.secret_content import CanarySecretContent, build_next_content, parse_content
from cognito_failover.rotation.secret_state import (
    SecretDescription,
    compute_rotation_marker,
    ensure_alternating_users,
    ensure_rotation_allowed,
    is_done,
    is_replicating,
)
from cognito_failover.rotation.secret_store import SecretStore

REPLICA_WAIT_SECONDS = 10.0
"""How long a step waits for a replica of the pool or of the secret. Then it fails, and Secrets Manager retries it."""

POLL_SECONDS = 1.0
"""The pause between two reads of the replica while a step waits. A read is no sign-in."""


class RotationStep(StrEnum):
    """The steps, under the names that Secrets Manager gives them."""

    CREATE = "createSecret"
    SET = "setSecret"
    TEST = "testSecret"
    FINISH = "finishSecret"


class Rotation:
    """Runs the steps of a rotation.

    Parameters
    ----------
    secret_store
        The secret.
    users
        The canary's two users.
    regions
        The pool's two Regions.
    pool_id
        The canary's user pool.
    generate_password
        Returns a new password.
    clock
        Seconds since the epoch.
    sleep
        Waits for this many seconds.

    """

    def __init__(
        self,
        *,
        secret_store: SecretStore,
        users: CanaryUserDirectory,
        regions: PerRole[str],
        pool_id: str,
        generate_password: Callable[[], str],
        clock: Callable[[], Instant],
        sleep: Callable[[float], None],
    ) -> None:
        self._secret_store = secret_store
        self._users = users
        self._regions = regions
        self._pool_id = pool_id
        self._generate_password = generate_password
        self._clock = clock
        self._sleep = sleep

    def run_step(self, step: RotationStep, token: str) -> str:
        """Run a step, and return a sentence about its result.

        Parameters
        ----------
        step
            The step.
        token
            The version of the secret that becomes the current one.

        Raises
        ------
        RotationError
            If the step failed. The probes keep using the current user; Secrets Manager retries.

        """
        description = self._secret_store.describe()
        if is_done(description, token):
            return "This rotation is already finished; nothing was changed."
        current = self._parse_for_pool(self._secret_store.read_current())
        match step:
            case RotationStep.CREATE:
                return self._create(description, current, token)
            case RotationStep.SET:
                return self._set(description, self._read_pending(current, token), token)
            case RotationStep.TEST:
                return self._handle_validation_call(current, token) or self._test(
                    self._read_pending(current, token), token
                )
            case RotationStep.FINISH:
                return self._finish(description, self._read_pending(current, token), token)

    def _create(self, description: SecretDescription, current: CanarySecretContent, token: str) -> str:
        if self._secret_store.read_pending(token) is not None:
            self._read_pending(current, token)
            return "The pending version already exists."
        self._wait_for_idle_user(description)
        subject = self._users.read_subject(current.idle_username)
        pending = build_next_content(current, sub=subject, password=self._generate_password())
        self._secret_store.put_pending(token, pending.json_text)
        return f"A new password for {pending.username} is saved in the pending version."

    def _set(self, description: SecretDescription, pending: CanarySecretContent, token: str) -> str:
        """Set the password, then a marker. The marker proves in both Regions that the password was set."""
        if self._users.read_marker(RegionRole.PRIMARY, pending.username) == compute_rotation_marker(token):
            return f"{pending.username} already has the new password."  # setting it again would delay its replication
        self._wait_for_idle_user(description)
        self._users.set_password(pending.username, pending.password)
        self._users.write_marker(pending.username, compute_rotation_marker(token))
        return f"{pending.username} has the new password in the primary; the probes still use {pending.idle_username}."

    def _handle_validation_call(self, current: CanarySecretContent, token: str) -> str:
        """Return the answer to a validation call of Secrets Manager, or an empty string for a real rotation.

        Secrets Manager makes this call when a schedule is set without an immediate rotation. It creates a pending
        version for the call and removes it afterwards.
        """
        text = self._secret_store.read_pending(token)
        if text is None or self._parse_for_pool(text) == current:
            return "The pending version equals the current one; there is nothing to test."
        return ""

    def _test(self, pending: CanarySecretContent, token: str) -> str:
        """Sign in in both Regions; in the standby only after the password has been replicated."""
        try:
            claims = self._users.sign_in(RegionRole.PRIMARY, pending)
        except PasswordRefusedError:
            self._users.write_marker(
                pending.username, 0
            )  # another password was set since: the next attempt sets ours again
            raise
        self._check_claims(claims, pending, RegionRole.PRIMARY)
        self._wait_for_replication(pending, compute_rotation_marker(token))
        self._check_claims(self._users.sign_in(RegionRole.STANDBY, pending), pending, RegionRole.STANDBY)
        return f"{pending.username} signs in in both Regions."

    def _finish(self, description: SecretDescription, pending: CanarySecretContent, token: str) -> str:
        self._test(pending, token)
        self._secret_store.promote(token, previous_version_id=description.current_version_id)
        return f"The secret now names {pending.username}; {pending.idle_username} is idle."

    def _wait_for_idle_user(self, description: SecretDescription) -> None:
        """Wait until the idle user may be changed: the secret's replicas must first receive the last write."""
        started_at = self._clock()
        while is_replicating(description) and self._clock() < started_at + REPLICA_WAIT_SECONDS:
            self._sleep(POLL_SECONDS)
            description = self._secret_store.describe()
        now = self._clock()
        ensure_rotation_allowed(
            description, standby_region=self._regions.standby, now=now, waited_seconds=now - started_at
        )

    def _wait_for_replication(self, pending: CanarySecretContent, marker: int) -> None:
        deadline = self._clock() + REPLICA_WAIT_SECONDS
        while self._users.read_marker(RegionRole.STANDBY, pending.username) != marker:
            if self._clock() >= deadline:
                raise RotationPendingError(
                    f"The new password of {pending.username} has not reached {self._regions.standby} yet. The probes "
                    f"still use {pending.idle_username}. Secrets Manager retries the rotation."
                )
            self._sleep(POLL_SECONDS)

    def _check_claims(self, claims: AccessTokenClaims, pending: CanarySecretContent, role: RegionRole) -> None:
        if (claims.subject, claims.client_id) == (pending.sub, pending.client_id):
            return
        raise RotationError(
            f"{pending.username} signs in in {self._regions[role]} as another user, or through another app client, "
            f"than the secret says: sub {claims.subject} and client {claims.client_id}, not {pending.sub} and "
            f"{pending.client_id}. Cancel this rotation, then run failoverctl replicate to check the users."
        )

    def _read_pending(self, current: CanarySecretContent, token: str) -> CanarySecretContent:
        text = self._secret_store.read_pending(token)
        if text is None:
            raise RotationError(
                f"The pending version {token} has no value: the step {RotationStep.CREATE} did not run."
            )
        pending = self._parse_for_pool(text)
        ensure_alternating_users(current, pending)
        return pending

    def _parse_for_pool(self, text: str) -> CanarySecretContent:
        content = parse_content(text)
        if content.user_pool_id != self._pool_id:
            raise RotationError(
                f"The secret holds the canary of {content.user_pool_id}, but this stack rotates that of "
                f"{self._pool_id}."
            )
        return content
