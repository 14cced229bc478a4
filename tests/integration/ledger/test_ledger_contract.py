"""What every ledger promises, asked of the one in memory and of the one in DynamoDB alike."""

from dataclasses import replace

import pytest

from failover.decision.announcement import Announcement, Kind
from failover.decision.preflight import Finding, Outcome, Preflight, Severity
from failover.decision.state import State
from failover.errors import LedgerConflictError
from failover.ledger.ledger import Ledger
from failover.levers.latch import LatchName
from failover.outside.sample import LatchSeen, Outside, SignIn, Tally
from failover.probe.keys import NO_KEYS, KeptKey, KeptKeys
from failover.probe.observation import Observation, Reading
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side, all_to
from tests.support.world import World
from tests.unit.outside.examples import sample

NOW = 1_800_000_000.0
STATE = State(born_at=NOW, active=Side.PRIMARY, active_since=NOW, weights=all_to(Side.PRIMARY))


def told(number: int, at: float = NOW) -> Announcement:
    return Announcement(kind=Kind.PAUSED, at=at, sentence=f"number {number}")


def sentences(ledger: Ledger, limit: int = 100) -> list[str]:
    return [entry.sentence for entry in ledger.history(limit=limit)]


def seen_from(observer: str, at: float, verdict: Verdict = Verdict.HEALTHY) -> Observation:
    reading = Reading(verdict=verdict, detail="seen", login_verdict=verdict, login_latency_seconds=0.25)
    return Observation(
        observer=observer,
        observed_at=at,
        readings=PerSide(primary=reading, standby=reading),
        witness_answered=True,
    )


def test_an_empty_ledger_remembers_nothing(ledger: Ledger) -> None:
    assert ledger.load() is None
    assert ledger.observations(("us-east-1", "eu-west-1")) == ()
    assert ledger.history(limit=10) == ()
    assert ledger.load_keys() == NO_KEYS


def test_what_is_saved_is_what_is_loaded(ledger: Ledger) -> None:
    saved = ledger.save(STATE, expected=None)
    assert ledger.load() == saved
    assert saved.state == STATE


def test_each_save_is_a_new_version(ledger: Ledger) -> None:
    first = ledger.save(STATE, expected=None)
    second = ledger.save(replace(STATE, reason="more"), expected=first.version)
    assert second.version > first.version
    assert ledger.load() == second


def test_a_save_on_an_old_version_is_a_conflict_and_saves_nothing(ledger: Ledger) -> None:
    first = ledger.save(STATE, expected=None)
    second = ledger.save(replace(STATE, reason="theirs"), expected=first.version)
    with pytest.raises(LedgerConflictError):
        ledger.save(replace(STATE, reason="ours"), expected=first.version)
    assert ledger.load() == second


def test_a_first_save_over_an_existing_state_is_a_conflict(ledger: Ledger) -> None:
    ledger.save(STATE, expected=None)
    with pytest.raises(LedgerConflictError):
        ledger.save(replace(STATE, reason="ours"), expected=None)


def test_a_save_on_a_state_that_was_lost_is_a_conflict(ledger: Ledger) -> None:
    with pytest.raises(LedgerConflictError):
        ledger.save(STATE, expected=7)
    assert ledger.load() is None


def test_state_and_history_are_saved_both_or_neither(ledger: Ledger) -> None:
    first = ledger.save(STATE, expected=None, announcements=[told(1), told(2)])
    with pytest.raises(LedgerConflictError):
        ledger.save(STATE, expected=first.version + 1, announcements=[told(3)])
    with pytest.raises(LedgerConflictError):
        ledger.save(STATE, expected=None, announcements=[told(4)])
    assert ledger.load() == first
    assert sentences(ledger) == ["number 2", "number 1"]


def test_the_history_is_newest_first_and_as_long_as_asked(ledger: Ledger) -> None:
    version = None
    for number in range(5):
        at = NOW + number // 2  # two of them in one second
        version = ledger.save(STATE, expected=version, announcements=[told(number, at)]).version
    assert sentences(ledger) == [f"number {number}" for number in (4, 3, 2, 1, 0)]
    assert sentences(ledger, limit=2) == ["number 4", "number 3"]


def test_a_part_of_the_history_is_read_to_the_second_oldest_first(ledger: Ledger) -> None:
    version = None
    for number in range(5):
        version = ledger.save(STATE, expected=version, announcements=[told(number, NOW + number + 0.5)]).version
    entries = ledger.history_between(since=NOW + 1.9, until=NOW + 3)
    assert [entry.sentence for entry in entries] == ["number 1", "number 2", "number 3"]
    assert ledger.history_between(since=NOW + 100, until=NOW + 200) == ()


def test_a_lease_is_one_owners_until_it_runs_out(ledger: Ledger) -> None:
    assert ledger.take_lease("first", now=NOW, seconds=20)
    assert not ledger.take_lease("second", now=NOW + 19.9, seconds=20)
    assert ledger.take_lease("second", now=NOW + 20, seconds=20)
    assert not ledger.take_lease("first", now=NOW + 21, seconds=20)


def test_an_owner_renews_its_lease(ledger: Ledger) -> None:
    ledger.take_lease("first", now=NOW, seconds=20)
    assert ledger.take_lease("first", now=NOW + 10, seconds=20)
    assert not ledger.take_lease("second", now=NOW + 25, seconds=20)


def test_a_lease_given_up_is_free_at_once(ledger: Ledger) -> None:
    ledger.take_lease("first", now=NOW, seconds=20)
    ledger.give_up_lease("first")
    assert ledger.take_lease("second", now=NOW, seconds=20)


def test_nobody_gives_up_anothers_lease(ledger: Ledger) -> None:
    ledger.give_up_lease("nobody")
    ledger.take_lease("first", now=NOW, seconds=20)
    ledger.give_up_lease("second")
    assert not ledger.take_lease("second", now=NOW + 1, seconds=20)


def test_the_latest_observation_of_each_observer_is_kept(ledger: Ledger) -> None:
    ledger.put_observation(seen_from("us-east-1", NOW))
    ledger.put_observation(seen_from("eu-west-1", NOW))
    latest = seen_from("us-east-1", NOW + 10, Verdict.SICK)
    ledger.put_observation(latest)
    assert ledger.observations(("us-east-1", "eu-west-1")) == (latest, seen_from("eu-west-1", NOW))


def test_the_observations_of_those_asked_for_are_read_in_their_order(ledger: Ledger) -> None:
    for observer in ("us-east-1", "eu-west-1", "us-west-2"):
        ledger.put_observation(seen_from(observer, NOW))
    read = ledger.observations(("us-west-2", "ap-south-1", "us-east-1"))
    assert [each.observer for each in read] == ["us-west-2", "us-east-1"]


def test_the_last_preflight_is_kept_with_every_finding(ledger: Ledger) -> None:
    finding = Finding(
        check="tokens-equal",
        severity=Severity.HIGH,
        outcome=Outcome.FAILED,
        sentence="The iss differs.",
        remedy="Mend it.",
        bars=True,
        table=(("claim", "ap-northeast-1", "us-east-1"), ("iss", "one", "another")),
    )
    assert ledger.preflight() is None
    ledger.put_preflight(Preflight(at=NOW, findings=()))
    latest = Preflight(at=NOW + 3600, findings=(finding,))
    ledger.put_preflight(latest)
    assert ledger.preflight() == latest
    assert ledger.load() is None


def test_the_timeline_is_read_from_one_moment_to_another_oldest_first(ledger: Ledger) -> None:
    for seconds in (0, 10.5, 20, 30):
        ledger.put_sample(sample(NOW + seconds))
    assert [each.at - NOW for each in ledger.samples(since=NOW + 10.5, until=NOW + 20)] == [10.5, 20]
    assert [each.at - NOW for each in ledger.samples(since=0, until=NOW + 100, limit=2)] == [20, 30]
    assert ledger.samples(since=NOW + 31, until=NOW + 100) == ()
    assert ledger.history(limit=10) == ()


def test_a_moment_of_the_timeline_comes_back_as_it_was(ledger: Ledger) -> None:
    outside = Outside(
        at=NOW + 1,
        took_seconds=0.4,
        name_servers={"ns-1.example.net": Tally(primary=1, standby=2)},
        resolvers={"1.1.1.1": Tally(unclear=1, missing=1)},
        sign_in=SignIn(at=NOW + 1, ok=False, code="connect-timeout"),
    )
    latches = {LatchName.RECORDS: LatchSeen(thrown=True, arrived=False)}
    kept = sample(NOW, outside=outside, latches=latches, found=all_to(Side.PRIMARY), move_id="m1", configuration="c0")
    ledger.put_sample(kept)
    assert ledger.samples(since=NOW, until=NOW) == (kept,)


def test_a_moment_kept_twice_is_one(ledger: Ledger) -> None:
    ledger.put_sample(sample(NOW))
    ledger.put_sample(sample(NOW, reason="again"))
    assert [each.reason for each in ledger.samples(since=NOW, until=NOW)] == ["again"]


def test_a_long_timeline_is_read_over_many_pages(ledger: Ledger) -> None:
    for number in range(300):
        ledger.put_sample(sample(NOW + number, reason="x" * 5000))
    assert len(ledger.samples(since=NOW, until=NOW + 1000)) == 300
    assert [each.at - NOW for each in ledger.samples(since=NOW, until=NOW + 1000, limit=3)] == [297, 298, 299]


def test_a_key_set_is_kept(ledger: Ledger) -> None:
    kept = KeptKeys(fetched_at=NOW, keys={"k1": KeptKey(jwk={"kty": "RSA", "kid": "k1"}, listed_at=NOW)})
    ledger.save_keys(kept)
    assert ledger.load_keys() == kept
    assert ledger.load() is None


def test_every_state_of_a_failover_and_a_failback_comes_back_as_it_was(ledger: Ledger) -> None:
    version = None
    for state in _states_of_a_busy_day():
        saved = ledger.save(state, expected=version, announcements=state.untold)
        version = saved.version
        assert ledger.load() == saved


def _states_of_a_busy_day() -> list[State]:
    world = World().settle().primary(Verdict.SICK)
    states = []
    for action in ("", "", "", "failback", "", "", "", "abort", "pause"):
        world.told.works = False
        if action == "failback":
            world.primary(Verdict.HEALTHY).run(1)
        if action:
            minutes = {"minutes": 5} if action == "pause" else {}
            world.request(action, reason="busy", token=action, **minutes)
        world.run(1)
        states.append(world.state)
    return states
