import pytest

from tests.unit.template.rendering import Rendering


def test_default_deployment_is_accepted() -> None:
    assert Rendering().list_rule_violations() == []


def test_alias_records_on_both_roles_are_accepted() -> None:
    assert Rendering(PrimaryTargetZoneId="Z1", StandbyTargetZoneId="Z2").list_rule_violations() == []


@pytest.mark.parametrize(
    ("rendering", "refusal"),
    [
        (Rendering(region="ap-northeast-1"), "This is the primary Region"),
        (Rendering(WitnessRegions="eu-west-1,ap-northeast-1"), "WitnessRegions names the primary Region"),
        (Rendering(WitnessRegions="us-east-1"), "WitnessRegions names this, the standby Region"),
        (Rendering(Observers="eu-west-1,ap-northeast-1"), "Observers names the primary Region"),
        (Rendering(Observers="us-east-1"), "Observers names this Region"),
        (Rendering(StandbyTarget="primary.target.example.com"), "PrimaryTarget and StandbyTarget are the same"),
        (Rendering(PrimaryTargetZoneId="Z1"), "Give both PrimaryTargetZoneId and StandbyTargetZoneId"),
        (Rendering(FailbackPolicy="stepped"), "Automatic failback needs three moves a day"),
        (
            Rendering(FailbackPolicy="all-at-once", MaxAutomaticMovesPerDay="1"),
            "Automatic failback needs three moves a day",
        ),
        (Rendering(StandbyTargetZoneId="Z2"), "Give both PrimaryTargetZoneId and StandbyTargetZoneId"),
    ],
)
def test_invalid_deployment_is_rejected_with_hint(rendering: Rendering, refusal: str) -> None:
    (said,) = rendering.list_rule_violations()

    assert said.startswith(refusal)
