"""A refresher for tests."""

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.errors import LedgerUnavailableError


class RecordingRefresher:
    """Records its calls, and can be made to fail."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.is_available = True

    def warm_up(self, deadline: Deadline) -> None:  # noqa: ARG002 - it takes no time
        self.calls.append("warm-up")

    def refresh(self, deadline: Deadline) -> None:  # noqa: ARG002 - it takes no time
        self.calls.append("refresh")
        if not self.is_available:
            raise LedgerUnavailableError("the keys could not be saved")
