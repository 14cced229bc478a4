"""The canary's secret, and the pauses that keep it from being locked out."""

import pytest

from failover.probe.answer import Challenged, EmptyAnswer, Refused, SignedIn, Silence, Silent, Tokens, Untried
from failover.probe.backoff import AT_REST, Backoff, next_backoff
from failover.probe.canary import REREAD_SECONDS, Canary, CanarySecretError, Credentials, Secret, parse_secret
from failover.probe.probe import backoff_after
from failover.probe.verdict import Answers, Judgement, Verdict

GOOD = '{"username": "canary", "password": "hunter-2", "sub": "sub-1"}'
WRONG_PASSWORD = Refused(code="NotAuthorizedException", http_status=400, message="", latency_seconds=0.1)
SIGNED_IN = SignedIn(tokens=Tokens(identity="i", access="a"), latency_seconds=0.1)
BROKEN = Judgement(verdict=Verdict.CANARY_BROKEN, login=Verdict.CANARY_BROKEN)
HEALTHY = Judgement(verdict=Verdict.HEALTHY, login=Verdict.HEALTHY)


class Shelf:
    """Holds one secret."""

    def __init__(self, secret: Secret) -> None:
        self.secret = secret

    def read(self) -> Secret:
        return self.secret


def test_a_secret_names_the_user_its_password_and_its_sub() -> None:
    assert parse_secret(Secret(version="7", text=GOOD)) == Credentials(
        version="7", username="canary", password="hunter-2", subject="sub-1"
    )


def test_the_sub_may_be_left_out() -> None:
    assert parse_secret(Secret(version="7", text='{"username": "u", "password": "p"}')).subject == ""


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("hunter-2", "no JSON object"),
        ('["hunter-2"]', "no JSON object"),
        ("", "no JSON object"),
        ('{"password": "hunter-2"}', "'username'"),
        ('{"username": "hunter-2", "password": 7}', "'password'"),
        ('{"username": "hunter-2", "password": ""}', "'password'"),
        ('{"username": "hunter-2", "password": "hunter-2", "sub": null}', "'sub'"),
    ],
)
def test_a_malformed_secret_is_refused_without_showing_it(text: str, named: str) -> None:
    with pytest.raises(CanarySecretError, match=named) as raised:
        parse_secret(Secret(version="7", text=text))

    assert "hunter-2" not in f"{raised.value}{raised.value.__cause__}{raised.value.__context__}"


def test_a_secret_never_shows_its_text() -> None:
    assert repr(Secret(version="7", text=GOOD)) == "Secret(version='7')"


def test_the_same_version_is_no_reason_to_try_again() -> None:
    shelf = Shelf(Secret(version="7", text=GOOD))
    canary = Canary(shelf)
    refused = canary.read()

    assert canary.renewed(refused) is None

    shelf.secret = Secret(version="8", text=GOOD)
    renewed = canary.renewed(refused)
    assert renewed is not None
    assert renewed.version == "8"
    assert canary.held == renewed


def test_what_is_held_is_due_again_after_five_minutes() -> None:
    now = 1000.0
    canary = Canary(Shelf(Secret(version="7", text=GOOD)), clock=lambda: now)
    due = [canary.due]
    canary.read()
    for seconds in (0, REREAD_SECONDS - 1, 1):
        now += seconds
        due.append(canary.due)
    assert due == [True, False, False, True]


def test_a_malformed_new_version_leaves_the_held_one_in_use() -> None:
    shelf = Shelf(Secret(version="7", text=GOOD))
    canary = Canary(shelf)
    held = canary.read()
    shelf.secret = Secret(version="8", text="{}")

    with pytest.raises(CanarySecretError):
        canary.read()

    assert canary.held == held


def test_pauses_double_from_one_minute_to_five() -> None:
    backoff, pauses = AT_REST, []
    for _ in range(5):
        backoff = next_backoff(backoff, now=1000.0, reason=Untried.CANARY_REFUSED)
        pauses.append(backoff.until - 1000.0)

    assert pauses == [60, 120, 240, 300, 300]


def test_a_pause_holds_until_its_end_and_leaves_the_canary_on_trial() -> None:
    backoff = next_backoff(AT_REST, now=1000.0, reason=Untried.CANARY_REFUSED)

    assert backoff.holds(1059.9)
    assert not backoff.holds(1060.0)
    assert backoff.on_trial
    assert not AT_REST.holds(0.0)
    assert not AT_REST.on_trial


@pytest.mark.parametrize(
    "answers",
    [
        Answers(login=WRONG_PASSWORD),
        Answers(login=SIGNED_IN, target=WRONG_PASSWORD),
        Answers(login=WRONG_PASSWORD, target=WRONG_PASSWORD),
    ],
)
def test_a_refusal_by_either_way_is_one_strike(answers: Answers) -> None:
    assert backoff_after(AT_REST, answers, BROKEN, now=1000.0).strikes == 1


@pytest.mark.parametrize("login", [SIGNED_IN, Challenged(name="SMS_MFA", latency_seconds=0.1)])
def test_being_let_in_clears_the_strikes(login: SignedIn | Challenged) -> None:
    assert backoff_after(Backoff(strikes=3, until=900.0), Answers(login=login), HEALTHY, now=1000.0) == AT_REST


@pytest.mark.parametrize("login", [Silent(kind=Silence.DEADLINE), EmptyAnswer(latency_seconds=0.1)])
def test_an_answer_that_does_not_speak_of_the_password_changes_nothing(login: Silent | EmptyAnswer) -> None:
    backoff = Backoff(strikes=3, until=900.0)

    assert backoff_after(backoff, Answers(login=login), BROKEN, now=1000.0) == backoff


def test_a_replica_that_lags_is_remembered_as_such() -> None:
    lagging = Judgement(verdict=Verdict.NOT_READY, login=Verdict.NOT_READY)

    assert backoff_after(AT_REST, Answers(login=WRONG_PASSWORD), lagging, now=0.0).reason is Untried.NOT_REPLICATED
