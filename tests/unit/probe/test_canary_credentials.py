"""The canary's secret, and the backoff that keeps it from a lockout."""

import pytest

from cognito_failover.core.canary_backoff import CLOSED, Backoff, close_backoff, compute_next_backoff
from cognito_failover.core.probe_result import (
    Challenged,
    EmptySuccess,
    ErrorResponse,
    FailureKind,
    NoResponse,
    SignInSuccess,
    SkipReason,
    Tokens,
)
from cognito_failover.core.verdict import ProbeResults, RegionVerdict, Verdict
from cognito_failover.probe.canary_credentials import (
    REREAD_INTERVAL_SECONDS,
    Canary,
    CanarySecretError,
    Credentials,
    SecretValue,
    parse_secret,
)
from cognito_failover.probe.probe import update_backoff

GOOD = '{"username": "canary", "password": "hunter-2", "sub": "sub-1"}'
WRONG_PASSWORD = ErrorResponse(code="NotAuthorizedException", http_status=400, message="", latency_seconds=0.1)
SIGNED_IN = SignInSuccess(tokens=Tokens(id_token="i", access_token="a"), latency_seconds=0.1)
BROKEN = RegionVerdict(verdict=Verdict.CANARY_BROKEN, login=Verdict.CANARY_BROKEN)
HEALTHY = RegionVerdict(verdict=Verdict.HEALTHY, login=Verdict.HEALTHY)


class StubSecretReader:
    """Returns one secret."""

    def __init__(self, secret: SecretValue) -> None:
        self.secret = secret

    def read(self) -> SecretValue:
        return self.secret


def test_secret_contains_username_password_and_sub() -> None:
    assert parse_secret(SecretValue(version="7", text=GOOD)) == Credentials(
        version="7", username="canary", password="hunter-2", subject="sub-1"
    )


def test_sub_is_optional() -> None:
    assert parse_secret(SecretValue(version="7", text='{"username": "u", "password": "p"}')).subject == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hunter-2", "not a JSON object"),
        ('["hunter-2"]', "not a JSON object"),
        ("", "not a JSON object"),
        ('{"password": "hunter-2"}', "'username'"),
        ('{"username": "hunter-2", "password": 7}', "'password'"),
        ('{"username": "hunter-2", "password": ""}', "'password'"),
        ('{"username": "hunter-2", "password": "hunter-2", "sub": null}', "'sub'"),
    ],
)
def test_malformed_secret_is_rejected_without_its_content(text: str, message: str) -> None:
    with pytest.raises(CanarySecretError, match=message) as raised:
        parse_secret(SecretValue(version="7", text=text))

    assert "hunter-2" not in f"{raised.value}{raised.value.__cause__}{raised.value.__context__}"


def test_secret_repr_hides_its_text() -> None:
    assert repr(SecretValue(version="7", text=GOOD)) == "SecretValue(version='7')"


def test_reread_returns_credentials_only_of_a_new_version() -> None:
    reader = StubSecretReader(SecretValue(version="7", text=GOOD))
    canary = Canary(reader)
    rejected = canary.read()

    assert canary.reread_if_changed(rejected) is None

    reader.secret = SecretValue(version="8", text=GOOD)
    credentials = canary.reread_if_changed(rejected)
    assert credentials is not None
    assert credentials.version == "8"
    assert canary.cached == credentials


def test_secret_is_due_for_a_read_at_start_and_after_five_minutes() -> None:
    now = 1000.0
    canary = Canary(StubSecretReader(SecretValue(version="7", text=GOOD)), clock=lambda: now)
    due = [canary.is_reread_due]
    canary.read()
    for seconds in (0, REREAD_INTERVAL_SECONDS - 1, 1):
        now += seconds
        due.append(canary.is_reread_due)
    assert due == [True, False, False, True]


def test_malformed_new_version_keeps_cached_credentials() -> None:
    reader = StubSecretReader(SecretValue(version="7", text=GOOD))
    canary = Canary(reader)
    cached = canary.read()
    reader.secret = SecretValue(version="8", text="{}")

    with pytest.raises(CanarySecretError):
        canary.read()

    assert canary.cached == cached


def test_longest_pause_exceeds_the_longest_lockout() -> None:
    backoff, pauses = CLOSED, []
    for _ in range(5):
        backoff = compute_next_backoff(backoff, now=1000.0, reason=SkipReason.CANARY_REFUSED)
        pauses.append(backoff.blocked_until - 1000.0)

    assert pauses == [60, 120, 1200, 1200, 1200]
    assert pauses[-1] > 15 * 60


def test_challenges_are_bounded_by_count_a_day() -> None:
    backoff, challenges = CLOSED, 0
    for now in range(0, 86_400, 10):
        if not backoff.is_blocked(now):
            challenges += 1
            backoff = compute_next_backoff(backoff, now=now, reason=SkipReason.CHALLENGED)

    assert challenges <= 8


def test_successes_between_challenges_do_not_reset_the_days_count() -> None:
    backoff, challenges, now = CLOSED, 0, 1_800_000_000.0
    for _ in range(8640):
        now += 10
        if backoff.is_blocked(now):
            continue
        if backoff.is_half_open:
            backoff = close_backoff(backoff, now=now)
        else:
            challenges += 1
            backoff = compute_next_backoff(backoff, now=now, reason=SkipReason.CHALLENGED)

    assert challenges <= 8
    assert close_backoff(backoff, now=now + 86_400) == CLOSED


def test_new_version_of_the_secret_is_tried_at_once() -> None:
    backoff = compute_next_backoff(CLOSED, now=1000.0, reason=SkipReason.CHALLENGED, version="7")

    assert backoff.is_blocked(1001.0, "7")
    assert not backoff.is_blocked(1001.0, "8")
    assert compute_next_backoff(backoff, now=1001.0, reason=SkipReason.CHALLENGED, version="8").is_blocked(1002.0, "8")


def test_secret_in_doubt_is_due_after_half_a_minute() -> None:
    now = 1000.0
    canary = Canary(StubSecretReader(SecretValue(version="7", text=GOOD)), clock=lambda: now)
    canary.read()
    due = []
    for seconds, is_in_doubt in ((29, True), (1, True), (0, False)):
        now += seconds
        canary.set_doubt(is_in_doubt=is_in_doubt)
        due.append(canary.is_reread_due)
    assert due == [False, True, False]


def test_backoff_blocks_until_its_end_and_is_half_open_after() -> None:
    backoff = compute_next_backoff(CLOSED, now=1000.0, reason=SkipReason.CANARY_REFUSED)

    assert backoff.is_blocked(1059.9)
    assert not backoff.is_blocked(1060.0)
    assert backoff.is_half_open
    assert not CLOSED.is_blocked(0.0)
    assert not CLOSED.is_half_open


@pytest.mark.parametrize(
    "results",
    [
        ProbeResults(login=WRONG_PASSWORD),
        ProbeResults(login=SIGNED_IN, target=WRONG_PASSWORD),
        ProbeResults(login=WRONG_PASSWORD, target=WRONG_PASSWORD),
    ],
)
def test_rejections_on_one_or_both_paths_count_as_one(results: ProbeResults) -> None:
    assert update_backoff(CLOSED, results, BROKEN, now=1000.0).consecutive_rejections == 1


def test_accepted_password_resets_backoff() -> None:
    backoff = Backoff(consecutive_rejections=3, blocked_until=900.0)

    assert update_backoff(backoff, ProbeResults(login=SIGNED_IN), HEALTHY, now=1000.0) == CLOSED


@pytest.mark.parametrize("login_is_challenged", [True, False])
def test_challenge_on_either_path_rests_the_canary(*, login_is_challenged: bool) -> None:
    challenge = Challenged(name="SMS_MFA", latency_seconds=0.1)
    results = ProbeResults(
        login=challenge if login_is_challenged else SIGNED_IN, target=SIGNED_IN if login_is_challenged else challenge
    )

    backoff = update_backoff(CLOSED, results, BROKEN, now=1000.0, version="7")

    assert backoff == Backoff(
        consecutive_rejections=1,
        blocked_until=1060.0,
        reason=SkipReason.CHALLENGED,
        rejected_version="7",
        challenges=1,
        challenged_at=1000.0,
    )


def test_password_that_only_the_target_refuses_rests_as_the_targets_refusal() -> None:
    results = ProbeResults(login=SIGNED_IN, target=WRONG_PASSWORD)
    refused = RegionVerdict(verdict=Verdict.TARGET_REFUSES, login=Verdict.HEALTHY, target=Verdict.TARGET_REFUSES)

    assert update_backoff(CLOSED, results, refused, now=0.0).reason is SkipReason.TARGET_REFUSED


@pytest.mark.parametrize("login", [NoResponse(kind=FailureKind.DEADLINE), EmptySuccess(latency_seconds=0.1)])
def test_result_unrelated_to_password_changes_nothing(login: NoResponse | EmptySuccess) -> None:
    backoff = Backoff(consecutive_rejections=3, blocked_until=900.0)

    assert update_backoff(backoff, ProbeResults(login=login), BROKEN, now=1000.0) == backoff


def test_rejection_by_lagging_replica_is_the_reason_of_the_backoff() -> None:
    lagging = RegionVerdict(verdict=Verdict.NOT_READY, login=Verdict.NOT_READY)

    assert (
        update_backoff(CLOSED, ProbeResults(login=WRONG_PASSWORD), lagging, now=0.0).reason is SkipReason.NOT_REPLICATED
    )
