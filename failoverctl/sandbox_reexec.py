"""Runs the same command again on the network of a sandbox."""

import os
import sys
from collections.abc import Callable, Mapping

import click

type ExecuteProcess = Callable[[str, list[str], Mapping[str, str]], object]


def reexec_in_sandbox(network: str, execute: ExecuteProcess = os.execve) -> None:
    """Replace this process with the same command on the sandbox's network, where AWS's names lead to the sandbox.

    Does nothing if the process is already on that network.

    Parameters
    ----------
    network
        The first two numbers of the sandbox's addresses.
    execute
        Replaces the process.

    Raises
    ------
    click.UsageError
        If the sandbox is not running, or this is not a checkout of the repository.

    """
    if os.environ.get("SANDBOX_NETWORK") == network:
        return
    try:
        from sandbox.client import NotRunningError, SandboxClient  # noqa: PLC0415 - only a checkout has it
    except ImportError:
        raise click.UsageError(
            "The installed command has no sandbox. Clone the repository, and run scripts/failoverctl of a checkout."
        ) from None
    try:
        sandbox = SandboxClient.connect(network)
        environment = sandbox.build_environment()
    except NotRunningError as error:
        raise click.UsageError(str(error)) from None
    standby_region = sandbox.description["standby"]
    environment |= {"AWS_DEFAULT_REGION": standby_region, "AWS_REGION": standby_region}
    execute(sys.executable, [sys.executable, "-m", "failoverctl", *sys.argv[1:]], environment)
