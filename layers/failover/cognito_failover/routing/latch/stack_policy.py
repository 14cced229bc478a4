"""The policy by which CloudFormation refuses to change or remove what users hang on while a latch is attached."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.errors import LeverUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient

# A person waits, on a calm day.
CLOUDFORMATION_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1, "mode": "standard"})

IMMUTABLE_RESOURCES = (
    "RecordsObjectCheck",
    "DomainObjectCheck",
    "RecordsMetricAlarm",
    "RecordsMetricCheck",
    "DomainMetricAlarm",
    "DomainMetricCheck",
)
"""What moves users by its settings alone, as the template names it: no parameter has a part in them."""

RETAINED_RESOURCES = ("LatchBucket", "LatchBucketPolicy", "StandbyTargetCheck")
"""What else an attached latch stands on, and what parameters change."""

_ALLOW_ALL = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
_UNPROTECTED_POLICY = {"Statement": [_ALLOW_ALL]}
_PROTECTED_POLICY = {
    "Statement": [
        _ALLOW_ALL,
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "Update:*",
            "Resource": [f"LogicalResourceId/{name}" for name in IMMUTABLE_RESOURCES],
        },
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["Update:Replace", "Update:Delete"],
            "Resource": [f"LogicalResourceId/{name}" for name in RETAINED_RESOURCES],
        },
    ]
}
_FOREIGN_POLICY_MESSAGE = (
    "The stack has a policy of its own, which was left as it is: see that while the latch is attached it denies "
    f"Update:* of {', '.join(IMMUTABLE_RESOURCES)}, and Update:Replace and Update:Delete of {', '.join(RETAINED_RESOURCES)}."
)


class StackProtection(Protocol):
    """Guards what an attached latch stands on against a change of the stack. Calls raise LeverUnavailableError."""

    def protect(self) -> str:
        """Set it, and return what is left for a person to do; empty if nothing is."""
        ...

    def unprotect(self) -> None:
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
        current = self._read_policy()
        if current in (None, _UNPROTECTED_POLICY):
            self._write_policy(_PROTECTED_POLICY)
        return "" if current in (None, _UNPROTECTED_POLICY, _PROTECTED_POLICY) else _FOREIGN_POLICY_MESSAGE

    def unprotect(self) -> None:
        """Let the policy allow everything again; once set, a stack's policy can't be deleted."""
        if self._read_policy() == _PROTECTED_POLICY:
            self._write_policy(_UNPROTECTED_POLICY)

    def _read_policy(self) -> Any:
        answer = self._call("GetStackPolicy", lambda: dict(self._client().get_stack_policy(StackName=self._stack_id)))
        body = answer.get("StackPolicyBody")
        return json.loads(body) if body else None

    def _write_policy(self, policy: dict[str, Any]) -> None:
        def call() -> dict[str, Any]:
            self._client().set_stack_policy(StackName=self._stack_id, StackPolicyBody=json.dumps(policy))
            return {}

        self._call("SetStackPolicy", call)

    def _call(self, operation: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            return call()
        except ClientError as error:
            problem = error.response["Error"]
            message = f"{operation} answered {problem['Code']}: {problem.get('Message', '')}".rstrip(": .") + "."
            if "AccessDenied" in problem["Code"]:
                message += (
                    f" Allow cloudformation:{operation} on this stack to the role this runs as; let nothing deny it."
                )
            raise LeverUnavailableError(message) from error
        except (BotoCoreError, ValueError) as error:
            raise LeverUnavailableError(f"{operation} gave no answer that can be used: {error}.") from error
