"""Why a replication is not made, or not yet."""

from typing import ClassVar

from failoverctl.exit_codes import ExitCode, FailoverctlError


class ReplicationRefusedError(FailoverctlError):
    """Something that this command does not change stands in the way; nothing was changed by the step that says so."""

    exit_code: ClassVar[int] = ExitCode.REFUSED


class StillPendingError(FailoverctlError):
    """Something takes longer than is waited for; the same command takes it up again."""

    exit_code: ClassVar[int] = ExitCode.NOT_FINISHED


class UnexpectedChangeError(FailoverctlError):
    """An update of the pool changed more than it was to."""

    exit_code: ClassVar[int] = ExitCode.FAILED


class ReplicationStepError(FailoverctlError):
    """AWS did not do what a step asked for."""

    def __init__(self, message: str, exit_code: ExitCode) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # by the cause, which is known only here
