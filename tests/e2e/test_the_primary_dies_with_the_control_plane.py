"""The other way round: the primary is us-east-1, where Route 53's control plane is, and both die together.

Two stacks in one account: one moves the domain's records, the other, by the metric form of the latch, Cognito's own
domain alone. The tests are one after another the same days: each takes up where the one before has ended.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from demo.deployment import deploy
from tests.e2e.lab import QUICK, Lab, lab
from tests.e2e.logins import Logins
from tests.e2e.patient import PatientDeployment

_REGIONS = ("--primary", "us-east-1", "--standby", "ap-northeast-1")
_NO_LOGIN = {"service": "login", "code": "InternalErrorException", "status": 500}
_LOGIN_ONLY = {"DomainName": "", "PrimaryTarget": "", "StandbyTarget": "", "LatchForm": "metric"}


LOGIN_STACK = "cognito-failover-login"


def both(stage: Lab) -> tuple[Lab, Lab]:
    """Return the stack that moves records, and the one that moves Cognito's own domain."""
    return stage, replace(stage, deployment=replace(stage.deployment, stack_name=LOGIN_STACK))


@pytest.fixture(scope="module")
def stage() -> Iterator[Lab]:
    """Return the stack that moves records."""
    with lab(*_REGIONS, overrides={**QUICK, "ManagedLoginDomain": ""}, managed_login=True) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def login_stage(stage: Lab) -> Lab:
    """Return the stack that moves Cognito's own domain."""
    login_only = replace(
        stage,
        deployment=PatientDeployment.of(
            deploy(
                stage.sandbox,
                stage.deployment.protected,
                stack_name=LOGIN_STACK,
                overrides={**QUICK, **_LOGIN_ONLY},
            )
        ),
    )
    for deployed in (stage, login_only):
        deployed.start_at_once()
    for deployed in (stage, login_only):
        deployed.until_steady()
    return login_only


@pytest.fixture(scope="module")
def logins(stage: Lab) -> Iterator[Logins]:
    with Logins(stage.sandbox, stage.set_up).going_on() as logins:
        yield logins


def users_are_home(stage: Lab) -> None:
    """Restore both stacks, and attach the latch of each."""
    for deployed in both(stage):
        deployed.restore()
        deployed.fit("attach")
        deployed.until("the controller goes by it", deployed.latches_are_attached)


def users_are_on_the_standby(stage: Lab) -> None:
    """Restore both stacks with their users on the standby."""
    users_are_home(stage)
    for deployed in both(stage):
        deployed.restore(users_on=stage.standby)


def users_have_left_a_dead_primary(stage: Lab) -> None:
    """Have users on the standby, and the primary dead."""
    users_are_on_the_standby(stage)
    stage.break_("primary", effect="dead", region=stage.primary)


def test_attaching_moves_nobody(stage: Lab, login_stage: Lab, logins: Logins) -> None:
    began_at = time.time()

    with ThreadPoolExecutor() as executor:
        said = list(executor.map(lambda deployed: deployed.fit("attach"), (stage, login_stage)))

    assert said[0].startswith("The latch of the records is attached; nobody was moved by it.")
    assert said[1].startswith("The latch of the domain is attached; nobody was moved by it.")
    for deployed in (stage, login_stage):
        deployed.until("the controller goes by it", deployed.latches_are_attached, at_most_seconds=75)
    assert stage.watch.since(began_at) == [stage.primary]
    assert [each.error for each in logins.since(began_at) if not each.ok] == []


@pytest.mark.begins(by=users_are_home)
def test_both_move_to_the_standby(stage: Lab, login_stage: Lab, logins: Logins) -> None:
    died_at = stage.break_("primary", effect="dead", region=stage.primary)

    stage.until("users are sent to the standby", lambda: stage.watch.now == stage.standby, at_most_seconds=150)
    stage.until(
        "somebody signs in through managed login", lambda: bool(logins.first_good(since=died_at)), at_most_seconds=150
    )
    for deployed in (stage, login_stage):
        deployed.until_status(
            "the move is over",
            lambda status: status["move"] is None and status["last_move"] is not None,
            at_most_seconds=75,
        )


@pytest.mark.begins(by=users_have_left_a_dead_primary)
def test_the_primarys_return_moves_nobody(stage: Lab, login_stage: Lab, logins: Logins) -> None:
    stage.break_("no-login", effect="error", region=stage.primary, **_NO_LOGIN)
    returned_at = stage.mend("primary")

    stage.until_status(
        "the weights have followed",
        lambda status: (
            not status["weights"]["still_to_follow"]
            and status["weights"]["found"] == {stage.primary: 0, stage.standby: 255}
        ),
        at_most_seconds=120,
    )
    login_stage.until_steady()

    assert stage.watch.since(returned_at) == [stage.standby]
    assert [each.error for each in logins.since(returned_at) if not each.ok] == []
    stage.mend("no-login")


@pytest.mark.begins(by=users_are_on_the_standby)
def test_a_person_fails_back(stage: Lab, login_stage: Lab, logins: Logins) -> None:
    for deployed in (stage, login_stage):
        deployed.deployment.insist("failback", reason="It is well", token="e2e-failback", pace="in-one")

    for deployed in (stage, login_stage):
        deployed.until_status(
            "users are back",
            lambda status: status["move"] is None and status["active_region"] == stage.primary,
            at_most_seconds=200,
        )

    assert stage.watch.now == stage.primary
    broken_at = stage.break_("no-login", effect="error", region=stage.standby, **_NO_LOGIN)
    stage.until("somebody signs in", lambda: bool(logins.first_good(since=broken_at)), at_most_seconds=30)
    assert [each.error for each in logins.since(broken_at) if not each.ok] == []
