"""``make demo``: sets everything up in a local AWS, lets the primary Region die, and says what was seen."""

import sys
import time
from pathlib import Path

from rich.console import Console

from demo.deployment import ROOT, DeploymentError, deploy
from demo.stage import Stage
from demo.story import NotSeenError, Story
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
    story = Story(deployment, stage.tell)
    with stage.watching(story, {address: region for region, address in description["targets"].items()}):
        seen = story.play()
    result.parent.mkdir(parents=True, exist_ok=True)
    result.write_text(seen.as_json())
    stage.show(seen)
    stage.tell(f"All of it was seen from outside. The figures are in {result.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
