"""Handles that one Region gives out and only that Region knows: codes, sessions, forms."""

import secrets
from collections.abc import Callable


class OpaqueHandles[Content]:
    """What stands behind each handle, until it expires.

    Parameters
    ----------
    clock
        Returns the time in seconds.
    seconds
        How long a handle is good for.

    """

    def __init__(self, clock: Callable[[], float], ttl_seconds: float) -> None:
        self._clock = clock
        self._ttl_seconds = ttl_seconds
        self._contents: dict[tuple[str, str], tuple[float, Content]] = {}

    def issue(self, region: str, content: Content, handle: str | None = None) -> str:
        """Let a Region know a handle, a new one unless one is given, and return it."""
        now = self._clock()
        self._contents = {known: held for known, held in self._contents.items() if now < held[0]}
        handle = handle or secrets.token_urlsafe(24)
        self._contents[region, handle] = (now + self._ttl_seconds, content)
        return handle

    def find(self, region: str, handle: str) -> Content | None:
        """Return what stands behind a handle; None for one that the Region doesn't know, or no longer."""
        expires_at, content = self._contents.get((region, handle), (0.0, None))
        return content if self._clock() < expires_at else None

    def revoke(self, region: str, handle: str) -> None:
        """Let a handle be good no longer."""
        self._contents.pop((region, handle), None)
