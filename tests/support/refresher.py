"""Whatever an invocation keeps fresh, in memory."""

from failover.bounded import Deadline
from failover.errors import LedgerUnavailableError


class Refresher:
    """Remembers when it was asked, and may fail."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.works = True

    def warm_up(self, deadline: Deadline) -> None:  # noqa: ARG002 - it takes no time
        self.asked.append("warm-up")

    def refresh(self, deadline: Deadline) -> None:  # noqa: ARG002 - it takes no time
        self.asked.append("refresh")
        if not self.works:
            raise LedgerUnavailableError("the key set could not be kept")
