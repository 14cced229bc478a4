import pytest

from tests.unit.template.rendering import Rendering


def test_an_ordinary_deploy_is_let_through() -> None:
    assert Rendering().refusals() == []


def test_alias_records_on_both_sides_are_let_through() -> None:
    assert Rendering(PrimaryTargetZoneId="Z1", StandbyTargetZoneId="Z2").refusals() == []


@pytest.mark.parametrize(
    ("rendering", "refusal"),
    [
        (Rendering(region="ap-northeast-1"), "This is the primary Region"),
        (Rendering(WitnessRegions="eu-west-1,ap-northeast-1"), "WitnessRegions names the primary Region"),
        (Rendering(WitnessRegions="us-east-1"), "WitnessRegions names this, the standby Region"),
        (Rendering(Observers="eu-west-1,ap-northeast-1"), "Observers names the primary Region"),
        (Rendering(Observers="us-east-1"), "Observers names this Region"),
        (Rendering(StandbyTarget="primary.target.example.com"), "PrimaryTarget and StandbyTarget are the same"),
        (Rendering(PrimaryTargetZoneId="Z1"), "Give PrimaryTargetZoneId and StandbyTargetZoneId both"),
        (Rendering(FailbackPolicy="in-steps"), "A failover, and the move that is always kept for another one"),
        (Rendering(FailbackPolicy="in-one", MaxAutomaticMovesPerDay="1"), "A failover, and the move that is always"),
        (Rendering(StandbyTargetZoneId="Z2"), "Give PrimaryTargetZoneId and StandbyTargetZoneId both"),
    ],
)
def test_a_deploy_that_could_not_work_is_refused_with_the_way_out(rendering: Rendering, refusal: str) -> None:
    (said,) = rendering.refusals()

    assert said.startswith(refusal)
