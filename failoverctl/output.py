"""What a run says: for a person, or one JSON object for a script. Answers on standard output, the rest beside it."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click
from rich.console import Console, RenderableType
from rich.text import Text

from failoverctl.exit_codes import ExitCode, FunctionFailedError

JSON_META_KEY = "failoverctl.json"
"""Where click's context keeps whether a script reads the answer."""

type View = Callable[[Mapping[str, Any]], Iterable[RenderableType]]


class Output:
    """Says things in the form asked for.

    Parameters
    ----------
    as_json
        Whether a script reads the answer.

    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.console = Console(highlight=False, emoji=False)
        self._stderr_console = Console(stderr=True, highlight=False, emoji=False)

    def print_progress(self, message: str) -> None:
        """Tell a person what goes on, beside the answer."""
        self._stderr_console.print(message, markup=False, soft_wrap=True)

    def print_preview(self, part: RenderableType) -> None:
        """Show a person something that is no answer, beside the answer."""
        self._stderr_console.print(part)

    def print_answer(self, content: Mapping[str, Any], view: View) -> None:
        """Say the answer: whole to a script, by its view to a person.

        Raises
        ------
        FailedError
            If the view does not understand it.

        """
        if self.as_json:
            self.print_json(content)
            return
        for part in render_parts(view, content):
            # In a file a sentence stays on its line; on a terminal it is folded between words.
            self.console.print(part, soft_wrap=isinstance(part, Text) and not self.console.is_terminal)

    @staticmethod
    def print_json(content: Mapping[str, Any], *, indent: int | None = 2) -> None:
        """Write one JSON object."""
        click.echo(json.dumps(content, indent=indent, ensure_ascii=False))

    def print_error(self, error: click.ClickException) -> None:
        """Say what ended the run."""
        if self.as_json:
            # The exit code's name is what a script can tell errors by.
            self.print_json(
                {"done": False, "error": ExitCode(error.exit_code).name.lower(), "message": error.format_message()}
            )
        else:
            error.show()


def render_parts(view: View, content: Mapping[str, Any]) -> list[RenderableType]:
    """Return the parts of a view.

    Raises
    ------
    FailedError
        If the content is not what the view knows: function and command may be of different versions.

    """
    try:
        return list(view(content))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FunctionFailedError(
            f"The answer has a form that this failoverctl doesn't know ({type(error).__name__}: {error}); the deployed "
            f"function may be older or newer. --json shows it as it is."
        ) from None
