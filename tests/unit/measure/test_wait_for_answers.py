import pytest

from failoverctl.measure.measurement import MeasurementError
from failoverctl.measure.propagation import PROPAGATION_TIMEOUT_SECONDS, wait_for_answers
from tests.unit.measure.examples import ScriptedNameServers, SteppingClock, make_context

NEW, OLD = frozenset({"standby"}), frozenset({"primary"})
SERVERS = ("ns-1", "ns-2")


def test_first_and_last_server_times_are_separate() -> None:
    clock = SteppingClock()
    started_at = clock.now
    changes_at = {"ns-1": started_at + 3, "ns-2": started_at + 7}
    servers = ScriptedNameServers(lambda server: [NEW if clock.now >= changes_at[server] else OLD] * 3)
    context = make_context(clock, name_servers=servers)

    propagation = wait_for_answers(context, SERVERS, "n.", "standby", started_at=started_at)

    assert (propagation.first_seconds, propagation.all_seconds) == (3, 7)


@pytest.mark.parametrize(
    "answers",
    [(), (NEW, OLD), (frozenset(),), (NEW | OLD,)],
    ids=["no answer", "different answers", "empty answer", "both texts"],
)
def test_silent_or_inconsistent_server_counts_as_missing(answers: "tuple[frozenset[str], ...]") -> None:
    clock = SteppingClock()
    servers = ScriptedNameServers(lambda server: answers if server == "ns-2" else [NEW])

    with pytest.raises(MeasurementError, match=r"missing: ns-2.*dig \+norecurse"):
        wait_for_answers(make_context(clock, name_servers=servers), SERVERS, "n.", "standby", started_at=clock.now)

    assert PROPAGATION_TIMEOUT_SECONDS < clock.now - 1_000 < PROPAGATION_TIMEOUT_SECONDS + 2


def test_wait_continues_until_additional_condition_is_met() -> None:
    clock = SteppingClock()
    servers = ScriptedNameServers(lambda _server: [NEW])

    wait_for_answers(
        make_context(clock, name_servers=servers),
        SERVERS,
        "n.",
        "standby",
        started_at=1_000,
        is_condition_met=lambda: clock.now >= 1_030,
    )

    assert clock.now >= 1_030
