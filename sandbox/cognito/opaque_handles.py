"""Handles that are valid only in the Region that issued them: codes, sessions, forms."""

import secrets
from collections.abc import Callable


class OpaqueHandles[Content]:
    """Stores the content of each handle until it expires.

    Parameters
    ----------
    clock
        Returns the time in seconds.
    ttl_seconds
        The lifetime of a handle.

    """

    def __init__(self, clock: Callable[[], float], ttl_seconds: float) -> None:
        self._clock = clock
        self._ttl_seconds = ttl_seconds
        self._contents: dict[tuple[str, str], tuple[float, Content]] = {}

    def issue(self, region: str, content: Content, handle: str | None = None) -> str:
        """Store content under a handle for a Region and return the handle. Create a handle if none is given."""
        now = self._clock()
        self._contents = {key: entry for key, entry in self._contents.items() if now < entry[0]}
        handle = handle or secrets.token_urlsafe(24)
        self._contents[region, handle] = (now + self._ttl_seconds, content)
        return handle

    def find(self, region: str, handle: str) -> Content | None:
        """Return the content of a handle, or None if it is unknown in the Region or expired."""
        expires_at, content = self._contents.get((region, handle), (0.0, None))
        return content if self._clock() < expires_at else None

    def revoke(self, region: str, handle: str) -> None:
        """Delete a handle."""
        self._contents.pop((region, handle), None)
