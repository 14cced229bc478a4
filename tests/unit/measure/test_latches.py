"""What is measured is what the template deploys."""

from failoverctl.measure.latches import RINGS, metric_check, object_check
from tests.unit.template.rendering import STANDBY_REGION, Rendering


def test_a_latch_made_to_be_measured_has_the_templates_health_check_but_for_what_it_searches_for() -> None:
    deployed = Rendering().resource("RecordsObjectCheck")["HealthCheckConfig"]
    measured = object_check("LatchBucket", STANDBY_REGION)

    assert {**measured, "SearchString": deployed["SearchString"]} == deployed
    assert measured["SearchString"] != deployed["SearchString"]


def test_one_of_a_metric_has_the_templates_health_check_and_rings_when_its_alarm_does() -> None:
    template = Rendering(LatchForm="metric")
    alarm = template.resource("RecordsMetricAlarm")

    assert (
        metric_check("RecordsMetricAlarm", STANDBY_REGION)
        == template.resource("RecordsMetricCheck")["HealthCheckConfig"]
    )
    assert {name: alarm[name] for name in RINGS} == RINGS
