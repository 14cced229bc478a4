"""``failoverctl replicate``, run as a person runs it, against a sandbox."""

import json
import subprocess

from demo.deployment import ROOT, DeploymentError
from sandbox.client import SandboxClient

_FAILOVERCTL = ROOT / "scripts" / "failoverctl"


def replicate(sandbox: SandboxClient, pool_id: str, standby: str) -> dict[str, str]:
    """Replicate a pool, and return the parameters of the controller's stack that the command answers with.

    Raises
    ------
    DeploymentError
        If the command fails, with what it said.

    """
    arguments = ["replicate", "--pool", pool_id, "--standby", standby, "--apply", "--yes", "--accept-new-issuer"]
    finished = subprocess.run(  # noqa: S603 - the command of this checkout
        [str(_FAILOVERCTL), "--sandbox", sandbox.network.prefix, "--json", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        said = finished.stderr + finished.stdout
        raise DeploymentError(f"failoverctl replicate failed ({finished.returncode}):\n{said}")
    parameters: dict[str, str] = json.loads(finished.stdout)["parameters"]
    return parameters
