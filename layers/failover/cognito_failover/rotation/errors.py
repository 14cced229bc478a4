"""Why a step of a rotation ends without having been done."""

from cognito_failover.common.errors import FailoverError


class RotationError(FailoverError):
    """A step could not be made; nothing that a probe uses has changed. No message holds what the secret does."""


class RotationPendingError(RotationError):
    """A step has to wait for something that comes by itself. Secrets Manager tries the rotation again."""


class ServiceUnavailableError(RotationError):
    """A service gave no answer, or an error of its own. Secrets Manager tries the rotation again."""
