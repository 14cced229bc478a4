"""Intercepts the calls to the ledger and to Route 53, to record them or to make them fail."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class KilledError(BaseException):
    """Simulates a process that is killed at this point."""


class FaultInjector:
    """Hooks that run before and after every call.

    Attributes
    ----------
    before_call, after_call
        Called with the call's name, such as ``ledger.save``. An exception simulates a broken connection or a killed
        process.

    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Remove all faults."""
        self.before_call: Callable[[str], None] = _do_nothing
        self.after_call: Callable[[str], None] = _do_nothing


class Intercepted:
    """A proxy of a collaborator that runs the hooks around each call.

    Parameters
    ----------
    inner
        The collaborator.
    name
        Prefix of the call names.
    fault_injector
        The hooks.

    """

    def __init__(self, inner: object, name: str, fault_injector: FaultInjector) -> None:
        self._inner = inner
        self._name = name
        self._fault_injector = fault_injector

    def __getattr__(self, attribute: str) -> Any:
        operation = getattr(self._inner, attribute)
        if not callable(operation):
            return operation
        call_name = f"{self._name}.{attribute}"

        def call(*arguments: Any, **named: Any) -> Any:
            self._fault_injector.before_call(call_name)
            answer = operation(*arguments, **named)
            self._fault_injector.after_call(call_name)
            return answer

        return call


def _do_nothing(call_name: str) -> None:
    """Do nothing."""
