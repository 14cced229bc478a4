"""The controller's probe with the outputs of the fronts' stacks as targets."""

import json
import os
import subprocess
import sys

from tests.integration.front.fronts import DOMAIN, ROOT, FrontDeployment
from tests.support import load_scaling
from tests.support.settings import TOKYO, VIRGINIA

HEALTHY = ["healthy", ""]


def observe(fronts: FrontDeployment) -> dict[str, object]:
    """Run one round of the probe in the standby Region."""
    setup_result = fronts.set_up
    settings = {
        "primary_region": TOKYO,
        "standby_region": VIRGINIA,
        "user_pool_id": setup_result.pool_id,
        "client_id": setup_result.client_id,
        "canary_secret_arn": setup_result.canary.secret_arn,
        "hosted_zone_id": setup_result.zone.id,
        "domain_name": DOMAIN,
        "primary_target": fronts.targets[TOKYO]["TargetName"],
        "standby_target": fronts.targets[VIRGINIA]["TargetName"],
        "table_name": "unused",
        "topic_arn": "unused",
        **load_scaling.probe_limits(),
    }
    environment = fronts.sandbox.build_environment(inside=VIRGINIA) | dict(fronts.sandbox.description["credentials"])
    environment["PYTHONPATH"] = os.pathsep.join([environment["PYTHONPATH"], str(ROOT / "layers" / "failover")])
    observer = ROOT / "tests" / "integration" / "probe" / "observer_process.py"
    result = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, str(observer), json.dumps(settings)],
        env=environment,
        input="\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=load_scaling.get_wait_limit(),
    )
    verdicts: dict[str, object] = json.loads(result.stdout)
    return verdicts


def test_probe_signs_in_through_both_fronts(fronts: FrontDeployment) -> None:
    before = len(fronts.read_log(TOKYO)), len(fronts.read_log(VIRGINIA))

    assert observe(fronts) == {"witness": True, "primary": HEALTHY, "standby": HEALTHY}

    assert len(fronts.read_log(TOKYO)) > before[0]
    assert len(fronts.read_log(VIRGINIA)) > before[1]


def test_front_with_failing_cognito_is_sick(fronts: FrontDeployment) -> None:
    with fronts.sandbox.inject_fault(service="cognito-idp", region=TOKYO, from_region=TOKYO, effect="reset"):
        verdicts = observe(fronts)

    assert verdicts == {"witness": True, "primary": ["sick", "InternalErrorException"], "standby": HEALTHY}
