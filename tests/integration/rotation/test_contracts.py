"""Contract tests of the secret store and the canary users: in memory and against the sandbox."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from cognito_failover.common.region import RegionRole
from cognito_failover.rotation.canary_users import CanaryUserDirectory, PasswordRefusedError
from cognito_failover.rotation.errors import RotationError, ServiceUnavailableError
from cognito_failover.rotation.secret_content import CanarySecretContent
from cognito_failover.rotation.secret_state import CURRENT, PENDING
from cognito_failover.rotation.secret_store import SecretStore
from cognito_failover_testing.memory_canary_users import MemoryUserDirectory
from cognito_failover_testing.memory_secret_store import MemorySecretStore
from tests.integration.rotation.rotation_deployment import ONE, TWO, RotationDeployment
from tests.integration.sandbox_cognito.cloud import STANDBY, CloudClock, SignedUpPool

LAG_SECONDS = 5
CONTENT = CanarySecretContent(
    username=ONE, password="p", sub="s", idle_username=TWO, user_pool_id="pool", client_id="client"
)


@dataclass(frozen=True, kw_only=True)
class SecretStoreUnderTest:
    secret_store: SecretStore
    start_rotation: Callable[[], str]


@pytest.fixture(params=["memory", "secrets manager"])
def secret_store_under_test(request: pytest.FixtureRequest) -> SecretStoreUnderTest:
    if request.param == "memory":
        memory_store = MemorySecretStore(CONTENT.json_text, CloudClock(), regions=(STANDBY,))
        return SecretStoreUnderTest(
            secret_store=memory_store,
            start_rotation=lambda: memory_store.start_rotation("token-of-at-least-32-characters-in-all"),
        )
    harness: RotationDeployment = request.getfixturevalue("harness")
    return SecretStoreUnderTest(secret_store=harness.secret_store, start_rotation=harness.start_rotation)


def test_started_rotation_is_pending_without_value(secret_store_under_test: SecretStoreUnderTest) -> None:
    current = secret_store_under_test.secret_store.read_current()
    token = secret_store_under_test.start_rotation()
    description = secret_store_under_test.secret_store.describe()
    assert description.is_rotation_enabled
    assert description.stages[token] == {PENDING}
    assert description.stages[description.current_version_id] == {CURRENT}
    assert {region: replica.status for region, replica in description.replicas.items()} == {STANDBY: "InSync"}
    assert secret_store_under_test.secret_store.read_pending(token) is None
    assert secret_store_under_test.secret_store.read_current() == current


def test_pending_version_is_written_once(secret_store_under_test: SecretStoreUnderTest) -> None:
    token = secret_store_under_test.start_rotation()
    for _ in range(2):
        secret_store_under_test.secret_store.put_pending(token, '{"a": 1}')
    assert secret_store_under_test.secret_store.read_pending(token) == '{"a": 1}'
    with pytest.raises(RotationError, match="could not be written"):
        secret_store_under_test.secret_store.put_pending(token, '{"a": 2}')


def test_current_version_is_replaced_only_with_its_id(secret_store_under_test: SecretStoreUnderTest) -> None:
    token, before = (
        secret_store_under_test.start_rotation(),
        secret_store_under_test.secret_store.describe().current_version_id,
    )
    secret_store_under_test.secret_store.put_pending(token, '{"a": 1}')
    with pytest.raises(RotationError, match="could not be promoted"):
        secret_store_under_test.secret_store.promote(token, previous_version_id=token[::-1])
    secret_store_under_test.secret_store.promote(token, previous_version_id=before)
    assert secret_store_under_test.secret_store.read_current() == '{"a": 1}'
    assert secret_store_under_test.secret_store.describe().current_version_id == token
    with pytest.raises(RotationError, match="could not be promoted"):
        secret_store_under_test.secret_store.promote(before, previous_version_id=before)


@dataclass(frozen=True, kw_only=True)
class CanaryUsersUnderTest:
    users: CanaryUserDirectory
    content: CanarySecretContent
    wait: Callable[[float], None]
    make_unreachable: Callable[[], None]


@pytest.fixture(params=["memory", "cognito"])
def users_under_test(request: pytest.FixtureRequest) -> CanaryUsersUnderTest:
    if request.param == "memory":
        clock = CloudClock()
        users = MemoryUserDirectory(dict.fromkeys((ONE, TWO), SignedUpPool.PASSWORD), clock, lag_seconds=LAG_SECONDS)
        return CanaryUsersUnderTest(
            users=users,
            content=replace(CONTENT, password=SignedUpPool.PASSWORD, sub=users.read_subject(ONE)),
            wait=clock.advance,
            make_unreachable=lambda: users.unavailable_roles.update(RegionRole),
        )
    harness: RotationDeployment = request.getfixturevalue("harness")
    return CanaryUsersUnderTest(
        users=harness.users,
        content=harness.content,
        wait=harness.cloud.clock.advance,
        make_unreachable=lambda: setattr(harness.https, "is_silent", True),
    )


@pytest.mark.parametrize("role", RegionRole)
def test_sign_in_claims_are_equal_in_both_regions(users_under_test: CanaryUsersUnderTest, role: RegionRole) -> None:
    claims = users_under_test.users.sign_in(role, users_under_test.content)
    assert claims == users_under_test.users.sign_in(role.opposite, users_under_test.content)
    assert (claims.subject, claims.client_id) == (users_under_test.content.sub, users_under_test.content.client_id)
    assert users_under_test.users.read_subject(ONE) == claims.subject


def test_new_password_works_at_once_in_primary_and_later_in_replica(users_under_test: CanaryUsersUnderTest) -> None:
    changed = replace(users_under_test.content, password="Another-Pass-1!")
    users_under_test.users.set_password(ONE, changed.password)
    users_under_test.users.sign_in(RegionRole.PRIMARY, changed)
    users_under_test.users.sign_in(RegionRole.STANDBY, users_under_test.content)
    users_under_test.wait(LAG_SECONDS)
    users_under_test.users.sign_in(RegionRole.STANDBY, changed)
    for role in RegionRole:
        with pytest.raises(PasswordRefusedError, match=f"{ONE} could not sign in .*NotAuthorizedException"):
            users_under_test.users.sign_in(role, users_under_test.content)


def test_marker_arrives_after_earlier_writes(users_under_test: CanaryUsersUnderTest) -> None:
    assert users_under_test.users.read_marker(RegionRole.PRIMARY, TWO) is None
    users_under_test.users.set_password(TWO, "Another-Pass-1!")
    users_under_test.users.write_marker(TWO, 77)
    assert (
        users_under_test.users.read_marker(RegionRole.PRIMARY, TWO),
        users_under_test.users.read_marker(RegionRole.STANDBY, TWO),
    ) == (77, None)
    users_under_test.wait(LAG_SECONDS)
    assert users_under_test.users.read_marker(RegionRole.STANDBY, TWO) == 77
    users_under_test.users.sign_in(
        RegionRole.STANDBY, replace(users_under_test.content, username=TWO, password="Another-Pass-1!")
    )


def test_missing_user_raises_rotation_error(users_under_test: CanaryUsersUnderTest) -> None:
    for call in (
        users_under_test.users.read_subject,
        lambda name: users_under_test.users.read_marker(RegionRole.STANDBY, name),
    ):
        with pytest.raises(RotationError, match="missing-user"):
            call("missing-user")


def test_missing_answer_raises_service_unavailable(users_under_test: CanaryUsersUnderTest) -> None:
    users_under_test.make_unreachable()
    with pytest.raises(ServiceUnavailableError):
        users_under_test.users.sign_in(RegionRole.PRIMARY, users_under_test.content)
