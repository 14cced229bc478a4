"""The canary's two users alternate, and no probe is refused, even when a rotation is interrupted."""

import json
from dataclasses import replace
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito_failover.common.errors import FailoverError
from cognito_failover.common.region import RegionRole
from cognito_failover.rotation.errors import RotationError, RotationPendingError, ServiceUnavailableError
from cognito_failover.rotation.rotation import REPLICA_WAIT_SECONDS, RotationStep
from cognito_failover.rotation.secret_state import MIN_ROTATION_GAP_SECONDS, SecretReplica
from tests.support.fault_injector import KilledError
from tests.unit.rotation.rotation_harness import FIRST, POOL, InMemoryRotationHarness


@pytest.fixture
def harness() -> InMemoryRotationHarness:
    return InMemoryRotationHarness()


def test_idle_user_becomes_active_with_new_password(harness: InMemoryRotationHarness) -> None:
    assert list(harness.rotate_until_done()) == []
    content = harness.content
    assert (content.username, content.idle_username, content.sub) == ("canary-2", "canary-1", "sub-of-canary-2")
    assert content.password == "new-password-1"
    assert (content.user_pool_id, content.client_id) == (POOL, "client")
    assert harness.step_messages == [
        "A new password for canary-2 is saved in the pending version.",
        "canary-2 has the new password in the primary; the probes still use canary-1.",
        "canary-2 signs in in both Regions.",
        "The secret now names canary-2; canary-1 is idle.",
    ]


def test_newly_idle_user_keeps_password(harness: InMemoryRotationHarness) -> None:
    list(harness.rotate_until_done())
    assert harness.can_sign_in("canary-1", "password-of-1")


def test_next_rotation_uses_first_user_again(harness: InMemoryRotationHarness) -> None:
    list(harness.rotate_until_done())
    harness.clock.now += MIN_ROTATION_GAP_SECONDS
    list(harness.rotate_until_done())
    assert (harness.content.username, harness.content.password) == ("canary-1", "new-password-2")
    assert not harness.can_sign_in("canary-1", "password-of-1")


def test_other_secret_fields_are_preserved(harness: InMemoryRotationHarness) -> None:
    harness.secret_store._texts["first"] = json.dumps({**FIRST, "note": "ask Aiko"})  # noqa: SLF001 - an external change
    list(harness.rotate_until_done())
    assert json.loads(harness.secret_store.read_current())["note"] == "ask Aiko"


@pytest.mark.parametrize("step", RotationStep)
def test_step_of_finished_rotation_does_nothing(harness: InMemoryRotationHarness, step: RotationStep) -> None:
    list(harness.rotate_until_done())
    before = harness.secret_store.read_current()
    assert harness.rotation.run_step(step, "token-1") == "This rotation is already finished; nothing was changed."
    assert harness.secret_store.read_current() == before


def test_every_step_is_idempotent(harness: InMemoryRotationHarness) -> None:
    token = harness.start_rotation()
    for step in RotationStep:
        harness.rotation.run_step(step, token)
        harness.rotation.run_step(step, token)
    assert harness.content.password == "new-password-1"
    assert harness.users.refusals == []


def test_step_waits_for_slow_password_without_sign_in(harness: InMemoryRotationHarness) -> None:
    harness.users.lag_seconds = 7
    assert list(harness.rotate_until_done()) == []
    assert harness.clock.now < 1_800_000_000 + 20
    assert harness.users.refusals == []


def test_attempt_fails_until_very_slow_password_arrives() -> None:
    harness = InMemoryRotationHarness(lag_seconds=200)
    failures = list(harness.rotate_until_done(attempts=5))
    assert len(failures) == 3
    (failure,) = set(failures)
    assert failure.startswith("The new password of canary-2 has not reached us-east-1 yet.")
    assert failure.endswith("The probes still use canary-1. Secrets Manager retries the rotation.")
    assert harness.content.username == "canary-2"
    assert harness.users.refusals == []


class RotationInterruption(StrEnum):
    DIES_BEFORE = "dies-before"
    DIES_AFTER = "dies-after"
    FAILS = "fails"
    ANSWER_LOST = "answer-lost"


def interrupt_call(harness: InMemoryRotationHarness, at: int, interruption: RotationInterruption) -> list[str]:
    """Make probes sign in at every call, and interrupt the rotation at one call; return the calls."""
    harness.run_probes_at_every_call()
    run_probes = harness.tap.before_call
    calls: list[str] = []

    def before_call(call_name: str) -> None:
        run_probes(call_name)
        calls.append(call_name)
        if len(calls) - 1 == at and interruption is RotationInterruption.DIES_BEFORE:
            raise KilledError
        if len(calls) - 1 == at and interruption is RotationInterruption.FAILS:
            raise ServiceUnavailableError(f"{call_name} gave no answer")

    def after_call(call_name: str) -> None:
        run_probes(call_name)
        if len(calls) - 1 == at and interruption is RotationInterruption.DIES_AFTER:
            raise KilledError
        if len(calls) - 1 == at and interruption is RotationInterruption.ANSWER_LOST:
            raise ServiceUnavailableError(f"{call_name} gave no answer")

    harness.tap.before_call, harness.tap.after_call = before_call, after_call
    return calls


def count_calls() -> int:
    """Return the number of calls of an uninterrupted rotation."""
    harness = InMemoryRotationHarness(lag_seconds=0)
    calls = interrupt_call(harness, -1, RotationInterruption.FAILS)
    assert list(harness.rotate_until_done()) == []
    return len(calls)


@pytest.mark.parametrize("interruption", RotationInterruption)
@pytest.mark.parametrize("at", range(count_calls()))
def test_rotation_interrupted_at_any_call_finishes_at_next_attempt(at: int, interruption: RotationInterruption) -> None:
    harness = InMemoryRotationHarness(lag_seconds=0)
    interrupt_call(harness, at, interruption)
    assert len(list(harness.rotate_until_done(attempts=2))) == 1
    assert harness.content.username == "canary-2"
    assert harness.can_sign_in("canary-2", harness.content.password)
    assert harness.can_sign_in("canary-1", "password-of-1")
    assert harness.users.refusals == []


@given(
    lag_seconds=st.floats(0, 100),
    interruptions=st.lists(st.tuples(st.integers(0, 60), st.sampled_from(RotationInterruption)), max_size=4),
    pauses=st.lists(st.floats(0, 4000), min_size=1, max_size=3),
)
def test_repeated_interrupted_rotations_never_refuse_a_probe(
    lag_seconds: float, interruptions: list[tuple[int, RotationInterruption]], pauses: list[float]
) -> None:
    harness = InMemoryRotationHarness(lag_seconds=lag_seconds)
    harness.run_probes_at_every_call()
    for pause in pauses:
        for at, interruption in interruptions:
            interrupt_call(harness, at, interruption)
        try:
            list(harness.rotate_until_done(attempts=8))
        except FailoverError:
            harness.clock.now += 3600  # Secrets Manager has given up until the next day
        harness.run_probes_at_every_call()
        harness.tap.before_call("later")
        harness.clock.now += pause
    assert harness.users.refusals == []
    assert len(harness.content.password) > 0


@pytest.mark.parametrize("role", RegionRole)
def test_outage_suspends_rotation_without_affecting_probes(harness: InMemoryRotationHarness, role: RegionRole) -> None:
    harness.run_probes_at_every_call()
    harness.users.unavailable_roles = {role}
    with pytest.raises(FailoverError, match="not finished in 3 attempts"):
        list(harness.rotate_until_done(attempts=3))
    assert harness.content.username == "canary-1"
    harness.users.unavailable_roles = set()
    list(harness.rotate_until_done(attempts=3))
    assert harness.content.username == "canary-2"
    assert harness.users.refusals == []


def test_step_reports_unavailable_standby(harness: InMemoryRotationHarness) -> None:
    token = harness.start_rotation()
    harness.rotation.run_step(RotationStep.CREATE, token)
    harness.rotation.run_step(RotationStep.SET, token)
    harness.users.unavailable_roles = {RegionRole.STANDBY}
    with pytest.raises(ServiceUnavailableError, match="Cognito on the standby gave no answer"):
        harness.rotation.run_step(RotationStep.TEST, token)


def test_rotation_waits_15_minutes_after_another(harness: InMemoryRotationHarness) -> None:
    list(harness.rotate_until_done())
    harness.clock.now += MIN_ROTATION_GAP_SECONDS - 1
    token = harness.start_rotation()
    with pytest.raises(RotationPendingError, match=r"ended less than 15 min ago.*Wait 1 s, then rotate again"):
        harness.rotation.run_step(RotationStep.CREATE, token)
    assert harness.can_sign_in("canary-1", "password-of-1")
    harness.clock.now += 1
    harness.run_steps(token)
    assert harness.content.username == "canary-1"


def test_failed_secret_replica_stops_step_without_waiting(harness: InMemoryRotationHarness) -> None:
    token = harness.start_rotation()
    harness.rotation.run_step(RotationStep.CREATE, token)
    harness.secret_store.replicas["us-east-1"] = SecretReplica(status="Failed", message="Throttled")
    began = harness.clock.now
    with pytest.raises(RotationPendingError, match=r"us-east-1 is Failed Throttled\)"):
        harness.rotation.run_step(RotationStep.SET, token)
    assert harness.clock.now == began, "the step does not wait for a failed replica"
    assert harness.can_sign_in("canary-2", "lost")


def test_pending_secret_replica_is_awaited_briefly(harness: InMemoryRotationHarness) -> None:
    harness.secret_store.replicating_seconds = 7
    token = harness.start_rotation()
    harness.rotation.run_step(RotationStep.CREATE, token)
    began = harness.clock.now
    harness.rotation.run_step(RotationStep.SET, token)
    assert 7 <= harness.clock.now - began < 10
    harness.run_steps(token)
    assert harness.content.password == "new-password-1"


def test_slow_secret_replica_is_reported_and_no_password_is_set(harness: InMemoryRotationHarness) -> None:
    harness.secret_store.replicating_seconds = 45
    token = harness.start_rotation()
    harness.rotation.run_step(RotationStep.CREATE, token)
    began = harness.clock.now
    with pytest.raises(
        RotationPendingError, match=r"\(eu-west-1 is InProgress; us-east-1 is InProgress, after a wait of 10 s\)"
    ):
        harness.rotation.run_step(RotationStep.SET, token)
    assert harness.clock.now - began == REPLICA_WAIT_SECONDS
    assert harness.can_sign_in("canary-2", "lost")
    harness.clock.now += 45
    harness.run_steps(token)
    assert harness.content.username == "canary-2"


def test_secret_missing_in_standby_region_is_not_rotated(harness: InMemoryRotationHarness) -> None:
    del harness.secret_store.replicas["us-east-1"]
    with pytest.raises(RotationError, match="no replica in us-east-1, where the controller reads it"):
        harness.run_steps(harness.start_rotation())


def test_externally_changed_password_is_set_again_by_next_attempt(harness: InMemoryRotationHarness) -> None:
    token = harness.start_rotation()
    harness.rotation.run_step(RotationStep.CREATE, token)
    harness.rotation.run_step(RotationStep.SET, token)
    harness.users.set_password("canary-2", "another-password")
    with pytest.raises(RotationError, match="canary-2 could not sign in on the primary"):
        harness.rotation.run_step(RotationStep.TEST, token)
    harness.run_steps(token)
    assert harness.content.username == "canary-2"
    assert harness.users.refusals == [("canary-2", RegionRole.PRIMARY)]


def test_externally_changed_secret_is_not_overwritten(harness: InMemoryRotationHarness) -> None:
    token = harness.start_rotation()
    harness.rotation.run_step(RotationStep.CREATE, token)
    swapped = {**FIRST, "username": "canary-2", "idle_username": "canary-1"}
    harness.secret_store._texts["first"] = json.dumps(swapped)  # noqa: SLF001 - an external change
    for step in RotationStep:
        with pytest.raises(RotationError, match=r"was changed after this rotation began.*the probes use canary-2"):
            harness.rotation.run_step(step, token)
    assert harness.can_sign_in("canary-2", "lost")


def test_user_with_another_sub_does_not_become_active(harness: InMemoryRotationHarness) -> None:
    token = harness.start_rotation()
    harness.rotation.run_step(RotationStep.CREATE, token)
    pending = json.loads(harness.secret_store._texts[token])  # noqa: SLF001 - an external change
    harness.secret_store._texts[token] = json.dumps({**pending, "sub": "another"})  # noqa: SLF001 - an external change
    harness.rotation.run_step(RotationStep.SET, token)
    with pytest.raises(RotationError, match="canary-2 signs in in ap-northeast-1 as another user"):
        harness.rotation.run_step(RotationStep.FINISH, token)
    assert harness.content.username == "canary-1"


def test_last_step_without_earlier_steps_fails(harness: InMemoryRotationHarness) -> None:
    token = harness.start_rotation()
    with pytest.raises(RotationError, match="has no value: the step createSecret did not run"):
        harness.rotation.run_step(RotationStep.FINISH, token)
    harness.rotation.run_step(RotationStep.CREATE, token)
    with pytest.raises(RotationError):
        harness.rotation.run_step(RotationStep.FINISH, token)
    assert harness.content.username == "canary-1"


def test_secrets_manager_validation_call_tests_nothing(harness: InMemoryRotationHarness) -> None:
    token = harness.start_rotation()
    assert (
        harness.rotation.run_step(RotationStep.TEST, token)
        == "The pending version equals the current one; there is nothing to test."
    )
    harness.secret_store.put_pending(token, harness.secret_store.read_current())
    assert (
        harness.rotation.run_step(RotationStep.TEST, token)
        == "The pending version equals the current one; there is nothing to test."
    )
    assert harness.users.refusals == []


def test_secret_of_another_pool_is_unchanged(harness: InMemoryRotationHarness) -> None:
    harness.secret_store._texts["first"] = json.dumps({**FIRST, "user_pool_id": "ap-northeast-1_Another"})  # noqa: SLF001 - as above
    with pytest.raises(RotationError, match="the canary of ap-northeast-1_Another, but this stack rotates that of"):
        harness.rotation.run_step(RotationStep.CREATE, harness.start_rotation())


def test_only_pending_version_is_changed(harness: InMemoryRotationHarness) -> None:
    harness.start_rotation()
    with pytest.raises(RotationError, match="version other is not AWSPENDING, so no rotation with it is in progress"):
        harness.rotation.run_step(RotationStep.CREATE, "other")


def test_step_of_disabled_rotation_is_refused(harness: InMemoryRotationHarness) -> None:
    token = harness.start_rotation()
    harness.secret_store.is_rotation_enabled = False
    with pytest.raises(RotationError, match="not enabled"):
        harness.rotation.run_step(RotationStep.CREATE, token)


def test_repr_of_secret_content_hides_the_password(harness: InMemoryRotationHarness) -> None:
    token = harness.start_rotation()
    harness.rotation.run_step(RotationStep.CREATE, token)
    assert "password" not in repr(harness.content).replace("idle", "")
    changed = replace(harness.content, password="x")
    assert "x'" not in repr(changed)
