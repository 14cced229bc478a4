"""How a run ends: the exit codes that scripts can use, and the errors that lead to them."""

from enum import IntEnum
from typing import ClassVar

import click


class ExitCode(IntEnum):
    """What the exit code says."""

    DONE = 0
    """It was done, or had been done already."""

    REFUSED = 1
    """A rule refused it, or the person did when asked; nothing was changed."""

    USAGE = 2
    """The command line, a variable or the configuration file is wrong; nothing was asked."""

    UNREACHABLE = 3
    """AWS or the function gave no answer, or let nobody in."""

    FAILED = 4
    """The function failed, or could not reach what it needs."""

    NOT_FINISHED = 5
    """The move goes on, but waiting for it has ended."""

    UNEXPECTED_OUTCOME = 6
    """The move that was waited for did not end where it was to go."""

    INTERRUPTED = 130
    """Ctrl-C."""


class FailoverctlError(click.ClickException):
    """What ends a run without an answer; the message says what to do."""

    exit_code: ClassVar[int]


class UnreachableError(FailoverctlError):
    """AWS or the function could not be asked. Whether the last call was taken is not known if it may have arrived."""

    exit_code = ExitCode.UNREACHABLE


class FunctionFailedError(FailoverctlError):
    """The function was asked, and failed or answered with what can't be understood."""

    exit_code = ExitCode.FAILED


class DeclinedError(FailoverctlError):
    """The person said no when asked."""

    exit_code = ExitCode.REFUSED
