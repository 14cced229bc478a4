"""The outside of the process: AWS, the clock, the person. Tests replace it."""

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
    """The functions by which a command reaches the outside.

    Attributes
    ----------
    create_client
        Returns the boto3 client of a service for a target. May raise `UnreachableError`.
    now
        Returns the time.
    sleep
        Waits, in seconds.
    is_terminal
        Returns whether a terminal can ask a person.
    get_username
        Returns the login name.
    fetch
        Returns the content of a link. May raise `UnreachableError`.
    create_temp_dir
        Returns a new private folder.
    open_file
        Opens a file with the system's default program.

    """

    create_client: Callable[[ControllerTarget, str], Any] = create_client
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    is_terminal: Callable[[], bool] = sys.stdin.isatty
    get_username: Callable[[], str] = getpass.getuser
    fetch: Callable[[str], bytes] = fetch
    create_temp_dir: Callable[[], Path] = create_temp_dir
    open_file: Callable[[Path], None] = open_file
