"""Pages of a listing."""

from collections.abc import Sequence

from sandbox.route53.errors import build_invalid_input_error


def parse_page_size(given: str | None, *, limit: int) -> int:
    """Return the page size for a `MaxItems` value, at most the service's limit.

    Raises
    ------
    Route53ServiceError
        ``InvalidInput`` if it is not a positive number.

    """
    if given is None:
        return limit
    if not given.isascii() or not given.isdigit() or int(given) < 1:
        raise build_invalid_input_error(f"Invalid value for MaxItems: '{given}'; give a whole number from 1 to {limit}")
    return min(int(given), limit)


def split_page[Item](items: Sequence[Item], size: int) -> tuple[Sequence[Item], Item | None]:
    """Return a page, and the first item of the next page or None."""
    return items[:size], items[size] if len(items) > size else None
