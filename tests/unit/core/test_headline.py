"""The headline of the status names what matters most first."""

import pytest

from cognito_failover.common.steered_name import SteeredName
from cognito_failover.core.headline import list_concerns
from cognito_failover.core.model.location import AnswerCounts, Location, LocationDifference, LocationSource
from cognito_failover.core.model.state import Hold
from tests.support.controller_harness import DOMAIN_RECORD_NAME, ControllerHarness
from tests.unit.notifications.examples import NOW, make_move, make_settings, make_state

HOLD = Hold(since=NOW, reason="the records were changed.")


def locate(*servers: AnswerCounts) -> dict[SteeredName, Location]:
    answers = {f"ns-{number}": counts for number, counts in enumerate(servers)}
    return {SteeredName.RECORDS: Location(observed_at=NOW, source=LocationSource.NAME, servers=answers)}


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ([AnswerCounts(primary=4), AnswerCounts(primary=4)], []),
        ([AnswerCounts(primary=4), AnswerCounts(missing=4)], []),
        ([AnswerCounts(primary=3, unclear=1)], ["DNS sends 25 % of the users of auth.example.com to neither Region"]),
        ([AnswerCounts(missing=4), AnswerCounts(missing=4)], ["DNS shows no Region for auth.example.com"]),
        ([], ["DNS shows no Region for auth.example.com"]),
    ],
    ids=["all there", "one silent server", "unclear", "no answer", "no server"],
)
def test_name_without_a_clear_region_is_a_concern(servers: list[AnswerCounts], expected: list[str]) -> None:
    assert list_concerns(make_state(locations=locate(*servers)), make_settings()) == expected


def test_difference_comes_before_the_hold() -> None:
    locations = locate(AnswerCounts(primary=21, standby=4), AnswerCounts(primary=21, standby=4))
    differences = {
        name: LocationDifference(since=NOW, looks=2, location=location) for name, location in locations.items()
    }
    difference, hold = list_concerns(
        make_state(locations=locations, differences=differences, hold=HOLD), make_settings()
    )
    assert difference.startswith(
        "DNS sends 16 % of the users of auth.example.com to us-east-1, although ap-northeast-1"
    )
    assert hold == "automation is on hold: the records were changed"


def test_users_of_a_move_under_way_are_no_concern() -> None:
    state = make_state(locations=locate(AnswerCounts(primary=1, unclear=1)), move=make_move())
    assert list_concerns(state, make_settings()) == []


def test_status_names_a_name_that_does_not_exist_first() -> None:
    world = ControllerHarness().settle()
    world.zone.remove_by_hand(*world.zone.list_record_sets((DOMAIN_RECORD_NAME,)))
    world.run(14)
    concerns = world.request("status")["status"]["headline"]
    assert concerns[0] == "DNS shows no Region for auth.example.com"
