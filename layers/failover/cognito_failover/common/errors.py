"""The error types. Each message says what to do."""


class FailoverError(Exception):
    """The base class of all errors that this package raises on purpose."""


class SettingsError(FailoverError):
    """The configuration is not valid. The message names the setting, its value and the valid values."""


class DeadlineExceededError(FailoverError):
    """A call had no result before its deadline. The call was abandoned and may still end later."""


class LeverRefusedError(FailoverError):
    """The lever does not change what it found. The message says why, and what to do. Nothing was changed."""


class LeverUnavailableError(FailoverError):
    """The lever did not answer or did not finish. The next round can safely try again."""


class LeverBusyError(LeverUnavailableError):
    """The lever refused a call at once, because it throttles or has an internal error. A quick repeat may pass."""


class RecordsChangedError(LeverUnavailableError):
    """Route 53 rejected a change of records, because they are not as expected. Read them before the next attempt."""


class UnknownChangeError(LeverUnavailableError):
    """Route 53 does not know the change id. Submit the same values again to get an id to wait for."""


class LedgerUnavailableError(FailoverError):
    """The ledger could not be read or written. The state is not lost, but no move is possible."""


class UnreadableStateError(LedgerUnavailableError):
    """Another version of the code saved the state. Nothing was changed. The message names the way out."""


class LedgerConflictError(FailoverError):
    """Another process has changed the state since it was read. Read it again and decide again."""


class RequestError(FailoverError):
    """An operator request is not valid. The message names the field, the allowed values and an example."""


class ReportsUnavailableError(FailoverError):
    """The report bucket could not be read. The message says why. Nothing else depends on it."""
