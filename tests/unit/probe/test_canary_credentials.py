"""The canary's secret, and the backoff that keeps it from a lockout."""

import pytest

from cognito_failover.core.canary_backoff import CLOSED, Backoff, compute_next_backoff
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


def test_backoff_doubles_from_one_to_five_minutes() -> None:
    backoff, pauses = CLOSED, []
    for _ in range(5):
        backoff = compute_next_backoff(backoff, now=1000.0, reason=SkipReason.CANARY_REFUSED)
        pauses.append(backoff.blocked_until - 1000.0)

    assert pauses == [60, 120, 240, 300, 300]


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


@pytest.mark.parametrize("login", [SIGNED_IN, Challenged(name="SMS_MFA", latency_seconds=0.1)])
def test_accepted_password_resets_backoff(login: SignInSuccess | Challenged) -> None:
    assert (
        update_backoff(
            Backoff(consecutive_rejections=3, blocked_until=900.0), ProbeResults(login=login), HEALTHY, now=1000.0
        )
        == CLOSED
    )


@pytest.mark.parametrize("login", [NoResponse(kind=FailureKind.DEADLINE), EmptySuccess(latency_seconds=0.1)])
def test_result_unrelated_to_password_changes_nothing(login: NoResponse | EmptySuccess) -> None:
    backoff = Backoff(consecutive_rejections=3, blocked_until=900.0)

    assert update_backoff(backoff, ProbeResults(login=login), BROKEN, now=1000.0) == backoff


def test_rejection_by_lagging_replica_is_the_reason_of_the_backoff() -> None:
    lagging = RegionVerdict(verdict=Verdict.NOT_READY, login=Verdict.NOT_READY)

    assert (
        update_backoff(CLOSED, ProbeResults(login=WRONG_PASSWORD), lagging, now=0.0).reason is SkipReason.NOT_REPLICATED
    )
