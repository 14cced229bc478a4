"""A sandbox and a deployment that retry calls without an answer."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from demo.deployment import SandboxDeployment
from sandbox.client import ControlError, NotRunningError, SandboxClient
from tests.support import load_scaling

MAX_RETRIES = 8
"""Number of retries of a request before its answer counts as a refusal."""

READ_ONLY_ACTIONS = frozenset({"status", "history", "report"})
"""Actions without a token."""

_PAUSE_SECONDS = 3.0
_CALL_SECONDS = 60.0
_RETRY_PHRASES = ("repeat the same event", "repeat it after the next round", "has no state yet")
_TIMEOUT_TEXT = "Task timed out"
_SERVER_ERROR = 500


class RetryingSandbox(SandboxClient):
    """A sandbox whose clients have longer timeouts, and whose control endpoint is retried."""

    def client(
        self,
        service: str,
        region: str,
        *,
        unsigned: bool = False,
        credentials: Mapping[str, str] | None = None,
        timeout_seconds: float = _CALL_SECONDS,
    ) -> Any:
        """Return a client with a timeout that is scaled by the load of this machine."""
        return SandboxClient.client(
            self,
            service,
            region,
            unsigned=unsigned,
            credentials=credentials,
            timeout_seconds=load_scaling.scale_seconds(max(timeout_seconds, _CALL_SECONDS)),
        )

    def call_control(self, method: str, path: str, content: object = None) -> Any:
        """Call the control endpoint. Retry a call without an answer: all calls are idempotent."""
        for repeat in range(MAX_RETRIES):
            try:
                return SandboxClient.call_control(self, method, path, content)
            except (NotRunningError, TimeoutError):
                time.sleep(_PAUSE_SECONDS)
            except ControlError:
                if method == "DELETE" and repeat:  # an earlier call deleted it, and its answer was lost
                    return {}
                raise
        return SandboxClient.call_control(self, method, path, content)


class RetryingDeployment(SandboxDeployment):
    """A deployment that retries the operator function with the same token, as its answers say."""

    @classmethod
    def from_deployment(cls, deployment: SandboxDeployment) -> "RetryingDeployment":
        """Return the same deployment with retries."""
        return cls(sandbox=deployment.sandbox, spec=deployment.spec, stack_name=deployment.stack_name)

    def invoke_operator(self, action: str, **fields: Any) -> dict[str, Any]:
        """Invoke the operator function. Retry while there is no answer, or while the answer says to repeat the event.

        Raises
        ------
        BotoCoreError, ClientError, RuntimeError
            If the last retry gives no answer, or if the error is not transient.

        """
        event = fields if action in READ_ONLY_ACTIONS else {"token": f"e2e-{action}-{uuid4().hex[:8]}", **fields}
        for _ in range(MAX_RETRIES):
            try:
                answer = SandboxDeployment.invoke_operator(self, action, **event)
            except (BotoCoreError, ClientError, RuntimeError) as error:
                if not _is_transient(error):
                    raise
            else:
                if not should_retry(answer):
                    return answer
            time.sleep(_PAUSE_SECONDS)
        return SandboxDeployment.invoke_operator(self, action, **event)

    def invoke_until_done(self, action: str, **fields: Any) -> dict[str, Any]:
        """Request a change until it is done, like a person who waits until the cause of a refusal is gone.

        Raises
        ------
        AssertionError
            If it is not done in time.

        """
        event = {"token": f"e2e-{action}-{uuid4().hex[:8]}", **fields}
        until = time.monotonic() + load_scaling.get_wait_limit()
        while not (answer := self.invoke_operator(action, **event))["done"]:
            assert time.monotonic() < until, answer["message"]
            time.sleep(_PAUSE_SECONDS)
        return answer


def should_retry(answer: Mapping[str, Any]) -> bool:
    """Return whether an answer says to repeat the same event, or contains a status that could not be read."""
    if answer.get("done"):
        return "problem" in answer.get("status", {})
    message = str(answer.get("message", "")).lower()
    return any(words in message for words in _RETRY_PHRASES)


def _is_transient(error: Exception) -> bool:
    if isinstance(error, ClientError):
        return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= _SERVER_ERROR
    return isinstance(error, BotoCoreError) or _TIMEOUT_TEXT in str(error)
