"""The command line: finds its subcommands, and sees to it that nobody meets a traceback."""

import importlib
import importlib.metadata
import pkgutil
from typing import Any

import click

from failoverctl import commands
from failoverctl.exit_codes import ExitCode
from failoverctl.output import JSON_META_KEY, Output
from failoverctl.target import TARGET_META_KEY, target_options


def _read_version() -> str:
    try:
        return importlib.metadata.version("cognito-failover")
    except importlib.metadata.PackageNotFoundError:
        return "of a checkout, not installed"


class LazyGroup(click.Group):
    """A group whose subcommands are the modules of `failoverctl.commands`, imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the subcommands' names."""
        return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a subcommand, None if there is none of this name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand, or say which are meant perhaps."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand:
            raise click.exceptions.NoSuchCommand(args[0], possibilities=self.list_commands(ctx), ctx=ctx) from None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note first of all whether a script reads the answer: then it reads errors, too."""
        options = args[: args.index("--")] if "--" in args else args
        ctx.meta[JSON_META_KEY] = "--json" in options
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; what it returns is the exit code."""
        try:
            exit_code = super().invoke(ctx)
        except click.ClickException as error:
            Output(as_json=ctx.meta[JSON_META_KEY]).print_error(error)
            exit_code = error.exit_code
        except (KeyboardInterrupt, click.Abort):
            click.echo(err=True)
            exit_code = ExitCode.INTERRUPTED
        ctx.exit(exit_code)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 refused by a rule or by you, 2 usage, 3 AWS or the function gave no answer, 4 the "
    "function failed, 5 waited in vain, 6 the move ended otherwise.",
)
@target_options(with_environment=True)
@click.option("--json", "_json", is_flag=True, expose_value=False, help="Answer with one JSON object.")
@click.version_option(_read_version(), message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, /, **target: str | None) -> None:
    """Ask the failover controller of a replicated Cognito user pool, and act through it."""
    ctx.meta[TARGET_META_KEY] = target
