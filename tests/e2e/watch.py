"""Keeps looking where the authoritative name servers send users, so that nothing that moves goes unseen."""

import threading
import time
from dataclasses import dataclass

from demo.outside import NameServers

_INTERVAL_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """From a moment on, the Regions that the name servers answered with, in order and with commas between."""

    at: float
    regions: str


class Watch:
    """Notes every change of what a zone's name servers answer, in a thread of its own.

    Parameters
    ----------
    name_servers
        Who is asked.

    """

    def __init__(self, name_servers: NameServers) -> None:
        self._name_servers = name_servers
        self._sights: list[Sight] = []
        self._looking = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, name="watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopped.set()
        self._thread.join()

    @property
    def now(self) -> str:
        """The Regions that they answer with now; one alone once all of them agree. Silent ones say nothing.

        It is noted like any other look, so that what was awaited is not seen as something new a moment later.
        """
        return self._look()

    def since(self, moment: float) -> list[str]:
        """Return what was answered from a moment on, each answer once for as long as it lasted."""
        before = [sight for sight in self._sights if sight.at <= moment][-1:]
        after = [sight for sight in self._sights if sight.at > moment]
        return [sight.regions for sight in (*before, *after)]

    def _keep_looking(self) -> None:
        while not self._stopped.wait(_INTERVAL_SECONDS):
            self._look()

    def _look(self) -> str:
        with self._looking:
            at, regions = time.time(), self._seen()
            # A look that nobody answered says nothing: silence sends nobody elsewhere.
            if regions and (not self._sights or self._sights[-1].regions != regions):
                self._sights.append(Sight(at=at, regions=regions))
            return regions

    def _seen(self) -> str:
        return ", ".join(sorted({answer for answer in self._name_servers.answers() if answer}))
