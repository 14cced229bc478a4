"""The command line: loads subcommands on demand, and turns errors into messages and exit codes."""

import errno
import importlib
import importlib.metadata
import socket
from collections.abc import Mapping
from typing import Any

import click

from failoverctl.exit_codes import InterruptedRunError, UnreachableError
from failoverctl.output import JSON_META_KEY, Output
from failoverctl.target import TARGET_META_KEY, target_options

COMMAND_MODULES: Mapping[str, str] = {
    "abort": "move",
    "acknowledge": "automation",
    "attach": "latch",
    "completion": "completion",
    "cost": "cost",
    "detach": "latch",
    "drill": "drill",
    "failback": "move",
    "failover": "move",
    "history": "inspect",
    "measure": "measure",
    "observe-only": "automation",
    "pause": "automation",
    "preflight": "preflight",
    "replicate": "replicate",
    "report": "report",
    "resume": "automation",
    "status": "inspect",
    "watch": "watch",
}
"""Each subcommand with its module in `failoverctl.commands`. The module has a command of the same name, `_` for `-`."""


def _read_version() -> str:
    try:
        return importlib.metadata.version("cognito-failover")
    except importlib.metadata.PackageNotFoundError:
        return "(a checkout, not installed)"


class LazyGroup(click.Group):
    """A group that imports a subcommand's module when the subcommand is used or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the subcommands."""
        return sorted(COMMAND_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Return a subcommand, or None if the name is unknown."""
        if cmd_name not in COMMAND_MODULES:
            return None
        module = importlib.import_module(f"failoverctl.commands.{COMMAND_MODULES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the subcommand.

        Raises
        ------
        click.exceptions.NoSuchCommand
            If the name is unknown. The message suggests similar names.

        """
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand:
            raise click.exceptions.NoSuchCommand(args[0], possibilities=self.list_commands(ctx), ctx=ctx) from None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Look for --json before parsing: errors of parsing are JSON, too."""
        options = args[: args.index("--")] if "--" in args else args
        ctx.meta[JSON_META_KEY] = "--json" in options
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand. Its result is the exit code."""
        try:
            exit_code = super().invoke(ctx)
        except click.ClickException as error:
            exit_code = _end_with(error, ctx)
        except (KeyboardInterrupt, click.Abort):
            click.echo(err=True)
            exit_code = _end_with(InterruptedRunError("Interrupted."), ctx)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of the output has ended; click ends the run
                raise
            exit_code = _end_with(_explain_os_error(error), ctx)
        ctx.exit(exit_code)


def _end_with(error: click.ClickException, ctx: click.Context) -> int:
    """Print the error that ends the run, and return its exit code."""
    Output(as_json=ctx.meta[JSON_META_KEY]).print_error(error)
    return error.exit_code


def _explain_os_error(error: OSError) -> click.ClickException:
    """Return the error of a file or a connection as an error that names it."""
    reason = error.strerror or str(error) or type(error).__name__
    if error.filename is not None:
        paths = " and ".join(str(path) for path in (error.filename, error.filename2) if path is not None)
        return click.UsageError(f"{paths} can't be read or written: {reason}. Give another path, or its permissions.")
    if isinstance(error, ConnectionError | TimeoutError | socket.gaierror):
        return UnreachableError(f"A connection failed: {reason}. Check that this machine reaches AWS.")
    return click.UsageError(f"A file or the output can't be read or written: {reason}.")


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 refused by a rule or by you, 2 wrong usage, 3 no answer from AWS or the function, "
    "4 the function failed, 5 still under way after the timeout, 6 the move or drill ended otherwise.",
)
@target_options(with_environment=True)
@click.option("--json", "_json", is_flag=True, expose_value=False, help="Print one JSON object.")
@click.version_option(_read_version(), message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, /, **target: str | None) -> None:
    """Inspect and operate the failover controller of a replicated Cognito user pool."""
    ctx.meta[TARGET_META_KEY] = target
