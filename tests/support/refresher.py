"""Whatever an invocation keeps fresh, in memory."""

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.errors import LedgerUnavailableError


class RecordingRefresher:
    """Remembers when it was asked, and may fail."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.is_available = True

    def warm_up(self, deadline: Deadline) -> None:  # noqa: ARG002 - it takes no time
        self.calls.append("warm-up")

    def refresh(self, deadline: Deadline) -> None:  # noqa: ARG002 - it takes no time
        self.calls.append("refresh")
        if not self.is_available:
            raise LedgerUnavailableError("the key set could not be kept")
