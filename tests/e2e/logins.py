"""People who sign in through the pool's own custom domain all the time: the one view on it from outside."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

from dns.exception import DNSException

from demo.outside import SignIn
from sandbox.article import SetUp
from sandbox.attached import Sandbox
from tests.integration.sandbox.engine_login.visitor import Visitor

_INTERVAL_SECONDS = 2.0
_AT_ONCE = 4
"""So many attempts may be under way: while none is answered, more of them would show nothing more."""


class Logins:
    """Signs in with a code through managed login, every two seconds and each on its own, until told to stop.

    Parameters
    ----------
    sandbox, set_up
        Where, and through which domain, as the person of the set-up.

    """

    def __init__(self, sandbox: Sandbox, set_up: SetUp) -> None:
        assert set_up.login is not None
        self._sandbox, self._login = sandbox, set_up.login
        secret = sandbox.client("secretsmanager", sandbox.description["standby"]).get_secret_value(
            SecretId=set_up.person.secret_arn
        )
        self._credentials: dict[str, str] = json.loads(secret["SecretString"])
        self._lock = threading.Lock()
        self._ended: list[SignIn] = []
        self._free = threading.BoundedSemaphore(_AT_ONCE)
        self._stopped = threading.Event()
        self._ticking = threading.Thread(target=self._tick, name="logins", daemon=True)

    @contextmanager
    def going_on(self) -> Iterator["Logins"]:
        """Go on until the block ends."""
        self._ticking.start()
        try:
            yield self
        finally:
            self._stopped.set()
            self._ticking.join()

    def since(self, moment: float) -> tuple[SignIn, ...]:
        """Return every attempt that began at a moment or later and has ended, in the order of their beginning."""
        with self._lock:
            return tuple(sorted((each for each in self._ended if each.began_at >= moment), key=lambda it: it.began_at))

    def first_good(self, *, since: float) -> SignIn | None:
        """Return the first attempt from a moment on that brought tokens."""
        return next((each for each in self.since(since) if each.ok), None)

    def _tick(self) -> None:
        while not self._stopped.wait(_INTERVAL_SECONDS):
            if self._free.acquire(blocking=False):
                threading.Thread(target=self._sign_in, name="login", daemon=True).start()

    def _sign_in(self) -> None:
        began_at, error = time.time(), ""
        try:
            tokens = Visitor(self._sandbox, self._login).sign_in(
                self._credentials["username"], self._credentials["password"]
            )
            error = "" if "access_token" in tokens else f"no tokens: {tokens}"
        except (OSError, HTTPException, DNSException, AssertionError, ValueError) as failure:
            error = f"{type(failure).__name__}: {failure}"
        finally:
            self._free.release()
        with self._lock:
            self._ended.append(SignIn(began_at=began_at, ended_at=time.time(), address="", error=error))
