"""The exit codes, and the errors that end a run with them."""

from enum import IntEnum
from typing import ClassVar

import click


class ExitCode(IntEnum):
    """Exit code of a run."""

    DONE = 0
    """Done, now or before."""

    REFUSED = 1
    """Refused by a rule, or not confirmed by the person. Nothing was changed."""

    USAGE = 2
    """The command line, a variable or the configuration file is wrong. No request was sent."""

    UNREACHABLE = 3
    """AWS or the function did not answer, or refused the credentials."""

    FAILED = 4
    """The function failed, or could not reach a service that it needs."""

    NOT_FINISHED = 5
    """Still under way when the timeout ended."""

    UNEXPECTED_OUTCOME = 6
    """The followed move did not end at its destination, or the followed drill did not succeed."""

    INTERRUPTED = 130
    """Ctrl-C."""


class FailoverctlError(click.ClickException):
    """An error that ends a run without an answer. The message says what to do."""

    exit_code: ClassVar[int]


class UnreachableError(FailoverctlError):
    """AWS or the function did not answer. The last call may have been carried out."""

    exit_code = ExitCode.UNREACHABLE


class AccessDeniedError(UnreachableError):
    """AWS refused the call to these credentials."""


class FunctionFailedError(FailoverctlError):
    """The function failed, or its answer is malformed."""

    exit_code = ExitCode.FAILED


class InterruptedRunError(FailoverctlError):
    """Ctrl-C while no request of a change was under way."""

    exit_code = ExitCode.INTERRUPTED


class InterruptedAfterRequestError(FailoverctlError):
    """Ctrl-C after a request was sent. What it asked for continues."""

    exit_code = ExitCode.INTERRUPTED


class DeclinedError(FailoverctlError):
    """The person did not confirm."""

    exit_code = ExitCode.REFUSED
