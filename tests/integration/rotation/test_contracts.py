"""What the secret and the two users promise, asked of those in memory and of the sandbox's services alike."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from failover.region import Side
from failover.rotation.content import Content
from failover.rotation.errors import OutOfReachError, RotationError
from failover.rotation.standing import CURRENT, PENDING
from failover.rotation.users import RefusedError, Users
from failover.rotation.users_memory import MemoryUsers
from failover.rotation.vault import Vault
from failover.rotation.vault_memory import MemoryVault
from tests.integration.rotation.stage import ONE, TWO, Stage
from tests.integration.sandbox_cognito.cloud import STANDBY, Clock, SignedUpPool

LAG_SECONDS = 5
CONTENT = Content(username=ONE, password="p", sub="s", idle_username=TWO, user_pool_id="pool", client_id="client")


@dataclass(frozen=True, kw_only=True)
class Kept:
    vault: Vault
    begin: Callable[[], str]


@pytest.fixture(params=["memory", "secrets manager"])
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "memory":
        vault = MemoryVault(CONTENT.text, Clock(), regions=(STANDBY,))
        return Kept(vault=vault, begin=lambda: vault.begin("token-of-at-least-32-characters-in-all"))
    stage: Stage = request.getfixturevalue("stage")
    return Kept(vault=stage.vault, begin=stage.begin)


def test_a_rotation_that_was_begun_is_pending_and_has_no_value(kept: Kept) -> None:
    current = kept.vault.read_current()
    token = kept.begin()
    described = kept.vault.describe()
    assert described.rotates
    assert described.stages[token] == {PENDING}
    assert described.stages[described.current] == {CURRENT}
    assert {region: copy.status for region, copy in described.copies.items()} == {STANDBY: "InSync"}
    assert kept.vault.read_pending(token) is None
    assert kept.vault.read_current() == current


def test_a_pending_version_is_written_once(kept: Kept) -> None:
    token = kept.begin()
    for _ in range(2):
        kept.vault.put_pending(token, '{"a": 1}')
    assert kept.vault.read_pending(token) == '{"a": 1}'
    with pytest.raises(RotationError, match="could not be written"):
        kept.vault.put_pending(token, '{"a": 2}')


def test_the_current_version_is_replaced_only_by_who_knows_it(kept: Kept) -> None:
    token, before = kept.begin(), kept.vault.describe().current
    kept.vault.put_pending(token, '{"a": 1}')
    with pytest.raises(RotationError, match="could not be switched"):
        kept.vault.promote(token, instead_of=token[::-1])
    kept.vault.promote(token, instead_of=before)
    assert kept.vault.read_current() == '{"a": 1}'
    assert kept.vault.describe().current == token
    with pytest.raises(RotationError, match="could not be switched"):
        kept.vault.promote(before, instead_of=before)


@dataclass(frozen=True, kw_only=True)
class Registered:
    users: Users
    content: Content
    wait: Callable[[float], None]
    go_silent: Callable[[], None]


@pytest.fixture(params=["memory", "cognito"])
def registered(request: pytest.FixtureRequest) -> Registered:
    if request.param == "memory":
        clock = Clock()
        users = MemoryUsers(dict.fromkeys((ONE, TWO), SignedUpPool.PASSWORD), clock, lag_seconds=LAG_SECONDS)
        return Registered(
            users=users,
            content=replace(CONTENT, password=SignedUpPool.PASSWORD, sub=users.subject(ONE)),
            wait=clock.pass_seconds,
            go_silent=lambda: users.down.update(Side),
        )
    stage: Stage = request.getfixturevalue("stage")
    return Registered(
        users=stage.users,
        content=stage.content,
        wait=stage.cloud.clock.pass_seconds,
        go_silent=lambda: setattr(stage.https, "silent", True),
    )


@pytest.mark.parametrize("side", Side)
def test_a_sign_in_gives_claims_that_are_the_same_in_both_regions(registered: Registered, side: Side) -> None:
    claims = registered.users.sign_in(side, registered.content)
    assert claims == registered.users.sign_in(side.other, registered.content)
    assert (claims.subject, claims.client_id) == (registered.content.sub, registered.content.client_id)
    assert registered.users.subject(ONE) == claims.subject


def test_a_new_password_counts_on_the_primary_at_once_and_on_the_replica_later(registered: Registered) -> None:
    changed = replace(registered.content, password="Another-Pass-1!")
    registered.users.set_password(ONE, changed.password)
    registered.users.sign_in(Side.PRIMARY, changed)
    registered.users.sign_in(Side.STANDBY, registered.content)
    registered.wait(LAG_SECONDS)
    registered.users.sign_in(Side.STANDBY, changed)
    for side in Side:
        with pytest.raises(RefusedError, match=f"{ONE} could not sign in .*NotAuthorizedException"):
            registered.users.sign_in(side, registered.content)


def test_a_marker_arrives_after_what_was_written_before(registered: Registered) -> None:
    assert registered.users.marker(Side.PRIMARY, TWO) is None
    registered.users.set_password(TWO, "Another-Pass-1!")
    registered.users.mark(TWO, 77)
    assert (registered.users.marker(Side.PRIMARY, TWO), registered.users.marker(Side.STANDBY, TWO)) == (77, None)
    registered.wait(LAG_SECONDS)
    assert registered.users.marker(Side.STANDBY, TWO) == 77
    registered.users.sign_in(Side.STANDBY, replace(registered.content, username=TWO, password="Another-Pass-1!"))


def test_a_user_that_is_not_there_is_an_error(registered: Registered) -> None:
    for call in (registered.users.subject, lambda name: registered.users.marker(Side.STANDBY, name)):
        with pytest.raises(RotationError, match="nobody"):
            call("nobody")


def test_no_answer_is_told_apart(registered: Registered) -> None:
    registered.go_silent()
    with pytest.raises(OutOfReachError):
        registered.users.sign_in(Side.PRIMARY, registered.content)
