"""The consensus of several observers: the verdict of a majority of the configured ones, or unknown."""

from dataclasses import replace

import pytest

from cognito_failover.common.region import PerRole, RegionRole
from cognito_failover.core.consensus import Consensus, RegionConsensus
from cognito_failover.core.observation import Observation, Reading
from cognito_failover.core.quorum import form_consensus
from cognito_failover.core.verdict import Verdict

NOW = 1_800_000_000.0
HEALTHY, SICK, UNKNOWN = Verdict.HEALTHY, Verdict.SICK, Verdict.UNKNOWN
LOCAL, IRELAND, OREGON = THREE = ("us-east-1", "eu-west-1", "us-west-2")


def make_observation(
    observer: str, primary: Verdict, standby: Verdict = HEALTHY, *, ago: float = 0.0, witness_answered: bool = True
) -> Observation:
    def make_reading(verdict: Verdict) -> Reading:
        return Reading(verdict=verdict, detail=f"as seen from {observer}", login_verdict=verdict)

    return Observation(
        observer=observer,
        observed_at=NOW - ago,
        readings=PerRole(primary=make_reading(primary), standby=make_reading(standby)),
        witness_answered=witness_answered,
    )


def make_isolated_observation(observer: str) -> Observation:
    return make_observation(observer, UNKNOWN, UNKNOWN, witness_answered=False)


def form_test_consensus(*observations: Observation, configured: tuple[str, ...] = THREE) -> Consensus:
    return form_consensus(observations, configured=configured, now=NOW, observation_ttl_seconds=20)


def form_primary_consensus(*observations: Observation, configured: tuple[str, ...] = THREE) -> RegionConsensus:
    return form_test_consensus(*observations, configured=configured).roles.primary


def test_two_of_three_are_a_majority_dated_by_oldest_observation() -> None:
    agreed = form_primary_consensus(make_observation(LOCAL, SICK, ago=4), make_observation(IRELAND, SICK, ago=9))
    looks = {LOCAL: NOW - 4, IRELAND: NOW - 9}
    assert agreed == RegionConsensus(verdict=SICK, observed_at=NOW - 9, detail="as seen from us-east-1", looks=looks)


@pytest.mark.parametrize("configured", [(LOCAL, IRELAND), THREE])
def test_one_of_two_or_three_is_no_majority(configured: tuple[str, ...]) -> None:
    agreed = form_primary_consensus(make_observation(LOCAL, SICK), configured=configured)
    assert (agreed.verdict, agreed.observed_at) == (UNKNOWN, None)


def test_two_of_four_are_no_majority() -> None:
    four = (*THREE, "eu-north-1")
    assert (
        form_primary_consensus(make_observation(LOCAL, SICK), make_observation(IRELAND, SICK), configured=four).verdict
        is UNKNOWN
    )
    assert (
        form_primary_consensus(
            make_observation(LOCAL, SICK),
            make_observation(IRELAND, SICK),
            make_observation(OREGON, SICK),
            configured=four,
        ).verdict
        is SICK
    )


def test_single_configured_observer_decides_alone() -> None:
    alone = form_test_consensus(make_observation(LOCAL, SICK), configured=(LOCAL,))
    assert alone.roles.primary.verdict is SICK
    assert not alone.is_isolated


def test_single_fresh_observer_of_two_may_be_isolated() -> None:
    assert form_test_consensus(make_observation(LOCAL, SICK), configured=(LOCAL, IRELAND)).is_isolated
    assert not form_test_consensus(
        make_observation(LOCAL, SICK), make_observation(IRELAND, SICK), configured=(LOCAL, IRELAND)
    ).is_isolated


def test_unconfigured_observer_is_ignored() -> None:
    assert form_primary_consensus(make_observation("ap-south-1", SICK), configured=(LOCAL,)).verdict is UNKNOWN


@pytest.mark.parametrize(("ago", "verdict"), [(20, SICK), (20.5, UNKNOWN), (-5, SICK), (-5.5, UNKNOWN)])
def test_observation_expires_after_twenty_seconds_with_five_seconds_skew(ago: float, verdict: Verdict) -> None:
    assert form_primary_consensus(make_observation(LOCAL, SICK, ago=ago), configured=(LOCAL,)).verdict is verdict


def test_duplicate_observer_counts_once() -> None:
    assert (
        form_primary_consensus(
            make_observation(LOCAL, HEALTHY), make_observation(IRELAND, SICK), make_observation(IRELAND, SICK)
        ).verdict
        is UNKNOWN
    )


def test_explanation_is_the_controllers_own_if_it_agrees() -> None:
    assert (
        form_primary_consensus(make_observation(LOCAL, SICK), make_observation(IRELAND, SICK)).detail
        == "as seen from us-east-1"
    )
    assert (
        form_primary_consensus(
            make_observation(LOCAL, HEALTHY), make_observation(IRELAND, SICK), make_observation(OREGON, SICK)
        ).detail
        == "as seen from eu-west-1"
    )


def test_healthy_and_unverified_count_together_as_serving() -> None:
    agreed = form_primary_consensus(make_observation(LOCAL, HEALTHY), make_observation(IRELAND, Verdict.UNVERIFIED))
    assert (agreed.verdict, agreed.detail) == (Verdict.UNVERIFIED, "as seen from eu-west-1")
    assert (
        form_primary_consensus(
            make_observation(LOCAL, HEALTHY),
            make_observation(IRELAND, Verdict.UNVERIFIED),
            make_observation(OREGON, HEALTHY),
        ).verdict
        is HEALTHY
    )


def test_sick_and_throttled_together_are_no_majority() -> None:
    assert (
        form_primary_consensus(make_observation(LOCAL, SICK), make_observation(IRELAND, Verdict.THROTTLED)).verdict
        is UNKNOWN
    )


def test_disagreement_names_every_verdict_and_missing_observer() -> None:
    detail = form_primary_consensus(make_observation(LOCAL, SICK), make_observation(IRELAND, HEALTHY)).detail
    assert detail == (
        "No majority of the 3 configured observers agrees: "
        "us-east-1 says sick, eu-west-1 says healthy, us-west-2 is silent."
    )


def test_missing_observations_are_explained() -> None:
    consensus = form_test_consensus()
    assert consensus.roles.primary.detail == "None of the 3 configured observers has reported recently."
    assert not consensus.is_isolated


class TestIsolatedObserver:
    """An observer that reaches nothing, not even a third Region. It gives no verdict."""

    def test_is_outvoted(self) -> None:
        agreed = form_test_consensus(
            make_isolated_observation(LOCAL), make_observation(IRELAND, SICK), make_observation(OREGON, SICK)
        )
        assert agreed.roles.primary.verdict is SICK
        assert not agreed.is_isolated

    def test_counts_toward_the_quorum_size(self) -> None:
        assert (
            form_primary_consensus(make_isolated_observation(LOCAL), make_observation(IRELAND, SICK)).verdict is UNKNOWN
        )

    def test_majority_of_them_yields_no_consensus(self) -> None:
        assert (
            form_primary_consensus(
                make_isolated_observation(LOCAL), make_isolated_observation(IRELAND), make_observation(OREGON, SICK)
            ).verdict
            is UNKNOWN
        )

    def test_all_of_them_isolate_the_controller(self) -> None:
        assert form_test_consensus(*map(make_isolated_observation, THREE)).is_isolated


class TestLastRemainingObserver:
    """When all other observers are silent, the controller may be isolated."""

    def test_yields_no_consensus(self) -> None:
        alone = form_test_consensus(make_observation(LOCAL, SICK, HEALTHY))
        assert alone.roles[RegionRole.PRIMARY].verdict is UNKNOWN
        assert alone.roles[RegionRole.STANDBY].verdict is UNKNOWN
        assert alone.is_isolated

    def test_message_says_how_to_recover(self) -> None:
        assert form_primary_consensus(make_observation(LOCAL, SICK)).detail == (
            "Only one of the 3 configured observers reports (us-east-1 says sick, eu-west-1 is silent, us-west-2 is "
            "silent). The controller may be isolated, so it does not move users. If users can't sign in, move them "
            "manually and override target-healthy. If the other observers no longer exist, deploy the controller with "
            "Observers listing only those that report."
        )

    def test_one_other_observer_restores_consensus(self) -> None:
        assert not form_test_consensus(make_observation(LOCAL, SICK), make_observation(IRELAND, SICK)).is_isolated

    def test_stale_observations_do_not_restore_consensus(self) -> None:
        stale = make_observation(IRELAND, SICK, ago=21)
        assert form_test_consensus(make_observation(LOCAL, SICK), stale, replace(stale, observer=OREGON)).is_isolated
