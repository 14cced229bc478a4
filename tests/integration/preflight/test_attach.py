"""Attaching a latch whose standby check is unhealthy, with the operator function in the standby Region."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cognito_failover.common.region import RegionRole, route_all_to
from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.model.state import ControllerState, LatchState
from cognito_failover.routing.latch.stack_policy import PROTECTED_POLICY, UNPROTECTED_POLICY
from tests.integration.preflight.healthy_site import ROOT, STACK, VIRGINIA, HealthySite
from tests.integration.preflight.misconfigurations import admit_health_checkers, lock_health_checkers_out

_MAX_REPEATS = 4


def request(site: HealthySite, action: str) -> dict[str, Any]:
    """Repeat a request until it is done or refused, as failoverctl does."""
    environment = site.sandbox.build_environment(inside=VIRGINIA) | dict(site.sandbox.description["credentials"])
    paths = [environment.get("PYTHONPATH", ""), str(ROOT / "layers" / "failover")]
    event = {"action": action, "reason": "test", "token": f"{action}-{time.time()}", "requested_by": "ada"}
    for _ in range(_MAX_REPEATS):
        process = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, str(Path(__file__).with_name("operator_runner.py")), json.dumps(event)],
            env=environment | site.environment | {"PYTHONPATH": os.pathsep.join(paths)},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        *_logged, written = process.stdout.splitlines()
        answer: dict[str, Any] = json.loads(written)
        if answer["done"] or "refused_by" in answer:
            break
    return answer


@pytest.fixture
def detached_site(site: HealthySite) -> Iterator[HealthySite]:
    now = time.time()
    released = {name: LatchState(is_thrown=False) for name in SteeredName}
    state = ControllerState(
        created_at=now,
        active_role=RegionRole.PRIMARY,
        active_since=now,
        weights=route_all_to(RegionRole.PRIMARY),
        latches=released,
    )
    saved = site.ledger.load()
    site.ledger.save(state, expected=saved.version if saved else None)
    assert request(site, "detach")["done"]
    yield site
    answer = request(site, "attach")
    assert answer["done"], answer


def test_attach_protects_stack_and_detach_lifts_it(detached_site: HealthySite) -> None:
    cloudformation = detached_site.client("cloudformation")
    assert json.loads(cloudformation.get_stack_policy(StackName=STACK)["StackPolicyBody"]) == UNPROTECTED_POLICY

    answer = request(detached_site, "attach")

    assert "CloudFormation refuses to replace or remove its resources" in answer["message"]
    assert json.loads(cloudformation.get_stack_policy(StackName=STACK)["StackPolicyBody"]) == PROTECTED_POLICY


def list_attached(site: HealthySite) -> set[str]:
    return {record_set["HealthCheckId"] for record_set in site.list_traffic_records() if "HealthCheckId" in record_set}


def test_attach_is_refused_while_health_checkers_are_locked_out(detached_site: HealthySite) -> None:
    lock_health_checkers_out(detached_site)
    try:
        answer = request(detached_site, "attach")
        assert answer["refused_by"] == "lever"
        assert f"{detached_site.ids['standby']} of the standby's record is unhealthy: 0 of 16" in answer["message"]
        assert list_attached(detached_site) == set()
    finally:
        admit_health_checkers(detached_site)
    assert request(detached_site, "attach")["done"]
    assert list_attached(detached_site) == {detached_site.ids["records"], detached_site.ids["standby"]}


def test_attach_is_refused_while_latch_check_is_disabled(detached_site: HealthySite) -> None:
    route53, check_id = detached_site.client("route53"), detached_site.ids["records"]
    route53.update_health_check(HealthCheckId=check_id, Disabled=True)
    try:
        answer = request(detached_site, "attach")
        assert answer["refused_by"] == "lever"
        assert f"{check_id} is disabled and inverted, so it always counts as unhealthy" in answer["message"]
    finally:
        route53.update_health_check(HealthCheckId=check_id, Disabled=False)
