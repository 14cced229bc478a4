"""Runs ``failoverctl replicate`` against a sandbox, as a person does."""

import json
import subprocess

from demo.deployment import ROOT, DeploymentError
from sandbox.client import SandboxClient

_FAILOVERCTL = ROOT / "scripts" / "failoverctl"


def replicate(sandbox: SandboxClient, pool_id: str, standby: str) -> dict[str, str]:
    """Replicate a pool, and return the parameters of the controller's stack from the command's output.

    Raises
    ------
    DeploymentError
        If the command fails. The message contains its output.

    """
    arguments = ["replicate", "--pool", pool_id, "--standby", standby, "--apply", "--yes", "--accept-new-issuer"]
    finished = subprocess.run(  # noqa: S603 - the command of this checkout
        [str(_FAILOVERCTL), "--sandbox", sandbox.network.prefix, "--json", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        output = finished.stderr + finished.stdout
        raise DeploymentError(f"failoverctl replicate failed ({finished.returncode}):\n{output}")
    parameters: dict[str, str] = json.loads(finished.stdout)["parameters"]
    return parameters
