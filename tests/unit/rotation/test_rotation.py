"""The canary's two users take turns, and no probe is ever refused, whatever interrupts the rotation."""

import json
from dataclasses import replace
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.errors import FailoverError
from failover.region import Side
from failover.rotation.errors import NotYetError, OutOfReachError, RotationError
from failover.rotation.rotation import WAITING_SECONDS, Step
from failover.rotation.standing import LETTING_GO_SECONDS, Copy
from tests.support.tap import KilledError
from tests.unit.rotation.stage import FIRST, POOL, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_the_idle_user_takes_the_others_place_with_a_password_of_its_own(stage: Stage) -> None:
    assert list(stage.rotate()) == []
    content = stage.content
    assert (content.username, content.idle_username, content.sub) == ("canary-2", "canary-1", "sub-of-canary-2")
    assert content.password == "new-password-1"
    assert (content.user_pool_id, content.client_id) == (POOL, "client")
    assert stage.made == [
        "A new password was made for canary-2.",
        "canary-2 has it on the primary; canary-1 goes on signing in.",
        "canary-2 signs in in both Regions.",
        "The secret names canary-2 from now on; canary-1 is idle.",
    ]


def test_the_user_that_is_idle_now_keeps_its_password_for_whoever_has_not_read_the_secret_yet(stage: Stage) -> None:
    list(stage.rotate())
    assert stage.signs_in("canary-1", "password-of-1")


def test_the_next_rotation_is_the_first_ones_turn_again(stage: Stage) -> None:
    list(stage.rotate())
    stage.clock.now += LETTING_GO_SECONDS
    list(stage.rotate())
    assert (stage.content.username, stage.content.password) == ("canary-1", "new-password-2")
    assert not stage.signs_in("canary-1", "password-of-1")


def test_what_else_is_in_the_secret_stays_there(stage: Stage) -> None:
    stage.vault._texts["first"] = json.dumps({**FIRST, "note": "ask Aiko"})  # noqa: SLF001 - as somebody wrote it
    list(stage.rotate())
    assert json.loads(stage.vault.read_current())["note"] == "ask Aiko"


@pytest.mark.parametrize("step", Step)
def test_a_step_of_a_rotation_that_is_over_does_nothing(stage: Stage, step: Step) -> None:
    list(stage.rotate())
    before = stage.vault.read_current()
    assert stage.rotation.make(step, "token-1") == "This rotation has been finished already; nothing was done."
    assert stage.vault.read_current() == before


def test_every_step_may_be_made_twice(stage: Stage) -> None:
    token = stage.begin()
    for step in Step:
        stage.rotation.make(step, token)
        stage.rotation.make(step, token)
    assert stage.content.password == "new-password-1"
    assert stage.users.refusals == []


def test_a_password_that_has_not_arrived_is_waited_for_a_little_and_never_tried(stage: Stage) -> None:
    stage.users.lag_seconds = 7
    assert list(stage.rotate()) == []
    assert stage.clock.now < 1_800_000_000 + 20
    assert stage.users.refusals == []


def test_one_that_takes_longer_is_left_to_the_next_try_and_arrives_though_it_is_tried_often() -> None:
    stage = Stage(lag_seconds=200)
    failures = list(stage.rotate(attempts=5))
    assert len(failures) == 3
    assert set(failures) == {
        "The new password of canary-2 has not reached us-east-1 yet. The probes go on with canary-1."
    }
    assert stage.content.username == "canary-2"
    assert stage.users.refusals == []


class Interruption(StrEnum):
    DIES_BEFORE = "dies-before"
    DIES_AFTER = "dies-after"
    FAILS = "fails"
    ANSWER_LOST = "answer-lost"


def interrupt(stage: Stage, at: int, interruption: Interruption) -> list[str]:
    """Let probes sign in at every call, and interrupt the rotation at one of them; return the calls."""
    stage.watch()
    look = stage.tap.asked
    calls: list[str] = []

    def asked(call_name: str) -> None:
        look(call_name)
        calls.append(call_name)
        if len(calls) - 1 == at and interruption is Interruption.DIES_BEFORE:
            raise KilledError
        if len(calls) - 1 == at and interruption is Interruption.FAILS:
            raise OutOfReachError(f"{call_name} gave no answer")

    def answered(call_name: str) -> None:
        look(call_name)
        if len(calls) - 1 == at and interruption is Interruption.DIES_AFTER:
            raise KilledError
        if len(calls) - 1 == at and interruption is Interruption.ANSWER_LOST:
            raise OutOfReachError(f"{call_name} gave no answer")

    stage.tap.asked, stage.tap.answered = asked, answered
    return calls


def calls_made() -> int:
    """Return how many calls a rotation makes that nothing interrupts."""
    stage = Stage(lag_seconds=0)
    calls = interrupt(stage, -1, Interruption.FAILS)
    assert list(stage.rotate()) == []
    return len(calls)


@pytest.mark.parametrize("interruption", Interruption)
@pytest.mark.parametrize("at", range(calls_made()))
def test_interrupted_anywhere_it_is_finished_by_the_next_try_and_no_probe_is_refused(
    at: int, interruption: Interruption
) -> None:
    stage = Stage(lag_seconds=0)
    interrupt(stage, at, interruption)
    assert len(list(stage.rotate(attempts=2))) == 1
    assert stage.content.username == "canary-2"
    assert stage.signs_in("canary-2", stage.content.password)
    assert stage.signs_in("canary-1", "password-of-1")
    assert stage.users.refusals == []


@given(
    lag_seconds=st.floats(0, 100),
    interruptions=st.lists(st.tuples(st.integers(0, 60), st.sampled_from(Interruption)), max_size=4),
    pauses=st.lists(st.floats(0, 4000), min_size=1, max_size=3),
)
def test_however_often_it_is_asked_for_and_interrupted_no_probe_is_ever_refused(
    lag_seconds: float, interruptions: list[tuple[int, Interruption]], pauses: list[float]
) -> None:
    stage = Stage(lag_seconds=lag_seconds)
    stage.watch()
    for pause in pauses:
        for at, interruption in interruptions:
            interrupt(stage, at, interruption)
        try:
            list(stage.rotate(attempts=8))
        except FailoverError:
            stage.clock.now += 3600  # Secrets Manager has given up until the next day
        stage.watch()
        stage.tap.asked("later")
        stage.clock.now += pause
    assert stage.users.refusals == []
    assert len(stage.content.password) > 0


@pytest.mark.parametrize("side", Side)
def test_an_outage_stops_it_with_the_probes_where_they_were_and_it_goes_on_after(stage: Stage, side: Side) -> None:
    stage.watch()
    stage.users.down = {side}
    with pytest.raises(FailoverError, match="not finished in 3 attempts"):
        list(stage.rotate(attempts=3))
    assert stage.content.username == "canary-1"
    stage.users.down = set()
    list(stage.rotate(attempts=3))
    assert stage.content.username == "canary-2"
    assert stage.users.refusals == []


def test_while_the_standby_is_down_the_step_says_so(stage: Stage) -> None:
    token = stage.begin()
    stage.rotation.make(Step.CREATE, token)
    stage.rotation.make(Step.SET, token)
    stage.users.down = {Side.STANDBY}
    with pytest.raises(OutOfReachError, match="Cognito on the standby gave no answer"):
        stage.rotation.make(Step.TEST, token)


def test_soon_after_a_rotation_no_other_touches_the_user_that_a_probe_may_still_use(stage: Stage) -> None:
    list(stage.rotate())
    stage.clock.now += LETTING_GO_SECONDS - 1
    token = stage.begin()
    with pytest.raises(NotYetError, match=r"ended less than 15 min ago.*wait 1 s more"):
        stage.rotation.make(Step.CREATE, token)
    assert stage.signs_in("canary-1", "password-of-1")
    stage.clock.now += 1
    stage.attempt(token)
    assert stage.content.username == "canary-1"


def test_no_password_is_set_while_a_region_failed_to_get_the_secrets_last_version_and_that_is_told_at_once(
    stage: Stage,
) -> None:
    token = stage.begin()
    stage.rotation.make(Step.CREATE, token)
    stage.vault.copies["us-east-1"] = Copy(status="Failed", message="Throttled")
    began = stage.clock.now
    with pytest.raises(NotYetError, match=r"us-east-1 is Failed Throttled\)"):
        stage.rotation.make(Step.SET, token)
    assert stage.clock.now == began, "what has failed is not waited for"
    assert stage.signs_in("canary-2", "lost")


def test_a_copy_of_the_secret_that_is_on_its_way_is_waited_for_a_little(stage: Stage) -> None:
    stage.vault.replicating_seconds = 7
    token = stage.begin()
    stage.rotation.make(Step.CREATE, token)
    began = stage.clock.now
    stage.rotation.make(Step.SET, token)
    assert 7 <= stage.clock.now - began < 10
    stage.attempt(token)
    assert stage.content.password == "new-password-1"


def test_one_that_takes_longer_is_told_with_how_long_and_no_password_is_set(stage: Stage) -> None:
    stage.vault.replicating_seconds = 45
    token = stage.begin()
    stage.rotation.make(Step.CREATE, token)
    began = stage.clock.now
    with pytest.raises(
        NotYetError, match=r"\(eu-west-1 is InProgress; us-east-1 is InProgress, after 10 s of waiting\)"
    ):
        stage.rotation.make(Step.SET, token)
    assert stage.clock.now - began == WAITING_SECONDS
    assert stage.signs_in("canary-2", "lost")
    stage.clock.now += 45
    stage.attempt(token)
    assert stage.content.username == "canary-2"


def test_a_secret_that_is_not_in_the_standby_region_is_not_rotated(stage: Stage) -> None:
    del stage.vault.copies["us-east-1"]
    with pytest.raises(RotationError, match="no replica in us-east-1, where the controller reads it"):
        stage.attempt(stage.begin())


def test_a_password_that_somebody_else_has_set_meanwhile_is_set_again_by_the_next_try(stage: Stage) -> None:
    token = stage.begin()
    stage.rotation.make(Step.CREATE, token)
    stage.rotation.make(Step.SET, token)
    stage.users.set_password("canary-2", "somebody-elses")
    with pytest.raises(RotationError, match="canary-2 could not sign in on the primary"):
        stage.rotation.make(Step.TEST, token)
    stage.attempt(token)
    assert stage.content.username == "canary-2"
    assert stage.users.refusals == [("canary-2", Side.PRIMARY)]


def test_a_secret_that_was_changed_meanwhile_is_not_rotated_over(stage: Stage) -> None:
    token = stage.begin()
    stage.rotation.make(Step.CREATE, token)
    swapped = {**FIRST, "username": "canary-2", "idle_username": "canary-1"}
    stage.vault._texts["first"] = json.dumps(swapped)  # noqa: SLF001 - as somebody wrote it
    for step in Step:
        with pytest.raises(RotationError, match=r"was changed since this rotation began.*canary-2 signs in now"):
            stage.rotation.make(step, token)
    assert stage.signs_in("canary-2", "lost")


def test_a_user_that_is_somebody_else_than_the_secret_says_does_not_take_over(stage: Stage) -> None:
    token = stage.begin()
    stage.rotation.make(Step.CREATE, token)
    pending = json.loads(stage.vault._texts[token])  # noqa: SLF001 - as somebody wrote it
    stage.vault._texts[token] = json.dumps({**pending, "sub": "another"})  # noqa: SLF001 - as somebody wrote it
    stage.rotation.make(Step.SET, token)
    with pytest.raises(RotationError, match="canary-2 signs in in ap-northeast-1 as somebody else"):
        stage.rotation.make(Step.FINISH, token)
    assert stage.content.username == "canary-1"


def test_nothing_is_switched_by_the_last_step_alone(stage: Stage) -> None:
    token = stage.begin()
    with pytest.raises(RotationError, match="has no value: the step createSecret was not made"):
        stage.rotation.make(Step.FINISH, token)
    stage.rotation.make(Step.CREATE, token)
    with pytest.raises(RotationError):
        stage.rotation.make(Step.FINISH, token)
    assert stage.content.username == "canary-1"


def test_a_trial_by_secrets_manager_has_nothing_to_test(stage: Stage) -> None:
    token = stage.begin()
    assert stage.rotation.make(Step.TEST, token) == "There is nothing new to test."
    stage.vault.put_pending(token, stage.vault.read_current())
    assert stage.rotation.make(Step.TEST, token) == "There is nothing new to test."
    assert stage.users.refusals == []


def test_a_secret_of_another_pool_is_left_alone(stage: Stage) -> None:
    stage.vault._texts["first"] = json.dumps({**FIRST, "user_pool_id": "ap-northeast-1_Another"})  # noqa: SLF001 - as above
    with pytest.raises(RotationError, match="the canary's of ap-northeast-1_Another, but this stack rotates that of"):
        stage.rotation.make(Step.CREATE, stage.begin())


def test_no_other_version_than_the_pending_one_is_touched(stage: Stage) -> None:
    stage.begin()
    with pytest.raises(RotationError, match="version other is not AWSPENDING, so it is no rotation under way"):
        stage.rotation.make(Step.CREATE, "other")


def test_with_rotation_switched_off_nothing_is_done(stage: Stage) -> None:
    token = stage.begin()
    stage.vault.rotates = False
    with pytest.raises(RotationError, match="not switched on"):
        stage.rotation.make(Step.CREATE, token)


def test_no_failure_shows_what_is_in_the_secret(stage: Stage) -> None:
    token = stage.begin()
    stage.rotation.make(Step.CREATE, token)
    assert "password" not in repr(stage.content).replace("idle", "")
    changed = replace(stage.content, password="x")
    assert "x'" not in repr(changed)
