"""What several observers know together: a majority of those configured, or nothing."""

from dataclasses import replace

import pytest

from failover.decision.knowledge import Knowledge, Known
from failover.decision.quorum import agree
from failover.probe.observation import Observation, Reading
from failover.probe.verdict import Verdict
from failover.region import PerSide, Side

NOW = 1_800_000_000.0
HEALTHY, SICK, UNKNOWN = Verdict.HEALTHY, Verdict.SICK, Verdict.UNKNOWN
LOCAL, IRELAND, OREGON = THREE = ("us-east-1", "eu-west-1", "us-west-2")


def seen(
    observer: str, primary: Verdict, standby: Verdict = HEALTHY, *, ago: float = 0.0, witness_answered: bool = True
) -> Observation:
    def reading(verdict: Verdict) -> Reading:
        return Reading(verdict=verdict, detail=f"as seen from {observer}", login_verdict=verdict)

    return Observation(
        observer=observer,
        observed_at=NOW - ago,
        readings=PerSide(primary=reading(primary), standby=reading(standby)),
        witness_answered=witness_answered,
    )


def blind(observer: str) -> Observation:
    return seen(observer, UNKNOWN, UNKNOWN, witness_answered=False)


def known(*observations: Observation, configured: tuple[str, ...] = THREE) -> Knowledge:
    return agree(observations, configured=configured, now=NOW, fresh_seconds=20)


def primary(*observations: Observation, configured: tuple[str, ...] = THREE) -> Known:
    return known(*observations, configured=configured).sides.primary


def test_two_of_three_are_a_majority_and_their_oldest_observation_counts() -> None:
    agreed = primary(seen(LOCAL, SICK, ago=4), seen(IRELAND, SICK, ago=9))
    assert agreed == Known(verdict=SICK, observed_at=NOW - 9, detail="as seen from us-east-1")


@pytest.mark.parametrize("configured", [(LOCAL, IRELAND), THREE])
def test_one_of_two_or_three_is_no_majority(configured: tuple[str, ...]) -> None:
    agreed = primary(seen(LOCAL, SICK), configured=configured)
    assert (agreed.verdict, agreed.observed_at) == (UNKNOWN, None)


def test_two_of_four_are_no_majority() -> None:
    four = (*THREE, "eu-north-1")
    assert primary(seen(LOCAL, SICK), seen(IRELAND, SICK), configured=four).verdict is UNKNOWN
    assert primary(seen(LOCAL, SICK), seen(IRELAND, SICK), seen(OREGON, SICK), configured=four).verdict is SICK


def test_the_only_observer_configured_decides_alone() -> None:
    alone = known(seen(LOCAL, SICK), configured=(LOCAL,))
    assert alone.sides.primary.verdict is SICK
    assert not alone.cut_off


def test_of_two_observers_the_one_that_is_heard_alone_may_be_cut_off() -> None:
    assert known(seen(LOCAL, SICK), configured=(LOCAL, IRELAND)).cut_off
    assert not known(seen(LOCAL, SICK), seen(IRELAND, SICK), configured=(LOCAL, IRELAND)).cut_off


def test_who_is_not_configured_does_not_count_however_fresh() -> None:
    assert primary(seen("ap-south-1", SICK), configured=(LOCAL,)).verdict is UNKNOWN


@pytest.mark.parametrize(("ago", "verdict"), [(20, SICK), (20.5, UNKNOWN), (-2, SICK), (-2.5, UNKNOWN)])
def test_an_observation_counts_for_twenty_seconds_and_from_a_clock_two_seconds_ahead(
    ago: float, verdict: Verdict
) -> None:
    assert primary(seen(LOCAL, SICK, ago=ago), configured=(LOCAL,)).verdict is verdict


def test_an_observer_heard_twice_has_one_voice() -> None:
    assert primary(seen(LOCAL, HEALTHY), seen(IRELAND, SICK), seen(IRELAND, SICK)).verdict is UNKNOWN


def test_a_sentence_is_the_controllers_own_where_it_agrees() -> None:
    assert primary(seen(LOCAL, SICK), seen(IRELAND, SICK)).detail == "as seen from us-east-1"
    assert primary(seen(LOCAL, HEALTHY), seen(IRELAND, SICK), seen(OREGON, SICK)).detail == "as seen from eu-west-1"


def test_a_region_is_known_to_serve_by_those_with_and_those_without_keys_together() -> None:
    agreed = primary(seen(LOCAL, HEALTHY), seen(IRELAND, Verdict.UNVERIFIED))
    assert (agreed.verdict, agreed.detail) == (Verdict.UNVERIFIED, "as seen from eu-west-1")
    assert primary(seen(LOCAL, HEALTHY), seen(IRELAND, Verdict.UNVERIFIED), seen(OREGON, HEALTHY)).verdict is HEALTHY


def test_sick_and_throttled_together_are_no_majority() -> None:
    assert primary(seen(LOCAL, SICK), seen(IRELAND, Verdict.THROTTLED)).verdict is UNKNOWN


def test_a_disagreement_names_every_opinion_and_every_silence() -> None:
    detail = primary(seen(LOCAL, SICK), seen(IRELAND, HEALTHY)).detail
    assert detail == (
        "No majority of the 3 configured observers agrees: "
        "us-east-1 says sick, eu-west-1 says healthy, us-west-2 is silent."
    )


def test_nobody_heard_is_said_as_it_is() -> None:
    nobody = known()
    assert nobody.sides.primary.detail == "None of the 3 configured observers has reported lately."
    assert not nobody.cut_off


class TestABlindObserver:
    """It reaches nothing, not even a third Region, and so says nothing of any."""

    def test_it_is_outvoted(self) -> None:
        agreed = known(blind(LOCAL), seen(IRELAND, SICK), seen(OREGON, SICK))
        assert agreed.sides.primary.verdict is SICK
        assert not agreed.cut_off

    def test_it_counts_in_the_whole(self) -> None:
        assert primary(blind(LOCAL), seen(IRELAND, SICK)).verdict is UNKNOWN

    def test_a_majority_of_them_knows_nothing(self) -> None:
        assert primary(blind(LOCAL), blind(IRELAND), seen(OREGON, SICK)).verdict is UNKNOWN

    def test_all_of_them_are_a_controller_cut_off(self) -> None:
        assert known(*map(blind, THREE)).cut_off


class TestTheLastObserverLeft:
    """All others silent at once is evidence that the controller is cut off."""

    def test_it_knows_nothing_whatever_it_sees(self) -> None:
        alone = known(seen(LOCAL, SICK, HEALTHY))
        assert alone.sides[Side.PRIMARY].verdict is UNKNOWN
        assert alone.sides[Side.STANDBY].verdict is UNKNOWN
        assert alone.cut_off

    def test_the_way_out_is_said(self) -> None:
        assert primary(seen(LOCAL, SICK)).detail == (
            "Only one of the 3 configured observers reports (us-east-1 says sick, eu-west-1 is silent, us-west-2 is "
            "silent): the controller may be cut off from the world, so nothing moves by itself. If users can't sign "
            "in, move them by hand and override target-serves; if the observers are gone for good, deploy the "
            "controller with Observers naming only those that report."
        )

    def test_one_other_is_enough_not_to_be_the_last(self) -> None:
        assert not known(seen(LOCAL, SICK), seen(IRELAND, SICK)).cut_off

    def test_stale_ones_leave_it_the_last_all_the_same(self) -> None:
        stale = seen(IRELAND, SICK, ago=21)
        assert known(seen(LOCAL, SICK), stale, replace(stale, observer=OREGON)).cut_off
