import pytest

from sandbox.cognito.lockout import Lockout
from sandbox.cognito.wire import Refusal


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lockout(clock: Clock) -> Lockout:
    return Lockout(clock)


def locked(lockout: Lockout, user: str = "user") -> bool:
    try:
        lockout.check(user)
    except Refusal:
        return True
    return False


def fail(lockout: Lockout, times: int) -> None:
    for _ in range(times):
        lockout.failed("user")


def test_a_lockout_is_refused_in_the_services_words(lockout: Lockout) -> None:
    fail(lockout, 5)

    with pytest.raises(Refusal, match="NotAuthorizedException: Password attempts exceeded"):
        lockout.check("user")


def test_four_failures_are_free(lockout: Lockout) -> None:
    fail(lockout, 4)

    assert not locked(lockout)


@pytest.mark.parametrize(("failures", "seconds"), [(5, 1), (6, 2), (7, 4), (10, 32), (14, 512), (15, 900), (40, 900)])
def test_the_lockout_doubles_up_to_15_minutes(lockout: Lockout, clock: Clock, failures: int, seconds: float) -> None:
    fail(lockout, failures)

    clock.now += seconds - 0.001
    assert locked(lockout)
    clock.now += 0.001
    assert not locked(lockout)


def test_attempts_during_a_lockout_do_not_prolong_it(lockout: Lockout, clock: Clock) -> None:
    fail(lockout, 6)
    for _ in range(10):
        assert locked(lockout)

    clock.now += 2
    assert not locked(lockout)


def test_a_success_forgets_the_failures(lockout: Lockout) -> None:
    fail(lockout, 4)
    lockout.succeeded("user")
    fail(lockout, 4)

    assert not locked(lockout)


def test_15_minutes_without_an_attempt_forget_the_failures(lockout: Lockout, clock: Clock) -> None:
    fail(lockout, 10)
    clock.now += 900
    assert not locked(lockout)
    fail(lockout, 4)

    assert not locked(lockout)


def test_users_are_locked_out_one_by_one(lockout: Lockout) -> None:
    fail(lockout, 5)

    assert locked(lockout)
    assert not locked(lockout, "another")
