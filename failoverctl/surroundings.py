"""What is outside this process: AWS, the clock, the person. Tests bring their own."""

import getpass
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from failoverctl.aws import client
from failoverctl.download import fetch, open_file, scratch
from failoverctl.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a command reaches out to.

    Attributes
    ----------
    client
        Gives the boto3 client of a service at a place; it may raise `UnreachableError`.
    now
        The time.
    sleep
        Lets so many seconds pass.
    is_terminal
        Whether a person sits there who can be asked.
    person
        Gives the name of who runs the command.
    fetch
        Returns what a link leads to; it may raise `UnreachableError`.
    scratch
        Gives a new folder for files to look at.
    open_file
        Opens a file for the person.

    """

    client: Callable[[Place, str], Any] = client
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    is_terminal: Callable[[], bool] = sys.stdin.isatty
    person: Callable[[], str] = getpass.getuser
    fetch: Callable[[str], bytes] = fetch
    scratch: Callable[[], Path] = scratch
    open_file: Callable[[Path], None] = open_file
