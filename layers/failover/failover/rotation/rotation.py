"""The four steps of a rotation, as Secrets Manager asks for them. Each may be repeated, and may die half-way.

The two users take turns. Until the last step the probes use the one user, and all that happens concerns the other, whom
nobody uses: its password is set, and it signs in in both Regions. The last step makes the secret name it.
"""

from collections.abc import Callable
from enum import StrEnum

from failover.region import Instant, PerSide, Side
from failover.rotation.content import Content, parse, rotated
from failover.rotation.errors import NotYetError, RotationError
from failover.rotation.standing import Described, check_may_go_on, check_takes_turns, is_arriving, is_done, mark_of
from failover.rotation.users import Claims, RefusedError, Users
from failover.rotation.vault import Vault

WAITING_SECONDS = 10.0
"""How long a step waits for a replica, of the pool or of the secret. After it Secrets Manager has to come again."""

LOOK_SECONDS = 1.0
"""How often it is looked meanwhile; to look is no sign-in."""


class Step(StrEnum):
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
        vault: Vault,
        users: Users,
        regions: PerSide[str],
        pool_id: str,
        new_password: Callable[[], str],
        clock: Callable[[], Instant],
        sleep: Callable[[float], None],
    ) -> None:
        self._vault = vault
        self._users = users
        self._regions = regions
        self._pool_id = pool_id
        self._new_password = new_password
        self._clock = clock
        self._sleep = sleep

    def make(self, step: Step, token: str) -> str:
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
        described = self._vault.describe()
        if is_done(described, token):
            return "This rotation has been finished already; nothing was done."
        current = self._of_this_pool(self._vault.read_current())
        match step:
            case Step.CREATE:
                return self._create(described, current, token)
            case Step.SET:
                return self._set(described, self._pending(current, token), token)
            case Step.TEST:
                return self._try_out(current, token) or self._test(self._pending(current, token), token)
            case Step.FINISH:
                return self._finish(described, self._pending(current, token), token)

    def _create(self, described: Described, current: Content, token: str) -> str:
        if self._vault.read_pending(token) is not None:
            self._pending(current, token)
            return "The pending version is there already."
        self._await_leave(described)
        subject = self._users.subject(current.idle_username)
        pending = rotated(current, sub=subject, password=self._new_password())
        self._vault.put_pending(token, pending.text)
        return f"A new password was made for {pending.username}."

    def _set(self, described: Described, pending: Content, token: str) -> str:
        """Set the password and then a marker, by which it is known here and on the replica that it was set."""
        if self._users.marker(Side.PRIMARY, pending.username) == mark_of(token):
            return f"{pending.username} has the new password already."  # to set it again would delay its arrival
        self._await_leave(described)
        self._users.set_password(pending.username, pending.password)
        self._users.mark(pending.username, mark_of(token))
        return f"{pending.username} has it on the primary; {pending.idle_username} goes on signing in."

    def _try_out(self, current: Content, token: str) -> str:
        """Answer Secrets Manager when it only tries the function out; empty where it does not.

        It does so when a schedule is set without an immediate rotation, by a pending version that it takes away again.
        """
        text = self._vault.read_pending(token)
        if text is None or self._of_this_pool(text) == current:
            return "There is nothing new to test."
        return ""

    def _test(self, pending: Content, token: str) -> str:
        """Sign in in both Regions, in the standby only once the password is known to be there."""
        try:
            claims = self._users.sign_in(Side.PRIMARY, pending)
        except RefusedError:
            self._users.mark(pending.username, 0)  # somebody has set another one: the next try sets it again
            raise
        self._check(claims, pending, Side.PRIMARY)
        self._await_arrival(pending, mark_of(token))
        self._check(self._users.sign_in(Side.STANDBY, pending), pending, Side.STANDBY)
        return f"{pending.username} signs in in both Regions."

    def _finish(self, described: Described, pending: Content, token: str) -> str:
        self._test(pending, token)
        self._vault.promote(token, instead_of=described.current)
        return f"The secret names {pending.username} from now on; {pending.idle_username} is idle."

    def _await_leave(self, described: Described) -> None:
        """Wait until the idle user may be touched: the step before has just written what replicas must get first."""
        began = self._clock()
        while is_arriving(described) and self._clock() < began + WAITING_SECONDS:
            self._sleep(LOOK_SECONDS)
            described = self._vault.describe()
        now = self._clock()
        check_may_go_on(described, standby_region=self._regions.standby, now=now, waited_seconds=now - began)

    def _await_arrival(self, pending: Content, mark: int) -> None:
        until = self._clock() + WAITING_SECONDS
        while self._users.marker(Side.STANDBY, pending.username) != mark:
            if self._clock() >= until:
                raise NotYetError(
                    f"The new password of {pending.username} has not reached {self._regions.standby} yet. The probes "
                    f"go on with {pending.idle_username}."
                )
            self._sleep(LOOK_SECONDS)

    def _check(self, claims: Claims, pending: Content, side: Side) -> None:
        if (claims.subject, claims.client_id) == (pending.sub, pending.client_id):
            return
        raise RotationError(
            f"{pending.username} signs in in {self._regions[side]} as somebody else than the secret says, or through "
            f"another app client: sub {claims.subject} and client {claims.client_id}, not {pending.sub} and "
            f"{pending.client_id}. Cancel this rotation, and see what failoverctl replicate says."
        )

    def _pending(self, current: Content, token: str) -> Content:
        text = self._vault.read_pending(token)
        if text is None:
            raise RotationError(f"The pending version {token} has no value: the step {Step.CREATE} was not made.")
        pending = self._of_this_pool(text)
        check_takes_turns(current, pending)
        return pending

    def _of_this_pool(self, text: str) -> Content:
        content = parse(text)
        if content.user_pool_id != self._pool_id:
            raise RotationError(
                f"The secret is the canary's of {content.user_pool_id}, but this stack rotates that of {self._pool_id}."
            )
        return content
