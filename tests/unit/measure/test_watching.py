import pytest

from failoverctl.measure.measurement import MeasureError
from failoverctl.measure.watching import PATIENCE_SECONDS, until_answered
from tests.unit.measure.examples import Clock, NameServers, site

NEW, OLD = frozenset({"standby"}), frozenset({"primary"})
SERVERS = ("ns-1", "ns-2")


def test_the_first_and_the_last_server_to_answer_anew_are_told_apart() -> None:
    clock = Clock()
    began = clock.now
    arrives = {"ns-1": began + 3, "ns-2": began + 7}
    servers = NameServers(lambda server: [NEW if clock.now >= arrives[server] else OLD] * 3)

    arrival = until_answered(site(clock, name_servers=servers), SERVERS, "n.", "standby", began=began)

    assert (arrival.first, arrival.all) == (3, 7)


@pytest.mark.parametrize(
    "answers",
    [(), (NEW, OLD), (frozenset(),), (NEW | OLD,)],
    ids=["silent", "of two minds", "nothing", "both at once"],
)
def test_a_server_that_is_silent_or_of_two_minds_has_not_answered(answers: "tuple[frozenset[str], ...]") -> None:
    clock = Clock()
    servers = NameServers(lambda server: answers if server == "ns-2" else [NEW])

    with pytest.raises(MeasureError, match=r"missing: ns-2.*dig \+norecurse"):
        until_answered(site(clock, name_servers=servers), SERVERS, "n.", "standby", began=clock.now)

    assert PATIENCE_SECONDS < clock.now - 1_000 < PATIENCE_SECONDS + 2


def test_what_is_waited_for_meanwhile_is_waited_for_too() -> None:
    clock = Clock()
    servers = NameServers(lambda _server: [NEW])

    until_answered(
        site(clock, name_servers=servers), SERVERS, "n.", "standby", began=1_000, meanwhile=lambda: clock.now >= 1_030
    )

    assert clock.now >= 1_030
