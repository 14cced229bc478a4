import pytest

from sandbox.cognito.lockout import Lockout
from sandbox.cognito.wire import AwsServiceError


class LockoutClock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> LockoutClock:
    return LockoutClock()


@pytest.fixture
def lockout(clock: LockoutClock) -> Lockout:
    return Lockout(clock)


def is_locked(lockout: Lockout, user: str = "user") -> bool:
    try:
        lockout.reject_locked_out(user)
    except AwsServiceError:
        return True
    return False


def fail_sign_ins(lockout: Lockout, times: int) -> None:
    for _ in range(times):
        lockout.record_failure("user")


def test_lockout_error_has_the_services_message(lockout: Lockout) -> None:
    fail_sign_ins(lockout, 5)

    with pytest.raises(AwsServiceError, match="NotAuthorizedException: Password attempts exceeded"):
        lockout.reject_locked_out("user")


def test_four_failures_do_not_lock_out(lockout: Lockout) -> None:
    fail_sign_ins(lockout, 4)

    assert not is_locked(lockout)


@pytest.mark.parametrize(("failures", "seconds"), [(5, 1), (6, 2), (7, 4), (10, 32), (14, 512), (15, 900), (40, 900)])
def test_lockout_doubles_up_to_15_minutes(lockout: Lockout, clock: LockoutClock, failures: int, seconds: float) -> None:
    fail_sign_ins(lockout, failures)

    clock.now += seconds - 0.001
    assert is_locked(lockout)
    clock.now += 0.001
    assert not is_locked(lockout)


def test_attempts_during_a_lockout_do_not_prolong_it(lockout: Lockout, clock: LockoutClock) -> None:
    fail_sign_ins(lockout, 6)
    for _ in range(10):
        assert is_locked(lockout)

    clock.now += 2
    assert not is_locked(lockout)


def test_success_resets_the_count(lockout: Lockout) -> None:
    fail_sign_ins(lockout, 4)
    lockout.clear_failures("user")
    fail_sign_ins(lockout, 4)

    assert not is_locked(lockout)


def test_15_minutes_without_an_attempt_reset_the_count(lockout: Lockout, clock: LockoutClock) -> None:
    fail_sign_ins(lockout, 10)
    clock.now += 900
    assert not is_locked(lockout)
    fail_sign_ins(lockout, 4)

    assert not is_locked(lockout)


def test_users_are_locked_out_separately(lockout: Lockout) -> None:
    fail_sign_ins(lockout, 5)

    assert is_locked(lockout)
    assert not is_locked(lockout, "another")
