"""Downloads a report by its link, and opens it."""

import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import click

from failoverctl.exit_codes import UnreachableError

READ_TIMEOUT_SECONDS = 20
_FORBIDDEN_STATUS = 403


def fetch(link: str) -> bytes:
    """Return the content of a link.

    Raises
    ------
    UnreachableError
        If the link is not HTTPS or has expired, or the host does not answer.

    """
    if not link.startswith("https://"):
        raise UnreachableError("The function returned a link that isn't HTTPS. Nothing was downloaded.")
    try:
        with urllib.request.urlopen(link, timeout=READ_TIMEOUT_SECONDS) as answer:  # noqa: S310 - HTTPS, checked above
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        if error.code == _FORBIDDEN_STATUS:
            raise UnreachableError("The link has expired. Run failoverctl report again.") from None
        raise UnreachableError(f"S3 answered {error.code} for the report. Try again.") from None
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise UnreachableError(
            f"The report can't be downloaded: {reason}. Check that this machine reaches S3."
        ) from None


def create_temp_dir() -> Path:
    """Return a new private folder."""
    return Path(tempfile.mkdtemp(prefix="failoverctl-"))


def open_file(path: Path) -> None:
    """Open a file with the system's default program."""
    click.launch(str(path))
