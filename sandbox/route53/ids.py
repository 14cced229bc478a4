"""Identifiers in the service's format, deterministic by seed."""

import random
import string
import uuid

_ALPHABET = string.ascii_uppercase + string.digits
_LENGTH = 20


class IdGenerator:
    """Makes identifiers.

    Parameters
    ----------
    seed
        The same seed and the same calls return the same identifiers.

    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"ids {seed}")  # noqa: S311 -- identifiers, not secrets

    def make_hosted_zone_id(self) -> str:
        """Return a hosted zone's id."""
        return f"Z{self._draw_letters()}"

    def make_change_id(self) -> str:
        """Return a change's id."""
        return f"C{self._draw_letters()}"

    def make_health_check_id(self) -> str:
        """Return a health check's id."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def _draw_letters(self) -> str:
        return "".join(self._random.choices(_ALPHABET, k=_LENGTH))
