"""Works against a sandbox: the same command once more, on the sandbox's network."""

import os
import sys
from collections.abc import Callable, Mapping

import click

type ExecuteProcess = Callable[[str, list[str], Mapping[str, str]], object]


def reexec_in_sandbox(network: str, execute: ExecuteProcess = os.execve) -> None:
    """Replace this process by itself on the sandbox's network, where all names of AWS lead to the sandbox.

    Nothing happens in a process that is there already.

    Parameters
    ----------
    network
        The first two numbers of the sandbox's addresses.
    execute
        What replaces the process.

    Raises
    ------
    click.UsageError
        If there is no such sandbox, or this isn't a checkout of the repository, which holds the sandbox.

    """
    if os.environ.get("SANDBOX_NETWORK") == network:
        return
    try:
        from sandbox.client import NotRunningError, SandboxClient  # noqa: PLC0415 - only a checkout has it
    except ImportError:
        raise click.UsageError(
            "The sandbox is in the repository, not in the installed command: run scripts/failoverctl of a checkout."
        ) from None
    try:
        sandbox = SandboxClient.connect(network)
        environment = sandbox.build_environment()
    except NotRunningError as error:
        raise click.UsageError(str(error)) from None
    standby_region = sandbox.description["standby"]
    environment |= {"AWS_DEFAULT_REGION": standby_region, "AWS_REGION": standby_region}
    execute(sys.executable, [sys.executable, "-m", "failoverctl", *sys.argv[1:]], environment)
