"""``make demo``: sets everything up in a local AWS, lets the primary Region die, and says what was seen."""

import json
import sys
import time
from pathlib import Path

from rich.console import Console

from demo.control_plane_down import ControlPlaneDown
from demo.deployment import ROOT, DeploymentError, Person, Protected, deploy, domain_parameters
from demo.onlooker import NotSeenError, Onlooker
from demo.replication import replicate
from demo.shop import open_shop
from demo.stage import Stage
from demo.story import Story
from sandbox import article
from sandbox.article_domain import Domain, ensure_zone
from sandbox.article_wait import Patience
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
    description, standby = sandbox.description, sandbox.description["standby"]
    protected = _set_up(sandbox, stage)
    stage.tell(f"Deploying the controller with sam into {standby} …")
    deployment = deploy(sandbox, protected)
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


def _set_up(sandbox: Sandbox, stage: Stage) -> Protected:
    """Have a shop's pool replicated by failoverctl, and a zone with the pair of records before it."""
    description = sandbox.description
    primary, standby = description["primary"], description["standby"]
    stage.tell(f"Opening a shop: a user pool in {primary} alone, with settings and a person of its own …")
    cognito = sandbox.client("cognito-idp", primary)
    shop = open_shop(cognito)
    stage.tell(f"Replicating its pool to {standby} with failoverctl replicate --apply …")
    parameters = replicate(sandbox, shop.pool_id, standby)
    if changed := shop.changed_settings(cognito):
        raise NotSeenError(f"replicating should leave every other setting as it was, but changed {sorted(changed)}")
    stage.tell(f"Replicated, and sign-in verified in both Regions. {len(shop.settings)} settings are as they were.")
    plan = article.Plan(primary=primary, standby=standby, addresses=description["targets"])
    domain = Domain(
        zone=plan.zone,
        name=plan.domain,
        primary=primary,
        targets=plan.targets,
        addresses=plan.addresses,
        weighted_records=plan.weighted_records,
    )
    patience = Patience(seconds=plan.patience_seconds, wait=time.sleep)
    zone = ensure_zone(sandbox.client("route53", standby), domain, patience)
    return Protected(
        parameters={**parameters, **domain_parameters(sandbox, zone.id, plan.targets)},
        targets=plan.targets,
        person=Person(client_id=shop.client_id, username=shop.username, password=shop.password),
    )


if __name__ == "__main__":
    sys.exit(main())
