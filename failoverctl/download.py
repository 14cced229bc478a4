"""Downloads what a link of the operator function leads to, and opens it for a person."""

import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import click

from failoverctl.exit_codes import UnreachableError

READ_TIMEOUT_SECONDS = 20
_FORBIDDEN_STATUS = 403


def fetch(link: str) -> bytes:
    """Return what a link leads to.

    Raises
    ------
    UnreachableError
        If it is no link of HTTPS, has run out, or nobody answers.

    """
    if not link.startswith("https://"):
        raise UnreachableError("The function gave a link that isn't HTTPS; nothing was opened.")
    try:
        with urllib.request.urlopen(link, timeout=READ_TIMEOUT_SECONDS) as answer:  # noqa: S310 - HTTPS, as just seen
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        if error.code == _FORBIDDEN_STATUS:
            raise UnreachableError("S3 does not open the link: it has run out. Ask for the report again.") from None
        raise UnreachableError(f"S3 answered {error.code} for the report. Try again.") from None
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise UnreachableError(f"The report can't be downloaded: {reason}. Is S3 reachable from here?") from None


def create_temp_dir() -> Path:
    """Return a new folder of this person's own, for files to look at."""
    return Path(tempfile.mkdtemp(prefix="failoverctl-"))


def open_file(path: Path) -> None:
    """Open a file with the program that the person has for it."""
    click.launch(str(path))
