"""``make demo``: sets everything up in a local AWS, lets the primary Region die, and says what was seen."""

import json
import sys
import time
from pathlib import Path

from rich.console import Console

from demo.console_view import ConsoleView
from demo.control_plane_outage import ControlPlaneOutageScenario
from demo.deployment import ROOT, DeploymentError, DeploymentSpec, TestUser, build_domain_parameters, deploy
from demo.existing_pool import create_existing_pool
from demo.external_monitor import ExpectationError, ExternalMonitor
from demo.region_outage import RegionOutageScenario
from demo.replication import replicate
from sandbox.client import SandboxClient
from sandbox.reference_setup import setup
from sandbox.reference_setup.hosted_zone import AuthDomainPlan, ensure_zone
from sandbox.reference_setup.polling import Poller
from sandbox.testing import run_sandbox

RESULT = ROOT / "build" / "demo.json"

_SANDBOX_ARGUMENTS = ("--creating-seconds", "3")


def main() -> int:
    """Play the demo and return the exit code: 0 only if everything was seen from outside."""
    console = Console(highlight=False)
    stage = ConsoleView(console)
    RESULT.unlink(missing_ok=True)
    stage.print_progress("Starting a local AWS with two Regions …")
    with run_sandbox(*_SANDBOX_ARGUMENTS) as sandbox:
        try:
            return _run_demo(sandbox, stage, RESULT)
        except (ExpectationError, DeploymentError) as error:
            stage.print_progress(f"FAILED: {error}")
            return 1


def _run_demo(sandbox: SandboxClient, view: ConsoleView, result: Path) -> int:
    description, standby = sandbox.description, sandbox.description["standby"]
    protected = _set_up(sandbox, view)
    view.print_progress(f"Deploying the controller with sam into {standby} …")
    deployment = deploy(sandbox, protected)
    onlooker = ExternalMonitor(deployment)
    regions = {address: region for region, address in description["targets"].items()}
    with view.show_live(onlooker, regions), onlooker.sign_in_load.running():
        first = RegionOutageScenario(onlooker, view.print_progress).run()
        view.print_result("First act: the primary Region dies", first)
        second = ControlPlaneOutageScenario(onlooker, view.print_progress).run()
        view.print_result("Second act: it dies while Route 53 takes no changes", second)
    result.parent.mkdir(parents=True, exist_ok=True)
    figures = {**first.to_json_values(), "control_plane_down": second.to_json_values()}
    result.write_text(json.dumps(figures, indent=2) + "\n")
    view.print_progress(f"All of it was seen from outside. The figures are in {result.relative_to(ROOT)}.")
    return 0


def _set_up(sandbox: SandboxClient, view: ConsoleView) -> DeploymentSpec:
    """Have a shop's pool replicated by failoverctl, and a zone with the pair of records before it."""
    description = sandbox.description
    primary, standby = description["primary"], description["standby"]
    view.print_progress(f"Opening a shop: a user pool in {primary} alone, with settings and a person of its own …")
    cognito = sandbox.client("cognito-idp", primary)
    shop = create_existing_pool(cognito)
    view.print_progress(f"Replicating its pool to {standby} with failoverctl replicate --apply …")
    parameters = replicate(sandbox, shop.pool_id, standby)
    if changed := shop.find_changed_settings(cognito):
        raise ExpectationError(f"replicating should leave every other setting as it was, but changed {sorted(changed)}")
    view.print_progress(
        f"Replicated, and sign-in verified in both Regions. {len(shop.settings)} settings are as they were."
    )
    plan = setup.SetupPlan(primary=primary, standby=standby, addresses=description["targets"])
    domain = AuthDomainPlan(
        zone=plan.zone,
        name=plan.domain,
        primary=primary,
        targets=plan.targets,
        addresses=plan.addresses,
        weighted_records=plan.weighted_records,
    )
    patience = Poller(timeout_seconds=plan.timeout_seconds, sleep=time.sleep)
    zone = ensure_zone(sandbox.client("route53", standby), domain, patience)
    return DeploymentSpec(
        parameters={**parameters, **build_domain_parameters(sandbox, zone.id, plan.targets)},
        targets=plan.targets,
        user=TestUser(client_id=shop.client_id, username=shop.username, password=shop.password),
    )


if __name__ == "__main__":
    sys.exit(main())
