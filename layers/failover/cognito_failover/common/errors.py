"""What goes wrong, each a type whose message says what to do."""


class FailoverError(Exception):
    """The base of every error this package raises on purpose."""


class SettingsError(FailoverError):
    """The configuration can't be used; the message names the setting, its value and what would be accepted."""


class DeadlineExceededError(FailoverError):
    """A call had no result before its deadline. The call was abandoned and may still end later."""


class LeverRefusedError(FailoverError):
    """The lever won't touch what it found; the message names what that is and the way out. Nothing was changed."""


class LeverUnavailableError(FailoverError):
    """The lever could not be reached or did not finish; it is safe to try again in the next round."""


class UnknownChangeError(LeverUnavailableError):
    """Route 53 does not know the change any more; the same values must be set again to learn an id to wait for."""


class LedgerUnavailableError(FailoverError):
    """The ledger could not be read or written. That is not lost state: nothing may move."""


class LedgerConflictError(FailoverError):
    """The state was changed by somebody else since it was read; read it again and decide anew."""


class RequestError(FailoverError):
    """A manual request that can't be understood; the message names the field, what it allows and an example."""


class ReportsUnavailableError(FailoverError):
    """The bucket of the reports could not be asked; the message says why. Nothing else depends on it."""
