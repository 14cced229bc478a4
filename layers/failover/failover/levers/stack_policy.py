"""The policy by which CloudFormation refuses to change or remove what users hang on while a latch is attached."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from failover.errors import LeverUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient

# A person waits, on a calm day.
CLOUDFORMATION_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1, "mode": "standard"})

UNCHANGED = (
    "RecordsObjectCheck",
    "DomainObjectCheck",
    "RecordsMetricAlarm",
    "RecordsMetricCheck",
    "DomainMetricAlarm",
    "DomainMetricCheck",
)
"""What moves users by its settings alone, as the template names it: no parameter has a part in them."""

KEPT = ("LatchBucket", "LatchBucketPolicy", "StandbyTargetCheck")
"""What else an attached latch stands on, and what parameters change."""

_ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
_LIFTED = {"Statement": [_ALLOW]}
_PROTECTING = {
    "Statement": [
        _ALLOW,
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "Update:*",
            "Resource": [f"LogicalResourceId/{name}" for name in UNCHANGED],
        },
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["Update:Replace", "Update:Delete"],
            "Resource": [f"LogicalResourceId/{name}" for name in KEPT],
        },
    ]
}
_OTHER = (
    "The stack has a policy of its own, which was left as it is: see that while the latch is attached it denies "
    f"Update:* of {', '.join(UNCHANGED)}, and Update:Replace and Update:Delete of {', '.join(KEPT)}."
)


class Protection(Protocol):
    """Guards what an attached latch stands on against a change of the stack. Calls raise LeverUnavailableError."""

    def protect(self) -> str:
        """Set it, and return what is left for a person to do; empty if nothing is."""
        ...

    def lift(self) -> None:
        """Take it away again."""
        ...


class StackPolicy:
    """A stack's policy, by CloudFormation's API; a `Protection`.

    A policy of somebody else's is left as it is: it can't be told what it is for.

    Parameters
    ----------
    client
        Gives a client of CloudFormation in the stack's Region.
    stack_id
        The stack, by its ARN.

    """

    def __init__(self, client: Callable[[], "CloudFormationClient"], *, stack_id: str) -> None:
        self._client = client
        self._stack_id = stack_id

    def protect(self) -> str:
        """Let the policy refuse to change what moves users, and to replace or remove what the latch stands on."""
        found = self._found()
        if found in (None, _LIFTED):
            self._set(_PROTECTING)
        return "" if found in (None, _LIFTED, _PROTECTING) else _OTHER

    def lift(self) -> None:
        """Let the policy allow everything again; once set, a stack's policy can't be deleted."""
        if self._found() == _PROTECTING:
            self._set(_LIFTED)

    def _found(self) -> Any:
        answer = self._called("GetStackPolicy", lambda: dict(self._client().get_stack_policy(StackName=self._stack_id)))
        body = answer.get("StackPolicyBody")
        return json.loads(body) if body else None

    def _set(self, policy: dict[str, Any]) -> None:
        def call() -> dict[str, Any]:
            self._client().set_stack_policy(StackName=self._stack_id, StackPolicyBody=json.dumps(policy))
            return {}

        self._called("SetStackPolicy", call)

    def _called(self, operation: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return call()
        except ClientError as error:
            problem = error.response["Error"]
            said = f"{operation} answered {problem['Code']}: {problem.get('Message', '')}".rstrip(": .") + "."
            if "AccessDenied" in problem["Code"]:
                said += (
                    f" Allow cloudformation:{operation} on this stack to the role this runs as; let nothing deny it."
                )
            raise LeverUnavailableError(said) from error
        except (BotoCoreError, ValueError) as error:
            raise LeverUnavailableError(f"{operation} gave no answer that can be used: {error}.") from error


class MemoryProtection:
    """A protection in memory; a `Protection`."""

    def __init__(self) -> None:
        self.set = False
        self.trouble = ""

    def protect(self) -> str:
        """Set it."""
        self._fail_if_told()
        self.set = True
        return ""

    def lift(self) -> None:
        """Take it away."""
        self._fail_if_told()
        self.set = False

    def _fail_if_told(self) -> None:
        if self.trouble:
            raise LeverUnavailableError(self.trouble)
