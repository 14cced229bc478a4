"""``make demo``: sets up a local AWS, fails the primary Region, and reports the measurements."""

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
    """Run the demo and return the exit code: 0 only if every expectation was observed from outside."""
    console = Console(highlight=False)
    view = ConsoleView(console)
    RESULT.unlink(missing_ok=True)
    view.print_progress("Starting a local AWS with two Regions …")
    with run_sandbox(*_SANDBOX_ARGUMENTS) as sandbox:
        try:
            return _run_demo(sandbox, view, RESULT)
        except (ExpectationError, DeploymentError) as error:
            view.print_progress(f"FAILED: {error}")
            return 1


def _run_demo(sandbox: SandboxClient, view: ConsoleView, result: Path) -> int:
    description, standby = sandbox.description, sandbox.description["standby"]
    spec = _set_up(sandbox, view)
    view.print_progress(f"Deploying the controller with sam to {standby} …")
    deployment = deploy(sandbox, spec)
    monitor = ExternalMonitor(deployment)
    regions = {address: region for region, address in description["targets"].items()}
    with view.show_live(monitor, regions), monitor.sign_in_load.running():
        first = RegionOutageScenario(monitor, view.print_progress).run()
        view.print_result("Scenario 1: the primary Region fails", first)
        second = ControlPlaneOutageScenario(monitor, view.print_progress).run()
        view.print_result("Scenario 2: the primary Region fails while Route 53 accepts no changes", second)
    result.parent.mkdir(parents=True, exist_ok=True)
    figures = {**first.to_json_values(), "control_plane_down": second.to_json_values()}
    result.write_text(json.dumps(figures, indent=2) + "\n")
    view.print_progress(f"Demo completed. All results were measured from outside: {result.relative_to(ROOT)}.")
    return 0


def _set_up(sandbox: SandboxClient, view: ConsoleView) -> DeploymentSpec:
    """Create a pool, replicate it with failoverctl, and create a zone with the pair of records."""
    description = sandbox.description
    primary, standby = description["primary"], description["standby"]
    view.print_progress(f"Creating a user pool in {primary}, with custom settings and one user …")
    cognito = sandbox.client("cognito-idp", primary)
    pool = create_existing_pool(cognito)
    view.print_progress(f"Replicating the pool to {standby} with failoverctl replicate --apply …")
    parameters = replicate(sandbox, pool.pool_id, standby)
    if changed := pool.find_changed_settings(cognito):
        raise ExpectationError(f"replication changed settings that it must keep: {sorted(changed)}")
    view.print_progress(
        f"Replicated. Sign-in works in both Regions, and all {len(pool.settings)} other settings are unchanged."
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
    poller = Poller(timeout_seconds=plan.timeout_seconds, sleep=time.sleep)
    zone = ensure_zone(sandbox.client("route53", standby), domain, poller)
    return DeploymentSpec(
        parameters={**parameters, **build_domain_parameters(sandbox, zone.id, plan.targets)},
        targets=plan.targets,
        user=TestUser(client_id=pool.client_id, username=pool.username, password=pool.password),
    )


if __name__ == "__main__":
    sys.exit(main())
