"""Route 53's refusals."""

from collections.abc import Mapping, Sequence
from typing import Any


class Refusal(Exception):  # noqa: N818 -- the service refuses; nothing here has gone wrong
    """An answer that is one of the service's modelled errors.

    Attributes
    ----------
    code
        The error code, as the service model names it: ``InvalidInput``.
    details
        Further members of the modelled error, such as ``Errors``.

    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: Mapping[str, Any] = details


def invalid_input(message: str) -> Refusal:
    """Give the refusal of a request that is not well formed."""
    return Refusal("InvalidInput", message)


def invalid_batch(messages: Sequence[str]) -> Refusal:
    """Give the refusal of a whole change batch, naming everything that is wrong with it."""
    return Refusal("InvalidChangeBatch", f"[{', '.join(messages)}]")
