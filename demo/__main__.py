"""``make demo``: sets everything up in a local AWS, lets the primary Region die, and says what was seen."""

import json
import sys
import time
from pathlib import Path

from rich.console import Console

from demo.control_plane_down import ControlPlaneDown
from demo.deployment import ROOT, DeploymentError, deploy
from demo.onlooker import NotSeenError, Onlooker
from demo.stage import Stage
from demo.story import Story
from sandbox import article
from sandbox.attached import Sandbox
from sandbox.testing import running

RESULT = ROOT / "build" / "demo.json"

_SANDBOX_ARGUMENTS = ("--creating-seconds", "3")


def main() -> int:
    """Play the demo and return the exit code: 0 only if everything was seen from outside."""
    console = Console(highlight=False)
    stage = Stage(console)
    RESULT.unlink(missing_ok=True)
    stage.tell("Starting a local AWS with two Regions …")
    with running(*_SANDBOX_ARGUMENTS) as sandbox:
        try:
            return _play(sandbox, stage, RESULT)
        except (NotSeenError, DeploymentError) as error:
            stage.tell(f"FAILED: {error}")
            return 1


def _play(sandbox: Sandbox, stage: Stage, result: Path) -> int:
    description = sandbox.description
    primary, standby = description["primary"], description["standby"]
    stage.tell(f"Setting up a replicated user pool, {primary} to {standby}, a zone and a domain …")
    plan = article.Plan(primary=primary, standby=standby, addresses=description["targets"])
    set_up = article.set_up(sandbox.client, plan, time.sleep)
    stage.tell(f"Deploying the controller with sam into {standby} …")
    deployment = deploy(sandbox, set_up)
    onlooker = Onlooker(deployment)
    regions = {address: region for region, address in description["targets"].items()}
    with stage.watching(onlooker, regions), onlooker.people.signing_in():
        first = Story(onlooker, stage.tell).play()
        stage.show("First act: the primary Region dies", first)
        second = ControlPlaneDown(onlooker, stage.tell).play()
        stage.show("Second act: it dies while Route 53 takes no changes", second)
    result.parent.mkdir(parents=True, exist_ok=True)
    figures = {**first.as_values(), "control_plane_down": second.as_values()}
    result.write_text(json.dumps(figures, indent=2) + "\n")
    stage.tell(f"All of it was seen from outside. The figures are in {result.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
