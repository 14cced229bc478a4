"""Output for a person, or one JSON object for a script. Answers go to standard output, the rest to standard error."""

import json
from collections.abc import Callable, Iterable, Mapping
from io import StringIO
from typing import Any

import click
from rich.console import Console, RenderableType
from rich.text import Text

from cognito_failover.common.text import neutralize
from failoverctl.exit_codes import ExitCode, FunctionFailedError

JSON_META_KEY = "failoverctl.json"
"""Key in click's context for whether the output is JSON."""

type View = Callable[[Mapping[str, Any]], Iterable[RenderableType]]


class Output:
    """Prints answers, progress and errors.

    Parameters
    ----------
    as_json
        Whether to print answers and errors as JSON.

    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.console = Console(highlight=False, emoji=False)
        self._stderr_console = Console(stderr=True, highlight=False, emoji=False)

    def print_progress(self, message: str) -> None:
        """Print a progress message to standard error."""
        self._stderr_console.print(neutralize(message), markup=False, soft_wrap=True)

    def print_preview(self, part: RenderableType) -> None:
        """Print part of a view to standard error."""
        self._stderr_console.print(part)

    def print_answer(self, content: Mapping[str, Any], view: View) -> None:
        """Print the answer: as JSON, or by its view.

        Raises
        ------
        FunctionFailedError
            If the view can't render the answer.

        """
        if self.as_json:
            self.print_json(content)
            return
        for part in render_parts(view, content):
            # A file gets each sentence on one line. A terminal wraps at words.
            self.console.print(part, soft_wrap=isinstance(part, Text) and not self.console.is_terminal)

    @staticmethod
    def print_json(content: Mapping[str, Any], *, indent: int | None = 2) -> None:
        """Print one JSON object."""
        click.echo(json.dumps(content, indent=indent, ensure_ascii=False))

    def print_error(self, error: click.ClickException) -> None:
        """Print the error that ended the run."""
        if self.as_json:
            # Scripts distinguish errors by the exit code's name.
            self.print_json(
                {"done": False, "error": ExitCode(error.exit_code).name.lower(), "message": error.format_message()}
            )
        else:
            shown = StringIO()
            error.show(file=shown)
            # Some errors have a line for each problem.
            click.echo("\n".join(map(neutralize, shown.getvalue().split("\n"))), nl=False, err=True)


def render_parts(view: View, content: Mapping[str, Any]) -> list[RenderableType]:
    """Return the parts of a view.

    Raises
    ------
    FunctionFailedError
        If the content has another form. The function and the command may have different versions.

    """
    try:
        return list(view(content))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FunctionFailedError(
            f"This failoverctl can't show the answer ({type(error).__name__}: {error}). The deployed function may have "
            f"another version. --json prints the answer unchanged."
        ) from None
