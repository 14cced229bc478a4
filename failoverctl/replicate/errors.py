"""Errors of a replication."""

from typing import ClassVar

from failoverctl.exit_codes import ExitCode, FailoverctlError


class ReplicationRefusedError(FailoverctlError):
    """A requirement is violated that this command does not change. The failing step changed nothing."""

    exit_code: ClassVar[int] = ExitCode.REFUSED


class StillPendingError(FailoverctlError):
    """A step is not done within its timeout. The same command resumes."""

    exit_code: ClassVar[int] = ExitCode.NOT_FINISHED


class UnexpectedChangeError(FailoverctlError):
    """An update of the pool changed other settings, too."""

    exit_code: ClassVar[int] = ExitCode.FAILED


class ReplicationStepError(FailoverctlError):
    """A call to AWS failed in a step."""

    def __init__(self, message: str, exit_code: ExitCode) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # depends on the cause
