"""Route 53's error responses."""

from collections.abc import Mapping, Sequence
from typing import Any


class Route53ServiceError(Exception):
    """An error response from the service model.

    Attributes
    ----------
    code
        The error code in the service model, such as ``InvalidInput``.
    details
        Further members of the modelled error, such as ``Errors``.

    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: Mapping[str, Any] = details


def build_invalid_input_error(message: str) -> Route53ServiceError:
    """Return an ``InvalidInput`` error."""
    return Route53ServiceError("InvalidInput", message)


def build_invalid_batch_error(messages: Sequence[str]) -> Route53ServiceError:
    """Return an ``InvalidChangeBatch`` error with all problems of the batch."""
    return Route53ServiceError("InvalidChangeBatch", f"[{', '.join(messages)}]")
