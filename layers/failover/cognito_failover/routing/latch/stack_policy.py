"""Stack policy that protects an attached latch's resources from stack updates."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cognito_failover.common.errors import LeverUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.client import CloudFormationClient

# A person waits for the answer, and no move is in progress.
CLOUDFORMATION_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1, "mode": "standard"})

IMMUTABLE_TYPES = ("AWS::CloudWatch::Alarm", "AWS::Route53::HealthCheck")
"""Types of the resources whose properties alone can move users.

The root stack has no others of these types. A stack policy does not apply to nested stacks.
"""

RETAINED_TYPES = ("AWS::S3::Bucket", "AWS::S3::BucketPolicy")
"""Types of the other resources that an attached latch depends on. Parameters may change them."""


def _deny(actions: str | list[str], resource_types: tuple[str, ...]) -> dict[str, Any]:
    """Return a statement for types: CloudFormation refuses a policy with the logical id of an absent resource."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": "*",
        "Condition": {"StringEquals": {"ResourceType": list(resource_types)}},
    }


_ALLOW_ALL = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
UNPROTECTED_POLICY = {"Statement": [_ALLOW_ALL]}
"""The policy after a latch is detached. A stack policy can't be deleted."""

PROTECTED_POLICY = {
    "Statement": [
        _ALLOW_ALL,
        _deny("Update:*", IMMUTABLE_TYPES),
        _deny(["Update:Replace", "Update:Delete"], RETAINED_TYPES),
    ]
}
"""The policy while a latch is attached."""

_FOREIGN_POLICY_MESSAGE = (
    f"The stack has another policy, which was not changed. Make sure that it denies Update:* of each "
    f"{' and '.join(IMMUTABLE_TYPES)}, and Update:Replace and Update:Delete of each {' and '.join(RETAINED_TYPES)}, "
    f"while the latch is attached."
)


class StackProtection(Protocol):
    """Protects the resources of an attached latch from stack updates. Calls may raise LeverUnavailableError."""

    def protect(self) -> str:
        """Set the protection. Return what a person still has to do, or an empty string."""
        ...

    def unprotect(self) -> None:
        """Remove the protection."""
        ...


class StackPolicy:
    """The stack policy in CloudFormation; a `StackProtection`.

    Another policy stays unchanged, because its purpose is unknown.

    Parameters
    ----------
    client
        Returns a CloudFormation client of the stack's Region.
    stack_id
        The stack's ARN.

    """

    def __init__(self, client: Callable[[], "CloudFormationClient"], *, stack_id: str) -> None:
        self._client = client
        self._stack_id = stack_id

    def protect(self) -> str:
        """Set the protecting policy, unless the stack has another policy."""
        current = self._read_policy()
        if current in (None, UNPROTECTED_POLICY):
            self._write_policy(PROTECTED_POLICY)
        return "" if current in (None, UNPROTECTED_POLICY, PROTECTED_POLICY) else _FOREIGN_POLICY_MESSAGE

    def unprotect(self) -> None:
        """Set the policy that allows everything, if the stack has the protecting one."""
        if self._read_policy() == PROTECTED_POLICY:
            self._write_policy(UNPROTECTED_POLICY)

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
            details = error.response["Error"]
            message = f"{operation} answered {details['Code']}: {details.get('Message', '')}".rstrip(": .") + "."
            if "AccessDenied" in details["Code"]:
                message += (
                    f" Allow cloudformation:{operation} on this stack to the role this runs as, and check that no "
                    f"policy denies it."
                )
            raise LeverUnavailableError(message) from error
        except (BotoCoreError, ValueError) as error:
            raise LeverUnavailableError(f"{operation} gave no usable answer: {error}.") from error
