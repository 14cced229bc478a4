"""The four steps of a rotation, as Secrets Manager asks for them. Each may be repeated, and may die half-way.

The two users take turns. Until the last step the probes use the one user, and all that happens concerns the other, whom
nobody uses: its password is set, and it signs in in both Regions. The last step makes the secret name it.
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
"""How long a step waits for a replica, of the pool or of the secret. After it Secrets Manager has to come again."""

POLL_SECONDS = 1.0
"""How often it is looked meanwhile; to look is no sign-in."""


class RotationStep(StrEnum):
    """The steps, by the names that Secrets Manager gives them."""

    CREATE = "createSecret"
    SET = "setSecret"
    TEST = "testSecret"
    FINISH = "finishSecret"


class Rotation:
    """Makes the steps.

    Parameters
    ----------
    vault
        The secret.
    users
        The canary's two users.
    regions
        The pool's two Regions.
    pool_id
        The pool whose canary it is.
    new_password
        Makes a password.
    clock, sleep
        The time, and a way to let a little of it pass.

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
        """Make a step, and return what was done, as a sentence.

        Parameters
        ----------
        step
            Which.
        token
            The version of the secret that is to become the current one.

        Raises
        ------
        RotationError
            If it could not be made. The probes go on with what they have; Secrets Manager tries again.

        """
        description = self._secret_store.describe()
        if is_done(description, token):
            return "This rotation has been finished already; nothing was done."
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
            return "The pending version is there already."
        self._wait_for_idle_user(description)
        subject = self._users.read_subject(current.idle_username)
        pending = build_next_content(current, sub=subject, password=self._generate_password())
        self._secret_store.put_pending(token, pending.json_text)
        return f"A new password was made for {pending.username}."

    def _set(self, description: SecretDescription, pending: CanarySecretContent, token: str) -> str:
        """Set the password and then a marker, by which it is known here and on the replica that it was set."""
        if self._users.read_marker(RegionRole.PRIMARY, pending.username) == compute_rotation_marker(token):
            return f"{pending.username} has the new password already."  # to set it again would delay its arrival
        self._wait_for_idle_user(description)
        self._users.set_password(pending.username, pending.password)
        self._users.write_marker(pending.username, compute_rotation_marker(token))
        return f"{pending.username} has it on the primary; {pending.idle_username} goes on signing in."

    def _handle_validation_call(self, current: CanarySecretContent, token: str) -> str:
        """Answer Secrets Manager when it only tries the function out; empty where it does not.

        It does so when a schedule is set without an immediate rotation, by a pending version that it takes away again.
        """
        text = self._secret_store.read_pending(token)
        if text is None or self._parse_for_pool(text) == current:
            return "There is nothing new to test."
        return ""

    def _test(self, pending: CanarySecretContent, token: str) -> str:
        """Sign in in both Regions, in the standby only once the password is known to be there."""
        try:
            claims = self._users.sign_in(RegionRole.PRIMARY, pending)
        except PasswordRefusedError:
            self._users.write_marker(pending.username, 0)  # somebody has set another one: the next try sets it again
            raise
        self._check_claims(claims, pending, RegionRole.PRIMARY)
        self._wait_for_replication(pending, compute_rotation_marker(token))
        self._check_claims(self._users.sign_in(RegionRole.STANDBY, pending), pending, RegionRole.STANDBY)
        return f"{pending.username} signs in in both Regions."

    def _finish(self, description: SecretDescription, pending: CanarySecretContent, token: str) -> str:
        self._test(pending, token)
        self._secret_store.promote(token, previous_version_id=description.current_version_id)
        return f"The secret names {pending.username} from now on; {pending.idle_username} is idle."

    def _wait_for_idle_user(self, description: SecretDescription) -> None:
        """Wait until the idle user may be touched: the step before has just written what replicas must get first."""
        started_at = self._clock()
        while is_replicating(description) and self._clock() < started_at + REPLICA_WAIT_SECONDS:
            self._sleep(POLL_SECONDS)
            description = self._secret_store.describe()
        now = self._clock()
        ensure_rotation_allowed(
            description, standby_region=self._regions.standby, now=now, waited_seconds=now - started_at
        )

    def _wait_for_replication(self, pending: CanarySecretContent, marker: int) -> None:
        until = self._clock() + REPLICA_WAIT_SECONDS
        while self._users.read_marker(RegionRole.STANDBY, pending.username) != marker:
            if self._clock() >= until:
                raise RotationPendingError(
                    f"The new password of {pending.username} has not reached {self._regions.standby} yet. The probes "
                    f"go on with {pending.idle_username}."
                )
            self._sleep(POLL_SECONDS)

    def _check_claims(self, claims: AccessTokenClaims, pending: CanarySecretContent, role: RegionRole) -> None:
        if (claims.subject, claims.client_id) == (pending.sub, pending.client_id):
            return
        raise RotationError(
            f"{pending.username} signs in in {self._regions[role]} as somebody else than the secret says, or through "
            f"another app client: sub {claims.subject} and client {claims.client_id}, not {pending.sub} and "
            f"{pending.client_id}. Cancel this rotation, and see what failoverctl replicate says."
        )

    def _read_pending(self, current: CanarySecretContent, token: str) -> CanarySecretContent:
        text = self._secret_store.read_pending(token)
        if text is None:
            raise RotationError(
                f"The pending version {token} has no value: the step {RotationStep.CREATE} was not made."
            )
        pending = self._parse_for_pool(text)
        ensure_alternating_users(current, pending)
        return pending

    def _parse_for_pool(self, text: str) -> CanarySecretContent:
        content = parse_content(text)
        if content.user_pool_id != self._pool_id:
            raise RotationError(
                f"The secret is the canary's of {content.user_pool_id}, but this stack rotates that of {self._pool_id}."
            )
        return content
