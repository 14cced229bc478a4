"""Whole rounds, against servers that play two Regions, their targets and a third Region."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from failover.bounded import Deadline
from failover.probe.answer import Untried
from failover.probe.backoff import NONE, Backoff
from failover.probe.canary import Canary, CanarySecretError, Secret
from failover.probe.https import Https, Timeouts
from failover.probe.keys import Keys, KeySource, MemoryKeyStore
from failover.probe.login import Login
from failover.probe.places import Places
from failover.probe.probe import Probe
from failover.probe.target import Target
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side
from failover.settings import Settings
from tests.integration.probe.servers import DOMAIN, LOGIN_HOST, NOW, Answer, Authority, Server, always, error
from tests.support import patience

NOT_AUTHORIZED = error("NotAuthorizedException", message="Incorrect username or password.")


class Vault:
    """Secrets Manager, with one secret."""

    def __init__(self) -> None:
        self.version, self.password, self.down, self.reads = 1, "right", False, 0
        self.user = {"username": "canary"}

    def read(self) -> Secret:
        self.reads += 1
        if self.down:
            raise CanarySecretError("Secrets Manager is down.")
        return Secret(version=str(self.version), text=json.dumps({"password": self.password, **self.user}))

    def rotate(self, password: str) -> None:
        self.version, self.password = self.version + 1, password


@dataclass(kw_only=True)
class World:
    """What a round meets."""

    primary: Server
    standby: Server
    primary_target: Server
    standby_target: Server
    witness: Server
    vault: Vault
    probe: Probe
    keys: Keys
    over: threading.Event
    now: float = NOW

    @property
    def everything(self) -> tuple[Server, ...]:
        return (self.primary, self.standby, self.primary_target, self.standby_target, self.witness)

    def hang(self, *servers: Server) -> None:
        for server in servers:
            server.answer = lambda _path, _body: (200 if self.over.wait(10) else 500, {})


@pytest.fixture(name="world")
def make_world(
    serve: Callable[..., Server],
    authority: Authority,
    settings: Settings,
    jwks: dict[str, Any],
    sign_in: Callable[..., Answer],
) -> Iterator[World]:
    primary, standby = serve(LOGIN_HOST), serve(LOGIN_HOST)
    primary_target, standby_target, witness = serve(DOMAIN), serve(DOMAIN), serve(LOGIN_HOST)
    issuer = serve(LOGIN_HOST)
    issuer.answer = always((200, jwks))
    for server in (primary, standby, primary_target, standby_target):
        server.answer = sign_in
    https = Https(
        Timeouts(connect_seconds=settings.connect_timeout_seconds, read_seconds=settings.read_timeout_seconds),
        authority.trusting,
    )
    vault = Vault()
    keys = Keys(
        store=MemoryKeyStore(),
        sources=(KeySource(endpoint=issuer.endpoint, path="/jwks.json"),),
        https=https,
        clock=lambda: world.now,
    )
    probe = Probe(
        observer="us-east-1",
        settings=settings,
        places=Places(
            logins=PerSide(primary=primary.endpoint, standby=standby.endpoint),
            targets=PerSide(
                primary=Target(endpoint=primary_target.endpoint), standby=Target(endpoint=standby_target.endpoint)
            ),
            witnesses=(witness.endpoint,),
        ),
        login=Login(client_id=settings.client_id, https=https, monotonic=time.monotonic),
        canary=Canary(vault, clock=lambda: world.now),
        keys=keys,
        clock=lambda: world.now,
    )
    world = World(
        primary=primary,
        standby=standby,
        primary_target=primary_target,
        standby_target=standby_target,
        witness=witness,
        vault=vault,
        probe=probe,
        keys=keys,
        over=threading.Event(),
    )
    probe.warm_up(Deadline(2))
    probe.refresh_keys(Deadline(2))
    yield world
    world.over.set()


def _verdicts(world: World) -> tuple[Verdict, Verdict]:
    observation, _ = world.probe.observe(NONE)
    return observation.readings.primary.verdict, observation.readings.standby.verdict


def test_two_regions_that_sign_the_canary_in_are_healthy(world: World) -> None:
    observation, backoffs = world.probe.observe(NONE)

    primary = observation.readings.primary
    assert (primary.verdict, primary.login_verdict, primary.target_verdict) == (Verdict.HEALTHY,) * 3
    assert observation.readings.standby.verdict is Verdict.HEALTHY
    assert (observation.observer, observation.observed_at, observation.witness_answered) == ("us-east-1", NOW, True)
    assert primary.code == ""
    assert primary.login_latency_seconds
    assert primary.target_latency_seconds
    after = f"{primary.login_latency_seconds:.2f} s"
    assert primary.detail.startswith(f"ap-northeast-1's Cognito signed the canary in after {after}")
    assert backoffs == NONE


def test_what_the_canary_was_given_at_cognito_is_at_hand_until_the_next_round(world: World) -> None:
    world.probe.observe(NONE)
    primary, standby = world.probe.passes.primary, world.probe.passes.standby
    assert primary
    assert standby
    assert primary.subject == standby.subject == "sub-1"
    assert primary.access.count(".") == 2
    assert primary.access not in repr(primary)

    world.primary.answer = always(error("NotAuthorizedException"))
    world.probe.observe(NONE)
    assert world.probe.passes.primary is None
    assert world.probe.passes.standby


def test_tokens_of_somebody_else_are_nothing_to_go_on(
    world: World, sign_in: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.standby, "answer", lambda *_: sign_in(subject="somebody-else"))
    world.probe.observe(NONE)
    assert world.probe.passes.primary
    assert world.probe.passes.standby is None


def test_a_login_is_sent_as_users_apps_send_it(world: World) -> None:
    world.probe.observe(NONE)

    assert world.primary.logins == [
        {
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": "client",
            "AuthParameters": {"USERNAME": "canary", "PASSWORD": "right"},
        }
    ]
    assert world.primary_target.hosts == [DOMAIN]


def test_a_silent_region_is_sick_when_a_third_region_answers(world: World) -> None:
    world.hang(world.primary, world.primary_target)

    observation, _ = world.probe.observe(NONE)

    reading = observation.readings.primary
    assert (reading.verdict, reading.code) == (Verdict.SICK, "read-timeout")
    assert reading.detail == (
        "ap-northeast-1's Cognito accepted a connection but sent nothing for 1 s; its target accepted a connection "
        "but sent nothing for 1 s. A third Region answered, so it is this Region."
    )
    assert observation.readings.standby.verdict is Verdict.HEALTHY


def test_silence_proves_nothing_when_third_regions_are_silent_too(world: World) -> None:
    world.hang(*world.everything)

    observation, _ = world.probe.observe(NONE)

    assert observation.witness_answered is False
    assert {reading.verdict for _, reading in observation.readings} == {Verdict.UNKNOWN}


def test_a_round_ends_at_its_deadline_though_every_answer_trickles(world: World, settings: Settings) -> None:
    deadline_seconds = 1.5
    world.probe._settings = replace(  # noqa: SLF001 - a deadline that this test can wait for, and no other needs
        settings, connect_timeout_seconds=0.5, read_timeout_seconds=0.5, probe_deadline_seconds=deadline_seconds
    )
    patient = Https(Timeouts(connect_seconds=30, read_seconds=30), world.probe._login.https._context)  # noqa: SLF001 - timeouts longer than the deadline are refused in settings
    world.probe._login = replace(world.probe._login, https=patient)  # noqa: SLF001
    world.hang(world.primary, world.primary_target)

    began = time.monotonic()
    observation, _ = world.probe.observe(NONE)
    took_seconds = time.monotonic() - began

    # Without its deadline the round would last as long as the 30 s of each answer; the deadline itself is the promise.
    assert deadline_seconds <= took_seconds < patience.scale(deadline_seconds + 3)
    assert (observation.readings.primary.verdict, observation.readings.primary.code) == (Verdict.SICK, "deadline")
    assert observation.readings.standby.verdict is Verdict.HEALTHY


def test_an_error_from_the_region_itself_needs_no_witness(world: World) -> None:
    world.hang(world.witness)
    world.primary.answer = always(error("InternalErrorException", 500))

    assert _verdicts(world) == (Verdict.SICK, Verdict.HEALTHY)


def test_a_broken_target_makes_a_region_sick_though_its_cognito_is_fine(world: World) -> None:
    world.standby_target.answer = always((502, {}))

    observation, _ = world.probe.observe(NONE)

    reading = observation.readings.standby
    assert (reading.login_verdict, reading.target_verdict) == (Verdict.HEALTHY, Verdict.SICK)
    assert (reading.verdict, reading.code) == (Verdict.SICK, "HTTP 502")


def test_an_inactive_replica_is_not_ready(world: World) -> None:
    refusal = error("OperationNotEnabledException")
    world.standby.answer = world.standby_target.answer = always(refusal)

    assert _verdicts(world) == (Verdict.HEALTHY, Verdict.NOT_READY)


def test_tokens_for_somebody_else_make_a_region_sick(world: World, sign_in: Callable[..., Answer]) -> None:
    world.standby.answer = lambda path, body: sign_in(path, body, subject="sub-2")

    assert _verdicts(world) == (Verdict.HEALTHY, Verdict.SICK)


def test_tokens_without_a_kept_key_are_unverified_until_the_keys_are_fetched(world: World) -> None:
    world.keys._kept = None  # noqa: SLF001 - a process whose store was empty
    assert _verdicts(world) == (Verdict.UNVERIFIED, Verdict.UNVERIFIED)

    world.now += 61
    world.probe.refresh_keys(Deadline(2))

    assert _verdicts(world) == (Verdict.HEALTHY, Verdict.HEALTHY)


def test_a_wrong_password_is_the_canarys_fault_and_stops_every_login(world: World) -> None:
    for server in (world.primary, world.standby, world.primary_target, world.standby_target):
        server.answer = always(NOT_AUTHORIZED)

    first, backoffs = world.probe.observe(NONE)
    second, after = world.probe.observe(backoffs)

    for observation in (first, second):
        assert {reading.verdict for _, reading in observation.readings} == {Verdict.CANARY_BROKEN}
    assert backoffs.primary == Backoff(strikes=1, until=NOW + 60, reason=Untried.CANARY_REFUSED)
    assert after == backoffs
    assert (len(world.primary.logins), len(world.primary_target.logins)) == (1, 1)


def test_the_secret_is_read_again_every_five_minutes_so_that_no_probe_uses_a_user_long_idle(world: World) -> None:
    world.vault.rotate("other")
    world.vault.user = {"username": "canary-2"}
    world.now += 299
    world.probe.refresh_canary(Deadline(2))
    assert world.vault.reads == 1

    world.now += 1
    world.probe.refresh_canary(Deadline(2))
    world.probe.observe(NONE)

    assert world.vault.reads == 2
    given = world.primary.logins[-1]["AuthParameters"]
    assert given == {"USERNAME": "canary-2", "PASSWORD": "other"}


def test_a_secret_that_can_not_be_read_again_leaves_the_held_one_in_use(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.vault.down = True
    world.now += 300

    world.probe.refresh_canary(Deadline(2))

    assert "Could not read the canary's secret again: Secrets Manager is down." in caplog.text
    assert _verdicts(world) == (Verdict.HEALTHY, Verdict.HEALTHY)


def test_one_region_refuses_the_user_that_is_idle_by_now_and_the_other_lets_it_in(
    world: World, sign_in: Callable[..., Answer]
) -> None:
    users = {"canary-1": "sub-1", "canary-2": "sub-2"}

    def answer(path: str, body: dict[str, Any]) -> Answer:
        return sign_in(path, body, subject=users[body["AuthParameters"]["USERNAME"]])

    def second_only(path: str, body: dict[str, Any]) -> Answer:
        return answer(path, body) if body["AuthParameters"]["USERNAME"] == "canary-2" else NOT_AUTHORIZED

    world.vault.user = {"username": "canary-1", "sub": "sub-1"}
    world.now += 300
    world.probe.refresh_canary(Deadline(2))
    world.vault.rotate("other")
    world.vault.user = {"username": "canary-2", "sub": "sub-2"}
    world.primary.answer = world.primary_target.answer = second_only
    world.standby.answer = world.standby_target.answer = answer

    observation, backoffs = world.probe.observe(NONE)

    assert {reading.verdict for _, reading in observation.readings} == {Verdict.HEALTHY}
    assert backoffs == NONE


def test_an_hour_of_a_wrong_password_spends_few_attempts(world: World) -> None:
    for server in (world.primary, world.primary_target):
        server.answer = always(NOT_AUTHORIZED)
    backoffs, attempts_at = NONE, []

    for seconds in range(0, 3600, 60):
        world.now = NOW + seconds
        before = len(world.primary.logins)
        _, backoffs = world.probe.observe(backoffs)
        if len(world.primary.logins) > before:
            attempts_at.append(seconds)

    assert len(world.primary_target.logins) == 1
    assert attempts_at == [0, 60, 180, *range(420, 3600, 300)]


def test_a_region_that_dies_while_the_canary_backs_off_is_still_seen_to_be_sick(world: World) -> None:
    world.primary.answer = world.primary_target.answer = always(NOT_AUTHORIZED)
    _, backoffs = world.probe.observe(NONE)
    world.hang(world.primary, world.primary_target)

    observation, _ = world.probe.observe(backoffs)

    assert observation.readings.primary.verdict is Verdict.SICK


def test_a_user_that_only_the_replica_refuses_is_lag_also_while_backing_off(world: World) -> None:
    world.standby.answer = world.standby_target.answer = always(NOT_AUTHORIZED)

    _, backoffs = world.probe.observe(NONE)
    observation, _ = world.probe.observe(backoffs)

    assert backoffs.standby.reason is Untried.NOT_REPLICATED
    assert observation.readings.standby.verdict is Verdict.NOT_READY


def test_after_the_pause_one_attempt_by_one_way_decides(world: World, sign_in: Callable[..., Answer]) -> None:
    world.primary.answer = world.primary_target.answer = always(NOT_AUTHORIZED)
    _, backoffs = world.probe.observe(NONE)
    world.primary.answer = world.primary_target.answer = sign_in
    world.now += 60

    _, backoffs = world.probe.observe(backoffs)
    assert (len(world.primary.logins), len(world.primary_target.logins)) == (2, 1)
    assert backoffs == NONE

    assert _verdicts(world) == (Verdict.HEALTHY, Verdict.HEALTHY)


def test_one_observer_tries_a_refused_password_again_and_the_others_wait(world: World) -> None:
    world.probe._tries_refused_canary = False  # noqa: SLF001 - an observer that isn't the controller
    after_the_pause = NONE.replace(Side.PRIMARY, Backoff(strikes=1, until=NOW - 1))

    observation, backoffs = world.probe.observe(after_the_pause)

    assert observation.readings.primary.verdict is Verdict.CANARY_BROKEN
    assert backoffs == after_the_pause
    assert world.primary.logins == []


def test_a_rotated_secret_is_read_again_and_used_in_the_same_round(
    world: World, sign_in: Callable[..., Answer]
) -> None:
    def only_new(path: str, body: dict[str, Any]) -> Answer:
        return sign_in(path, body) if body["AuthParameters"]["PASSWORD"] == "new" else NOT_AUTHORIZED

    for server in (world.primary, world.standby, world.primary_target, world.standby_target):
        server.answer = only_new
    world.vault.rotate("new")

    observation, backoffs = world.probe.observe(NONE)

    assert {reading.verdict for _, reading in observation.readings} == {Verdict.HEALTHY}
    assert backoffs == NONE


def test_an_unchanged_secret_is_not_tried_twice(world: World) -> None:
    world.primary.answer = always(NOT_AUTHORIZED)
    reads = world.vault.reads

    world.probe.observe(NONE)

    assert (len(world.primary.logins), world.vault.reads) == (1, reads + 1)


def test_a_secret_that_cant_be_read_again_stays_in_use(world: World, sign_in: Callable[..., Answer]) -> None:
    world.vault.down = True
    world.primary.answer = always(NOT_AUTHORIZED)
    assert _verdicts(world)[0] is Verdict.CANARY_BROKEN

    world.primary.answer = sign_in

    assert _verdicts(world)[0] is Verdict.HEALTHY


def test_without_any_secret_nothing_is_known_but_silence(world: World) -> None:
    world.probe._canary = Canary(world.vault)  # noqa: SLF001 - a cold start
    world.vault.down = True
    world.probe.warm_up(Deadline(1))
    world.hang(world.primary)

    observation, _ = world.probe.observe(NONE)

    assert observation.readings.primary.verdict is Verdict.SICK
    assert observation.readings.standby.verdict is Verdict.UNKNOWN
    assert "the canary's secret has not been read" in observation.readings.standby.detail
    assert world.standby.logins == []


def test_a_fault_of_the_probe_says_nothing_about_the_region(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Login, "attempt", broken)

    assert _verdicts(world) == (Verdict.UNKNOWN, Verdict.UNKNOWN)


def test_a_fault_in_checking_tokens_says_nothing_about_the_region_nor_ends_the_round(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise TypeError("eyJraWQi")

    monkeypatch.setattr("failover.probe.probe.verify", fail)

    assert _verdicts(world) == (Verdict.UNKNOWN, Verdict.UNKNOWN)
    assert "Checking tokens failed by a fault of its own: TypeError in " in caplog.text
    assert "eyJraWQi" not in caplog.text


def test_a_path_stands_for_a_login_where_the_target_passes_none(world: World) -> None:
    target = Target(endpoint=world.primary_target.endpoint, path="/health")
    world.probe._places = replace(world.probe._places, targets=PerSide(primary=target, standby=None))  # noqa: SLF001
    world.primary_target.answer = lambda path, _body: (302, {}) if path == "/health" else (404, {})

    observation, _ = world.probe.observe(NONE)

    assert observation.readings.primary.target_verdict is Verdict.HEALTHY
    assert observation.readings.standby.target_verdict is None
    assert world.primary_target.logins == []


def test_nothing_an_observation_says_contains_the_password_or_a_token(world: World) -> None:
    world.primary.answer = always(error("InvalidParameterException", message="canary/right is not right"))
    world.standby.answer = always(error("UserLambdaValidationException", message="no: right"))

    observation, backoffs = world.probe.observe(NONE)

    shown = repr((observation, backoffs, world.probe._canary.held))  # noqa: SLF001 - what a log might show
    assert "right" not in shown.replace("put its user, password or app client right", "")
    assert "eyJ" not in shown


@pytest.mark.parametrize(("status", "verdict"), [(500, Verdict.SICK), (404, Verdict.CANARY_BROKEN)])
def test_a_path_that_fails_is_judged_by_its_status(world: World, status: int, verdict: Verdict) -> None:
    target = Target(endpoint=world.primary_target.endpoint, path="/health")
    world.probe._places = replace(world.probe._places, targets=PerSide(primary=target, standby=None))  # noqa: SLF001
    world.primary_target.answer = always((status, {}))

    observation, _ = world.probe.observe(NONE)

    assert observation.readings.primary.target_verdict is verdict


def test_a_path_that_hangs_is_silence(world: World) -> None:
    target = Target(endpoint=world.primary_target.endpoint, path="/health")
    world.probe._places = replace(world.probe._places, targets=PerSide(primary=target, standby=None))  # noqa: SLF001
    world.hang(world.primary_target)

    observation, _ = world.probe.observe(NONE)

    assert (observation.readings.primary.target_verdict, observation.readings.primary.code) == (
        Verdict.SICK,
        "read-timeout",
    )
