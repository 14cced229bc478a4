"""Errors that end a rotation step before it is done."""

from cognito_failover.common.errors import FailoverError


class RotationError(FailoverError):
    """A step failed. Nothing that a probe uses has changed. No message contains the secret's content."""


class RotationPendingError(RotationError):
    """A step must wait for a replica or for time to pass. Secrets Manager retries the rotation."""


class ServiceUnavailableError(RotationError):
    """A service gave no answer, or a server error. Secrets Manager retries the rotation."""
