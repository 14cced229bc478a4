"""Turns unexpected errors into expected types, without secret content.

A service may return nonsense, and the code that parses it may then raise any error. The message may quote the response,
and with it a token or a key. So only the type and the place of such an error are reported.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb

from cognito_failover.common.errors import FailoverError


def summarize_error(error: BaseException) -> str:
    """Return the message of a `FailoverError`, or the type and the place of any other error."""
    if isinstance(error, FailoverError):
        return str(error)
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    frames = list(walk_tb(error.__traceback__))
    if not frames:
        return name
    frame, line = frames[-1]
    return f"{name} in {frame.f_globals.get('__name__')}, line {line}"


@contextmanager
def translate_unexpected_errors(
    *expected: type[FailoverError], error_type: type[FailoverError], description: str
) -> Iterator[None]:
    """Let only expected error types leave the block.

    Parameters
    ----------
    expected
        The types that callers handle.
    error_type
        The type that any other error becomes.
    description
        What the block does, as the start of the message.

    Raises
    ------
    FailoverError
        An expected type, or ``error_type``.

    """
    try:
        yield
    except expected:
        raise
    except FailoverError as error:
        raise error_type(f"{description} failed: {error}") from error
    except Exception as error:
        raise error_type(f"{description} failed with an unexpected error: {summarize_error(error)}.") from error
