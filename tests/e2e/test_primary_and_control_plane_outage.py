"""A primary in us-east-1, deployed: the primary and Route 53's control plane fail together.

Two stacks in one account: one moves the domain's records, the other moves only Cognito's own domain, with a metric
latch. The tests share the deployments: each starts in the state in which the previous one ends.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from demo.deployment import deploy
from tests.e2e.deployed_system import SHORT_TIMING_PARAMETERS, DeployedSystem, deploy_system
from tests.e2e.managed_login_load import ManagedLoginLoad
from tests.e2e.retrying import RetryingDeployment

_REGIONS = ("--primary", "us-east-1", "--standby", "ap-northeast-1")
_WITHOUT_LOGIN = {"service": "login", "code": "InternalErrorException", "status": 500}
_LOGIN_ONLY = {"DomainName": "", "PrimaryTarget": "", "StandbyTarget": "", "LatchType": "metric"}


LOGIN_STACK = "cognito-failover-login"


def both(stage: DeployedSystem) -> tuple[DeployedSystem, DeployedSystem]:
    """Return the stack that moves records, and the one that moves Cognito's own domain."""
    return stage, replace(stage, deployment=replace(stage.deployment, stack_name=LOGIN_STACK))


@pytest.fixture(scope="module")
def stage() -> Iterator[DeployedSystem]:
    """Return the stack that moves records."""
    with deploy_system(
        *_REGIONS, overrides={**SHORT_TIMING_PARAMETERS, "ManagedLoginDomain": ""}, managed_login=True
    ) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def login_stage(stage: DeployedSystem) -> DeployedSystem:
    """Return the stack that moves Cognito's own domain."""
    login_only = replace(
        stage,
        deployment=RetryingDeployment.from_deployment(
            deploy(
                stage.sandbox,
                stage.deployment.spec,
                stack_name=LOGIN_STACK,
                overrides={**SHORT_TIMING_PARAMETERS, **_LOGIN_ONLY},
            )
        ),
    )
    for deployed in (stage, login_only):
        deployed.start_controller()
    for deployed in (stage, login_only):
        deployed.wait_until_steady()
    return login_only


@pytest.fixture(scope="module")
def logins(stage: DeployedSystem) -> Iterator[ManagedLoginLoad]:
    with ManagedLoginLoad(stage.sandbox, stage.set_up).running() as logins:
        yield logins


def users_are_home(stage: DeployedSystem) -> None:
    """Restore both stacks, and attach the latch of each."""
    for deployed in both(stage):
        deployed.restore()
        deployed.attach_or_detach("attach")
        deployed.wait_until("the latch is attached", deployed.are_latches_attached)


def users_are_on_the_standby(stage: DeployedSystem) -> None:
    """Restore both stacks with their users on the standby."""
    users_are_home(stage)
    for deployed in both(stage):
        deployed.restore(users_on=stage.standby)


def users_have_left_a_dead_primary(stage: DeployedSystem) -> None:
    """Restore both stacks with their users on the standby, and fail the primary."""
    users_are_on_the_standby(stage)
    stage.inject_fault("primary", effect="dead", region=stage.primary)


def test_attaching_latches_does_not_move_users(
    stage: DeployedSystem, login_stage: DeployedSystem, logins: ManagedLoginLoad
) -> None:
    began_at = time.time()

    with ThreadPoolExecutor() as executor:
        said = list(executor.map(lambda deployed: deployed.attach_or_detach("attach"), (stage, login_stage)))

    assert said[0].startswith("The latch of the records is attached; no users were moved.")
    assert said[1].startswith("The latch of the domain is attached; no users were moved.")
    for deployed in (stage, login_stage):
        deployed.wait_until("the latch is attached", deployed.are_latches_attached, at_most_seconds=75)
    assert stage.dns_monitor.list_since(began_at) == [stage.primary]
    assert [sign_in.error for sign_in in logins.list_since(began_at) if not sign_in.is_successful] == []


@pytest.mark.begins(by=users_are_home)
def test_both_move_to_the_standby(stage: DeployedSystem, login_stage: DeployedSystem, logins: ManagedLoginLoad) -> None:
    failed_at = stage.inject_fault("primary", effect="dead", region=stage.primary)

    stage.wait_until_dns_sends_users_to(stage.standby)
    stage.wait_until(
        "a user signs in through managed login",
        lambda: bool(logins.find_first_success(since=failed_at)),
        at_most_seconds=150,
    )
    for deployed in (stage, login_stage):
        deployed.wait_for_status(
            "the move is over",
            lambda status: status["move"] is None and status["last_move"] is not None,
            at_most_seconds=75,
        )


@pytest.mark.begins(by=users_have_left_a_dead_primary)
def test_primary_recovery_does_not_move_users(
    stage: DeployedSystem, login_stage: DeployedSystem, logins: ManagedLoginLoad
) -> None:
    stage.inject_fault("no-login", effect="error", region=stage.primary, **_WITHOUT_LOGIN)
    returned_at = stage.clear_fault("primary")

    stage.wait_for_status(
        "the weights follow the move",
        lambda status: (
            not status["weights"]["sync_pending"]
            and status["weights"]["found"] == {stage.primary: 0, stage.standby: 255}
        ),
        at_most_seconds=120,
    )
    login_stage.wait_until_steady()

    assert stage.dns_monitor.list_since(returned_at) == [stage.standby]
    assert [sign_in.error for sign_in in logins.list_since(returned_at) if not sign_in.is_successful] == []
    stage.clear_fault("no-login")


@pytest.mark.begins(by=users_are_on_the_standby)
def test_manual_failback_moves_users_to_primary(
    stage: DeployedSystem, login_stage: DeployedSystem, logins: ManagedLoginLoad
) -> None:
    for deployed in (stage, login_stage):
        deployed.deployment.invoke_until_done(
            "failback", reason="The primary is healthy", token="e2e-failback", mode="all-at-once"
        )

    for deployed in (stage, login_stage):
        deployed.wait_for_status(
            "users are on the primary",
            lambda status: status["move"] is None and status["active_region"] == stage.primary,
            at_most_seconds=200,
        )

    assert stage.dns_monitor.current_regions == stage.primary
    broken_at = stage.inject_fault("no-login", effect="error", region=stage.standby, **_WITHOUT_LOGIN)
    stage.wait_until("a user signs in", lambda: bool(logins.find_first_success(since=broken_at)), at_most_seconds=30)
    assert [sign_in.error for sign_in in logins.list_since(broken_at) if not sign_in.is_successful] == []
