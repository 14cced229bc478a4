"""What is outside this process: AWS, the clock, the person. Tests bring their own."""

import getpass
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from failoverctl.aws import create_client
from failoverctl.download import create_temp_dir, fetch, open_file
from failoverctl.target import ControllerTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
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

    create_client: Callable[[ControllerTarget, str], Any] = create_client
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    is_terminal: Callable[[], bool] = sys.stdin.isatty
    get_username: Callable[[], str] = getpass.getuser
    fetch: Callable[[str], bytes] = fetch
    create_temp_dir: Callable[[], Path] = create_temp_dir
    open_file: Callable[[Path], None] = open_file
