"""Errors that nobody foresaw, turned into those that callers count on, and told without what they hold.

A service may answer with nonsense, and what reads the answer may then raise anything. Its message may quote the
answer, and with it a token or a key: only the error's type and its place are told.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb

from cognito_failover.common.errors import FailoverError


def summarize_error(error: BaseException) -> str:
    """Return what may be told of an error: the message of one of ours, the type and the place of any other."""
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
    """Let out of a block only errors of the foreseen types.

    Parameters
    ----------
    foreseen
        The types that callers deal with.
    otherwise
        What any other error becomes.
    what
        What is being done, to begin the sentence with.

    Raises
    ------
    FailoverError
        Of one of these types, whatever the block raises.

    """
    try:
        yield
    except expected:
        raise
    except FailoverError as error:
        raise error_type(f"{description} failed: {error}") from error
    except Exception as error:
        raise error_type(f"{description} failed in a way that nobody foresaw: {summarize_error(error)}.") from error
