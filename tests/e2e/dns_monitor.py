"""Monitors the answers of the authoritative name servers, so that a test sees every move."""

import threading
import time
from dataclasses import dataclass

from demo.external_clients import NameServerClient

_INTERVAL_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsAnswerChange:
    """A change: the time, and the Regions that the name servers answer with since then, separated by commas."""

    at: float
    regions: str


class DnsMonitor:
    """Records every change of the answers of a zone's name servers, in a thread.

    Parameters
    ----------
    name_servers
        The client of the name servers.

    """

    def __init__(self, name_servers: NameServerClient) -> None:
        self._name_servers = name_servers
        self._changes: list[DnsAnswerChange] = []
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dns-monitor", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread."""
        self._stopped.set()
        self._thread.join()

    @property
    def current_regions(self) -> str:
        """The Regions in the current answers. One Region if all servers agree. Silent servers do not count.

        The sample is recorded, so that a state that a test has waited for does not appear as a later change.
        """
        return self._sample()

    def list_since(self, moment: float) -> list[str]:
        """Return the answers since a moment, starting with the one in force at that moment."""
        before = [change for change in self._changes if change.at <= moment][-1:]
        after = [change for change in self._changes if change.at > moment]
        return [change.regions for change in (*before, *after)]

    def _run(self) -> None:
        while not self._stopped.wait(_INTERVAL_SECONDS):
            self._sample()

    def _sample(self) -> str:
        with self._lock:
            at, regions = time.time(), self._query_regions()
            # Ignore a sample without any answer: silent servers do not redirect users.
            if regions and (not self._changes or self._changes[-1].regions != regions):
                self._changes.append(DnsAnswerChange(at=at, regions=regions))
            return regions

    def _query_regions(self) -> str:
        return ", ".join(sorted({answer for answer in self._name_servers.query_regions() if answer}))
