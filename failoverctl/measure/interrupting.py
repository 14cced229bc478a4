"""Ctrl-C, of which none may be lost while something is measured for minutes.

Python raises KeyboardInterrupt wherever the program happens to be. In a finalizer it is printed and forgotten (Python's
documentation of ``object.__del__``), and the measuring would go on to its end.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Raise KeyboardInterrupt as usual, and give what raises it again if it was pressed and got lost."""
    pressed = False

    def press(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        signal.default_int_handler(number, frame)

    def stop_if_pressed() -> None:
        if pressed:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, press)
    try:
        yield stop_if_pressed
    finally:
        signal.signal(signal.SIGINT, before)
