"""Whole rounds against servers that play two Regions, their targets and a witness."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from cognito_failover.common.deadlines import Deadline
from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.canary_backoff import ALL_CLOSED, Backoff
from cognito_failover.core.probe_result import SkipReason
from cognito_failover.core.verdict import Verdict
from cognito_failover.probe.canary_credentials import Canary, CanarySecretError, SecretValue
from cognito_failover.probe.https_client import HttpsClient, Timeouts
from cognito_failover.probe.jwks_cache import JwksCache, KeySource, MemoryJwksStore
from cognito_failover.probe.login import LoginClient
from cognito_failover.probe.probe import Probe
from cognito_failover.probe.probe_targets import ProbeTargets, Target
from cognito_failover.settings.controller import Settings
from tests.integration.probe.stub_servers import (
    DOMAIN,
    LOGIN_HOST,
    NOW,
    ProbeCertificateAuthority,
    StubResponse,
    StubServer,
    make_constant_response,
    make_error,
)
from tests.support import load_scaling

NOT_AUTHORIZED = make_error("NotAuthorizedException", message="Incorrect username or password.")


class RotatingSecretReader:
    """Plays Secrets Manager with one secret."""

    def __init__(self) -> None:
        self.version, self.password, self.is_down, self.reads = 1, "right", False, 0
        self.user = {"username": "canary"}

    def read(self) -> SecretValue:
        self.reads += 1
        if self.is_down:
            raise CanarySecretError("Secrets Manager is down.")
        return SecretValue(version=str(self.version), text=json.dumps({"password": self.password, **self.user}))

    def rotate(self, password: str) -> None:
        self.version, self.password = self.version + 1, password


@dataclass(kw_only=True)
class ProbeEnvironment:
    """The servers, secret and keys of a round, and the probe."""

    primary: StubServer
    standby: StubServer
    primary_target: StubServer
    standby_target: StubServer
    witness: StubServer
    secret_reader: RotatingSecretReader
    probe: Probe
    keys: JwksCache
    test_ended: threading.Event
    now: float = NOW

    @property
    def all_servers(self) -> tuple[StubServer, ...]:
        return (self.primary, self.standby, self.primary_target, self.standby_target, self.witness)

    def make_hang(self, *servers: StubServer) -> None:
        for server in servers:
            server.respond = lambda _path, _body: (200 if self.test_ended.wait(10) else 500, {})


@pytest.fixture(name="environment")
def make_probe_environment(
    serve: Callable[..., StubServer],
    authority: ProbeCertificateAuthority,
    settings: Settings,
    jwks: dict[str, Any],
    sign_in_response: Callable[..., StubResponse],
) -> Iterator[ProbeEnvironment]:
    primary, standby = serve(LOGIN_HOST), serve(LOGIN_HOST)
    primary_target, standby_target, witness = serve(DOMAIN), serve(DOMAIN), serve(LOGIN_HOST)
    issuer = serve(LOGIN_HOST)
    issuer.respond = make_constant_response((200, jwks))
    for server in (primary, standby, primary_target, standby_target):
        server.respond = sign_in_response
    https = HttpsClient(
        Timeouts(connect_seconds=settings.connect_timeout_seconds, read_seconds=settings.read_timeout_seconds),
        authority.client_context,
    )
    secret_reader = RotatingSecretReader()
    keys = JwksCache(
        store=MemoryJwksStore(),
        sources=(KeySource(endpoint=issuer.endpoint, path="/jwks.json"),),
        https=https,
        clock=lambda: environment.now,
    )
    probe = Probe(
        observer="us-east-1",
        settings=settings,
        probe_targets=ProbeTargets(
            logins=PerRole(primary=primary.endpoint, standby=standby.endpoint),
            targets=PerRole(
                primary=Target(endpoint=primary_target.endpoint), standby=Target(endpoint=standby_target.endpoint)
            ),
            witnesses=(witness.endpoint,),
        ),
        login=LoginClient(client_id=settings.client_id, https=https, monotonic=time.monotonic),
        canary=Canary(secret_reader, clock=lambda: environment.now),
        keys=keys,
        clock=lambda: environment.now,
    )
    environment = ProbeEnvironment(
        primary=primary,
        standby=standby,
        primary_target=primary_target,
        standby_target=standby_target,
        witness=witness,
        secret_reader=secret_reader,
        probe=probe,
        keys=keys,
        test_ended=threading.Event(),
    )
    probe.warm_up(Deadline(2))
    probe.refresh_keys(Deadline(2))
    yield environment
    environment.test_ended.set()


def _list_verdicts(environment: ProbeEnvironment) -> tuple[Verdict, Verdict]:
    observation, _ = environment.probe.observe(ALL_CLOSED)
    return observation.readings.primary.verdict, observation.readings.standby.verdict


def _set_primary_target(environment: ProbeEnvironment, target: Target) -> None:
    """Probe this target in the primary, and none in the standby."""
    probe_targets = environment.probe._probe_targets  # noqa: SLF001 - every other test uses the fixture's targets
    environment.probe._probe_targets = replace(probe_targets, targets=PerRole(primary=target, standby=None))  # noqa: SLF001


def test_regions_that_sign_in_the_canary_are_healthy(environment: ProbeEnvironment) -> None:
    observation, backoffs = environment.probe.observe(ALL_CLOSED)

    primary = observation.readings.primary
    assert (primary.verdict, primary.login_verdict, primary.target_verdict) == (Verdict.HEALTHY,) * 3
    assert observation.readings.standby.verdict is Verdict.HEALTHY
    assert (observation.observer, observation.observed_at, observation.witness_answered) == ("us-east-1", NOW, True)
    assert primary.code == ""
    assert primary.login_latency_seconds
    assert primary.target_latency_seconds
    latency = f"{primary.login_latency_seconds:.2f} s"
    assert primary.detail.startswith(f"ap-northeast-1's Cognito signed the canary in after {latency}")
    assert backoffs == ALL_CLOSED


def test_canary_sessions_are_those_of_the_last_round(environment: ProbeEnvironment) -> None:
    environment.probe.observe(ALL_CLOSED)
    primary, standby = environment.probe.sessions.primary, environment.probe.sessions.standby
    assert primary
    assert standby
    assert primary.subject == standby.subject == "sub-1"
    assert primary.access_token.count(".") == 2
    assert primary.access_token not in repr(primary)

    environment.primary.respond = make_constant_response(make_error("NotAuthorizedException"))
    environment.probe.observe(ALL_CLOSED)
    assert environment.probe.sessions.primary is None
    assert environment.probe.sessions.standby


def test_tokens_of_another_user_give_no_session(
    environment: ProbeEnvironment, sign_in_response: Callable[..., StubResponse], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment.standby, "respond", lambda *_: sign_in_response(subject="another-user"))
    environment.probe.observe(ALL_CLOSED)
    assert environment.probe.sessions.primary
    assert environment.probe.sessions.standby is None


def test_sign_in_request_matches_client_apps(environment: ProbeEnvironment) -> None:
    environment.probe.observe(ALL_CLOSED)

    assert environment.primary.sign_ins == [
        {
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": "client",
            "AuthParameters": {"USERNAME": "canary", "PASSWORD": "right"},
        }
    ]
    assert environment.primary_target.hosts == [DOMAIN]


def test_silent_region_is_sick_when_witness_answers(environment: ProbeEnvironment) -> None:
    environment.make_hang(environment.primary, environment.primary_target)

    observation, _ = environment.probe.observe(ALL_CLOSED)

    reading = observation.readings.primary
    assert (reading.verdict, reading.code) == (Verdict.SICK, "read-timeout")
    assert reading.detail == (
        "ap-northeast-1's Cognito and its target each accepted a connection but sent nothing for 1 s. A third Region "
        "answered, so this Region failed."
    )
    assert observation.readings.standby.verdict is Verdict.HEALTHY


def test_silence_is_unknown_when_witness_is_silent_too(environment: ProbeEnvironment) -> None:
    environment.make_hang(*environment.all_servers)

    observation, _ = environment.probe.observe(ALL_CLOSED)

    assert observation.witness_answered is False
    assert {reading.verdict for _, reading in observation.readings} == {Verdict.UNKNOWN}


def test_round_ends_at_deadline_despite_slow_responses(environment: ProbeEnvironment, settings: Settings) -> None:
    deadline_seconds = 1.5
    environment.probe._settings = replace(  # noqa: SLF001 - a deadline that this test can wait for, and no other needs
        settings, connect_timeout_seconds=0.5, read_timeout_seconds=0.5, probe_deadline_seconds=deadline_seconds
    )
    patient = HttpsClient(Timeouts(connect_seconds=30, read_seconds=30), environment.probe._login.https._context)  # noqa: SLF001 - timeouts longer than the deadline are refused in settings
    environment.probe._login = replace(environment.probe._login, https=patient)  # noqa: SLF001
    environment.make_hang(environment.primary, environment.primary_target)

    started_at = time.monotonic()
    observation, _ = environment.probe.observe(ALL_CLOSED)
    duration_seconds = time.monotonic() - started_at

    # Without its deadline, the round would take the 30 s of each timeout.
    assert deadline_seconds <= duration_seconds < load_scaling.scale_seconds(deadline_seconds + 3)
    assert (observation.readings.primary.verdict, observation.readings.primary.code) == (Verdict.SICK, "deadline")
    assert observation.readings.standby.verdict is Verdict.HEALTHY


def test_region_error_needs_no_witness(environment: ProbeEnvironment) -> None:
    environment.make_hang(environment.witness)
    environment.primary.respond = make_constant_response(make_error("InternalErrorException", 500))

    assert _list_verdicts(environment) == (Verdict.SICK, Verdict.HEALTHY)


def test_failing_target_makes_region_sick_despite_healthy_cognito(environment: ProbeEnvironment) -> None:
    environment.standby_target.respond = make_constant_response((502, {}))

    observation, _ = environment.probe.observe(ALL_CLOSED)

    reading = observation.readings.standby
    assert (reading.login_verdict, reading.target_verdict) == (Verdict.HEALTHY, Verdict.SICK)
    assert (reading.verdict, reading.code) == (Verdict.SICK, "HTTP 502")


def test_inactive_replica_is_inactive(environment: ProbeEnvironment) -> None:
    error = make_error("OperationNotEnabledException")
    environment.standby.respond = environment.standby_target.respond = make_constant_response(error)

    assert _list_verdicts(environment) == (Verdict.HEALTHY, Verdict.INACTIVE)


def test_replica_with_another_user_of_the_name_is_not_ready(
    environment: ProbeEnvironment, sign_in_response: Callable[..., StubResponse]
) -> None:
    environment.standby.respond = lambda path, body: sign_in_response(path, body, subject="sub-2")

    assert _list_verdicts(environment) == (Verdict.HEALTHY, Verdict.NOT_READY)


def test_canary_made_again_is_canary_broken_until_its_secret_is_corrected(
    environment: ProbeEnvironment, sign_in_response: Callable[..., StubResponse]
) -> None:
    environment.secret_reader.user = {"username": "canary", "sub": "sub-1"}
    environment.probe.canary.read()
    for server in environment.all_servers[:4]:
        server.respond = lambda path, body: sign_in_response(path, body, subject="sub-2")

    observation, backoffs = environment.probe.observe(ALL_CLOSED)
    assert {reading.verdict for _, reading in observation.readings} == {Verdict.CANARY_BROKEN}
    assert observation.readings.primary.code == "unexpected-claims"
    assert backoffs == ALL_CLOSED

    environment.secret_reader.rotate("right")
    environment.secret_reader.user = {"username": "canary", "sub": "sub-2"}
    environment.now += 30
    environment.probe.refresh_canary(Deadline(2))
    assert _list_verdicts(environment) == (Verdict.HEALTHY, Verdict.HEALTHY)


def test_wrong_setting_of_the_issuer_is_canary_broken(environment: ProbeEnvironment, settings: Settings) -> None:
    # As if the stack had been deployed with another issuer: the settings of a probe never change.
    environment.probe._settings = replace(settings, issuer="https://issuer.example.com")  # noqa: SLF001 - see above

    assert _list_verdicts(environment) == (Verdict.CANARY_BROKEN, Verdict.CANARY_BROKEN)


def test_clock_ahead_of_the_tokens_is_canary_broken(environment: ProbeEnvironment) -> None:
    environment.now += 3700

    assert _list_verdicts(environment) == (Verdict.CANARY_BROKEN, Verdict.CANARY_BROKEN)


def test_tokens_are_unverified_until_keys_are_fetched(environment: ProbeEnvironment) -> None:
    environment.keys._jwks = None  # noqa: SLF001 - a process whose store was empty
    assert _list_verdicts(environment) == (Verdict.UNVERIFIED, Verdict.UNVERIFIED)

    environment.now += 61
    environment.probe.refresh_keys(Deadline(2))

    assert _list_verdicts(environment) == (Verdict.HEALTHY, Verdict.HEALTHY)


def test_wrong_password_is_canary_broken_and_stops_sign_ins(environment: ProbeEnvironment) -> None:
    for server in (environment.primary, environment.standby, environment.primary_target, environment.standby_target):
        server.respond = make_constant_response(NOT_AUTHORIZED)

    first, backoffs = environment.probe.observe(ALL_CLOSED)
    second, after = environment.probe.observe(backoffs)

    for observation in (first, second):
        assert {reading.verdict for _, reading in observation.readings} == {Verdict.CANARY_BROKEN}
    assert backoffs.primary == Backoff(
        consecutive_rejections=1,
        blocked_until=NOW + 60,
        reason=SkipReason.CANARY_REFUSED,
        rejected_version="1",
    )
    assert first.readings.primary.resting_reason is SkipReason.CANARY_REFUSED
    assert "next try at 2027-01-15T08:01:00Z" in second.readings.primary.detail
    assert after == backoffs
    assert (len(environment.primary.sign_ins), len(environment.primary_target.sign_ins)) == (1, 1)


def test_secret_is_reread_after_five_minutes(environment: ProbeEnvironment) -> None:
    environment.secret_reader.rotate("other")
    environment.secret_reader.user = {"username": "canary-2"}
    environment.now += 299
    environment.probe.refresh_canary(Deadline(2))
    assert environment.secret_reader.reads == 1

    environment.now += 1
    environment.probe.refresh_canary(Deadline(2))
    environment.probe.observe(ALL_CLOSED)

    assert environment.secret_reader.reads == 2
    parameters = environment.primary.sign_ins[-1]["AuthParameters"]
    assert parameters == {"USERNAME": "canary-2", "PASSWORD": "other"}


def test_failed_reread_keeps_cached_credentials(
    environment: ProbeEnvironment, caplog: pytest.LogCaptureFixture
) -> None:
    environment.secret_reader.is_down = True
    environment.now += 300

    environment.probe.refresh_canary(Deadline(2))

    assert "Could not read the canary's secret again: Secrets Manager is down." in caplog.text
    assert _list_verdicts(environment) == (Verdict.HEALTHY, Verdict.HEALTHY)


def test_user_refused_by_one_region_is_retried_there_with_new_secret(
    environment: ProbeEnvironment, sign_in_response: Callable[..., StubResponse]
) -> None:
    users = {"canary-1": "sub-1", "canary-2": "sub-2"}

    def accept_both_users(path: str, body: dict[str, Any]) -> StubResponse:
        return sign_in_response(path, body, subject=users[body["AuthParameters"]["USERNAME"]])

    def accept_second_user(path: str, body: dict[str, Any]) -> StubResponse:
        return accept_both_users(path, body) if body["AuthParameters"]["USERNAME"] == "canary-2" else NOT_AUTHORIZED

    environment.secret_reader.user = {"username": "canary-1", "sub": "sub-1"}
    environment.now += 300
    environment.probe.refresh_canary(Deadline(2))
    environment.secret_reader.rotate("other")
    environment.secret_reader.user = {"username": "canary-2", "sub": "sub-2"}
    environment.primary.respond = environment.primary_target.respond = accept_second_user
    environment.standby.respond = environment.standby_target.respond = accept_both_users

    observation, backoffs = environment.probe.observe(ALL_CLOSED)

    assert {reading.verdict for _, reading in observation.readings} == {Verdict.HEALTHY}
    assert backoffs == ALL_CLOSED


def test_wrong_password_is_tried_again_at_growing_intervals(environment: ProbeEnvironment) -> None:
    for server in (environment.primary, environment.primary_target):
        server.respond = make_constant_response(NOT_AUTHORIZED)
    backoffs, attempts_at = ALL_CLOSED, []

    for seconds in range(0, 3600, 60):
        environment.now = NOW + seconds
        before = len(environment.primary.sign_ins)
        _, backoffs = environment.probe.observe(backoffs)
        if len(environment.primary.sign_ins) > before:
            attempts_at.append(seconds)

    assert len(environment.primary_target.sign_ins) == 1
    assert attempts_at == [0, 60, 180, 1380, 2580]


def test_region_dying_during_canary_backoff_is_sick(environment: ProbeEnvironment) -> None:
    environment.primary.respond = environment.primary_target.respond = make_constant_response(NOT_AUTHORIZED)
    _, backoffs = environment.probe.observe(ALL_CLOSED)
    environment.make_hang(environment.primary, environment.primary_target)

    observation, _ = environment.probe.observe(backoffs)

    assert observation.readings.primary.verdict is Verdict.SICK


def test_region_with_server_errors_during_canary_backoff_is_sick(environment: ProbeEnvironment) -> None:
    environment.primary.respond = environment.primary_target.respond = make_constant_response(NOT_AUTHORIZED)
    _, backoffs = environment.probe.observe(ALL_CLOSED)
    environment.make_hang(environment.witness)
    environment.primary.respond = make_constant_response((503, {}))

    observation, _ = environment.probe.observe(backoffs)

    reading = observation.readings.primary
    assert (reading.verdict, reading.code) == (Verdict.SICK, "HTTP 503")
    assert reading.resting_reason is SkipReason.CANARY_REFUSED


def test_target_that_turns_refusals_into_server_errors_is_not_sick(environment: ProbeEnvironment) -> None:
    environment.primary.respond = environment.standby.respond = make_constant_response(NOT_AUTHORIZED)
    environment.primary_target.respond = environment.standby_target.respond = make_constant_response((502, {}))
    _, backoffs = environment.probe.observe(ALL_CLOSED)

    observation, _ = environment.probe.observe(backoffs)

    assert {reading.verdict for _, reading in observation.readings} == {Verdict.CANARY_BROKEN}


def test_challenges_of_a_day_are_few(environment: ProbeEnvironment) -> None:
    challenge = make_constant_response((200, {"ChallengeName": "EMAIL_OTP", "Session": "s"}))
    for server in environment.all_servers[:4]:
        server.respond = challenge
    backoffs = ALL_CLOSED

    for seconds in range(0, 86_400, 300):
        environment.now = NOW + seconds
        observation, backoffs = environment.probe.observe(backoffs)
        assert {reading.verdict for _, reading in observation.readings} == {Verdict.CANARY_BROKEN}

    assert sum(len(server.sign_ins) for server in environment.all_servers) <= 2 * 9


def test_user_refused_by_replica_only_is_not_ready_during_backoff(environment: ProbeEnvironment) -> None:
    environment.standby.respond = environment.standby_target.respond = make_constant_response(NOT_AUTHORIZED)

    _, backoffs = environment.probe.observe(ALL_CLOSED)
    observation, _ = environment.probe.observe(backoffs)

    assert backoffs.standby.reason is SkipReason.NOT_REPLICATED
    assert observation.readings.standby.verdict is Verdict.NOT_READY


def test_login_path_alone_is_tried_after_backoff(
    environment: ProbeEnvironment, sign_in_response: Callable[..., StubResponse]
) -> None:
    environment.primary.respond = environment.primary_target.respond = make_constant_response(NOT_AUTHORIZED)
    _, backoffs = environment.probe.observe(ALL_CLOSED)
    environment.primary.respond = environment.primary_target.respond = sign_in_response
    environment.now += 60

    _, backoffs = environment.probe.observe(backoffs)
    assert (len(environment.primary.sign_ins), len(environment.primary_target.sign_ins)) == (2, 1)
    assert backoffs == ALL_CLOSED

    assert _list_verdicts(environment) == (Verdict.HEALTHY, Verdict.HEALTHY)


def test_other_observer_does_not_retry_refused_password(environment: ProbeEnvironment) -> None:
    environment.probe._retries_rejected_canary = False  # noqa: SLF001 - an observer other than the controller
    half_open = ALL_CLOSED.replace(RegionRole.PRIMARY, Backoff(consecutive_rejections=1, blocked_until=NOW - 1))

    observation, backoffs = environment.probe.observe(half_open)

    assert observation.readings.primary.verdict is Verdict.CANARY_BROKEN
    assert backoffs == half_open
    assert environment.primary.sign_ins == []


def test_rotated_secret_is_reread_and_used_in_same_round(
    environment: ProbeEnvironment, sign_in_response: Callable[..., StubResponse]
) -> None:
    def accept_new_password(path: str, body: dict[str, Any]) -> StubResponse:
        return sign_in_response(path, body) if body["AuthParameters"]["PASSWORD"] == "new" else NOT_AUTHORIZED

    for server in (environment.primary, environment.standby, environment.primary_target, environment.standby_target):
        server.respond = accept_new_password
    environment.secret_reader.rotate("new")

    observation, backoffs = environment.probe.observe(ALL_CLOSED)

    assert {reading.verdict for _, reading in observation.readings} == {Verdict.HEALTHY}
    assert backoffs == ALL_CLOSED


def test_refused_password_is_not_retried_with_unchanged_secret(environment: ProbeEnvironment) -> None:
    environment.primary.respond = make_constant_response(NOT_AUTHORIZED)
    reads = environment.secret_reader.reads

    environment.probe.observe(ALL_CLOSED)

    assert (len(environment.primary.sign_ins), environment.secret_reader.reads) == (1, reads + 1)


def test_failed_reread_after_refusal_keeps_cached_credentials(
    environment: ProbeEnvironment, sign_in_response: Callable[..., StubResponse]
) -> None:
    environment.secret_reader.is_down = True
    environment.primary.respond = make_constant_response(NOT_AUTHORIZED)
    assert _list_verdicts(environment)[0] is Verdict.CANARY_BROKEN

    environment.primary.respond = sign_in_response

    assert _list_verdicts(environment)[0] is Verdict.HEALTHY


def test_silent_region_is_sick_even_without_credentials(environment: ProbeEnvironment) -> None:
    environment.probe._canary = Canary(environment.secret_reader)  # noqa: SLF001 - a cold start
    environment.secret_reader.is_down = True
    environment.probe.warm_up(Deadline(1))
    environment.make_hang(environment.primary)

    observation, _ = environment.probe.observe(ALL_CLOSED)

    assert observation.readings.primary.verdict is Verdict.SICK
    assert observation.readings.standby.verdict is Verdict.UNKNOWN
    assert "the canary's secret has not been read" in observation.readings.standby.detail
    assert environment.standby.sign_ins == []


def test_internal_error_in_a_probe_gives_verdict_unknown(
    environment: ProbeEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_error(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(LoginClient, "sign_in", raise_error)

    assert _list_verdicts(environment) == (Verdict.UNKNOWN, Verdict.UNKNOWN)


def test_internal_error_in_token_check_gives_verdict_unknown(
    environment: ProbeEnvironment, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise TypeError("eyJraWQi")

    monkeypatch.setattr("cognito_failover.probe.probe.verify_tokens", fail)

    assert _list_verdicts(environment) == (Verdict.UNKNOWN, Verdict.UNKNOWN)
    assert "Checking tokens failed with an internal error: TypeError in " in caplog.text
    assert "eyJraWQi" not in caplog.text


def test_target_with_a_path_is_probed_without_sign_in(environment: ProbeEnvironment) -> None:
    target = Target(endpoint=environment.primary_target.endpoint, path="/health")
    _set_primary_target(environment, target)
    environment.primary_target.respond = lambda path, _body: (302, {}) if path == "/health" else (404, {})

    observation, _ = environment.probe.observe(ALL_CLOSED)

    assert observation.readings.primary.target_verdict is Verdict.HEALTHY
    assert observation.readings.standby.target_verdict is None
    assert environment.primary_target.sign_ins == []


def test_observation_never_contains_password_or_token(environment: ProbeEnvironment) -> None:
    environment.primary.respond = make_constant_response(
        make_error("InvalidParameterException", message="canary/right is not right")
    )
    environment.standby.respond = make_constant_response(
        make_error("UserLambdaValidationException", message="no: right")
    )

    observation, backoffs = environment.probe.observe(ALL_CLOSED)

    text = repr((observation, backoffs, environment.probe._canary.cached))  # noqa: SLF001 - a log might contain them
    assert "right" not in text
    assert "eyJ" not in text


@pytest.mark.parametrize(("status", "verdict"), [(500, Verdict.SICK), (404, Verdict.TARGET_REFUSES)])
def test_status_of_failing_path_decides_the_verdict(
    environment: ProbeEnvironment, status: int, verdict: Verdict
) -> None:
    target = Target(endpoint=environment.primary_target.endpoint, path="/health")
    _set_primary_target(environment, target)
    environment.primary_target.respond = make_constant_response((status, {}))

    observation, _ = environment.probe.observe(ALL_CLOSED)

    assert observation.readings.primary.target_verdict is verdict


def test_hanging_path_is_read_timeout(environment: ProbeEnvironment) -> None:
    target = Target(endpoint=environment.primary_target.endpoint, path="/health")
    _set_primary_target(environment, target)
    environment.make_hang(environment.primary_target)

    observation, _ = environment.probe.observe(ALL_CLOSED)

    assert (observation.readings.primary.target_verdict, observation.readings.primary.code) == (
        Verdict.SICK,
        "read-timeout",
    )
