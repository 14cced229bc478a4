"""Ctrl-C, of which none may be lost while something is measured for minutes.

Python raises KeyboardInterrupt wherever the program happens to be. In a finalizer it is printed and forgotten (Python's
documentation of ``object.__del__``), and the measuring would go on to its end.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def track_interrupts() -> Iterator[Callable[[], None]]:
    """Raise KeyboardInterrupt as usual, and give what raises it again if it was pressed and got lost."""
    is_interrupted = False

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal is_interrupted
        is_interrupted = True
        signal.default_int_handler(number, frame)

    def raise_if_interrupted() -> None:
        if is_interrupted:
            raise KeyboardInterrupt

    previous_handler = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield raise_if_interrupted
    finally:
        signal.signal(signal.SIGINT, previous_handler)
