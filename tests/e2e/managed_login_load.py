"""Constant sign-ins through the pool's custom domain: the only external view of that domain."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

from dns.exception import DNSException

from demo.external_clients import ClientSignIn
from sandbox.client import SandboxClient
from sandbox.reference_setup.setup import SetupResult
from tests.integration.sandbox.engine_login.visitor import ManagedLoginVisitor

_INTERVAL_SECONDS = 2.0
_MAX_CONCURRENT = 4
"""Maximum number of concurrent attempts. More would show nothing new while none is answered."""


class ManagedLoginLoad:
    """Signs in with a code through managed login every two seconds. Each attempt has its own thread.

    Parameters
    ----------
    sandbox, set_up
        The sandbox, and the setup with the domain and the test user.

    """

    def __init__(self, sandbox: SandboxClient, set_up: SetupResult) -> None:
        assert set_up.login is not None
        self._sandbox, self._login = sandbox, set_up.login
        secret = sandbox.client("secretsmanager", sandbox.description["standby"]).get_secret_value(
            SecretId=set_up.test_user.secret_arn
        )
        self._credentials: dict[str, str] = json.loads(secret["SecretString"])
        self._lock = threading.Lock()
        self._ended: list[ClientSignIn] = []
        self._slots = threading.BoundedSemaphore(_MAX_CONCURRENT)
        self._stopped = threading.Event()
        self._scheduler = threading.Thread(target=self._run_schedule, name="login-load", daemon=True)

    @contextmanager
    def running(self) -> Iterator["ManagedLoginLoad"]:
        """Sign in until the block ends."""
        self._scheduler.start()
        try:
            yield self
        finally:
            self._stopped.set()
            self._scheduler.join()

    def list_since(self, moment: float) -> tuple[ClientSignIn, ...]:
        """Return all completed attempts that started at a moment or later, in the order of their start."""
        with self._lock:
            attempts = [attempt for attempt in self._ended if attempt.started_at >= moment]
        return tuple(sorted(attempts, key=lambda attempt: attempt.started_at))

    def find_first_success(self, *, since: float) -> ClientSignIn | None:
        """Return the first successful attempt since a moment. None if there is none."""
        return next((attempt for attempt in self.list_since(since) if attempt.is_successful), None)

    def _run_schedule(self) -> None:
        while not self._stopped.wait(_INTERVAL_SECONDS):
            if self._slots.acquire(blocking=False):
                threading.Thread(target=self._sign_in, name="login", daemon=True).start()

    def _sign_in(self) -> None:
        began_at, error = time.time(), ""
        try:
            tokens = ManagedLoginVisitor(self._sandbox, self._login).sign_in(
                self._credentials["username"], self._credentials["password"]
            )
            error = "" if "access_token" in tokens else f"no tokens: {tokens}"
        except (OSError, HTTPException, DNSException, AssertionError, ValueError) as failure:
            error = f"{type(failure).__name__}: {failure}"
        finally:
            self._slots.release()
        with self._lock:
            self._ended.append(ClientSignIn(started_at=began_at, ended_at=time.time(), address="", error=error))
