"""``failoverctl completion``."""

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from failoverctl.exit_codes import ExitCode
from failoverctl.output import JSON_META_KEY, Output

_SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "fish": FishComplete, "zsh": ZshComplete}


@click.command()
@click.argument("shell", type=click.Choice(sorted(_SHELLS)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> ExitCode:
    """Print the shell completion script.

    Evaluate it in the shell's start-up file: eval "$(failoverctl completion bash)"
    """
    root = ctx.find_root()
    script = _SHELLS[shell](root.command, {}, "failoverctl", "_FAILOVERCTL_COMPLETE").source()
    if ctx.meta[JSON_META_KEY]:
        Output.print_json({"done": True, "script": script})
    else:
        click.echo(script)
    return ExitCode.DONE
