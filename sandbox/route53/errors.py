"""Route 53's refusals."""

from collections.abc import Mapping, Sequence
from typing import Any


class Route53ServiceError(Exception):
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


def build_invalid_input_error(message: str) -> Route53ServiceError:
    """Give the refusal of a request that is not well formed."""
    return Route53ServiceError("InvalidInput", message)


def build_invalid_batch_error(messages: Sequence[str]) -> Route53ServiceError:
    """Give the refusal of a whole change batch, naming everything that is wrong with it."""
    return Route53ServiceError("InvalidChangeBatch", f"[{', '.join(messages)}]")
