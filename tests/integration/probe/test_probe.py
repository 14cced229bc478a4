"""Whole rounds, against servers that play two Regions, their targets and a third Region."""

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
    """Secrets Manager, with one secret."""

    def __init__(self) -> None:
        self.version, self.password, self.down, self.reads = 1, "right", False, 0
        self.user = {"username": "canary"}

    def read(self) -> SecretValue:
        self.reads += 1
        if self.down:
            raise CanarySecretError("Secrets Manager is down.")
        return SecretValue(version=str(self.version), text=json.dumps({"password": self.password, **self.user}))

    def rotate(self, password: str) -> None:
        self.version, self.password = self.version + 1, password


@dataclass(kw_only=True)
class ProbeEnvironment:
    """What a round meets."""

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


@pytest.fixture(name="world")
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
    vault = RotatingSecretReader()
    keys = JwksCache(
        store=MemoryJwksStore(),
        sources=(KeySource(endpoint=issuer.endpoint, path="/jwks.json"),),
        https=https,
        clock=lambda: world.now,
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
        canary=Canary(vault, clock=lambda: world.now),
        keys=keys,
        clock=lambda: world.now,
    )
    world = ProbeEnvironment(
        primary=primary,
        standby=standby,
        primary_target=primary_target,
        standby_target=standby_target,
        witness=witness,
        secret_reader=vault,
        probe=probe,
        keys=keys,
        test_ended=threading.Event(),
    )
    probe.warm_up(Deadline(2))
    probe.refresh_keys(Deadline(2))
    yield world
    world.test_ended.set()


def _list_verdicts(world: ProbeEnvironment) -> tuple[Verdict, Verdict]:
    observation, _ = world.probe.observe(ALL_CLOSED)
    return observation.readings.primary.verdict, observation.readings.standby.verdict


def test_regions_that_sign_in_the_canary_are_healthy(world: ProbeEnvironment) -> None:
    observation, backoffs = world.probe.observe(ALL_CLOSED)

    primary = observation.readings.primary
    assert (primary.verdict, primary.login_verdict, primary.target_verdict) == (Verdict.HEALTHY,) * 3
    assert observation.readings.standby.verdict is Verdict.HEALTHY
    assert (observation.observer, observation.observed_at, observation.witness_answered) == ("us-east-1", NOW, True)
    assert primary.code == ""
    assert primary.login_latency_seconds
    assert primary.target_latency_seconds
    after = f"{primary.login_latency_seconds:.2f} s"
    assert primary.detail.startswith(f"ap-northeast-1's Cognito signed the canary in after {after}")
    assert backoffs == ALL_CLOSED


def test_canary_sessions_last_until_the_next_round(world: ProbeEnvironment) -> None:
    world.probe.observe(ALL_CLOSED)
    primary, standby = world.probe.sessions.primary, world.probe.sessions.standby
    assert primary
    assert standby
    assert primary.subject == standby.subject == "sub-1"
    assert primary.access_token.count(".") == 2
    assert primary.access_token not in repr(primary)

    world.primary.respond = make_constant_response(make_error("NotAuthorizedException"))
    world.probe.observe(ALL_CLOSED)
    assert world.probe.sessions.primary is None
    assert world.probe.sessions.standby


def test_tokens_of_another_user_give_no_session(
    world: ProbeEnvironment, sign_in_response: Callable[..., StubResponse], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.standby, "respond", lambda *_: sign_in_response(subject="somebody-else"))
    world.probe.observe(ALL_CLOSED)
    assert world.probe.sessions.primary
    assert world.probe.sessions.standby is None


def test_sign_in_request_matches_client_apps(world: ProbeEnvironment) -> None:
    world.probe.observe(ALL_CLOSED)

    assert world.primary.sign_ins == [
        {
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": "client",
            "AuthParameters": {"USERNAME": "canary", "PASSWORD": "right"},
        }
    ]
    assert world.primary_target.hosts == [DOMAIN]


def test_silent_region_is_sick_when_witness_answers(world: ProbeEnvironment) -> None:
    world.make_hang(world.primary, world.primary_target)

    observation, _ = world.probe.observe(ALL_CLOSED)

    reading = observation.readings.primary
    assert (reading.verdict, reading.code) == (Verdict.SICK, "read-timeout")
    assert reading.detail == (
        "ap-northeast-1's Cognito accepted a connection but sent nothing for 1 s; its target accepted a connection "
        "but sent nothing for 1 s. A third Region answered, so it is this Region."
    )
    assert observation.readings.standby.verdict is Verdict.HEALTHY


def test_silence_is_inconclusive_when_witness_is_silent_too(world: ProbeEnvironment) -> None:
    world.make_hang(*world.all_servers)

    observation, _ = world.probe.observe(ALL_CLOSED)

    assert observation.witness_answered is False
    assert {reading.verdict for _, reading in observation.readings} == {Verdict.UNKNOWN}


def test_round_ends_at_deadline_despite_slow_responses(world: ProbeEnvironment, settings: Settings) -> None:
    deadline_seconds = 1.5
    world.probe._settings = replace(  # noqa: SLF001 - a deadline that this test can wait for, and no other needs
        settings, connect_timeout_seconds=0.5, read_timeout_seconds=0.5, probe_deadline_seconds=deadline_seconds
    )
    patient = HttpsClient(Timeouts(connect_seconds=30, read_seconds=30), world.probe._login.https._context)  # noqa: SLF001 - timeouts longer than the deadline are refused in settings
    world.probe._login = replace(world.probe._login, https=patient)  # noqa: SLF001
    world.make_hang(world.primary, world.primary_target)

    began = time.monotonic()
    observation, _ = world.probe.observe(ALL_CLOSED)
    took_seconds = time.monotonic() - began

    # Without its deadline the round would last as long as the 30 s of each answer; the deadline itself is the promise.
    assert deadline_seconds <= took_seconds < load_scaling.scale_seconds(deadline_seconds + 3)
    assert (observation.readings.primary.verdict, observation.readings.primary.code) == (Verdict.SICK, "deadline")
    assert observation.readings.standby.verdict is Verdict.HEALTHY


def test_region_error_needs_no_witness(world: ProbeEnvironment) -> None:
    world.make_hang(world.witness)
    world.primary.respond = make_constant_response(make_error("InternalErrorException", 500))

    assert _list_verdicts(world) == (Verdict.SICK, Verdict.HEALTHY)


def test_failing_target_makes_region_sick_despite_healthy_cognito(world: ProbeEnvironment) -> None:
    world.standby_target.respond = make_constant_response((502, {}))

    observation, _ = world.probe.observe(ALL_CLOSED)

    reading = observation.readings.standby
    assert (reading.login_verdict, reading.target_verdict) == (Verdict.HEALTHY, Verdict.SICK)
    assert (reading.verdict, reading.code) == (Verdict.SICK, "HTTP 502")


def test_inactive_replica_is_not_ready(world: ProbeEnvironment) -> None:
    refusal = make_error("OperationNotEnabledException")
    world.standby.respond = world.standby_target.respond = make_constant_response(refusal)

    assert _list_verdicts(world) == (Verdict.HEALTHY, Verdict.NOT_READY)


def test_tokens_of_another_user_make_region_sick(
    world: ProbeEnvironment, sign_in_response: Callable[..., StubResponse]
) -> None:
    world.standby.respond = lambda path, body: sign_in_response(path, body, subject="sub-2")

    assert _list_verdicts(world) == (Verdict.HEALTHY, Verdict.SICK)


def test_tokens_are_unverified_until_keys_are_fetched(world: ProbeEnvironment) -> None:
    world.keys._jwks = None  # noqa: SLF001 - a process whose store was empty
    assert _list_verdicts(world) == (Verdict.UNVERIFIED, Verdict.UNVERIFIED)

    world.now += 61
    world.probe.refresh_keys(Deadline(2))

    assert _list_verdicts(world) == (Verdict.HEALTHY, Verdict.HEALTHY)


def test_wrong_password_is_canary_failure_and_stops_sign_ins(world: ProbeEnvironment) -> None:
    for server in (world.primary, world.standby, world.primary_target, world.standby_target):
        server.respond = make_constant_response(NOT_AUTHORIZED)

    first, backoffs = world.probe.observe(ALL_CLOSED)
    second, after = world.probe.observe(backoffs)

    for observation in (first, second):
        assert {reading.verdict for _, reading in observation.readings} == {Verdict.CANARY_BROKEN}
    assert backoffs.primary == Backoff(
        consecutive_rejections=1, blocked_until=NOW + 60, reason=SkipReason.CANARY_REFUSED
    )
    assert after == backoffs
    assert (len(world.primary.sign_ins), len(world.primary_target.sign_ins)) == (1, 1)


def test_secret_is_reread_every_five_minutes(world: ProbeEnvironment) -> None:
    world.secret_reader.rotate("other")
    world.secret_reader.user = {"username": "canary-2"}
    world.now += 299
    world.probe.refresh_canary(Deadline(2))
    assert world.secret_reader.reads == 1

    world.now += 1
    world.probe.refresh_canary(Deadline(2))
    world.probe.observe(ALL_CLOSED)

    assert world.secret_reader.reads == 2
    given = world.primary.sign_ins[-1]["AuthParameters"]
    assert given == {"USERNAME": "canary-2", "PASSWORD": "other"}


def test_failed_reread_keeps_cached_secret(world: ProbeEnvironment, caplog: pytest.LogCaptureFixture) -> None:
    world.secret_reader.down = True
    world.now += 300

    world.probe.refresh_canary(Deadline(2))

    assert "Could not read the canary's secret again: Secrets Manager is down." in caplog.text
    assert _list_verdicts(world) == (Verdict.HEALTHY, Verdict.HEALTHY)


def test_idle_user_refused_by_one_region_only_is_retried_with_new_secret(
    world: ProbeEnvironment, sign_in_response: Callable[..., StubResponse]
) -> None:
    users = {"canary-1": "sub-1", "canary-2": "sub-2"}

    def answer(path: str, body: dict[str, Any]) -> StubResponse:
        return sign_in_response(path, body, subject=users[body["AuthParameters"]["USERNAME"]])

    def accept_second_user(path: str, body: dict[str, Any]) -> StubResponse:
        return answer(path, body) if body["AuthParameters"]["USERNAME"] == "canary-2" else NOT_AUTHORIZED

    world.secret_reader.user = {"username": "canary-1", "sub": "sub-1"}
    world.now += 300
    world.probe.refresh_canary(Deadline(2))
    world.secret_reader.rotate("other")
    world.secret_reader.user = {"username": "canary-2", "sub": "sub-2"}
    world.primary.respond = world.primary_target.respond = accept_second_user
    world.standby.respond = world.standby_target.respond = answer

    observation, backoffs = world.probe.observe(ALL_CLOSED)

    assert {reading.verdict for _, reading in observation.readings} == {Verdict.HEALTHY}
    assert backoffs == ALL_CLOSED


def test_hour_of_wrong_password_makes_few_attempts(world: ProbeEnvironment) -> None:
    for server in (world.primary, world.primary_target):
        server.respond = make_constant_response(NOT_AUTHORIZED)
    backoffs, attempts_at = ALL_CLOSED, []

    for seconds in range(0, 3600, 60):
        world.now = NOW + seconds
        before = len(world.primary.sign_ins)
        _, backoffs = world.probe.observe(backoffs)
        if len(world.primary.sign_ins) > before:
            attempts_at.append(seconds)

    assert len(world.primary_target.sign_ins) == 1
    assert attempts_at == [0, 60, 180, *range(420, 3600, 300)]


def test_region_dying_during_canary_backoff_is_sick(world: ProbeEnvironment) -> None:
    world.primary.respond = world.primary_target.respond = make_constant_response(NOT_AUTHORIZED)
    _, backoffs = world.probe.observe(ALL_CLOSED)
    world.make_hang(world.primary, world.primary_target)

    observation, _ = world.probe.observe(backoffs)

    assert observation.readings.primary.verdict is Verdict.SICK


def test_user_refused_by_replica_only_is_lag_even_during_backoff(world: ProbeEnvironment) -> None:
    world.standby.respond = world.standby_target.respond = make_constant_response(NOT_AUTHORIZED)

    _, backoffs = world.probe.observe(ALL_CLOSED)
    observation, _ = world.probe.observe(backoffs)

    assert backoffs.standby.reason is SkipReason.NOT_REPLICATED
    assert observation.readings.standby.verdict is Verdict.NOT_READY


def test_one_attempt_on_one_path_decides_after_backoff(
    world: ProbeEnvironment, sign_in_response: Callable[..., StubResponse]
) -> None:
    world.primary.respond = world.primary_target.respond = make_constant_response(NOT_AUTHORIZED)
    _, backoffs = world.probe.observe(ALL_CLOSED)
    world.primary.respond = world.primary_target.respond = sign_in_response
    world.now += 60

    _, backoffs = world.probe.observe(backoffs)
    assert (len(world.primary.sign_ins), len(world.primary_target.sign_ins)) == (2, 1)
    assert backoffs == ALL_CLOSED

    assert _list_verdicts(world) == (Verdict.HEALTHY, Verdict.HEALTHY)


def test_only_one_observer_retries_refused_password(world: ProbeEnvironment) -> None:
    world.probe._retries_rejected_canary = False  # noqa: SLF001 - an observer that isn't the controller
    after_the_pause = ALL_CLOSED.replace(RegionRole.PRIMARY, Backoff(consecutive_rejections=1, blocked_until=NOW - 1))

    observation, backoffs = world.probe.observe(after_the_pause)

    assert observation.readings.primary.verdict is Verdict.CANARY_BROKEN
    assert backoffs == after_the_pause
    assert world.primary.sign_ins == []


def test_rotated_secret_is_reread_and_used_in_same_round(
    world: ProbeEnvironment, sign_in_response: Callable[..., StubResponse]
) -> None:
    def accept_new_password(path: str, body: dict[str, Any]) -> StubResponse:
        return sign_in_response(path, body) if body["AuthParameters"]["PASSWORD"] == "new" else NOT_AUTHORIZED

    for server in (world.primary, world.standby, world.primary_target, world.standby_target):
        server.respond = accept_new_password
    world.secret_reader.rotate("new")

    observation, backoffs = world.probe.observe(ALL_CLOSED)

    assert {reading.verdict for _, reading in observation.readings} == {Verdict.HEALTHY}
    assert backoffs == ALL_CLOSED


def test_unchanged_secret_is_not_retried(world: ProbeEnvironment) -> None:
    world.primary.respond = make_constant_response(NOT_AUTHORIZED)
    reads = world.secret_reader.reads

    world.probe.observe(ALL_CLOSED)

    assert (len(world.primary.sign_ins), world.secret_reader.reads) == (1, reads + 1)


def test_failed_reread_after_refusal_keeps_cached_secret(
    world: ProbeEnvironment, sign_in_response: Callable[..., StubResponse]
) -> None:
    world.secret_reader.down = True
    world.primary.respond = make_constant_response(NOT_AUTHORIZED)
    assert _list_verdicts(world)[0] is Verdict.CANARY_BROKEN

    world.primary.respond = sign_in_response

    assert _list_verdicts(world)[0] is Verdict.HEALTHY


def test_missing_secret_still_detects_silence(world: ProbeEnvironment) -> None:
    world.probe._canary = Canary(world.secret_reader)  # noqa: SLF001 - a cold start
    world.secret_reader.down = True
    world.probe.warm_up(Deadline(1))
    world.make_hang(world.primary)

    observation, _ = world.probe.observe(ALL_CLOSED)

    assert observation.readings.primary.verdict is Verdict.SICK
    assert observation.readings.standby.verdict is Verdict.UNKNOWN
    assert "the canary's secret has not been read" in observation.readings.standby.detail
    assert world.standby.sign_ins == []


def test_probe_error_says_nothing_about_region(world: ProbeEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_error(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(LoginClient, "sign_in", raise_error)

    assert _list_verdicts(world) == (Verdict.UNKNOWN, Verdict.UNKNOWN)


def test_token_check_error_is_inconclusive_and_does_not_end_round(
    world: ProbeEnvironment, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise TypeError("eyJraWQi")

    monkeypatch.setattr("cognito_failover.probe.probe.verify_tokens", fail)

    assert _list_verdicts(world) == (Verdict.UNKNOWN, Verdict.UNKNOWN)
    assert "Checking tokens failed with an internal error: TypeError in " in caplog.text
    assert "eyJraWQi" not in caplog.text


def test_path_replaces_login_where_target_has_no_sign_in(world: ProbeEnvironment) -> None:
    target = Target(endpoint=world.primary_target.endpoint, path="/health")
    world.probe._probe_targets = replace(world.probe._probe_targets, targets=PerRole(primary=target, standby=None))  # noqa: SLF001
    world.primary_target.respond = lambda path, _body: (302, {}) if path == "/health" else (404, {})

    observation, _ = world.probe.observe(ALL_CLOSED)

    assert observation.readings.primary.target_verdict is Verdict.HEALTHY
    assert observation.readings.standby.target_verdict is None
    assert world.primary_target.sign_ins == []


def test_observation_never_contains_password_or_token(world: ProbeEnvironment) -> None:
    world.primary.respond = make_constant_response(
        make_error("InvalidParameterException", message="canary/right is not right")
    )
    world.standby.respond = make_constant_response(make_error("UserLambdaValidationException", message="no: right"))

    observation, backoffs = world.probe.observe(ALL_CLOSED)

    shown = repr((observation, backoffs, world.probe._canary.cached))  # noqa: SLF001 - what a log might show
    assert "right" not in shown.replace("put its user, password or app client right", "")
    assert "eyJ" not in shown


@pytest.mark.parametrize(("status", "verdict"), [(500, Verdict.SICK), (404, Verdict.CANARY_BROKEN)])
def test_failing_path_is_judged_by_status(world: ProbeEnvironment, status: int, verdict: Verdict) -> None:
    target = Target(endpoint=world.primary_target.endpoint, path="/health")
    world.probe._probe_targets = replace(world.probe._probe_targets, targets=PerRole(primary=target, standby=None))  # noqa: SLF001
    world.primary_target.respond = make_constant_response((status, {}))

    observation, _ = world.probe.observe(ALL_CLOSED)

    assert observation.readings.primary.target_verdict is verdict


def test_hanging_path_is_silence(world: ProbeEnvironment) -> None:
    target = Target(endpoint=world.primary_target.endpoint, path="/health")
    world.probe._probe_targets = replace(world.probe._probe_targets, targets=PerRole(primary=target, standby=None))  # noqa: SLF001
    world.make_hang(world.primary_target)

    observation, _ = world.probe.observe(ALL_CLOSED)

    assert (observation.readings.primary.target_verdict, observation.readings.primary.code) == (
        Verdict.SICK,
        "read-timeout",
    )
