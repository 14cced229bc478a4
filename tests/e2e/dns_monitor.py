"""Keeps looking where the authoritative name servers send users, so that nothing that moves goes unseen."""

import threading
import time
from dataclasses import dataclass

from demo.external_clients import NameServerClient

_INTERVAL_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsAnswerChange:
    """From a moment on, the Regions that the name servers answered with, in order and with commas between."""

    at: float
    regions: str


class DnsMonitor:
    """Notes every change of what a zone's name servers answer, in a thread of its own.

    Parameters
    ----------
    name_servers
        Who is asked.

    """

    def __init__(self, name_servers: NameServerClient) -> None:
        self._name_servers = name_servers
        self._changes: list[DnsAnswerChange] = []
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopped.set()
        self._thread.join()

    @property
    def current_regions(self) -> str:
        """The Regions that they answer with now; one alone once all of them agree. Silent ones say nothing.

        It is noted like any other look, so that what was awaited is not seen as something new a moment later.
        """
        return self._sample()

    def list_since(self, moment: float) -> list[str]:
        """Return what was answered from a moment on, each answer once for as long as it lasted."""
        before = [sight for sight in self._changes if sight.at <= moment][-1:]
        after = [sight for sight in self._changes if sight.at > moment]
        return [sight.regions for sight in (*before, *after)]

    def _run(self) -> None:
        while not self._stopped.wait(_INTERVAL_SECONDS):
            self._sample()

    def _sample(self) -> str:
        with self._lock:
            at, regions = time.time(), self._query_regions()
            # A look that nobody answered says nothing: silence sends nobody elsewhere.
            if regions and (not self._changes or self._changes[-1].regions != regions):
                self._changes.append(DnsAnswerChange(at=at, regions=regions))
            return regions

    def _query_regions(self) -> str:
        return ", ".join(sorted({answer for answer in self._name_servers.query_regions() if answer}))
