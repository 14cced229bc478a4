"""A tap on the lines to ledger and Route 53: whatever passes can be seen, and stopped."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class KilledError(BaseException):
    """The process ends here, whatever it was doing."""


class FaultInjector:
    """Sees every call twice, before it is made and after it was; raising stops it there.

    Attributes
    ----------
    asked, answered
        Called with the call's name, such as ``ledger.save``; may raise, as a broken line or a killed process would.

    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Let everything pass again."""
        self.before_call: Callable[[str], None] = _do_nothing
        self.after_call: Callable[[str], None] = _do_nothing


class Intercepted:
    """Stands before a collaborator, and does what it does.

    Parameters
    ----------
    inner
        The collaborator.
    name
        What its calls are named after.
    tap
        Sees them.

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
